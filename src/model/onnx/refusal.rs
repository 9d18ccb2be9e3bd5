//! Why a model is not taken.

use std::fmt;

/// Names the node or tensor and the reason; [`fmt::Display`] gives the sentence.
#[derive(Debug, Clone, PartialEq)]
pub enum Refusal {
    Empty,
    /// Larger than we read: bytes found, bytes allowed.
    TooLarge(usize, usize),
    LfsPointer,
    Html,
    /// Another kind of file, in words ("a PNG picture").
    OtherFile(&'static str),
    NotOnnx(String),
    NoGraph,
    /// Thing ("nodes"), how many, how many are allowed.
    TooMany(&'static str, usize, usize),
    /// A node that needs its own result.
    Cycle(String),
    /// Node, and the tensor nobody makes.
    Missing(String, String),
    /// A tensor that is made twice.
    Twice(String),
    /// Tensor, shape, numbers its shape asks for, numbers it has.
    Length(String, Vec<i64>, usize, usize),
    External(String),
    /// Tensor or node, and dimensions that are negative or multiply past what can be counted.
    Dimensions(String, Vec<i64>),
    /// Node, and how many numbers it would make.
    Huge(String, u128),
    /// Tensor, and its type in words.
    Type(String, String),
    NotFinite(String),
    /// Node, operator.
    AlreadyQuantized(String, String),
    Inputs(Vec<String>),
    NoOutput,
    /// Input, dimensions as they are written.
    DynamicShape(String, String),
    /// Node, operator.
    Subgraph(String, String),
    /// Node, "domain::operator".
    Unknown(String, String),
    /// Operator set found, the oldest and the newest we read.
    OperatorSet(i64, i64, i64),
    /// Node, attribute or input, what is wrong with it.
    Attribute(String, String, String),
    /// The float model does not run here: the reason.
    CannotRun(String),
    /// What was asked for cannot be done with this model.
    Asked(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let q = |s: &str| -> String {
            let short: String = s.chars().filter(|c| !c.is_control()).take(80).collect();
            format!("\u{201c}{short}\u{201d}")
        };
        match self {
            Self::Empty => write!(f, "The file is empty."),
            Self::TooLarge(found, most) => {
                write!(f, "The file has {} MB; up to {} MB are read.", found >> 20, most >> 20)
            }
            Self::LfsPointer => {
                write!(f, "This is a Git LFS pointer, not the model itself: run \u{201c}git lfs pull\u{201d} first.")
            }
            Self::Html => write!(f, "This is a web page, not a model: the download gave HTML."),
            Self::OtherFile(what) => write!(f, "This is {what}, not an ONNX model."),
            Self::NotOnnx(why) => write!(f, "This is not an ONNX file: {why}."),
            Self::NoGraph => write!(f, "The ONNX file has no graph."),
            Self::TooMany(what, found, most) => write!(f, "The model has {found} {what}; up to {most} are read."),
            Self::Cycle(node) => write!(f, "Node {} needs its own result: the graph has a cycle.", q(node)),
            Self::Missing(node, tensor) => {
                write!(f, "Node {} needs the tensor {}, which nothing in the model makes.", q(node), q(tensor))
            }
            Self::Twice(tensor) => write!(f, "The tensor {} is made twice.", q(tensor)),
            Self::Length(tensor, dims, expected, found) => write!(
                f,
                "Tensor {} of shape {dims:?} should hold {expected} numbers but holds data for {found}.",
                q(tensor)
            ),
            Self::External(tensor) => write!(
                f,
                "The numbers of tensor {} are in another file (external data); save the model as one file.",
                q(tensor)
            ),
            Self::Dimensions(what, dims) => write!(f, "{} has the impossible shape {dims:?}.", q(what)),
            Self::Huge(node, elements) => {
                write!(f, "Node {} would make {elements} numbers, more than fit into memory here.", q(node))
            }
            Self::Type(tensor, kind) => write!(f, "Tensor {} has the type {kind}, which is not read here.", q(tensor)),
            Self::NotFinite(tensor) => write!(f, "Tensor {} holds NaN or infinity.", q(tensor)),
            Self::AlreadyQuantized(node, op) => {
                write!(f, "The model is already quantized: node {} is a {op}.", q(node))
            }
            Self::Inputs(names) => write!(
                f,
                "The model has {} inputs ({}); only models with one input can be quantized here.",
                names.len(),
                names.iter().take(5).map(|n| q(n)).collect::<Vec<_>>().join(", ")
            ),
            Self::NoOutput => write!(f, "The model has no output."),
            Self::DynamicShape(input, dims) => write!(
                f,
                "Input {} has the open shape [{dims}]; beyond the batch every dimension must be a number.",
                q(input)
            ),
            Self::Subgraph(node, op) => {
                write!(f, "Node {} ({op}) has a graph inside; loops and branches cannot be quantized here.", q(node))
            }
            Self::Unknown(node, op) => write!(f, "Node {} is a {}, an operator not known here.", q(node), q(op)),
            Self::OperatorSet(found, oldest, newest) => {
                write!(f, "The model is of operator set {found}; {oldest} to {newest} are read.")
            }
            Self::Attribute(node, attribute, why) => write!(f, "Node {}: {} {why}.", q(node), q(attribute)),
            Self::CannotRun(why) => write!(f, "The model cannot be run here: {why}."),
            Self::Asked(why) => write!(f, "{why}"),
        }
    }
}

impl std::error::Error for Refusal {}

impl From<Refusal> for String {
    fn from(refusal: Refusal) -> Self {
        refusal.to_string()
    }
}
