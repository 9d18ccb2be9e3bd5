//! What a device makes of the light: the last step of every photograph.

use super::canvas::Canvas;
use super::noise::Dice;
use super::paint::most;
use super::world::Device;

/// Size of the photographs, width and height.
pub fn frame(device: Device) -> (usize, usize) {
    match device {
        Device::Phone => (120, 160),
        Device::Dashcam => (208, 128),
        Device::Webcam => (160, 120),
    }
}

/// JPEG quality the device saves with.
pub fn quality(device: Device) -> u8 {
    match device {
        Device::Phone => 92,
        Device::Dashcam => 38,
        Device::Webcam => 75,
    }
}

pub fn expose(canvas: &mut Canvas, device: Device, dice: &mut Dice) {
    match device {
        Device::Phone => {
            automatic(canvas, 0.46);
            grain(canvas, 0.008, dice);
        }
        Device::Dashcam => {
            automatic(canvas, 0.4);
            let blur = 1 + (dice.roll() * 5.0) as usize;
            smear(canvas, blur);
            reflection(canvas, dice);
            grain(canvas, 0.015, dice);
        }
        Device::Webcam => {
            coarsen(canvas, 2 + (dice.roll() * 1.6) as usize);
            let cast = dice.pick(&[[1.12, 0.98, 0.82], [0.86, 1.0, 1.12], [0.92, 1.08, 0.92]]);
            let gain = dice.within(0.75, 1.2);
            canvas.each(|_, _, p| [0, 1, 2].map(|c| p[c] * cast[c] * gain));
            grain(canvas, 0.045, dice);
            canvas.mirror();
        }
    }
}

/// Automatic exposure: the mean moves most of the way to `target`.
fn automatic(canvas: &mut Canvas, target: f32) {
    let n = canvas.pixels.len().max(1) as f32;
    let mean = canvas.pixels.iter().map(|p| 0.3 * p[0] + 0.59 * p[1] + 0.11 * p[2]).sum::<f32>() / n;
    let gain = (1.0 + 0.7 * (target / mean.max(0.02) - 1.0)).clamp(0.6, 2.6);
    canvas.each(|_, _, p| p.map(|c| c * gain));
}

fn grain(canvas: &mut Canvas, amount: f32, dice: &mut Dice) {
    for four in canvas.pixels.as_flattened_mut().chunks_mut(4) {
        four.iter_mut().zip(dice.normals()).for_each(|(c, n)| *c += n * amount);
    }
}

/// Motion to the side while the shutter was open.
fn smear(canvas: &mut Canvas, length: usize) {
    let source = canvas.clone();
    canvas.each(|x, y, _| {
        let sum = (0..length).fold([0.0; 3], |sum, i| {
            let p = source.at((x + i).saturating_sub(length / 2), y);
            [0, 1, 2].map(|c| sum[c] + p[c])
        });
        sum.map(|c| c / length as f32)
    });
}

/// The windscreen mirrors the dashboard: a pale band and a streak of light.
fn reflection(canvas: &mut Canvas, dice: &mut Dice) {
    let (h, w) = (canvas.height as f32, canvas.width as f32);
    let (slope, shift, strength) = (dice.within(-0.8, 0.8), dice.within(0.1, 0.9), dice.within(0.03, 0.12));
    canvas.each(|x, y, p| {
        let (u, v) = (x as f32 / w, y as f32 / h);
        let streak = most(1.0 - ((u - shift + slope * (v - 0.5)).abs() / 0.08), 0.0) * strength;
        let band = most((v - 0.7) / 0.3, 0.0) * 0.16;
        p.map(|c| c * (1.0 - band) + streak + band * 0.45)
    });
}

/// Fewer real pixels than the picture has: means over blocks, enlarged smoothly.
fn coarsen(canvas: &mut Canvas, block: usize) {
    let source = canvas.clone();
    let mean = |bx: usize, by: usize| {
        let sum = (0..block * block).fold([0.0; 3], |sum, i| {
            let p = source.at(bx * block + i % block, by * block + i / block);
            [0, 1, 2].map(|c| sum[c] + p[c])
        });
        sum.map(|c| c / (block * block) as f32)
    };
    let (columns, rows) = (source.width.div_ceil(block), source.height.div_ceil(block));
    let small: Vec<[f32; 3]> = (0..columns * rows).map(|i| mean(i % columns, i / columns)).collect();
    let cell = |x: isize, y: isize| {
        small[y.clamp(0, rows as isize - 1) as usize * columns + x.clamp(0, columns as isize - 1) as usize]
    };
    canvas.each(|x, y, _| {
        let place = |at: usize| (at as f32 + 0.5) / block as f32 - 0.5;
        let (fx, fy) = (place(x), place(y));
        let (ix, iy) = (fx.floor(), fy.floor());
        let (tx, ty) = (fx - ix, fy - iy);
        let (ix, iy) = (ix as isize, iy as isize);
        let [a, b, c, d] = [cell(ix, iy), cell(ix + 1, iy), cell(ix, iy + 1), cell(ix + 1, iy + 1)];
        [0, 1, 2].map(|i| {
            let top = a[i] * (1.0 - tx) + b[i] * tx;
            let low = c[i] * (1.0 - tx) + d[i] * tx;
            top * (1.0 - ty) + low * ty
        })
    });
}
