//! The partner portal's one binary.

fn main() {}
