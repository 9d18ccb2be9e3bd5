//! The numerics in wasm: the same cases run natively and under wasm-bindgen-test, against
//! the same numbers.

mod support;

use fieldtest::engine::jobs;
use fieldtest::engine::protocol::{Payload, Request, images};
use fieldtest::image::{contract, decode, dhash};
use fieldtest::learn::head::softmax::{Fit, Rows};
use fieldtest::learn::train::{Step, Trainer, TrainingSet};
use fieldtest::shift::scene::photograph;
use fieldtest::shift::scene::world::{Country, Device, Hour, Order, Season, World};
use support::{backbone, boxed, draw, encode_png, finish, zip_of};

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
        // The 3x3 ones but for two: tract turns 1x1 convolutions into matrix products before we look,
        // and those between two such lose the batch axis.
        assert_eq!(backbone().direct_convolutions, 14);
        let embedded = backbone().embed(&draw(0, 1)).unwrap();
        let expected = [0.814_047, 0.0, 0.0, 0.381_050];
        for (got, want) in embedded.embedding.iter().zip(expected) {
            assert!((got - want).abs() < 2e-4, "{:?}", &embedded.embedding[..4]);
        }
        let grid = backbone().grid.0 * backbone().grid.1;
        for (value, map) in embedded.embedding.iter().zip(embedded.features.chunks(grid)) {
            assert!((value - map.iter().sum::<f32>() / grid as f32).abs() < 1e-4);
        }
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

    fn an_archive_is_read() {
        let archive = zip_of(&[("a/1.png".into(), encode_png(&draw(0, 0))), ("b/2.png".into(), encode_png(&draw(1, 0)))]);
        let request = Request::Images(images::Request::ImportZip { skip: 0 });
        let mut replies = 0;
        finish(jobs::job(request, Payload::default(), vec![boxed(archive)]).unwrap(), |_, _| replies += 1).unwrap();
        assert_eq!(replies, 3);
    }
}
