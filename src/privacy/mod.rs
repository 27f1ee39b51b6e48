//! What is held of people, over all areas: exporting it and erasing it.

pub mod persons;
