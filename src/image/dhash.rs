//! A 64-bit difference hash: pictures that look alike have hashes that differ in few bits.

use super::{Rgb8, contract};

/// Compares neighbours in a row of a 9x8 grey reduction of the centred square: bit set where
/// the left one is darker. ("Kind of like that", N. Krawetz 2013.)
pub fn dhash(image: &Rgb8) -> u64 {
    // Brightness of a 72x72 reduction, averaged over the cells of the 9x8 grid.
    const SIDE: usize = 72;
    let small = contract::to_square(image, SIDE as u32);
    let (pixels, _) = small.data.as_chunks::<3>();
    let cell = |column: usize, row: usize| -> u32 {
        let (w, h) = (SIDE / 9, SIDE / 8);
        (row * h..(row + 1) * h)
            .flat_map(|y| (column * w..(column + 1) * w).map(move |x| y * SIDE + x))
            .map(|at| luma(pixels[at]))
            .sum()
    };
    let mut hash = 0;
    for row in 0..8 {
        for column in 0..8 {
            hash = hash << 1 | u64::from(cell(column, row) < cell(column + 1, row));
        }
    }
    hash
}

/// Brightness by Rec. 601, times 1000.
fn luma([r, g, b]: [u8; 3]) -> u32 {
    299 * u32::from(r) + 587 * u32::from(g) + 114 * u32::from(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scene(brightness: i32, shift: u32) -> Rgb8 {
        let pixel = |x: u32, y: u32| {
            let x = x + shift;
            let v = ((x * 7 + y * 3) % 97 + (x / 20 * 50 + y / 16 * 70) % 150) as i32 + brightness;
            [v.clamp(0, 255) as u8; 3]
        };
        let data = (0..96u32).flat_map(|y| (0..96u32).flat_map(move |x| pixel(x, y))).collect();
        Rgb8::new(96, 96, data).unwrap()
    }

    #[test]
    fn brightness_and_a_small_shift_change_few_bits() {
        let original = dhash(&scene(0, 0));
        assert!((original ^ dhash(&scene(8, 0))).count_ones() <= 3);
        assert!((original ^ dhash(&scene(0, 1))).count_ones() <= 8);
    }

    #[test]
    fn another_picture_changes_many() {
        let mirrored = {
            let mut image = scene(0, 0);
            let (pixels, _) = image.data.as_chunks_mut::<3>();
            pixels.chunks_mut(96).for_each(<[_]>::reverse);
            image
        };
        assert!((dhash(&scene(0, 0)) ^ dhash(&mirrored)).count_ones() > 16);
    }
}
