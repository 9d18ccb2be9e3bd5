//! From scratch: a small convolutional network trained on the person's pictures and nothing else. The only
//! place that names candle, and a binary of its own, so that the page and the engine stay light.
//!
//! * [`net`]: the network and its gradients.
//! * [`augment`]: every epoch sees every picture a little differently.
//! * [`fit`]: one training, a batch a step.
//! * [`curve`]: a training for every draw of every size of the label-budget curve.

pub mod augment;
pub mod curve;
pub mod fit;
pub mod net;

/// Side of a picture in pixels: half of what the backbones see, a quarter of the work.
pub const SIDE: usize = 32;
/// Numbers of a picture: red, green and blue planes.
pub const NUMBERS: usize = 3 * SIDE * SIDE;
