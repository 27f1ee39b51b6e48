mod completions;
mod courses;
