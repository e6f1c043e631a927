//! Points a second through the detector, on one core: `cargo bench -p keelguard-signs --bench performance`. The target of the
//! contract is a million. The simpler way beside it is a moving mean and deviation (three sigmas).

use divan::Bencher;
use divan::counter::ItemsCount;
use keelguard_signs::performance::detect::Detector;
use keelguard_signs::performance::node::Node;

fn main() {
    divan::main();
}

/// A year of a daily load each five minutes, with noise and spikes.
fn points() -> Vec<(i64, f64)> {
    let mut seed = 42_u64;
    (0..105_120_i64)
        .map(|index| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            #[expect(clippy::cast_precision_loss, reason = "noise")]
            let noise = (seed >> 11) as f64 / (1_u64 << 53) as f64;
            #[expect(clippy::cast_precision_loss, reason = "a part of a day")]
            let day = (index % 288) as f64 / 288.0 * std::f64::consts::TAU;
            let spike = if seed.is_multiple_of(997) { 80.0 * noise } else { 0.0 };
            (index * 300, 40.0 + 20.0 * day.sin() + 4.0 * noise + spike)
        })
        .collect()
}

#[divan::bench]
fn detector(bencher: Bencher<'_, '_>) {
    let points = points();
    bencher.counter(ItemsCount::new(points.len())).bench_local(|| {
        let mut detector = Detector::new();
        points.iter().map(|(second, value)| detector.see(*second, *value).score).sum::<f64>()
    });
}

#[divan::bench]
fn node_of_one_metric(bencher: Bencher<'_, '_>) {
    let points = points();
    bencher.counter(ItemsCount::new(points.len())).bench_local(|| {
        let mut node = Node::default();
        for (second, value) in &points {
            node.see("cpu", *second, *value);
        }
        node.events().len()
    });
}

#[divan::bench]
fn three_sigmas(bencher: Bencher<'_, '_>) {
    let points = points();
    bencher.counter(ItemsCount::new(points.len())).bench_local(|| {
        let (mut mean, mut variance) = (0.0, 0.0);
        points
            .iter()
            .filter(|(_, value)| {
                let off = value - mean;
                mean += 0.01 * off;
                variance += 0.01 * (off * off - variance);
                off * off > 9.0 * variance
            })
            .count()
    });
}
