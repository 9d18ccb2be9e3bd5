//! A small convolutional network: three convolutions of 3 x 3 with rectified units (He et al. 2015) and
//! pooling, the mean over what is left of the picture, and a linear head. About 15,000 parameters: with a
//! handful of pictures a larger one only learns them by heart.

use super::SIDE;
use crate::learn::random::Random;
use candle_core::{Device, Result, Tensor, Var};
use candle_nn::{AdamW, Optimizer, ParamsAdamW, loss};

/// Channels after each convolution.
const CHANNELS: [usize; 4] = [3, 12, 24, 48];

pub struct Net {
    /// Kernel `[out, in, 3, 3]` and bias `[1, out, 1, 1]` of each convolution.
    convolutions: Vec<(Var, Var)>,
    /// `[channels, classes]`, `[classes]`.
    head: (Var, Var),
    optimiser: AdamW,
}

impl Net {
    /// Weights drawn from `random`: the same seed gives the same network.
    ///
    /// # Errors
    /// candle's, which would be a mistake in here.
    pub fn new(classes: usize, random: &mut Random) -> Result<Self> {
        let mut draw = |shape: &[usize], fan_in: usize| {
            let deviation = (2.0 / fan_in as f64).sqrt();
            let values: Vec<f32> =
                (0..shape.iter().product::<usize>()).map(|_| (random.normal() * deviation) as f32).collect();
            Var::from_vec(values, shape, &Device::Cpu)
        };
        let zeros = |shape: &[usize]| Var::from_vec(vec![0f32; shape.iter().product()], shape, &Device::Cpu);
        let mut convolutions = Vec::new();
        for pair in CHANNELS.windows(2) {
            convolutions.push((draw(&[pair[1], pair[0], 3, 3], 9 * pair[0])?, zeros(&[1, pair[1], 1, 1])?));
        }
        let last = CHANNELS[CHANNELS.len() - 1];
        let head = (draw(&[last, classes], 2 * last)?, zeros(&[classes])?);
        let mut all: Vec<Var> = convolutions.iter().flat_map(|(w, b)| [w.clone(), b.clone()]).collect();
        all.extend([head.0.clone(), head.1.clone()]);
        let optimiser = AdamW::new(all, ParamsAdamW { weight_decay: 1e-3, ..ParamsAdamW::default() })?;
        Ok(Self { convolutions, head, optimiser })
    }

    /// Logits `[n, classes]` of pictures `[n, 3, SIDE, SIDE]`.
    ///
    /// # Errors
    /// Another shape.
    pub fn forward(&self, pictures: &Tensor) -> Result<Tensor> {
        let mut x = pictures.clone();
        for (kernel, bias) in &self.convolutions {
            x = x.conv2d(kernel, 1, 1, 1, 1)?.broadcast_add(bias)?.relu()?.max_pool2d(2)?;
        }
        x.mean((2, 3))?.matmul(&self.head.0)?.broadcast_add(&self.head.1)
    }

    /// One step of AdamW (Loshchilov and Hutter 2019) on a batch at a learning rate; the mean loss before it.
    ///
    /// # Errors
    /// Numbers that do not fit together.
    pub fn step(&mut self, pictures: Vec<f32>, labels: &[u32], rate: f64) -> Result<f32> {
        let pictures = Tensor::from_vec(pictures, (labels.len(), 3, SIDE, SIDE), &Device::Cpu)?;
        let labels = Tensor::new(labels, &Device::Cpu)?;
        let loss = loss::cross_entropy(&self.forward(&pictures)?, &labels)?;
        self.optimiser.set_learning_rate(rate);
        self.optimiser.backward_step(&loss)?;
        loss.to_scalar()
    }

    /// The likeliest class of each picture.
    ///
    /// # Errors
    /// Numbers that do not fit together.
    pub fn classify(&self, pictures: Vec<f32>, count: usize) -> Result<Vec<u32>> {
        let pictures = Tensor::from_vec(pictures, (count, 3, SIDE, SIDE), &Device::Cpu)?;
        self.forward(&pictures)?.argmax(1)?.to_vec1()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::NUMBERS;

    #[test]
    fn gradients_agree_with_finite_differences() {
        let mut random = Random::new(3);
        let net = Net::new(3, &mut random).unwrap();
        let pictures: Vec<f32> = (0..2 * NUMBERS).map(|_| random.normal() as f32).collect();
        let pictures = Tensor::from_vec(pictures, (2, 3, SIDE, SIDE), &Device::Cpu).unwrap();
        let labels = Tensor::new(&[2u32, 0], &Device::Cpu).unwrap();
        let loss = || loss::cross_entropy(&net.forward(&pictures).unwrap(), &labels).unwrap();
        let gradients = loss().backward().unwrap();
        for (kernel, _) in &net.convolutions {
            let gradient = gradients.get(kernel).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
            let values = kernel.flatten_all().unwrap().to_vec1::<f32>().unwrap();
            for at in [0, values.len() / 2, values.len() - 1] {
                let moved = |delta: f32| {
                    let mut values = values.clone();
                    values[at] += delta;
                    kernel.set(&Tensor::from_vec(values, kernel.shape(), &Device::Cpu).unwrap()).unwrap();
                    loss().to_scalar::<f32>().unwrap()
                };
                let slope = (moved(1e-2) - moved(-1e-2)) / 2e-2;
                moved(0.0);
                assert!((slope - gradient[at]).abs() < 2e-3 + 0.05 * slope.abs(), "{slope} and {}", gradient[at]);
            }
        }
    }
}
