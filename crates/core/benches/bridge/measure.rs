//! The measuring itself: a warm-up, then both sides by turns, then medians.

use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// What a row has come to.
pub struct Figures {
    ours: f64,
    reference: f64,
    unit: &'static str,
    repetitions: usize,
}

impl Figures {
    pub fn ratio(&self) -> f64 {
        self.ours / self.reference
    }

    pub fn json(&self) -> Value {
        json!({
            "ours": self.ours,
            "reference": self.reference,
            "ratio": self.ratio(),
            "unit": self.unit,
            "n": self.repetitions,
        })
    }

    pub fn line(&self, name: &str) -> String {
        format!(
            "{name:14} ours {:>10.3} {unit:5} reference {:>10.3} {unit:5} ratio {:.3}  n {}",
            self.ours,
            self.reference,
            self.ratio(),
            self.repetitions,
            unit = self.unit,
        )
    }
}

/// Runs both sides by turns, after a warm-up of each. Who goes first changes from one repetition to the next, so that
/// whatever the one leaves behind (caches, clock rates, a busy neighbour) meets both alike.
pub fn by_turns(
    unit: &'static str,
    repetitions: usize,
    mut ours: impl FnMut() -> f64,
    mut reference: impl FnMut() -> f64,
) -> Figures {
    ours();
    reference();
    let (mut our_figures, mut their_figures) = (Vec::new(), Vec::new());
    for repetition in 0..repetitions {
        if repetition % 2 == 0 {
            our_figures.push(ours());
            their_figures.push(reference());
        } else {
            their_figures.push(reference());
            our_figures.push(ours());
        }
    }
    Figures { ours: median(our_figures), reference: median(their_figures), unit, repetitions }
}

/// The middle one; of an even number the lower of the two.
pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len().saturating_sub(1) / 2).copied().unwrap_or(f64::NAN)
}

/// Microseconds of one of `count` equal parts.
pub fn micros_each(took: Duration, count: u32) -> f64 {
    took.as_secs_f64() * 1e6 / f64::from(count)
}

/// Passes time without going to sleep, so that every other thread has gone to sleep afterwards.
pub fn linger(time: Duration) {
    let began = Instant::now();
    while began.elapsed() < time {
        std::hint::spin_loop();
    }
}
