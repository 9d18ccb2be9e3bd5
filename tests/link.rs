//! Links: those of every release open for ever, none that was changed on its way does harm, and a head that
//! travelled answers as it did.

#[path = "support/links.rs"]
mod links;
mod support;

use fieldtest::learn::head::Head;
use fieldtest::learn::train::{Step, Trainer, TrainingSet};
use fieldtest::share::link::head::{Precision, pack, unpack};
use fieldtest::share::link::table::{Kind, TABLE};
use fieldtest::share::link::{self, Recipe};
use fieldtest::shift::scene::photograph;
use fieldtest::shift::scene::world::{Order, Season, World};
use std::fs;
use std::path::Path;
use support::backbone;

/// What a recipe says other than the defaults, a line each.
fn says(recipe: &Recipe) -> String {
    let mut lines = Vec::new();
    for field in TABLE.iter().filter(|f| recipe.get(f.id) != f.default || recipe.bytes(f.id).is_some()) {
        let value = match field.kind {
            Kind::Choice(names) => names[recipe.place(field.id)].to_owned(),
            Kind::Whole(..) => recipe.get(field.id).to_string(),
            Kind::Packed(_) => format!("{} bytes", recipe.bytes(field.id).map_or(0, <[u8]>::len)),
        };
        lines.push(format!("{} = {value}", field.name));
    }
    for class in recipe.classes() {
        lines.push(format!("class {} {:?} {}", class.name, class.color, class.learned));
    }
    if let Some(head) = recipe.head() {
        let answer = head.answer(&vec![0.25; head.dim]);
        lines.push(format!("head of {} classes by {}, best {}", head.classes, head.dim, answer.best));
    }
    lines.join("\n")
}

/// A fixture is a code and, below it, what it said when it was made. `WRITE_FIXTURES=<folder>`
/// writes those of this version; those of earlier ones are never written again.
#[test]
fn links_of_every_release_open() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/links");
    if let Some(folder) = std::env::var_os("WRITE_FIXTURES") {
        for ((code, _), name) in links::samples().iter().zip(["defaults", "settings", "head", "archive"]) {
            let path = Path::new(&folder).join(format!("{}-{name}.txt", env!("CARGO_PKG_VERSION")));
            let said = says(&link::open(code).unwrap().recipe);
            fs::write(path, format!("{code}\n\n{said}\n")).unwrap();
        }
    }
    let mut seen = 0;
    for entry in fs::read_dir(folder).expect("fixtures") {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let (code, said) = text.split_once("\n\n").expect("a code and what it says");
        let opened = link::open(code).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert_eq!(opened.unknown, Vec::<String>::new(), "{}", path.display());
        assert_eq!(says(&opened.recipe).trim(), said.trim(), "{}", path.display());
        seen += 1;
    }
    assert!(seen >= 4, "{seen} fixtures");
}

/// `cargo run --example links` counts 100,000 for `make figures`.
#[test]
fn mutated_links_do_no_harm() {
    let count = 1000;
    assert_eq!(links::survived(count), count);
}

#[test]
fn the_longest_link_fits() {
    let (chars, bits) = links::longest(&links::some_head(5, 256));
    assert!(chars <= 2000 && bits >= 4.0, "{chars} characters, {bits} bits");
}

/// Embeddings of rendered signs, and the class of each.
fn embedded(order: &Order, classes: usize) -> (Vec<Vec<f32>>, Vec<u32>) {
    let backbone = backbone();
    let mut all = (Vec::new(), Vec::new());
    for index in 0..order.count {
        let class = index % 8;
        if class < classes {
            let shot = photograph(order, index);
            let picture = fieldtest::image::decode::decode(&shot.file).expect("a picture of ours").pixels;
            all.0.push(backbone.embed(&picture).expect("an embedding").embedding);
            all.1.push(class as u32);
        }
    }
    all
}

fn trained(embeddings: &[Vec<f32>], labels: &[u32], classes: usize) -> Head {
    let set = TrainingSet {
        dim: embeddings[0].len(),
        classes,
        embeddings: embeddings.concat(),
        labels: labels.to_vec(),
        dhashes: (0..labels.len() as u64).map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect(),
        bursts: vec![0; labels.len()],
    };
    let mut trainer = Trainer::new(set).expect("a set that fits together");
    loop {
        if let Step::Done(head, _) = trainer.step() {
            return head;
        }
    }
}

/// A real head of five signs, at every precision, on pictures of another season it has not seen.
#[test]
fn a_head_that_travelled_answers_as_before() {
    let lab = Order { count: 160, ..Order::first_visit() };
    let (embeddings, labels) = embedded(&lab, 5);
    let head = trained(&embeddings, &labels, 5);
    let world = World { seasons: vec![Season::Autumn], ..World::default() };
    let (field, truth) = embedded(&Order { world, count: 160, seed: 9 }, 5);
    let right = |head: &Head| field.iter().zip(&truth).filter(|(e, t)| head.answer(e).best == **t as usize).count();
    let before = right(&head);
    let (chars, bits) = links::longest(&head);
    println!("longest link {chars} characters at {bits:.1} bits; float: {before} of {} right", truth.len());
    for precision in Precision::ALL {
        let packed = pack(&head, precision).unwrap();
        let back = unpack(&packed).unwrap();
        let same = field.iter().filter(|e| head.answer(e).best == back.answer(e).best).count();
        let strange = field.iter().filter(|e| head.answer(e).unknown == back.answer(e).unknown).count();
        println!(
            "{:.1} bits, familiarity {:?}: {} bytes, {same} of {} the same, {strange} as strange, {} right",
            precision.bits(),
            precision.familiarity,
            packed.len(),
            field.len(),
            right(&back)
        );
        let allowed = if precision.bits() > 4.5 { 2 } else { 8 };
        assert!(same + allowed >= field.len(), "{precision:?}: {same} of {} the same", field.len());
        if precision.familiarity.is_some_and(|f| f < 0.6) {
            assert!(strange + 6 >= field.len(), "{precision:?}: {strange} as strange");
        }
    }
    assert!(bits >= 5.0, "five signs travel with {bits} bits a weight");
}
