//! Pure decisions about completions.

use chrono::Months;
use entity::value::Timestamp;

use super::model::{Completion, CourseChoice, Facts, NewCompletion, Outcome, Person, Row};
use crate::{kernel::code::Code, platform::error::Problem};

/// What is recorded of a row, or why it is not accepted.
pub fn decide(source: &str, row: Row, facts: &Facts, now: Timestamp) -> Result<NewCompletion, Problem> {
    let Row { external_id, person, course, score_bp, completed_at } = row;
    let user = match &person {
        Person::Id(id) => facts.people.get(id),
        Person::EmailKey(key) => facts.addresses.get(key).and_then(|id| facts.people.get(id)),
    };
    let Some((user_id, partner_id)) = user.and_then(|user| Some((user.id, user.partner_id?))) else {
        let message = "No person of a partner has this id or address. Invite them first.";
        return Err(problem("person", Code::NotFound, message));
    };
    let course = match &course {
        CourseChoice::Id(id) => facts.courses.get(id),
        CourseChoice::Code(code) => facts.codes.get(code).and_then(|id| facts.courses.get(id)),
    };
    let Some(course) = course else {
        return Err(problem("course", Code::NotFound, "There is no course with this id or code."));
    };
    if completed_at > now {
        return Err(problem("completedAt", Code::OutOfRange, "A completion cannot lie in the future."));
    }
    let is_passed = score_bp >= course.pass_mark_bp;
    Ok(NewCompletion {
        course_id: course.id,
        user_id,
        partner_id,
        source: source.to_owned(),
        external_id,
        score_bp,
        is_passed,
        is_foundation: course.is_foundation,
        completed_at,
        expires_at: course.validity_months.filter(|_| is_passed).and_then(|months| after_months(completed_at, months)),
    })
}

/// What a row is answered whose (source, external id) was recorded before.
pub fn repeat(found: Completion, new: &NewCompletion) -> Outcome {
    let same = found.course_id == new.course_id
        && found.user_id == new.user_id
        && found.score_bp == new.score_bp
        && found.completed_at == new.completed_at;
    if same {
        return Outcome::Repeated(found);
    }
    let message =
        "This external id was recorded before with other values. Send a correction under an external id of its own.";
    Outcome::Refused(problem("externalId", Code::ExternalIdReused, message))
}

/// The same day and time so many calendar months later; the month's last day where there is no such day.
fn after_months(instant: Timestamp, months: i64) -> Option<Timestamp> {
    let months = Months::new(u32::try_from(months).ok()?);
    instant.to_utc().checked_add_months(months).map(Timestamp::from)
}

fn problem(field: &str, code: Code, message: &str) -> Problem {
    Problem { code, message: message.to_owned(), field: vec![field.to_owned()], receipt: None }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use entity::value::{CourseId, PartnerId, Role, UserId, UserState};
    use uuid::Uuid;

    use super::*;
    use crate::{people::users::model::User, training::courses::model::Course};

    fn at(text: &str) -> Timestamp {
        Timestamp::from(DateTime::parse_from_rfc3339(text).unwrap().to_utc())
    }

    fn facts() -> Facts {
        let created_at = at("2026-01-01T00:00:00Z");
        let user = |number, partner_id| User {
            id: UserId(Uuid::from_u128(number)),
            partner_id,
            email: String::new(),
            name: String::new(),
            roles: [Role::Learner].into_iter().collect(),
            state: UserState::Active,
            created_at,
            version: 1,
            erased_at: None,
        };
        let course = Course {
            id: CourseId(Uuid::from_u128(1)),
            code: "FND".to_owned(),
            edition: 1,
            title: String::new(),
            is_foundation: true,
            pass_mark_bp: 8000,
            validity_months: Some(12),
            created_at,
            version: 1,
        };
        let people = [user(1, Some(PartnerId(Uuid::from_u128(9)))), user(2, None)];
        Facts {
            addresses: [("ana@acme.example".to_owned(), people[0].id)].into(),
            people: people.into_iter().map(|user| (user.id, user)).collect(),
            codes: [("FND".to_owned(), course.id)].into(),
            courses: [(course.id, course)].into(),
        }
    }

    fn row(person: Person, course: &str, score_bp: i64, completed_at: &str) -> Row {
        let (external_id, course) = ("x-1".to_owned(), CourseChoice::Code(course.to_owned()));
        Row { external_id, person, course, score_bp, completed_at: at(completed_at) }
    }

    #[test]
    fn a_row_is_decided_by_person_course_time_and_pass_mark() {
        let ana = || Person::EmailKey("ana@acme.example".to_owned());
        let now = at("2026-03-01T00:00:00Z");
        let then = "2026-02-28T10:00:00Z";
        let nobody = Person::EmailKey("bea@acme.example".to_owned());
        let staff = Person::Id(UserId(Uuid::from_u128(2)));
        for (row, wanted) in [
            (row(ana(), "FND", 8000, then), Ok(true)),
            (row(ana(), "FND", 7999, then), Ok(false)),
            (row(ana(), "FND", 8000, "2026-03-01T00:00:00Z"), Ok(true)),
            (row(ana(), "FND", 8000, "2026-03-01T00:00:00.000001Z"), Err(("completedAt", Code::OutOfRange))),
            (row(ana(), "NONE", 8000, then), Err(("course", Code::NotFound))),
            (row(nobody, "FND", 8000, then), Err(("person", Code::NotFound))),
            (row(staff, "FND", 8000, then), Err(("person", Code::NotFound))),
        ] {
            let decided = decide("lms", row.clone(), &facts(), now);
            let found = decided
                .as_ref()
                .map(|new| new.is_passed)
                .map_err(|problem| (problem.field.first().map_or("", String::as_str), problem.code));
            assert_eq!(found, wanted, "{row:?}");
        }
    }

    #[test]
    fn a_passed_completion_is_valid_for_calendar_months_and_a_failed_one_is_not() {
        let leap = row(Person::Id(UserId(Uuid::from_u128(1))), "FND", 9000, "2024-02-29T12:00:00Z");
        let now = at("2026-03-01T00:00:00Z");
        let passed = decide("lms", leap.clone(), &facts(), now).unwrap();
        assert_eq!(passed.expires_at, Some(at("2025-02-28T12:00:00Z")));
        let failed = decide("lms", Row { score_bp: 0, ..leap }, &facts(), now).unwrap();
        assert_eq!(failed.expires_at, None);
    }
}
