//! Messages one after the other: found, read and judged by as many threads as there are cores, written in the order in which they
//! were named.

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use keelguard_model::spam::{JudgedMessage, SpamCounts, SpamReason, SpamWhole};
use keelguard_model::{Area, Counts, verdict};
use keelguard_report::SpamWriter;
use keelguard_signs::spam::campaign::Campaigns;
use keelguard_signs::spam::collect::{Found, Gaps, Holds, Walk};
use keelguard_signs::spam::lure::Lures;
use keelguard_signs::spam::mail::{Message, shown};
use keelguard_signs::spam::mailbox::{Mailboxes, account, is_junk};
use keelguard_signs::spam::{Classifier, Form, Opinion, Workroom};

use super::seen::Seen;
use super::{told, warn};
use crate::cli::Spam;
use crate::exit::Exit;
use crate::output;
use crate::settings::Settings;

/// Messages that are judged together.
const BATCH: usize = 512;
/// And so many bytes of those that are held.
const BATCH_BYTES: usize = 32 << 20;

pub(super) fn run(arguments: &Spam, settings: &Settings) -> Result<Exit> {
    let learnt = super::learn::load(settings)?;
    let classifier = Classifier::built_in().context("use the classifier")?.with(&learnt);
    let (spam, ham) = learnt.counts();
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(8);
    let mut rooms: Vec<Workroom> = (0..threads).map(|_| Workroom::default()).collect();
    let mut walk = Walk::new(&arguments.paths, super::form(arguments.kind));
    let mut counts = SpamCounts { learnt: (spam + ham) as u64, ..SpamCounts::default() };
    let mut boxes = Mailboxes::default();
    let (mut lures, mut campaigns) = (Lures::default(), Campaigns::default());
    let format = arguments.format.unwrap_or_default();
    let to_file = arguments.view.destination.output.as_deref();
    let options = told::options(settings, arguments.view.all, to_file);
    let mut end = Exit::Done;
    output::write(to_file, |out| {
        let mut writer = SpamWriter::begin(format, options, out)?;
        loop {
            let batch = batch(&mut walk);
            if batch.is_empty() {
                break;
            }
            for (found, judged) in batch.iter().zip(judged(&batch, &classifier, &mut rooms)) {
                match judged {
                    Ok((message, account, seen)) => {
                        let time = seen.time;
                        lures.take(&message.path, time, seen.user.as_deref(), &seen.lures);
                        if let Some((source, who, text)) = &seen.text {
                            let second = time.map_or(0, Timestamp::as_second);
                            campaigns.see(*source, second, who, text);
                        }
                        let opinion = count(&mut counts, &message);
                        if found.form == Form::Mail {
                            let is_in_mbox = matches!(found.holds, Holds::Bytes(_)) && message.number > 1;
                            let subject = message.subject.as_deref().unwrap_or_default();
                            boxes.take(&found.path, is_in_mbox, opinion, subject, account.as_deref());
                        }
                        writer.message(message)?;
                    }
                    Err((path, why)) => walk.gaps.note(path, why),
                }
            }
        }
        let mut findings = boxes.findings(Timestamp::now());
        findings.extend(lures.findings(Timestamp::now()));
        findings.extend(campaigns.findings());
        for warning in crate::exceptions::apply(&settings.exceptions, &mut findings, Timestamp::now()) {
            crate::commands::progress::say(settings, &format!("keelguard: warning: {warning}"));
        }
        let mut gaps = std::mem::take(&mut walk.gaps);
        if lures.dropped() > 0 {
            gaps.note("lures", "there are more different ones than are told of");
        }
        if counts.messages == 0 {
            gaps.note("messages", "none were found in what was named");
        }
        let incomplete = Gaps::into_list(gaps);
        let whole = SpamWhole {
            tool: crate::logs::tool(),
            area: Area::Spam,
            verdict: verdict(Counts::of(&findings), incomplete.len()),
            sources: arguments.paths.iter().map(|path| path.display().to_string()).collect(),
            counts,
            findings,
            incomplete,
        };
        end = told::ended(told::worst(&whole.findings), whole.incomplete.is_empty(), settings);
        writer.end(&whole)?;
        if !matches!(format, keelguard_report::SpamFormat::Table | keelguard_report::SpamFormat::Json) {
            warn(&whole.incomplete, settings);
        }
        Ok(())
    })?;
    Ok(end)
}

