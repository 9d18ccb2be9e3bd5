//! A class-activation map becomes colours: warm where the picture speaks for the class,
//! cool where it speaks against it, clear where it says nothing.

/// Side of the painted heatmap in pixels; the page stretches it smoothly.
pub const SIDE: usize = 96;

const FOR: [u8; 3] = [0xE8, 0x6A, 0x17];
const AGAINST: [u8; 3] = [0x1F, 0x6F, 0xB5];
/// Strongest evidence leaves this much of the picture to be seen.
const MOST_OPAQUE: f32 = 0.8;

/// Bilinear upsampling of `[height, width]` cells to `[side, side]` pixels. A cell's value
/// sits at its centre; beyond the outermost centres the nearest value holds.
pub fn upsample(cells: &[f32], (height, width): (usize, usize), side: usize) -> Vec<f32> {
    if height * width == 0 || cells.len() < height * width {
        return vec![0.0; side * side];
    }
    let place = |pixel: usize, count: usize| {
        let at = ((pixel as f32 + 0.5) * count as f32 / side as f32 - 0.5).clamp(0.0, (count - 1) as f32);
        let low = at.floor() as usize;
        (low, (low + 1).min(count - 1), at - low as f32)
    };
    let columns: Vec<_> = (0..side).map(|x| place(x, width)).collect();
    let mut out = Vec::with_capacity(side * side);
    for y in 0..side {
        let (top, bottom, v) = place(y, height);
        for (left, right, u) in &columns {
            let row = |r: usize| cells[r * width + left] * (1.0 - u) + cells[r * width + right] * u;
            out.push(row(top) * (1.0 - v) + row(bottom) * v);
        }
    }
    out
}

/// RGBA pixels of one class's map. `scale`: the evidence, in logits, that is painted at full
/// strength.
pub fn paint(cells: &[f32], grid: (usize, usize), scale: f32) -> Vec<u8> {
    let scale = if scale > 0.0 { scale } else { 1.0 };
    upsample(cells, grid, SIDE)
        .into_iter()
        .flat_map(|value| {
            let strength = (value / scale).clamp(-1.0, 1.0);
            let [r, g, b] = if strength >= 0.0 { FOR } else { AGAINST };
            [r, g, b, (strength.abs() * MOST_OPAQUE * 255.0) as u8]
        })
        .collect()
}

/// The strongest evidence in any class's map: a common scale, so that maps can be compared.
pub fn scale(maps: &[f32]) -> f32 {
    maps.iter().fold(0.0, |most, v| most.max(v.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn corners_keep_the_values_of_the_outer_cells() {
        let up = upsample(&[0.0, 1.0, 2.0, 3.0], (2, 2), 8);
        assert_eq!((up[0], up[7], up[56], up[63]), (0.0, 1.0, 2.0, 3.0));
    }

    #[test]
    fn for_is_warm_and_against_is_cool() {
        let warm = paint(&[2.0], (1, 1), 2.0);
        let cool = paint(&[-1.0], (1, 1), 2.0);
        assert_eq!(warm[..3], FOR);
        assert_eq!(cool[..3], AGAINST);
        assert!(warm[3] > cool[3]);
        assert_eq!(paint(&[0.0], (1, 1), 0.0)[3], 0);
    }

    proptest! {
        #[test]
        fn no_value_is_made_up(cells in prop::collection::vec(-5.0f32..5.0, 12), side in 1usize..20) {
            let low = cells.iter().copied().fold(f32::MAX, f32::min);
            let high = cells.iter().copied().fold(f32::MIN, f32::max);
            for v in upsample(&cells, (3, 4), side) {
                prop_assert!(v >= low - 1e-4 && v <= high + 1e-4);
            }
        }
    }
}
