//! The Shrink bench's session, as the engine plays it.

mod support;

use fieldtest::engine::jobs;
use fieldtest::engine::protocol::shift::UNKNOWN;
use fieldtest::engine::protocol::shrink::{Compared, Mode, Quantized, Recipe, Reply, Request};
use fieldtest::engine::protocol::{Payload, Reply as AnyReply, Request as AnyRequest, pack_u32};
use fieldtest::learn::head::{Familiarity, Head, argmax};
use fieldtest::model::onnx;
use support::{backbone, boxed, draw, encode_png, finish};

/// A head of class means, from a few pictures of each class.
fn head() -> Head {
    let dim = backbone().dim;
    let mean = |class: u32| {
        let mut sum = vec![0.0f32; dim];
        for i in 0..6 {
            let embedding = backbone().embed(&draw(class, i)).unwrap().embedding;
            sum.iter_mut().zip(&embedding).for_each(|(s, e)| *s += e / 6.0);
        }
        sum
    };
    let means: Vec<Vec<f32>> = (0..3).map(mean).collect();
    let bias = means.iter().map(|m| -0.5 * m.iter().map(|v| v * v).sum::<f32>()).collect();
    let familiarity = Familiarity {
        mean: vec![0.0; dim],
        inv_std: vec![1.0; dim],
        prototypes: means
            .iter()
            .flat_map(|m| {
                let n = m.iter().map(|v| v * v).sum::<f32>().sqrt();
                m.iter().map(move |v| v / n)
            })
            .collect(),
        threshold: None,
    };
    Head { classes: 3, dim, weights: means.concat(), bias, familiarity }
}

fn play(recipe: Recipe, calibration: usize, truths: &[u32]) -> Result<(Quantized, Vec<u8>, Vec<Compared>), String> {
    let file = |i: usize| boxed(encode_png(&draw(i as u32 % 3, 100 + i as u32)));
    let files = (0..calibration + truths.len()).map(file).collect();
    let labels = ["Discs", "Stripes", "Checks"].map(str::to_owned).to_vec();
    let request = AnyRequest::Shrink(Request::Quantize { head: head(), labels, recipe, calibration });
    let payload = Payload::parts(vec![pack_u32(truths.iter().copied())]);
    let (mut quantized, mut compared) = (None, Vec::new());
    finish(jobs::job(request, payload, files)?, |reply, mut payload| match reply {
        AnyReply::Shrink(Reply::Quantized(q)) => quantized = Some((q, payload.parts.remove(0))),
        AnyReply::Shrink(Reply::Compared(c)) => compared.push(c),
        _ => {}
    })?;
    let (quantized, file) = quantized.expect("a quantized model");
    Ok((quantized, file, compared))
}

#[test]
fn the_classifier_becomes_smaller_and_agrees_with_itself() {
    // Calibration takes files 0..12, so the first picture asked about is of class 0.
    let truths: Vec<u32> = (0..24).map(|i| i % 3).collect();
    let (quantized, file, compared) = play(Recipe::default(), 12, &truths).unwrap();
    assert_eq!((quantized.bytes, quantized.images, compared.len()), (file.len(), 12, 24));
    assert!(quantized.bytes * 10 < quantized.float_bytes * 3, "{quantized:?}");
    assert!(onnx::read(&file).is_err_and(|r| r.to_string().contains("already quantized")));
    assert!(quantized.report.contains("weight_sqnr_db"));
    let agree = compared.iter().filter(|c| argmax(&c.float) == argmax(&c.quantized)).count();
    assert!(agree >= 22, "{agree} of 24");
    for c in &compared {
        let answer = backbone().embed(&draw(c.truth, 112 + c.index)).unwrap().embedding;
        let expected = head().answer(&answer).probabilities;
        assert!(c.float.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 2e-3), "{:?} {expected:?}", c.float);
    }
}

#[test]
fn every_mode_gives_a_model_that_answers() {
    for mode in Mode::ALL {
        let recipe = Recipe { mode, ..Recipe::default() };
        let (quantized, _, compared) = play(recipe, 4, &[UNKNOWN; 3]).unwrap_or_else(|e| panic!("{mode:?}: {e}"));
        assert_eq!(compared.len(), 3, "{mode:?}");
        assert!(quantized.bytes < quantized.float_bytes * 6 / 10, "{mode:?} {}", quantized.bytes);
        let sums = compared.iter().map(|c| c.quantized.iter().sum::<f32>());
        assert!(sums.into_iter().all(|s| (s - 1.0).abs() < 1e-2), "{mode:?}");
    }
}

#[test]
fn two_bits_and_noise_are_allowed_to_hurt_but_not_to_break() {
    let recipe = Recipe { bits: 2, noise: Some(3), ..Recipe::default() };
    let (quantized, _, compared) = play(recipe, 0, &[0, 1, 2]).unwrap();
    assert_eq!((quantized.images, compared.len()), (3, 3));
    assert!(compared.iter().all(|c| c.quantized.iter().all(|p| p.is_finite())));
}

#[test]
fn requests_that_do_not_fit_are_refused() {
    assert!(play(Recipe { bits: 1, ..Recipe::default() }, 1, &[0]).unwrap_err().contains("2 to 8"));
    assert!(play(Recipe::default(), 0, &[0]).unwrap_err().contains("calibration"));
    let request = AnyRequest::Shrink(Request::Quantize {
        head: head(),
        labels: vec![],
        recipe: Recipe::default(),
        calibration: 3,
    });
    let refused = jobs::job(request, Payload::parts(vec![pack_u32([0])]), vec![]);
    assert!(refused.err().unwrap().contains("pair up"));
}
