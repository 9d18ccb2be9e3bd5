//! How the site's own models travel: `scripts/pack-models.mjs` writes a `.packed` beside each `.onnx`, the page
//! makes the model of it again, to the byte.
//!
//! A packed file is the gzip of all bytes at even places, then all at odd ones. Half-precision weights have
//! their sign, exponent and first digits in one of every two bytes and noise in the other; apart, the first
//! compress to two thirds. (The shuffle filter of HDF5 and Blosc, for elements of two bytes.)

/// Undoes the order, after the gzip: the second half goes between the bytes of the first.
pub fn unshuffle(packed: &[u8]) -> Vec<u8> {
    let (even, odd) = packed.split_at(packed.len().div_ceil(2));
    let mut plain = vec![0; packed.len()];
    for (place, &byte) in plain.iter_mut().step_by(2).zip(even) {
        *place = byte;
    }
    for (place, &byte) in plain.iter_mut().skip(1).step_by(2).zip(odd) {
        *place = byte;
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// As `scripts/pack-models.mjs` does it.
    fn shuffle(plain: &[u8]) -> Vec<u8> {
        let from = |start| plain.iter().copied().skip(start).step_by(2);
        from(0).chain(from(1)).collect()
    }

    #[test]
    fn bytes_are_back_in_their_places() {
        assert_eq!(unshuffle(b"acebdf"), b"abcdef");
        assert_eq!(unshuffle(b"acebd"), b"abcde");
        assert_eq!(unshuffle(b"a"), b"a");
        assert_eq!(unshuffle(b""), b"");
    }

    proptest! {
        #[test]
        fn any_file_is_itself_again(plain in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert_eq!(unshuffle(&shuffle(&plain)), plain);
        }
    }
}
