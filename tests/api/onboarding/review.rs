//! The life of an application between coming in and being decided: the link, the questions, the service time, the queue.

use chrono::TimeDelta;
use entity::value::Role;
use serde_json::{Value, json};

use super::{application, apply};
use crate::support::{Engine, Person, TestApp, picture::picture, race::race};

const STATUS: &str = "query($token: String!) { applicationStatus(token: $token) {
    state outcome reason legalName website country partnerTypes regions industries expectedBusiness contactName
    contactEmail submittedAt decidedAt nextDeadlineAt question allowedActions editableFields version } }";
const QUEUE: &str =
    "query($filter: PartnerApplicationFilter, $orderBy: PartnerApplicationOrder, $first: Int, $after: String) {
    partnerApplications(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
        pageInfo { endCursor hasNextPage }
        nodes { id domain state nextDeadlineAt isOverdue assignedTo { name } fit { overall } } } }";

/// Somebody of channel operations, who signs in anew when time has passed.
const OPS: &str = "channel_ops@vendor.example";

/// Where an application is, by the token of its link.
pub async fn status(app: &TestApp, token: &Value) -> Value {
    let answer = app.anonymous().ask(STATUS, json!({ "token": token })).await;
    assert_eq!(answer.errors, Value::Null);
    answer.data["applicationStatus"].clone()
}

/// Makes a mutation; the codes of its refusal, none when it was done.
pub async fn codes(person: &Person<'_>, mutation: &str, input: Value) -> Vec<String> {
    let name = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
    let document =
        format!("mutation($input: {name}!) {{ {mutation}(input: $input) {{ userErrors {{ code message }} }} }}");
    let answer = person.ask(&document, json!({ "input": input })).await;
    assert_eq!(answer.errors, Value::Null, "{mutation}");
    let errors = answer.data[mutation]["userErrors"].as_array().unwrap().clone();
    errors.iter().map(|error| error["code"].as_str().unwrap().to_owned()).collect()
}

/// Applies; the application's id and the token of its link.
async fn applied(app: &TestApp, domain: &str) -> (Value, Value) {
    let made =
        app.anonymous().done("submitPartnerApplication", application(domain), "application { id } statusToken").await;
    (made["application"]["id"].clone(), made["statusToken"].clone())
}

fn asked(id: &Value, fields: &[&str]) -> Value {
    json!({ "applicationId": id, "fields": fields, "message": "Which of the two is yours?" })
}

#[tokio::test]
async fn the_applicant_follows_by_a_link_that_is_shown_once_mailed_and_kept_as_a_hash() {
    let app = TestApp::start().await;
    let (_, token) = applied(&app, "acme.example").await;
    let mail = app.mail().await;
    assert_eq!((mail.to.as_str(), mail.subject.as_str()), ("ana@acme.example", "We received your application"));
    assert_eq!(json!(mail.token()), token);
    assert!(mail.text.contains("https://portal.example/application#token="), "{}", mail.text);

    let found = status(&app, &token).await;
    assert_eq!(found["state"], "SUBMITTED");
    assert_eq!(found["legalName"], "acme GmbH");
    assert_eq!(found["contactEmail"], "ana@acme.example");
    assert_eq!(found["nextDeadlineAt"], "2026-03-05T09:00:00.000000Z");
    assert_eq!((&found["allowedActions"], &found["editableFields"]), (&json!(["WITHDRAW"]), &json!([])));

    let secret = token.as_str().unwrap();
    let kept = picture(&app, &[]).await;
    assert!(!kept.values().flatten().any(|row| row.contains(secret)), "the token is written down");
}

#[tokio::test]
async fn who_guesses_links_waits_and_what_is_no_token_is_no_guess() {
    let app = TestApp::start().await;
    let (_, token) = applied(&app, "acme.example").await;
    for text in ["", "acme", "ana@acme.example", "a b", &"x".repeat(44)] {
        for _ in 0..10 {
            assert_eq!(status(&app, &json!(text)).await, Value::Null);
        }
    }
    // Looking at one's own is no wrong guess, however often.
    for _ in 0..30 {
        assert_eq!(status(&app, &token).await["state"], "SUBMITTED");
    }
    let mut limited = None;
    for number in 0..40 {
        let guess = format!("{number:043}");
        let answer = app.anonymous().ask(STATUS, json!({ "token": guess })).await;
        if answer.errors != Value::Null {
            assert_eq!(answer.errors[0]["extensions"]["code"], "RATE_LIMITED");
            limited = Some(number);
            break;
        }
        assert_eq!(answer.data["applicationStatus"], Value::Null);
    }
    assert_eq!(limited, Some(20));
    let input = json!({ "input": { "token": format!("{:043}", 99) } });
    let document = "mutation($input: WithdrawPartnerApplicationInput!) { withdrawPartnerApplication(input: $input) { userErrors { code } } }";
    let answer = app.anonymous().ask(document, input).await;
    assert_eq!(answer.errors[0]["extensions"]["code"], "RATE_LIMITED");
    app.advance(TimeDelta::minutes(2));
    assert_eq!(
        codes(&app.anonymous(), "withdrawPartnerApplication", json!({ "token": format!("{:043}", 99) })).await,
        ["INVALID_TOKEN"]
    );
}

