//! Courses and completions.

use serde_json::json;

use super::entries;

entries! {
    query courses: Needed(ReadCourses), by Learner => |_, _| json!({});
    mutation createCourse: Needed(WriteTraining), by Admin => |world, _| {
        json!({ "code": format!("COURSE-{}", world.number()), "title": "A course", "passMarkBp": 7000 })
    };
    mutation recordTrainingCompletions: Needed(WriteTraining), by ChannelOps => |world, side| {
        json!({ "source": "academy", "rows": [world.completion(side)] })
    };
}
