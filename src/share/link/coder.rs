//! Small integers as few bits as their spread allows: an adaptive binary range coder (the one of LZMA, after
//! Martin 1979), and the numbers -127..=127 cut into its yes-or-no questions.

/// A probability of "no" in 4096ths, and how much it has seen: it learns fast first, then slowly.
#[derive(Debug, Clone, Copy)]
struct Chance {
    no: u16,
    seen: u8,
}

const ONE: u16 = 1 << 12;
const SLOWEST: u8 = 7;
const EVEN: Chance = Chance { no: ONE / 2, seen: 0 };

impl Chance {
    fn learn(&mut self, yes: bool) {
        let rate = (2 + self.seen / 3).min(SLOWEST);
        self.seen = self.seen.saturating_add(1);
        let no = if yes { self.no - (self.no >> rate) } else { self.no + ((ONE - self.no) >> rate) };
        self.no = no.clamp(16, ONE - 16);
    }
}

/// What one kind of number has looked like so far.
#[derive(Debug, Clone)]
pub struct Context {
    /// Does the magnitude need more bits than these?
    longer: [Chance; 7],
    /// The two bits below its highest, by its length.
    below: [[Chance; 3]; 8],
}

impl Context {
    pub const fn new() -> Self {
        Self { longer: [EVEN; 7], below: [[EVEN; 3]; 8] }
    }
}

impl Default for Context {
    fn default() -> Self {
        Self::new()
    }
}

#[derive(Debug)]
pub struct Encoder {
    low: u64,
    range: u32,
    cache: u8,
    pending: u64,
    out: Vec<u8>,
}

impl Default for Encoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Encoder {
    pub fn new() -> Self {
        Self { low: 0, range: u32::MAX, cache: 0, pending: 1, out: Vec::new() }
    }

    /// Appends a number.
    pub fn number(&mut self, value: i8, context: &mut Context) {
        let magnitude = u32::from(value.unsigned_abs().min(127));
        let length = 32 - magnitude.leading_zeros() as usize;
        for (bits, chance) in context.longer.iter_mut().enumerate() {
            self.bit(length > bits, chance);
            if length <= bits {
                break;
            }
        }
        if length == 0 {
            return;
        }
        self.even(value < 0);
        let mut node = 0;
        for at in (0..length - 1).rev() {
            let bit = magnitude >> at & 1 == 1;
            match node {
                0 => self.bit(bit, &mut context.below[length][0]),
                1 | 2 => self.bit(bit, &mut context.below[length][node]),
                _ => self.even(bit),
            }
            node = 2 * node + 1 + usize::from(bit);
        }
    }

    fn even(&mut self, yes: bool) {
        self.bit(yes, &mut { EVEN });
    }

    fn bit(&mut self, yes: bool, chance: &mut Chance) {
        let bound = (self.range >> 12) * u32::from(chance.no);
        if yes {
            self.low += u64::from(bound);
            self.range -= bound;
        } else {
            self.range = bound;
        }
        chance.learn(yes);
        while self.range < 1 << 24 {
            self.range <<= 8;
            self.shift();
        }
    }

    /// Moves the highest byte out, once no carry can reach it any more.
    fn shift(&mut self) {
        if self.low < 0xff00_0000 || self.low > 0xffff_ffff {
            let carry = (self.low >> 32) as u8;
            while self.pending > 0 {
                self.out.push(self.cache.wrapping_add(carry));
                self.cache = 0xff;
                self.pending -= 1;
            }
            self.cache = (self.low >> 24) as u8;
        }
        self.pending += 1;
        self.low = (self.low & 0x00ff_ffff) << 8;
    }

    /// The bytes. Zeros at the end are left out: the decoder supplies them.
    pub fn finish(mut self) -> Vec<u8> {
        (0..5).for_each(|_| self.shift());
        // The first byte of this coder is always 0.
        self.out.remove(0);
        while self.out.last() == Some(&0) {
            self.out.pop();
        }
        self.out
    }
}

/// Reads what [`Encoder`] wrote. Of other bytes it makes numbers without meaning, but always some.
#[derive(Debug)]
pub struct Decoder<'a> {
    bytes: std::slice::Iter<'a, u8>,
    range: u32,
    code: u32,
}

impl<'a> Decoder<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        let mut decoder = Self { bytes: bytes.iter(), range: u32::MAX, code: 0 };
        (0..4).for_each(|_| decoder.pull());
        decoder
    }

    fn pull(&mut self) {
        self.code = self.code << 8 | u32::from(self.bytes.next().copied().unwrap_or(0));
    }

    /// The next number.
    pub fn number(&mut self, context: &mut Context) -> i8 {
        let mut length = 0;
        for chance in &mut context.longer {
            if !self.bit(chance) {
                break;
            }
            length += 1;
        }
        if length == 0 {
            return 0;
        }
        let negative = self.even();
        let (mut node, mut magnitude) = (0, 1i8);
        for _ in 0..length - 1 {
            let bit = match node {
                0..=2 => self.bit(&mut context.below[length][node]),
                _ => self.even(),
            };
            magnitude = magnitude << 1 | i8::from(bit);
            node = 2 * node + 1 + usize::from(bit);
        }
        if negative { -magnitude } else { magnitude }
    }

    fn even(&mut self) -> bool {
        self.bit(&mut { EVEN })
    }

    fn bit(&mut self, chance: &mut Chance) -> bool {
        let bound = (self.range >> 12) * u32::from(chance.no);
        let yes = self.code >= bound;
        if yes {
            self.code -= bound;
            self.range -= bound;
        } else {
            self.range = bound;
        }
        chance.learn(yes);
        while self.range < 1 << 24 {
            self.range <<= 8;
            self.pull();
        }
        yes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(numbers: &[i8]) -> Vec<u8> {
        let (mut encoder, mut context) = (Encoder::new(), Context::new());
        numbers.iter().for_each(|n| encoder.number(*n, &mut context));
        encoder.finish()
    }

    fn read(bytes: &[u8], count: usize) -> Vec<i8> {
        let (mut decoder, mut context) = (Decoder::new(bytes), Context::new());
        (0..count).map(|_| decoder.number(&mut context)).collect()
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(numbers in prop::collection::vec(-127i8..=127, 0..3000)) {
            prop_assert_eq!(&read(&written(&numbers), numbers.len()), &numbers);
        }

        #[test]
        fn any_bytes_are_numbers(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(read(&bytes, 1000).iter().all(|n| *n >= -127));
        }
    }

    /// Within a tenth of a bit of the entropy, learning included.
    #[test]
    fn a_bell_curve_costs_its_entropy() {
        let mut state = 7u64;
        let mut uniform = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f64 / (1u64 << 24) as f64
        };
        for spread in [1.0, 4.0, 16.0] {
            let numbers: Vec<i8> = (0..1280)
                .map(|_| ((0..12).map(|_| uniform()).sum::<f64>() - 6.0) * spread)
                .map(|v| v.round().clamp(-127.0, 127.0) as i8)
                .collect();
            let bits = written(&numbers).len() as f64 * 8.0 / numbers.len() as f64;
            let entropy = (2.0 * std::f64::consts::PI * std::f64::consts::E * spread * spread).log2() / 2.0;
            assert!(bits < entropy + 0.15, "{bits:.2} bits at an entropy of {entropy:.2}");
        }
    }
}