#[tokio::test]
async fn an_address_applies_so_often_and_a_stranger_floods_nobody_with_mails() {
    let app = TestApp::start().await;
    for _ in 0..60 {
        apply(&app, "acme.example").await;
    }
    let before = app.rows(&["partner_applications", "outbound_mails", "audit_events"]).await;
    let document = "mutation($input: SubmitPartnerApplicationInput!) { submitPartnerApplication(input: $input) { userErrors { code } } }";
    let answer = app.anonymous().ask(document, json!({ "input": application("acme.example") })).await;
    assert_eq!(answer.status, 429);
    assert_eq!(answer.errors[0]["extensions"]["code"], "RATE_LIMITED");
    assert_eq!(app.rows(&["partner_applications", "outbound_mails", "audit_events"]).await, before);
    assert_eq!(app.mails().await.len(), 3, "an address is written to three times a day");
    app.advance(TimeDelta::hours(25));
    apply(&app, "acme.example").await;
    assert_eq!(app.mails().await.len(), 1);
}

#[tokio::test]
async fn a_question_stops_the_clock_and_only_what_is_in_question_can_be_changed() {
    let app = TestApp::start().await;
    app.create_user(OPS, None, &[Role::ChannelOps]).await;
    let (id, token) = applied(&app, "acme.example").await;
    app.mails().await;
    // Tuesday, a day of three is used up.
    app.advance(TimeDelta::days(1));
    let ops = app.sign_in(OPS).await;
    let payload = ops
        .done(
            "requestPartnerApplicationChanges",
            asked(&id, &["WEBSITE", "CONTACT"]),
            "application { state nextDeadlineAt assignedTo { name } requestedFields requestedMessage }",
        )
        .await;
    assert_eq!(
        payload["application"],
        json!({ "state": "ACTION_REQUIRED", "nextDeadlineAt": null, "assignedTo": { "name": "channel_ops" },
            "requestedFields": ["WEBSITE", "CONTACT"], "requestedMessage": "Which of the two is yours?" })
    );
    let mail = app.mail().await;
    assert_eq!(mail.subject, "We have a question about your application");
    assert!(mail.text.contains("Which of the two is yours?") && mail.text.contains("- the website"), "{}", mail.text);
    assert_eq!(json!(mail.token()), token);

    let found = status(&app, &token).await;
    assert_eq!(found["question"], "Which of the two is yours?");
    assert_eq!(found["editableFields"], json!(["WEBSITE", "CONTACT"]));
    assert_eq!(found["allowedActions"], json!(["RESUBMIT", "WITHDRAW"]));

    let tables = &["partner_applications", "audit_events", "decision_receipts", "outbound_mails"];
    let before = picture(&app, &["attempt_buckets"]).await;
    let anyone = app.anonymous();
    for (field, value, code) in [
        ("legalName", json!("Acme AG"), "FIELD_NOT_EDITABLE"),
        ("country", json!("FR"), "FIELD_NOT_EDITABLE"),
        ("expectedBusiness", json!("More."), "FIELD_NOT_EDITABLE"),
        ("website", json!("https://127.0.0.1"), "MALFORMED"),
        ("expectedVersion", json!(1), "VERSION_CONFLICT"),
        ("idempotencyKey", json!("only-a-key"), "REQUIRED"),
    ] {
        let mut input = json!({ "token": token });
        input[field] = value;
        assert_eq!(codes(&anyone, "resubmitPartnerApplication", input).await, [code], "{field}");
    }
    let after = picture(&app, &["attempt_buckets", "idempotency_keys"]).await;
    for table in tables {
        assert_eq!(before[*table], after[*table], "{table}");
    }

    // The applicant answers on a Sunday; the vendor has two days left, from Monday on.
    app.advance(TimeDelta::days(5));
    let input = json!({ "token": token, "website": "http://www.acme-group.example", "answer": "The new one.",
        "contact": { "name": "Bea", "email": "bea@acme.example" }, "expectedVersion": 2 });
    let payload =
        anyone.done("resubmitPartnerApplication", input, "application { state website nextDeadlineAt version }").await;
    assert_eq!(
        payload["application"],
        json!({ "state": "IN_REVIEW", "website": "http://www.acme-group.example/",
            "nextDeadlineAt": "2026-03-11T00:00:00.000000Z", "version": 3 })
    );
    let document = "query($id: ID!) { node(id: $id) { ... on PartnerApplication { domain contactName applicantAnswer
        fit { policyVersion parts { aspect score } } } } }";
    let ops = app.sign_in(OPS).await;
    let seen = ops.ask(document, json!({ "id": id })).await.data["node"].clone();
    assert_eq!(seen["domain"], "acme-group.example");
    assert_eq!((&seen["contactName"], &seen["applicantAnswer"]), (&json!("Bea"), &json!("The new one.")));
    // The contact writes from another domain than the website's now, and the website is not encrypted.
    assert_eq!(seen["fit"]["parts"][3], json!({ "aspect": "ORGANISATIONAL_READINESS", "score": 20 }));
    app.check().await;
}

