//! The numerics in wasm: the same cases run natively and under wasm-bindgen-test, against
//! the same numbers.

mod support;

use fieldtest::engine::jobs;
use fieldtest::engine::protocol::{Payload, Request, images};
use fieldtest::image::{contract, decode, dhash};
use fieldtest::learn::head::softmax::{Fit, Rows};
use fieldtest::learn::train::{Step, Trainer, TrainingSet};
use fieldtest::model::onnx::{DataType, GraphProto, ModelProto, OperatorSetIdProto, build};
use fieldtest::model::ops::conv::simplify;
use fieldtest::shift::corruption::Corruption;
use fieldtest::shift::drift::{self, Sample};
use fieldtest::shift::estimate;
use fieldtest::shift::repair::align::Alignment;
use fieldtest::shift::scene::photograph;
use fieldtest::shift::scene::world::{Country, Device, Hour, Order, Season, World};
use support::{backbone, boxed, draw, encode_png, finish, zip_of};
use tract_onnx::prelude::*;

/// A `#[test]` natively, a `#[wasm_bindgen_test]` in wasm.
macro_rules! everywhere {
    ($(fn $name:ident() $body:block)*) => {$(
        #[cfg_attr(not(target_arch = "wasm32"), test)]
        #[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
        fn $name() $body
    )*};
}

fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(7, |sum, b| (sum ^ u64::from(*b)).wrapping_mul(0x0000_0100_0000_01b3))
}

