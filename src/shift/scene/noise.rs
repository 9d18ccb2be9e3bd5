//! Chance: a hash for patterns that must be the same at the same place, and value noise on it.

/// A number in 0..1 for a place of an endless grid.
pub fn at(x: i32, y: i32, seed: u32) -> f32 {
    // The finaliser of MurmurHash3 (Appleby 2011) over three mixed words.
    let mut h =
        (x as u32).wrapping_mul(0x9e37_79b1) ^ (y as u32).wrapping_mul(0x85eb_ca77) ^ seed.wrapping_mul(0xc2b2_ae3d);
    h ^= h >> 16;
    h = h.wrapping_mul(0x85eb_ca6b);
    h ^= h >> 13;
    h = h.wrapping_mul(0xc2b2_ae35);
    h ^= h >> 16;
    (h >> 8) as f32 / (1 << 24) as f32
}

/// Value noise (Perlin's lattice with values), 0..1, features one unit wide.
pub fn value(x: f32, y: f32, seed: u32) -> f32 {
    let (fx, fy) = (x.floor(), y.floor());
    let (ix, iy) = (fx as i32, fy as i32);
    let ease = |t: f32| t * t * (3.0 - 2.0 * t);
    let (tx, ty) = (ease(x - fx), ease(y - fy));
    let row = |y: i32| {
        let (a, b) = (at(ix, y, seed), at(ix + 1, y, seed));
        a + (b - a) * tx
    };
    let (top, bottom) = (row(iy), row(iy + 1));
    top + (bottom - top) * ty
}

/// Three octaves of [`value`], 0..1.
pub fn rough(x: f32, y: f32, seed: u32) -> f32 {
    (value(x, y, seed) * 4.0
        + value(x * 2.1, y * 2.1, seed.wrapping_add(1)) * 2.0
        + value(x * 4.3, y * 4.3, seed.wrapping_add(2)))
        / 7.0
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

    /// Roughly normal, mean 0, standard deviation 1 (sum of four).
    pub fn normal(&mut self) -> f32 {
        ((0..4).map(|_| self.roll()).sum::<f32>() - 2.0) * 1.732
    }
}