#[tokio::test]
async fn an_application_is_given_to_people_who_decide() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let finance = app.create_user("fin@vendor.example", None, &[Role::Finance]).await.to_string();
    let partner = app.partner("own.example").await;
    let stranger = app.create_user("eve@own.example", Some(partner), &[Role::PartnerAdmin]).await.to_string();
    let other = app.create_user("olga@vendor.example", None, &[Role::ChannelOps]).await.to_string();
    let (id, _) = applied(&app, "acme.example").await;
    let before = app.rows(&["audit_events", "decision_receipts"]).await;
    for (assignee, code) in [
        (finance.as_str(), "NOT_ALLOWED"),
        (&stranger, "NOT_ALLOWED"),
        ("usr_00000000000000000000000000000001", "NOT_FOUND"),
        ("nonsense", "NOT_FOUND"),
    ] {
        let input = json!({ "applicationId": id, "assigneeId": assignee });
        assert_eq!(ops.refused("assignPartnerApplication", input).await, [code]);
    }
    assert_eq!(app.rows(&["audit_events", "decision_receipts"]).await, before);
    let selection = "application { state assignedTo { name } nextDeadlineAt }";
    let input = json!({ "applicationId": id, "expectedVersion": 1 });
    let own = ops.done("assignPartnerApplication", input, selection).await["application"].clone();
    assert_eq!(
        own,
        json!({ "state": "IN_REVIEW", "assignedTo": { "name": "channel_ops" },
            "nextDeadlineAt": "2026-03-05T09:00:00.000000Z" })
    );
    let input = json!({ "applicationId": id, "assigneeId": other });
    let given = ops.done("assignPartnerApplication", input, selection).await;
    assert_eq!(given["application"]["assignedTo"]["name"], "olga");
}

#[tokio::test]
async fn a_rejection_is_told_with_its_reason_and_what_is_taken_back_is_not_mailed_about() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let (first, token) = applied(&app, "acme.example").await;
    let (second, other) = applied(&app, "bolt.example").await;
    app.mails().await;
    let input = json!({ "applicationId": first, "code": "OUT_OF_TERRITORY", "note": "Too far for Kim." });
    ops.done("rejectPartnerApplication", input, "").await;
    let mail = app.mail().await;
    assert_eq!(mail.subject, "About your application");
    assert!(
        mail.text.contains("no partners in your part of the market") && !mail.text.contains("Kim"),
        "{}",
        mail.text
    );
    let found = status(&app, &token).await;
    assert_eq!((&found["state"], &found["outcome"]), (&json!("REJECTED"), &json!("OUT_OF_TERRITORY")));
    assert!(found["reason"].as_str().unwrap().contains("your part of the market"));

    // Asked, and taken back before the mail went out.
    ops.done("requestPartnerApplicationChanges", asked(&second, &["COUNTRY"]), "").await;
    let input = json!({ "token": other, "reason": "We merged." });
    let taken = app.anonymous().done("withdrawPartnerApplication", input, "application { state outcome }").await;
    assert_eq!(taken["application"], json!({ "state": "WITHDRAWN", "outcome": "WITHDRAWN_BY_APPLICANT" }));
    assert_eq!(app.mails().await, []);
    let seen = "query($id: ID!) { node(id: $id) { ... on PartnerApplication { decisionReason nextDeadlineAt } } }";
    let seen = ops.ask(seen, json!({ "id": second })).await.data["node"].clone();
    assert_eq!(seen, json!({ "decisionReason": "We merged.", "nextDeadlineAt": null }));
    app.check().await;
}