everywhere! {
    fn pixels_are_the_same_to_the_last_bit() {
        let picture = draw(2, 11);
        let seen = contract::to_square(&picture, 64);
        let decoded = decode::decode(&encode_png(&picture)).unwrap().pixels;
        assert_eq!(decoded, picture);
        assert_eq!((checksum(&seen.data), dhash::dhash(&picture)), (13_806_958_026_003_244_719, 23_872_942_883_776_596));
    }

    fn rendered_photographs_are_the_same_to_the_last_bit() {
        let world = World {
            countries: Country::ALL.into(),
            seasons: Season::ALL.into(),
            hours: Hour::ALL.into(),
            devices: Device::ALL.into(),
            fog: 0.4,
        };
        let order = Order { world, count: 24, seed: 9 };
        let shots: Vec<_> = (0..24).map(|index| photograph(&order, index)).collect();
        let pixels: Vec<u8> = shots.iter().flat_map(|s| s.pixels.data.clone()).collect();
        let files: Vec<u8> = shots.iter().flat_map(|s| s.file.clone()).collect();
        assert_eq!((checksum(&pixels), checksum(&files)), (13_169_718_940_464_949_639, 471_588_508_838_036_323));
    }

    fn embeddings_are_the_same_within_rounding() {
        // All of them, also those that tract has made products of matrices, without the axis of the batch.
        assert_eq!(backbone().direct_convolutions, 20);
        let embedded = backbone().embed(&draw(0, 1)).unwrap();
        let expected = [1.052_67, 0.0, 0.0, 0.492_508];
        for (got, want) in embedded.embedding.iter().zip(expected) {
            assert!((got - want).abs() < 2e-4, "{:?}", &embedded.embedding[..4]);
        }
        let grid = backbone().grid.0 * backbone().grid.1;
        for (value, map) in embedded.embedding.iter().zip(embedded.features.chunks(grid)) {
            assert!((value - map.iter().sum::<f32>() / grid as f32).abs() < 1e-4);
        }
    }

    // In wasm tract would move channels last here, and run all of it by kernels of its own.
    fn a_mobile_network_is_run_by_our_convolutions() {
        let weights = |n: usize| (0..n).map(|i| (i * 7 % 11) as f32 / 10.0 - 0.5).collect::<Vec<_>>();
        let conv = |from: &str, to: &str, more| build::node("Conv", to, &[from, &format!("{to}.w")], to, more);
        let deep = vec![build::ints("pads", &[1, 1, 1, 1]), build::int("group", 16)];
        let mut output = build::value("y", DataType::Float, &[]);
        output.r#type = None;
        let file = ModelProto {
            ir_version: 8,
            opset_import: vec![OperatorSetIdProto { domain: String::new(), version: 17 }],
            graph: Some(GraphProto {
                node: vec![
                    conv("x", "wide", vec![]),
                    build::node("Relu", "bent", &["wide"], "bent", vec![]),
                    conv("bent", "deep", deep),
                    conv("deep", "y", vec![]),
                ],
                initializer: vec![
                    build::floats("wide.w", &[16, 3, 1, 1], &weights(48)),
                    build::floats("deep.w", &[16, 1, 3, 3], &weights(144)),
                    build::floats("y.w", &[8, 16, 1, 1], &weights(128)),
                ],
                input: vec![build::value("x", DataType::Float, &[Some(1), Some(3), Some(9), Some(9)])],
                output: vec![output],
                ..Default::default()
            }),
            ..Default::default()
        };
        let typed = tract_onnx::onnx().model_for_proto_model(&file).unwrap();
        let typed = typed.with_input_fact(0, f32::fact([1, 3, 9, 9]).into()).unwrap().into_typed().unwrap();
        let (ours, replaced) = simplify(typed).unwrap();
        let names: Vec<_> = ours.nodes().iter().map(|n| n.op.name()).collect();
        assert_eq!(replaced, 3, "{names:?}");
        assert!(names.iter().all(|name| ["Source", "DirectConv"].contains(&name.as_ref())), "{names:?}");
    }

    fn a_fit_reaches_the_textbook_answer() {
        let rows = Rows { z: &[-1.0, 1.0, -1.0, 1.0], labels: &[0, 1, 0, 1], dim: 1, classes: 2 };
        let mut fit = Fit::new(rows, 0.1, vec![0.0; 4], 1e-6);
        while !fit.step(rows) {}
        let a = fit.parameters()[1];
        assert!((1.0 / (1.0 + (2.0 * a).exp()) - 0.1 * a).abs() < 1e-4);
    }

    fn pictures_become_a_classifier() {
        let per_class = 10;
        let mut set = TrainingSet {
            dim: backbone().dim, classes: 3, embeddings: vec![], labels: vec![], dhashes: vec![], bursts: vec![],
        };
        for i in 0..3 * per_class {
            let picture = draw(i % 3, i);
            set.embeddings.extend(backbone().embed(&picture).unwrap().embedding);
            set.labels.push(i % 3);
            set.dhashes.push(dhash::dhash(&picture));
            set.bursts.push(0);
        }
        let mut trainer = Trainer::new(set).unwrap();
        let (head, report) = loop {
            if let Step::Done(head, report) = trainer.step() {
                break (head, report);
            }
        };
        assert!(report.accuracy.unwrap().value > 0.8, "{:?}", report.accuracy);
        let fresh = |i: u32| head.answer(&backbone().embed(&draw(i % 3, 900 + i)).unwrap().embedding).best as u32 == i % 3;
        let right = (0..12).filter(|i| fresh(*i)).count();
        assert!(right >= 9, "{right} of 12");
    }

    fn detectors_say_the_same_everywhere() {
        // Whole numbers over 64, so that the samples are the same to the last bit.
        let sample = |offset: u32| {
            let value = |i: u32| (i.wrapping_mul(2_654_435_761).wrapping_add(offset * 97) >> 22) as f32 / 64.0;
            let embeddings = (0..40 * 6).map(|i| value(i + 1000 * offset) + if i % 6 == 0 { 6.0 * offset as f32 } else { 0.0 });
            let answers = (0..40u32).flat_map(|i| if (i + offset) % 5 < 2 + offset { [0.75, 0.25] } else { [0.25, 0.75] });
            let labels = (0..40u32).map(|i| u32::from(i % 5 >= 2)).collect();
            let sample = Sample::new(embeddings.collect(), 6).unwrap().with_probabilities(answers.collect(), 2).unwrap();
            sample.with_labels(labels).unwrap()
        };
        let (lab, field) = (sample(0), sample(1));
        let mut said = Vec::new();
        for detector in drift::ALL {
            let verdict = detector.test(&lab, &field, 5).unwrap();
            said.extend([verdict.statistic, verdict.p_value]);
        }
        said.extend(estimate::ALL.iter().map(|e| e.estimate(&lab, &field).unwrap()));
        let coral = Alignment::coral(&lab, &field).unwrap().apply(&field).unwrap();
        said.extend(coral[..3].iter().map(|v| f64::from(*v)));
        let expected = [0.0551102348, 0.01, 0.4, 0.0181091045, 2.028125, 6.29824049e-05, 0.8, 0.005, 3.2, 0.105, 1.0, 1.0, 0.211672604, 10.6815577, 3.94016576];
        for (got, want) in said.iter().zip(expected) {
            assert!((got - want).abs() <= 1e-6 * want.abs().max(1.0), "{said:?}");
        }
    }

    fn corruptions_look_the_same_everywhere() {
        let picture = contract::to_square(&draw(1, 3), 64);
        let mean = |p: &fieldtest::image::Rgb8| p.data.iter().map(|v| f64::from(*v)).sum::<f64>() / p.data.len() as f64;
        let means: Vec<f64> = Corruption::ALL.iter().map(|c| mean(&c.apply(&picture, 3, 7))).collect();
        let expected = [
            121.9178, 120.8494, 121.5764, 118.8882, 121.1667, 123.5840, 118.3229, 122.3021, 121.1667, 172.7115,
            158.5356, 93.8081, 166.5156, 140.4212, 121.1667, 127.6417, 121.2917, 121.5781, 113.5573,
        ];
        for (got, want) in means.iter().zip(expected) {
            assert!((got - want).abs() < 0.05, "{means:?}");
        }
    }

    fn an_archive_is_read() {
        let archive = zip_of(&[("a/1.png".into(), encode_png(&draw(0, 0))), ("b/2.png".into(), encode_png(&draw(1, 0)))]);
        let request = Request::Images(images::Request::ImportZip { skip: 0 });
        let mut replies = 0;
        finish(jobs::job(request, Payload::default(), vec![boxed(archive)]).unwrap(), |_, _| replies += 1).unwrap();
        assert_eq!(replies, 3);
    }
}
