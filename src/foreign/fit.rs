//! How pictures and a model fit together: size, order and range of the input, and what its output means.
//! Plain data, which the page names too.

use serde::{Deserialize, Serialize};

/// What bytes 0..255 become before they enter the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Pixels {
    /// 0..255 as they are.
    Bytes,
    /// 0..1.
    Unit,
    /// -1..1.
    Signed,
    /// (x / 255 - mean) / standard deviation, with the means and deviations of ImageNet's channels.
    #[default]
    ImageNet,
}

/// Means and standard deviations of ImageNet's red, green and blue on a scale of 0..1.
const MEAN: [f32; 3] = [0.485, 0.456, 0.406];
const DEVIATION: [f32; 3] = [0.229, 0.224, 0.225];

impl Pixels {
    pub const ALL: [Self; 4] = [Self::Bytes, Self::Unit, Self::Signed, Self::ImageNet];

    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bytes => "0 to 255",
            Self::Unit => "0 to 1",
            Self::Signed => "\u{2212}1 to 1",
            Self::ImageNet => "ImageNet\u{2019}s mean and deviation",
        }
    }

    /// A value 0..255 of channel 0 (red) to 2 (blue).
    pub fn scale(self, value: f32, channel: usize) -> f32 {
        match self {
            Self::Bytes => value,
            Self::Unit => value / 255.0,
            Self::Signed => value / 127.5 - 1.0,
            Self::ImageNet => (value / 255.0 - MEAN[channel % 3]) / DEVIATION[channel % 3],
        }
    }
}

/// How a picture becomes the model's input, and which output is compared.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Fit {
    /// Pixels, 1..=[`MAX_SIDE`].
    pub width: usize,
    pub height: usize,
    /// `[N, height, width, 3]` rather than `[N, 3, height, width]`.
    pub channels_last: bool,
    /// Blue first.
    pub bgr: bool,
    pub pixels: Pixels,
    /// Name of the output that is compared.
    pub output: String,
    /// Its numbers are one for each class (logits or probabilities); otherwise features.
    pub classes: bool,
    /// Names of the classes, as many as the output has numbers, or none.
    pub labels: Vec<String>,
}

/// Largest side of an input in pixels.
pub const MAX_SIDE: usize = 1024;

impl Fit {
    /// The model's input shape for one picture.
    pub fn shape(&self) -> [usize; 4] {
        if self.channels_last { [1, self.height, self.width, 3] } else { [1, 3, self.height, self.width] }
    }

    /// RGB planes `[3, height, width]` of 0..255 as the model takes them.
    pub fn input(&self, planes: &[f32]) -> Vec<f32> {
        let area = self.width * self.height;
        let channel = |at: usize| if self.bgr { 2 - at } else { at };
        let value = |c: usize, at: usize| {
            let c = channel(c);
            self.pixels.scale(planes.get(c * area + at).copied().unwrap_or(0.0), c)
        };
        if self.channels_last {
            (0..area).flat_map(|at| (0..3).map(move |c| (c, at))).map(|(c, at)| value(c, at)).collect()
        } else {
            (0..3).flat_map(|c| (0..area).map(move |at| (c, at))).map(|(c, at)| value(c, at)).collect()
        }
    }

    /// What to call class `at`.
    pub fn label(&self, at: usize) -> String {
        self.labels.get(at).cloned().unwrap_or_else(|| format!("class {at}"))
    }
}

/// What was found in an ONNX file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Inspected {
    /// Name of the input, and its shape as written; `None` is open.
    pub input: String,
    pub shape: Vec<Option<usize>>,
    /// Float outputs: name, and numbers for one picture where the file says so.
    pub outputs: Vec<(String, Option<usize>)>,
    pub opset: i64,
    pub nodes: usize,
    /// Numbers in initializers.
    pub parameters: usize,
    /// Operators and how often they occur, most frequent first.
    pub operators: Vec<(String, usize)>,
    /// A guess, to be corrected by the person, and the reasons for it in sentences.
    pub fit: Fit,
    pub why: Vec<String>,
    pub bytes: usize,
}

/// A tensor that could be the embedding of a picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layer {
    /// Name of the tensor, and the operator that makes it.
    pub tensor: String,
    pub operator: String,
    /// Its shape for one picture.
    pub shape: Vec<usize>,
    /// Numbers of the embedding: where the tensor is a map or a row for each patch, their mean is taken.
    pub length: usize,
    /// The tensor `[1, length, h, w]` whose mean the embedding is, if there is one.
    pub map: Option<String>,
    /// Height and width of that map, else 1 by 1.
    pub grid: (usize, usize),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_range_are_as_asked() {
        // One row of two pixels: (10, 20, 30) and (40, 50, 60).
        let planes = [10.0, 40.0, 20.0, 50.0, 30.0, 60.0];
        let fit = Fit { width: 2, height: 1, pixels: Pixels::Bytes, ..Default::default() };
        assert_eq!(fit.input(&planes), planes);
        let last = Fit { channels_last: true, ..fit.clone() };
        assert_eq!(last.input(&planes), [10.0, 20.0, 30.0, 40.0, 50.0, 60.0]);
        assert_eq!((fit.shape(), last.shape()), ([1, 3, 1, 2], [1, 1, 2, 3]));
        let bgr = Fit { bgr: true, ..last };
        assert_eq!(bgr.input(&planes), [30.0, 20.0, 10.0, 60.0, 50.0, 40.0]);
        let signed = Fit { pixels: Pixels::Signed, ..fit };
        assert_eq!(signed.input(&[0.0, 127.5, 255.0, 0.0, 0.0, 0.0])[..3], [-1.0, 0.0, 1.0]);
    }

    #[test]
    fn blue_keeps_its_own_mean_wherever_it_stands() {
        let fit = Fit { width: 1, height: 1, pixels: Pixels::ImageNet, ..Default::default() };
        let bgr = Fit { bgr: true, ..fit.clone() };
        let planes = [255.0, 0.0, 127.5];
        let (a, b) = (fit.input(&planes), bgr.input(&planes));
        assert_eq!([a[2], a[1], a[0]], [b[0], b[1], b[2]]);
        assert!((a[0] - (1.0 - 0.485) / 0.229).abs() < 1e-6);
    }
}
