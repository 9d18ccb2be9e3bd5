//! Which of two equal ways to multiply quads is faster on this processor.

use super::conv::{ROWS, multiply_quads};
use super::lanes;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use web_time::{Duration, Instant};
use wide::{i8x16, i32x4};

/// Whether that is [`lanes::dot4`] with `ONE`. Timed, some milliseconds, when it is first asked and twice later,
/// because a browser runs new code slowly until it has compiled it well, behind our back.
pub fn one_is_faster() -> bool {
    static ASKED: AtomicU32 = AtomicU32::new(0);
    static FASTER: AtomicBool = AtomicBool::new(true);
    if lanes::RELAXED && matches!(ASKED.fetch_add(1, Relaxed), 0 | 100 | 1000) {
        let small = std::hint::black_box([[i8x16::splat(63); 2]; WORDS]);
        let words = std::hint::black_box([[0x0102_0304; ROWS]; WORDS]);
        // In turns, and the best of several: a pause of the processor must not decide.
        let mut best = [Duration::MAX; 2];
        for _ in 0..4 {
            best = [best[0].min(timed::<false>(&small, &words)), best[1].min(timed::<true>(&small, &words))];
        }
        FASTER.store(best[1] < best[0], Relaxed);
    }
    FASTER.load(Relaxed)
}

/// Words of a tile that is timed, and how often it is.
const WORDS: usize = 64;
const TIMES: usize = 2000;

fn timed<const ONE: bool>(small: &[[i8x16; 2]], words: &[[i32; ROWS]]) -> Duration {
    let start = Instant::now();
    let mut sums = [[i32x4::ZERO; 2]; ROWS];
    for _ in 0..TIMES {
        multiply_quads::<ONE>(small, words, &mut sums);
    }
    std::hint::black_box(sums);
    start.elapsed()
}
