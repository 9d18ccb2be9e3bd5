//! The command line: the quantizer of the page, for a build script.

use fieldtest::image::{contract, decode};
use fieldtest::shrink::observe::Method;
use fieldtest::shrink::scheme::Activations;
use fieldtest::shrink::{Mode, Options, Quantizer};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "\
fieldtest quantize MODEL.onnx --out SMALL.onnx [--images DIR] [options]

  --images DIR        calibration: PNG, JPEG, WebP, GIF, or .npy of float32 (one input each)
  --count N           use at most N of them, in the order of their names   [all]
  --range LOW:HIGH    what pixels 0..255 become before they enter the model [0:255]
  --report FILE       JSON: what was done to each layer

  --mode MODE         static | dynamic | weights-only | half               [static]
  --method METHOD     min-max | percentile | percentile=99.9 | entropy | mse [min-max]
  --activations TYPE  uint8 | int8                                         [uint8]
  --per-tensor        one scale for each weight tensor, not for each channel
  --bits N            bits of the weights, 2 to 8                          [8]
  --reduce-range      --bits 7
  --exclude NAME      leave this node float (may be given several times)
  --bias-correction   correct the mean error of rounded weights
  --equalize          even out channel ranges between layers
";

#[derive(Default)]
struct Arguments {
    model: PathBuf,
    out: PathBuf,
    images: Option<PathBuf>,
    count: usize,
    range: (f32, f32),
    report: Option<PathBuf>,
    options: Options,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.is_empty() || arguments.iter().any(|a| a == "--help" || a == "-h") {
        print!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    match parse(arguments).and_then(|a| quantize(&a)) {
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
        return Err("the only command is \u{201c}quantize\u{201d}; see --help".into());
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

fn quantize(a: &Arguments) -> Result<(), String> {
    let read = |path: &Path| std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()));
    let started = std::time::Instant::now();
    let mut quantizer = Quantizer::new(&read(&a.model)?, a.options.clone())?;
    if quantizer.needs_images() {
        let folder = a.images.as_deref().ok_or("static quantization needs --images")?;
        let files = files(folder)?;
        let shape = quantizer.input_shape().to_vec();
        for path in files.iter().take(a.count) {
            let input = input(path, &read(path)?, &shape, a.range).map_err(|e| format!("{}: {e}", path.display()))?;
            quantizer.calibrate(&input)?;
        }
    }
    let done = quantizer.finish()?;
    std::fs::write(&a.out, &done.file).map_err(|e| format!("{}: {e}", a.out.display()))?;
    for note in &done.report.notes {
        eprintln!("note: {note}");
    }
    for (name, op) in &done.report.float {
        eprintln!("float: {name} ({op})");
    }
    let report = &done.report;
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
        let text = serde_json::to_string_pretty(report).map_err(|e| e.to_string())?;
        std::fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()))?;
    }
    Ok(())
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