#[tokio::test]
async fn the_queue_shows_what_is_due_overdue_and_whose_it_is() {
    let app = TestApp::start().await;
    app.create_user(OPS, None, &[Role::ChannelOps]).await;
    let (old, _) = applied(&app, "old.example").await;
    app.advance(TimeDelta::days(2));
    let (mine, _) = applied(&app, "mine.example").await;
    app.advance(TimeDelta::seconds(1));
    let (asked_about, _) = applied(&app, "asked.example").await;
    app.advance(TimeDelta::days(2));
    let (new, _) = applied(&app, "new.example").await;
    let ops = app.sign_in(OPS).await;
    let me = ops.ask("{ viewer { user { id } } }", Value::Null).await.data["viewer"]["user"]["id"].clone();
    ops.done("assignPartnerApplication", json!({ "applicationId": mine }), "").await;
    ops.done("requestPartnerApplicationChanges", asked(&asked_about, &["COUNTRY"]), "").await;
    ops.done(
        "rejectPartnerApplication",
        json!({ "applicationId": apply(&app, "no.example").await, "code": "NOT_A_FIT" }),
        "",
    )
    .await;
    let oldest = json!({ "field": "SUBMITTED_AT", "direction": "ASC" });
    let due = json!({ "field": "DUE_AT", "direction": "ASC" });
    for (filter, order, wanted) in [
        (json!({ "waiting": true }), &oldest, vec![&old, &mine, &new]),
        (Value::Null, &due, vec![&old, &mine, &new]),
        (json!({ "overdue": true }), &due, vec![&old]),
        (json!({ "overdue": true }), &oldest, vec![&old]),
        (json!({ "waiting": true, "overdue": false }), &due, vec![&mine, &new]),
        (json!({ "waiting": true, "unassigned": true }), &due, vec![&old, &new]),
        (json!({ "assignedToId": me }), &due, vec![&mine]),
        (json!({ "assignedToId": me }), &oldest, vec![&mine, &asked_about]),
        (json!({ "waiting": false, "states": ["ACTION_REQUIRED"] }), &oldest, vec![&asked_about]),
    ] {
        let mut found = Vec::new();
        let mut after = Value::Null;
        loop {
            let variables = json!({ "filter": filter, "orderBy": order, "first": 2, "after": after });
            let answer = ops.ask(QUEUE, variables).await;
            assert_eq!(answer.errors, Value::Null);
            let page = answer.data["partnerApplications"].clone();
            found.extend(page["nodes"].as_array().unwrap().clone());
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
        }
        assert_eq!(found.iter().map(|node| &node["id"]).collect::<Vec<_>>(), wanted, "{filter} by {order}");
        assert!(found.iter().all(|node| (node["isOverdue"] == true) == (node["id"] == old)), "{found:?}");
    }
    let both = json!({ "filter": { "assignedToId": me, "unassigned": true } });
    assert_eq!(ops.ask(QUEUE, both).await.errors[0]["extensions"]["code"], "BAD_INPUT");
}

