//! The command line: the quantizer of the page, for a build script, and its integer engine.

use fieldtest::foreign::inspect;
use fieldtest::image::{contract, decode};
use fieldtest::shrink::culprits::{self, Alone, Hunt};
use fieldtest::shrink::observe::Method;
use fieldtest::shrink::scheme::Activations;
use fieldtest::shrink::sheet::{Section, Sheet};
use fieldtest::shrink::{Mode, Options, Quantized, Quantizer};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[path = "fieldtest/run.rs"]
mod run;

const USAGE: &str = "\
fieldtest quantize MODEL.onnx --out SMALL.onnx [--images DIR] [options]

  --images DIR        calibration: PNG, JPEG, WebP, GIF, or .npy of float32 (one input each)
  --count N           use at most N of them, in the order of their names   [all]
  --range LOW:HIGH    what pixels 0..255 become before they enter the model [0:255]
  --report FILE       what was done to each layer: a page where FILE ends in .html, else JSON
  --culprits PERCENT  quantize each layer alone, print what it does, and leave float the fewest found for
                      no more than PERCENT of the answers to change on the calibration images

  --mode MODE         static | dynamic | weights-only | half               [static]
  --method METHOD     min-max | percentile | percentile=99.9 | entropy | mse [min-max]
  --activations TYPE  uint8 | int8                                         [uint8]
  --per-tensor        one scale for each weight tensor, not for each channel
  --bits N            bits of the weights, 2 to 8                          [8]
  --reduce-range      --bits 7
  --exclude NAME      leave this node float (may be given several times)
  --bias-correction   correct the mean error of rounded weights
  --equalize          even out channel ranges between layers

fieldtest run MODEL.onnx --images DIR [--count N] [--range LOW:HIGH] [options]

  runs a model, quantized ones as integers, and says of each picture which score is highest
  --out FILE.npy      all scores instead, as float32
  --report FILE       JSON: which nodes ran as integers, which as float and why
  --float             run a quantized model as float, for comparison
";

#[derive(Default)]
struct Arguments {
    model: PathBuf,
    out: PathBuf,
    images: Option<PathBuf>,
    count: usize,
    range: (f32, f32),
    report: Option<PathBuf>,
    /// 0..=1.
    culprits: Option<f32>,
    options: Options,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.is_empty() || arguments.iter().any(|a| a == "--help" || a == "-h") {
        print!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    let done = match arguments.split_first() {
        Some((first, rest)) if first == "run" => run::run(rest),
        _ => parse(arguments).and_then(|a| quantize(&a)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("fieldtest: {why}");
            ExitCode::FAILURE
        }
    }
}

fn parse(arguments: Vec<String>) -> Result<Arguments, String> {
    let mut words = arguments.into_iter();
    if words.next().as_deref() != Some("quantize") {
        return Err("the commands are \u{201c}quantize\u{201d} and \u{201c}run\u{201d}; see --help".into());
    }
    let mut a = Arguments { count: usize::MAX, range: (0.0, 255.0), ..Default::default() };
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
        let options = &mut a.options;
        match word.as_str() {
            "--out" => a.out = value()?.into(),
            "--images" => a.images = Some(value()?.into()),
            "--count" => a.count = value()?.parse().map_err(|_| "--count needs a number")?,
            "--range" => a.range = range(&value()?)?,
            "--report" => a.report = Some(value()?.into()),
            "--culprits" => {
                let percent = value()?.trim_end_matches('%').parse::<f32>().ok().filter(|p| (0.0..=100.0).contains(p));
                a.culprits = Some(percent.ok_or("--culprits needs a number from 0 to 100")? / 100.0);
            }
            "--mode" => options.mode = mode(&value()?)?,
            "--method" => options.method = method(&value()?)?,
            "--activations" => options.activations = activations(&value()?)?,
            "--per-tensor" => options.weights.per_channel = false,
            "--bits" => {
                let bits = value()?.parse().ok().filter(|b| (2..=8).contains(b));
                options.weights.bits = bits.ok_or("--bits needs a number from 2 to 8")?;
            }
            "--reduce-range" => options.weights.bits = 7,
            "--exclude" => options.exclude.push(value()?),
            "--bias-correction" => options.bias_correction = true,
            "--equalize" => options.equalize = true,
            other if other.starts_with('-') => return Err(format!("{other} is not known; see --help")),
            _ => a.model = word.into(),
        }
    }
    if a.model.as_os_str().is_empty() || a.out.as_os_str().is_empty() {
        return Err("a model and --out are needed; see --help".into());
    }
    Ok(a)
}

