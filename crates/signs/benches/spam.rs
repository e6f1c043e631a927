//! Messages a second, from bytes to a score and to a score with reasons. The yardstick is one look at every byte: counting lines.
//! With `KEELGUARD_TEST_DATA` the messages are those of the corpus, else made up.

use std::io::Read as _;
use std::time::Instant;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use keelguard_signs::spam::{Classifier, Form, Workroom};

/// Beside divan's table, messages a second and what they take beside counting their lines.
#[expect(clippy::print_stdout, reason = "a bench says what it found")]
fn main() {
    divan::main();
    let Ok(classifier) = Classifier::built_in() else { return };
    let messages = messages();
    let mut room = Workroom::default();
    let bytes: usize = messages.iter().map(Vec::len).sum();
    let mut fastest = |reasons: usize| {
        let mut once = || {
            let begun = Instant::now();
            for message in &messages {
                black_box(classifier.judge(Form::Mail, message, reasons, &mut room));
            }
            begun.elapsed().as_secs_f64()
        };
        (0..5).map(|_| once()).fold(f64::MAX, f64::min)
    };
    let (plain, told) = (fastest(0), fastest(3));
    let begun = Instant::now();
    black_box(messages.iter().map(|message| memchr::memchr_iter(b'\n', message).count()).sum::<usize>());
    let lines = begun.elapsed().as_secs_f64();
    let rate = |seconds: f64| f64::from(u32::try_from(messages.len()).unwrap_or(u32::MAX)) / seconds;
    println!(
        "{} messages, {bytes} bytes: {:.0} a second, {:.0} with reasons; judging : counting lines = {:.0} : 1",
        messages.len(),
        rate(plain),
        rate(told),
        plain / lines,
    );
}

fn messages() -> Vec<Vec<u8>> {
    let corpus = || {
        let folder = std::env::var_os("KEELGUARD_TEST_DATA")?;
        let file = std::fs::File::open(std::path::Path::new(&folder).join("mail/train.tar.zst")).ok()?;
        let mut tar = Vec::new();
        zstd::Decoder::new(file).ok()?.read_to_end(&mut tar).ok()?;
        let mut messages = Vec::new();
        let mut at = 0;
        while let Some(header) = tar.get(at..at + 512) {
            let size = header.get(124..135).and_then(|size| std::str::from_utf8(size).ok());
            let size = size.and_then(|size| usize::from_str_radix(size.trim(), 8).ok()).unwrap_or(0);
            if header.get(156) == Some(&b'0') {
                messages.push(tar.get(at + 512..at + 512 + size)?.to_vec());
            }
            at += 512 + size.div_ceil(512) * 512;
        }
        (!messages.is_empty()).then_some(messages)
    };
    corpus().unwrap_or_else(|| (0..1000).map(made_up).collect())
}

fn made_up(number: usize) -> Vec<u8> {
    let words = ["order", "meeting", "free", "patch", "click", "here", "regards", "harbour", "invoice", "list"];
    let body: Vec<&str> = (0..400).filter_map(|at| words.get((number * 7 + at * at) % words.len())).copied().collect();
    format!(
        "Received: from a.example (a.example [192.0.2.7]) by b.example; Tue, 24 Nov 2026 08:00:00 +0000\nFrom: ann{number}@a.example\n\
         To: bob@b.example\nSubject: {number} {}\nMIME-Version: 1.0\nContent-Type: text/plain\n\n{}\n",
        body.first().unwrap_or(&""),
        body.join(" ")
    )
    .into_bytes()
}

#[divan::bench(args = [0, 3])]
fn a_thousand_mails_with_reasons(bencher: Bencher<'_, '_>, reasons: usize) {
    let Ok(classifier) = Classifier::built_in() else { return };
    let messages: Vec<Vec<u8>> = (0..1000).map(made_up).collect();
    let mut room = Workroom::default();
    bencher.counter(ItemsCount::new(messages.len())).bench_local(|| {
        for message in &messages {
            black_box(classifier.judge(Form::Mail, message, reasons, &mut room));
        }
    });
}

#[divan::bench]
fn a_thousand_texts(bencher: Bencher<'_, '_>) {
    let Ok(classifier) = Classifier::built_in() else { return };
    let mut room = Workroom::default();
    let text = b"URGENT! You have won a 1000 pound prize. To claim call 09061701461 now, 150ppm";
    bencher.counter(ItemsCount::new(1000usize)).bench_local(|| {
        for _ in 0..1000 {
            black_box(classifier.judge(Form::Text, text, 0, &mut room));
        }
    });
}
