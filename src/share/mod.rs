//! What leaves the page and comes back, read as if a stranger had written it: state in an address ([`link`]),
//! results in a line ([`codes`]) and in a file ([`report`]), and everything in a file ([`project`]).

pub mod codes;
pub mod link;
pub mod project;
pub mod report;
