//! A picture in the making: float RGB, 0..1 once exposed.

use super::paint::Color;
use crate::image::Rgb8;

#[derive(Clone)]
pub struct Canvas {
    pub width: usize,
    pub height: usize,
    /// Row by row.
    pub pixels: Vec<Color>,
}

impl Canvas {
    pub fn new(width: usize, height: usize) -> Self {
        Self { width, height, pixels: vec![[0.0; 3]; width * height] }
    }

    /// The pixel, or the nearest one inside.
    pub fn at(&self, x: usize, y: usize) -> Color {
        self.pixels[y.min(self.height - 1) * self.width + x.min(self.width - 1)]
    }

    /// Repaints each pixel from its place and colour.
    pub fn each(&mut self, mut paint: impl FnMut(usize, usize, Color) -> Color) {
        for (y, row) in self.pixels.chunks_mut(self.width).enumerate() {
            for (x, pixel) in row.iter_mut().enumerate() {
                *pixel = paint(x, y, *pixel);
            }
        }
    }

    pub fn mirror(&mut self) {
        self.pixels.chunks_mut(self.width).for_each(<[Color]>::reverse);
    }

    pub fn to_rgb8(&self) -> Rgb8 {
        let bytes = self.pixels.iter().flatten().map(|c| (c.clamp(0.0, 1.0) * 255.0 + 0.5) as u8).collect();
        Rgb8 { width: self.width as u32, height: self.height as u32, data: bytes }
    }
}
