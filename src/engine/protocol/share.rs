//! Projects as files.

use super::images::Item;
use crate::learn::head::Head;
use crate::share::project::Project;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// Write a project file. Blobs: the pictures, in order. Replies: `Packing` as progress, some with the
    /// next bytes of the file in part 0, then `Packed` with the last ones.
    Pack { project: Box<Project>, head: Option<Box<Head>> },
    /// Read a project file, blob 0, leaving out the first `skip` pictures (already received before a
    /// crash). Replies: `Opened`, then an `Item` per picture as progress, with the bytes of the picture as
    /// those of a zip, then `Done`.
    Unpack { skip: usize },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    Packing {
        done: usize,
        total: usize,
    },
    Packed {
        /// Pictures that are not in the file, and why.
        left_out: Vec<(String, String)>,
    },
    Opened(Box<Project>),
    Item(Item),
    Done,
}
