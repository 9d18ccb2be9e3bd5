//! Chance: a hash for patterns that must be the same at the same place, and value noise on it.

use wide::{bytemuck::cast, f32x4, i32x4, u32x4};

/// A number in 0..1 for a place of an endless grid.
pub fn at(x: i32, y: i32, seed: u32) -> f32 {
    at4([x as u32; 4].into(), [y as u32; 4].into(), u32x4::splat(seed)).to_array()[0]
}

/// [`at`] for four places, each of its own seed: the same numbers, in a quarter of the time.
#[inline(always)]
fn at4(x: u32x4, y: u32x4, seed: u32x4) -> f32x4 {
    // The finaliser of MurmurHash3 (Appleby 2011) over three mixed words.
    let times = |words: u32x4, by: u32| words * u32x4::splat(by);
    let mut h = times(x, 0x9e37_79b1) ^ times(y, 0x85eb_ca77) ^ times(seed, 0xc2b2_ae3d);
    h ^= h >> 16;
    h = times(h, 0x85eb_ca6b);
    h ^= h >> 13;
    h = times(h, 0xc2b2_ae35);
    h ^= h >> 16;
    let whole: i32x4 = cast(h >> 8);
    whole.round_float() * f32x4::splat(1.0 / (1 << 24) as f32)
}

/// Value noise (Perlin's lattice with values), 0..1, features one unit wide.
pub fn value(x: f32, y: f32, seed: u32) -> f32 {
    let (fx, fy) = (x.floor(), y.floor());
    let (ix, iy) = (fx as i32 as u32, fy as i32 as u32);
    let ease = |t: f32| t * t * (3.0 - 2.0 * t);
    let (tx, ty) = (ease(x - fx), ease(y - fy));
    let (right, low) = (ix.wrapping_add(1), iy.wrapping_add(1));
    let corners = at4([ix, right, ix, right].into(), [iy, iy, low, low].into(), u32x4::splat(seed));
    let [a, b, c, d] = corners.to_array();
    let (top, bottom) = (a + (b - a) * tx, c + (d - c) * tx);
    top + (bottom - top) * ty
}

/// [`value`] at four places, each of its own seed.
#[inline(always)]
fn value4(x: f32x4, y: f32x4, seed: u32x4) -> f32x4 {
    let (fx, fy) = (x.floor(), y.floor());
    let [ix, iy]: [u32x4; 2] = [cast(fx.trunc_int()), cast(fy.trunc_int())];
    let ease = |t: f32x4| t * t * (f32x4::splat(3.0) - f32x4::splat(2.0) * t);
    let (tx, ty) = (ease(x - fx), ease(y - fy));
    let one = u32x4::splat(1);
    let row = |iy: u32x4| {
        let (a, b) = (at4(ix, iy, seed), at4(ix + one, iy, seed));
        a + (b - a) * tx
    };
    let (top, bottom) = (row(iy), row(iy + one));
    top + (bottom - top) * ty
}

/// Three octaves of [`value`], 0..1.
pub fn rough(x: f32, y: f32, seed: u32) -> f32 {
    let octaves = f32x4::from([1.0, 2.1, 4.3, 0.0]);
    let seeds = u32x4::splat(seed) + u32x4::from([0, 1, 2, 0]);
    let [a, b, c, _] = value4(f32x4::splat(x) * octaves, f32x4::splat(y) * octaves, seeds).to_array();
    (a * 4.0 + b * 2.0 + c) / 7.0
}

/// A stream of numbers in 0..1, one after the other.
pub struct Dice {
    seed: u32,
    next: i32,
}

impl Dice {
    pub fn new(seed: u64, which: usize) -> Self {
        let mixed = (seed as u32) ^ ((seed >> 32) as u32).wrapping_mul(0x27d4_eb2f);
        Self { seed: mixed.wrapping_mul(0x1656_67b1) ^ (which as u32).wrapping_mul(0x9e37_79b1), next: 0 }
    }

    pub fn roll(&mut self) -> f32 {
        self.next += 1;
        at(self.next, 7, self.seed)
    }

    pub fn within(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.roll()
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[((self.roll() * from.len() as f32) as usize).min(from.len() - 1)]
    }

    pub fn seed(&mut self) -> u32 {
        (self.roll() * 16_777_216.0) as u32
    }

    /// Four numbers, each roughly normal, mean 0, standard deviation 1 (sum of four rolls).
    pub fn normals(&mut self) -> [f32; 4] {
        let first = u32x4::splat(self.next as u32) + u32x4::from([1, 5, 9, 13]);
        self.next += 16;
        let roll = |which: u32| at4(first + u32x4::splat(which), u32x4::splat(7), u32x4::splat(self.seed));
        let sum = roll(0) + roll(1) + roll(2) + roll(3);
        ((sum - f32x4::splat(2.0)) * f32x4::splat(1.732)).to_array()
    }
}
