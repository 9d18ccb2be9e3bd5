//! Road-sign photographs rendered from a seed.
