//! The camera: [`view`] shows it and says what is wrong with it, [`recorder`] records
//! pictures into classes.

pub mod recorder;
pub mod view;
