//! What a vector of 128 bits can do beyond `wide`: the few instructions that integer kernels live on, each
//! with its meaning in plain Rust for every other machine.
//!
//! Safety: there is none to prove. Arguments are values and arrays of fixed length, never pointers. On
//! wasm32 a function with a target feature may be called from anywhere, because a module with an
//! instruction the browser does not know is refused as a whole, before any of it runs.

use wide::{i8x16, i32x4};

#[cfg(not(target_arch = "wasm32"))]
pub use portable::*;
#[cfg(target_arch = "wasm32")]
pub use simd128::*;

/// Whether this build has the dot product of relaxed SIMD as an instruction.
pub const RELAXED: bool = cfg!(all(target_arch = "wasm32", feature = "relaxed"));

/// The four bytes of each lane of `bytes` times those of `small`, added to the lane of `sums`. Those of
/// `small` must be within 0..=127: only then do all processors agree, some of which take the second
/// operand as signed and others as unsigned.
///
/// `ONE` says how, with the same result: by one instruction of WebAssembly, which is one of the processor too
/// where it has such (dot products of ARM, AVX-VNNI) and five where it has not; or by two that are three
/// on every x86.
#[inline]
#[cfg(all(target_arch = "wasm32", feature = "relaxed"))]
#[target_feature(enable = "relaxed-simd")]
pub fn dot4<const ONE: bool>(bytes: i32x4, small: i8x16, sums: i32x4) -> i32x4 {
    use core::arch::wasm32::*;
    let (bytes, small, sums) = (vector(bytes), vector(small), vector(sums));
    back(if ONE {
        i32x4_relaxed_dot_i8x16_i7x16_add(bytes, small, sums)
    } else {
        i32x4_add(sums, i32x4_dot_i16x8(i16x8_relaxed_dot_i8x16_i7x16(bytes, small), i16x8_splat(1)))
    })
}

#[inline(always)]
#[cfg(not(all(target_arch = "wasm32", feature = "relaxed")))]
pub fn dot4<const ONE: bool>(bytes: i32x4, small: i8x16, sums: i32x4) -> i32x4 {
    let (bytes, small): ([[i8; 4]; 4], [[i8; 4]; 4]) = (wide::bytemuck::cast(bytes), wide::bytemuck::cast(small));
    let dot = |i: usize| bytes[i].iter().zip(&small[i]).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum();
    sums + i32x4::from(std::array::from_fn::<i32, 4, _>(dot))
}

#[cfg(target_arch = "wasm32")]
mod simd128 {
    use core::arch::wasm32::*;
    use wide::bytemuck::{AnyBitPattern, NoUninit, cast};

    /// The same bits as the machine's own type; compiles to nothing.
    #[inline(always)]
    pub(super) fn vector(v: impl NoUninit) -> v128 {
        let [a, b, c, d]: [i32; 4] = cast(v);
        i32x4(a, b, c, d)
    }

    #[inline(always)]
    pub(super) fn back<T: AnyBitPattern>(v: v128) -> T {
        cast::<[i32; 4], T>([
            i32x4_extract_lane::<0>(v),
            i32x4_extract_lane::<1>(v),
            i32x4_extract_lane::<2>(v),
            i32x4_extract_lane::<3>(v),
        ])
    }

    /// Eight bytes as eight 16-bit numbers.
    #[inline(always)]
    pub fn widen(bytes: &[i8; 8]) -> wide::i16x8 {
        back(i16x8_extend_low_i8x16(i64x2_splat(cast(*bytes))))
    }

    /// Eight 16-bit numbers as 32-bit numbers.
    #[inline(always)]
    pub fn halves(v: wide::i16x8) -> [wide::i32x4; 2] {
        [back(i32x4_extend_low_i16x8(vector(v))), back(i32x4_extend_high_i16x8(vector(v)))]
    }

    /// The numbers of both in turn.
    #[inline(always)]
    pub fn interleave(a: wide::i16x8, b: wide::i16x8) -> [wide::i16x8; 2] {
        let (a, b) = (vector(a), vector(b));
        [back(i16x8_shuffle::<0, 8, 1, 9, 2, 10, 3, 11>(a, b)), back(i16x8_shuffle::<4, 12, 5, 13, 6, 14, 7, 15>(a, b))]
    }

    /// Lane `i` of vector `j` becomes lane `j` of vector `i`.
    #[inline(always)]
    pub fn transpose(rows: [wide::i32x4; 4]) -> [[i32; 4]; 4] {
        let [a, b, c, d] = rows.map(vector);
        let (ab, cd) = (i32x4_shuffle::<0, 4, 1, 5>(a, b), i32x4_shuffle::<0, 4, 1, 5>(c, d));
        let (ef, gh) = (i32x4_shuffle::<2, 6, 3, 7>(a, b), i32x4_shuffle::<2, 6, 3, 7>(c, d));
        [
            back(i64x2_shuffle::<0, 2>(ab, cd)),
            back(i64x2_shuffle::<1, 3>(ab, cd)),
            back(i64x2_shuffle::<0, 2>(ef, gh)),
            back(i64x2_shuffle::<1, 3>(ef, gh)),
        ]
    }

    /// Eight 32-bit numbers as bytes, those beyond -128..=127 at the nearer end.
    #[inline(always)]
    pub fn narrow(sums: [wide::i32x4; 2]) -> [i8; 8] {
        let halves = i16x8_narrow_i32x4(vector(sums[0]), vector(sums[1]));
        cast(i64x2_extract_lane::<0>(i8x16_narrow_i16x8(halves, halves)))
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod portable {
    use wide::{i16x8, i32x4};

    pub fn widen(bytes: &[i8; 8]) -> i16x8 {
        i16x8::from(bytes.map(i16::from))
    }

    pub fn halves(v: i16x8) -> [i32x4; 2] {
        let [a, b, c, d, e, f, g, h] = v.to_array().map(i32::from);
        [i32x4::from([a, b, c, d]), i32x4::from([e, f, g, h])]
    }

    pub fn interleave(a: i16x8, b: i16x8) -> [i16x8; 2] {
        let both = [a.to_array(), b.to_array()];
        [0, 4].map(|first| i16x8::from(std::array::from_fn(|i| both[i % 2][first + i / 2])))
    }

    pub fn transpose(rows: [i32x4; 4]) -> [[i32; 4]; 4] {
        let rows = rows.map(i32x4::to_array);
        std::array::from_fn(|i| rows.map(|row| row[i]))
    }

    pub fn narrow(sums: [i32x4; 2]) -> [i8; 8] {
        let sums = sums.map(i32x4::to_array);
        std::array::from_fn(|i| sums[i / 4][i % 4].clamp(-128, 127) as i8)
    }
}