#[tokio::test]
async fn the_queue_walks_along_its_index_and_costs_a_fixed_number_of_statements() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let me = ops.ask("{ viewer { user { id } } }", Value::Null).await.data["viewer"]["user"]["id"].clone();
    let (id, _) = applied(&app, "acme.example").await;
    ops.done("assignPartnerApplication", json!({ "applicationId": id }), "").await;
    let new_id = if Engine::current() == Engine::Postgres { "gen_random_uuid()" } else { "randomblob(16)" };
    // 20,000 of which one in ten waits for the vendor, a third of those for this person.
    let grown = format!(
        "with recursive n (i) as (select 1 union all select i + 1 from n where i < 20000)
        insert into partner_applications (id, state, outcome, legal_name, name_key, website, domain, country, types, regions,
            industries, expected_business, contact_name, contact_email, email_key, fit, submitted_at, decided_at, version,
            assigned_to, due_at)
        select {new_id}, case when n.i % 10 = 0 then 'IN_REVIEW' else 'WITHDRAWN' end,
            case when n.i % 10 = 0 then null else 'WITHDRAWN_BY_APPLICANT' end, a.legal_name, a.name_key, a.website,
            a.domain, a.country, a.types, a.regions, a.industries, a.expected_business, a.contact_name, a.contact_email,
            a.email_key, a.fit, a.submitted_at, case when n.i % 10 = 0 then null else a.submitted_at end, 1,
            case when n.i % 30 = 0 then a.assigned_to else null end,
            case when n.i % 10 = 0 then a.due_at + cast(n.i as bigint) * 1000000 else null end
        from n, partner_applications a"
    );
    app.execute(&grown).await;
    app.analyze().await;
    let oldest = json!({ "field": "SUBMITTED_AT", "direction": "ASC" });
    let due = json!({ "field": "DUE_AT", "direction": "ASC" });
    let mut costs = Vec::new();
    for (filter, order, index) in [
        (json!({ "waiting": true }), &oldest, "partner_applications_queue_idx"),
        (json!({ "waiting": true }), &due, "partner_applications_due_idx"),
        (json!({ "assignedToId": me }), &due, "partner_applications_assigned_idx"),
        (json!({ "unassigned": true }), &due, "assigned_idx"),
    ] {
        let mut after = Value::Null;
        for size in [10, 50] {
            let before = app.services.db.statements();
            let variables = json!({ "filter": filter, "orderBy": order, "first": size, "after": after });
            let answer = ops.ask(QUEUE, variables).await;
            costs.push(app.services.db.statements() - before);
            assert_eq!(answer.data["partnerApplications"]["nodes"].as_array().unwrap().len(), size, "{answer:?}");
            after = answer.data["partnerApplications"]["pageInfo"]["endCursor"].clone();
            let plan = app.plan_of(&[r#"FROM "partner_applications""#, "LIMIT"]).await;
            let bad = ["Sort", "Seq Scan", "TEMP B-TREE", "SCAN partner_applications\n", "Bitmap"];
            assert!(plan.contains(index) && !bad.iter().any(|bad| plan.contains(bad)), "{filter} by {order}:\n{plan}");
        }
    }
    let most = costs.iter().max().unwrap();
    assert!(costs.iter().all(|cost| most - cost <= 1), "nobody's people are looked up for what is nobody's: {costs:?}");
}

#[tokio::test]
async fn an_approval_and_a_withdrawal_at_once_have_one_winner() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    for round in 0..20 {
        let (id, token) = applied(&app, &format!("round-{round}.example")).await;
        let (ops, anyone) = (&ops, app.anonymous());
        let answers = race(4, |number| {
            let (id, token, anyone) = (id.clone(), token.clone(), anyone.clone());
            async move {
                if number % 2 == 0 {
                    codes(ops, "approvePartnerApplication", json!({ "applicationId": id })).await
                } else {
                    codes(&anyone, "withdrawPartnerApplication", json!({ "token": token })).await
                }
            }
        })
        .await;
        assert_eq!(answers.iter().filter(|codes| codes.is_empty()).count(), 1, "round {round}: {answers:?}");
        assert!(answers.iter().all(|codes| codes.is_empty() || codes == &["WRONG_STATE"]), "{answers:?}");
        let won = answers.iter().position(Vec::is_empty).unwrap();
        let wanted = if won % 2 == 0 { "APPROVED" } else { "WITHDRAWN" };
        assert_eq!(status(&app, &token).await["state"], wanted);
    }
    app.check().await;
}

#[tokio::test]
async fn an_answer_that_is_sent_twice_at_once_is_taken_once() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    for round in 0..10 {
        let (id, token) = applied(&app, &format!("round-{round}.example")).await;
        ops.done("requestPartnerApplicationChanges", asked(&id, &["INDUSTRIES"]), "").await;
        let anyone = app.anonymous();
        let answers = race(3, |number| {
            let (token, anyone) = (token.clone(), anyone.clone());
            async move {
                let input = json!({ "token": token, "industries": [format!("Industry {number}")] });
                codes(&anyone, "resubmitPartnerApplication", input).await
            }
        })
        .await;
        assert_eq!(answers.iter().filter(|codes| codes.is_empty()).count(), 1, "round {round}: {answers:?}");
        assert_eq!(status(&app, &token).await["version"], 3);
    }
}