fn range(text: &str) -> Result<(f32, f32), String> {
    let ends = text.split_once(':').and_then(|(low, high)| Some((low.parse().ok()?, high.parse().ok()?)));
    ends.ok_or_else(|| format!("--range {text}: two numbers with a colon between are needed"))
}

fn mode(text: &str) -> Result<Mode, String> {
    Ok(match text {
        "static" => Mode::Static,
        "dynamic" => Mode::Dynamic,
        "weights-only" => Mode::WeightsOnly,
        "half" => Mode::Half,
        other => return Err(format!("--mode {other} is not known; see --help")),
    })
}

fn method(text: &str) -> Result<Method, String> {
    Ok(match text {
        "min-max" => Method::MinMax,
        "percentile" => Method::Percentile(99.99),
        "entropy" => Method::Entropy,
        "mse" => Method::Mse,
        other => match other.strip_prefix("percentile=").and_then(|p| p.parse().ok()) {
            Some(percent) => Method::Percentile(percent),
            None => return Err(format!("--method {other} is not known; see --help")),
        },
    })
}

fn activations(text: &str) -> Result<Activations, String> {
    match text {
        "uint8" => Ok(Activations::Uint8),
        "int8" => Ok(Activations::Int8),
        other => Err(format!("--activations {other} is not known; see --help")),
    }
}

/// Most calibration images that layers are measured with.
const MEASURED: usize = 64;

fn quantize(a: &Arguments) -> Result<(), String> {
    let started = std::time::Instant::now();
    let model = read(&a.model)?;
    let mut options = a.options.clone();
    let (mut done, inputs) = once(a, &model, &options)?;
    let mut found = None;
    if let Some(limit) = a.culprits {
        let (alone, exclude) = hunt(&model, &done, inputs, limit)?;
        if !exclude.is_empty() {
            options.exclude.extend(exclude);
            done = once(a, &model, &options)?.0;
        }
        found = Some(alone);
    }
    std::fs::write(&a.out, &done.file).map_err(|e| format!("{}: {e}", a.out.display()))?;
    let report = &done.report;
    for note in &report.notes {
        eprintln!("note: {note}");
    }
    for (name, op) in &report.float {
        eprintln!("float: {name} ({op})");
    }
    println!(
        "{} layers quantized, {} nodes float; {} -> {} bytes; {} images; {:.2} s",
        report.layers.len(),
        report.float.len(),
        report.size_before,
        report.size_after,
        report.images,
        started.elapsed().as_secs_f32()
    );
    if let Some(path) = &a.report {
        let text = if path.extension().is_some_and(|e| e == "html") {
            page(a, &done, found.as_deref())
        } else {
            serde_json::to_string_pretty(report).map_err(|e| e.to_string())?
        };
        std::fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()))?;
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))
}

/// Quantizes once; gives the inputs it was calibrated on as well, where layers are to be measured with them.
fn once(a: &Arguments, model: &[u8], options: &Options) -> Result<(Quantized, Vec<Vec<f32>>), String> {
    let mut quantizer = Quantizer::new(model, options.clone())?;
    let mut inputs = Vec::new();
    if quantizer.needs_images() {
        let folder = a.images.as_deref().ok_or("static quantization needs --images")?;
        let files = files(folder)?;
        let shape = quantizer.input_shape().to_vec();
        for path in files.iter().take(a.count) {
            let input = input(path, &read(path)?, &shape, a.range).map_err(|e| format!("{}: {e}", path.display()))?;
            quantizer.calibrate(&input)?;
            if a.culprits.is_some() && inputs.len() < MEASURED {
                inputs.push(input);
            }
        }
    }
    Ok((quantizer.finish()?, inputs))
}

