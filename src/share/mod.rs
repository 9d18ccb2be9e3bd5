//! What leaves the page and comes back: state in an address ([`link`]), results in a line ([`codes`]) and in a
//! file ([`report`]).

pub mod codes;
pub mod link;
pub mod report;