fn batch(walk: &mut Walk) -> Vec<Found> {
    let mut batch = Vec::with_capacity(BATCH);
    let mut bytes = 0;
    while batch.len() < BATCH && bytes < BATCH_BYTES {
        let Some(found) = walk.next() else { break };
        if let Holds::Bytes(held) = &found.holds {
            bytes += held.len();
        }
        batch.push(found);
    }
    batch
}

/// A message, as whom its sender had logged in and what lures in it, or its path and why it could not be read.
type Judged = Result<(JudgedMessage, Option<String>, Seen), (String, String)>;

/// Reasons that are given for each message.
const REASONS: usize = 3;

/// Judges a batch, each thread a piece of it, in order.
fn judged(batch: &[Found], classifier: &Classifier, rooms: &mut [Workroom]) -> Vec<Judged> {
    let piece = batch.len().div_ceil(rooms.len().max(1)).max(1);
    let work = |found: &[Found], room: &mut Workroom| -> Vec<Judged> {
        let mut bytes = Vec::new();
        found.iter().map(|found| one(found, classifier, room, &mut bytes)).collect()
    };
    let mut judged = Vec::with_capacity(batch.len());
    std::thread::scope(|scope| {
        let mut threads = Vec::new();
        for (found, room) in batch.chunks(piece).zip(rooms.iter_mut()) {
            threads.push((found, scope.spawn(move || work(found, room))));
        }
        for (found, thread) in threads {
            judged.extend(thread.join().unwrap_or_else(|_| {
                // Whatever a message can do to a thread, the others are judged, and this is said.
                found.iter().map(|found| Err((name(found), "it could not be judged".to_owned()))).collect()
            }));
        }
    });
    judged
}

fn name(found: &Found) -> String {
    found.path.display().to_string()
}

fn one(found: &Found, classifier: &Classifier, room: &mut Workroom, bytes: &mut Vec<u8>) -> Judged {
    let held;
    let (bytes, is_cut) = match &found.holds {
        Holds::Bytes(bytes) => (bytes.as_slice(), found.is_cut),
        Holds::File => {
            held = found.read(bytes).map_err(|error| (name(found), error.to_string()))?;
            (bytes.as_slice(), held)
        }
    };
    if bytes.is_empty() {
        return Err((name(found), "it is empty".to_owned()));
    }
    let mut sender = None;
    let seen = match found.form {
        // What a filter has put aside already lures nobody any more.
        Form::Mail if is_junk(&found.path) => Seen::default(),
        Form::Mail => Seen::of_mail(bytes),
        Form::Text => Seen::of_text(bytes, found.said.time.as_deref(), found.said.user.as_deref()),
    };
    let (judgement, from, subject) = match found.form {
        Form::Mail => {
            let message = Message::parse(bytes);
            let judgement = classifier.judge_mail(&message, REASONS, room);
            if judgement.opinion == Opinion::Spam {
                sender =
                    message.fields.iter().filter(|field| field.is("received")).find_map(|field| account(field.value));
            }
            let field = |name| message.field(name).map(shown::value);
            (judgement, field("from"), field("subject"))
        }
        Form::Text => {
            let judgement = classifier.judge(found.form, bytes, REASONS, room);
            (judgement, found.said.user.clone(), Some(shown::text(bytes)))
        }
    };
    let reason = |reason: keelguard_signs::spam::classify::Reason| SpamReason {
        what: reason.what,
        value: reason.value,
        weight: reason.weight,
    };
    let message = JudgedMessage {
        path: name(found),
        number: found.number,
        kind: match found.form {
            Form::Mail => "mail".to_owned(),
            Form::Text => "text".to_owned(),
        },
        score: judgement.score,
        opinion: judgement.opinion.name().to_owned(),
        from,
        subject,
        time: found.said.time.clone(),
        cut: is_cut,
        reasons: judgement.reasons.into_iter().map(reason).collect(),
    };
    Ok((message, sender, seen))
}

fn count(counts: &mut SpamCounts, message: &JudgedMessage) -> Opinion {
    counts.messages += 1;
    counts.mails += u64::from(message.kind == "mail");
    counts.cut += u64::from(message.cut);
    let known = [Opinion::Spam, Opinion::Unsure].into_iter().find(|opinion| opinion.name() == message.opinion);
    let opinion = known.unwrap_or(Opinion::Ham);
    *match opinion {
        Opinion::Spam => &mut counts.spam,
        Opinion::Unsure => &mut counts.unsure,
        Opinion::Ham => &mut counts.ham,
    } += 1;
    opinion
}