/// What each layer does alone, and which should stay float.
fn hunt(
    model: &[u8],
    done: &Quantized,
    inputs: Vec<Vec<f32>>,
    limit: f32,
) -> Result<(Vec<Alone>, Vec<String>), String> {
    let plan = done.plan.clone().ok_or("--culprits measures static quantization only")?;
    let fit = inspect::inspect(model).map(|found| found.fit).unwrap_or_default();
    let output = plan.graph.outputs.first().cloned().ok_or("the model has no output")?;
    // A model that takes no pictures is taken for a classifier.
    let classes = fit.output != output || fit.classes;
    let truths = vec![None; inputs.len()];
    let mut hunt = Hunt::new(plan, output, classes, inputs, truths, limit)?;
    let mut alone = Vec::new();
    println!("changed  at the layer  at the output  layer");
    loop {
        match hunt.step()? {
            culprits::Step::Working(_) => {}
            culprits::Step::Alone(one) => {
                let [changed, inner, outer] = said(&one);
                println!("{changed:>7}  {inner:>12}  {outer:>13}  {} ({})", one.name, one.op);
                alone.push(one);
            }
            culprits::Step::Done(p) => {
                let percent = |share: f32| format!("{:.1} %", share * 100.0);
                println!("all quantized: {} changed; {} float: {}", percent(p.all), p.exclude.len(), percent(p.left));
                return Ok((alone, p.exclude));
            }
        }
    }
}

fn said(one: &Alone) -> [String; 3] {
    let db = |value: Option<f32>| value.map_or("no noise".to_owned(), |db| format!("{db:.1} dB"));
    [format!("{:.1} %", one.changed * 100.0), db(one.sqnr_db), db(one.output_sqnr_db)]
}

fn page(a: &Arguments, done: &Quantized, alone: Option<&[Alone]>) -> String {
    let name = a.model.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let mut sections = done.report.sections();
    if let Some(alone) = alone {
        let row = |one: &Alone| {
            let [changed, inner, outer] = said(one);
            vec![one.name.clone(), one.op.clone(), changed, inner, outer]
        };
        let head = ["Layer", "Operator", "Answers changed", "Signal to noise at its output", "at the model\u{2019}s"];
        let text = "Each layer quantized alone, the others in float.";
        sections.insert(1, Section::new("Culprits").say(text).table(&head, alone.iter().map(row).collect()));
    }
    Sheet { title: format!("{name}, quantized"), sections }.html()
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let known = ["png", "jpg", "jpeg", "webp", "gif", "npy"];
    let listing = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut paths: Vec<PathBuf> = listing.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths
        .retain(|p| p.extension().and_then(|e| e.to_str()).is_some_and(|e| known.contains(&e.to_lowercase().as_str())));
    paths.sort();
    if paths.is_empty() { Err(format!("{} holds no pictures", folder.display())) } else { Ok(paths) }
}

/// A file as the model takes it: `.npy` as it is, pictures by the resize rule, planes or, where the
/// model has its channels last, pixels.
fn input(path: &Path, bytes: &[u8], shape: &[usize], (low, high): (f32, f32)) -> Result<Vec<f32>, String> {
    if path.extension().is_some_and(|e| e == "npy") {
        return npy(bytes);
    }
    let picture = decode::decode(bytes).map_err(|refusal| refusal.to_string())?.pixels;
    let scaled = |v: f32| low + v / 255.0 * (high - low);
    match *shape {
        [_, 3, h, w] if h == w => {
            Ok(contract::to_planes(&contract::to_square(&picture, h as u32)).into_iter().map(scaled).collect())
        }
        [_, h, w, 3] if h == w => {
            Ok(contract::to_square(&picture, h as u32).data.into_iter().map(|v| scaled(f32::from(v))).collect())
        }
        _ => Err(format!("the model takes {shape:?}, which is no square picture; give .npy files")),
    }
}

/// The numbers of a NumPy file of little-endian float32 in C order.
fn npy(bytes: &[u8]) -> Result<Vec<f32>, String> {
    let wrong = "not a .npy file of little-endian float32 in C order";
    let body = match bytes {
        [0x93, b'N', b'U', b'M', b'P', b'Y', 1, _, a, b, rest @ ..] => {
            rest.split_at_checked(usize::from(u16::from_le_bytes([*a, *b])))
        }
        _ => None,
    };
    let (header, data) = body.ok_or(wrong)?;
    let header = String::from_utf8_lossy(header);
    if !header.contains("'<f4'") || !header.contains("'fortran_order': False") || data.len() % 4 != 0 {
        return Err(wrong.into());
    }
    Ok(data.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect())
}
