//! Sizes of a convolution or pooling over pictures with channels last.

/// A sliding window. Every pair is (vertical, horizontal).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub kernel: (usize, usize),
    pub stride: (usize, usize),
    pub dilation: (usize, usize),
    /// Rows above and columns left of the picture.
    pub pad: (usize, usize),
    /// Rows below and columns right of it.
    pub pad_end: (usize, usize),
}

impl Window {
    /// Height and width of the output for a picture of this size; 0 where the window does not fit.
    pub fn output(&self, (h, w): (usize, usize)) -> (usize, usize) {
        let along = |input: usize, pads: usize, kernel: usize, dilation: usize, stride: usize| {
            (input + pads).checked_sub((kernel - 1) * dilation + 1).map_or(0, |span| span / stride + 1)
        };
        (
            along(h, self.pad.0 + self.pad_end.0, self.kernel.0, self.dilation.0, self.stride.0),
            along(w, self.pad.1 + self.pad_end.1, self.kernel.1, self.dilation.1, self.stride.1),
        )
    }

    /// Number of places in the kernel.
    pub fn taps(&self) -> usize {
        self.kernel.0 * self.kernel.1
    }

    /// Whether it looks at one pixel and moves by one.
    pub fn is_point(&self) -> bool {
        self.kernel == (1, 1) && self.stride == (1, 1) && self.pad == (0, 0) && self.pad_end == (0, 0)
    }

    /// Which input pixel, row by row, lies under tap `(ky, kx)` of output pixel `(y, x)`; `None` in the padding.
    #[inline]
    pub fn under(&self, (y, x): (usize, usize), (ky, kx): (usize, usize), (h, w): (usize, usize)) -> Option<usize> {
        let row = (y * self.stride.0 + ky * self.dilation.0).checked_sub(self.pad.0).filter(|row| *row < h)?;
        let column = (x * self.stride.1 + kx * self.dilation.1).checked_sub(self.pad.1).filter(|column| *column < w)?;
        Some(row * w + column)
    }
}

/// A picture, or several, with channels last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pictures {
    pub count: usize,
    /// Height and width.
    pub size: (usize, usize),
    pub channels: usize,
}

impl Pictures {
    pub fn pixels(&self) -> usize {
        self.size.0 * self.size.1
    }

    pub fn numbers(&self) -> usize {
        self.count * self.pixels() * self.channels
    }
}
