//! A map of pictures: embeddings in two dimensions, and who is next to whom.
//!
//! * [`pca`]: the directions of most variance.
//! * [`tsne`]: neighbourhoods laid out on a plane.
//! * [`neighbours`]: the nearest pictures by cosine.

pub mod neighbours;
#[cfg(feature = "engine")]
pub mod pca;
#[cfg(feature = "engine")]
pub mod tsne;
