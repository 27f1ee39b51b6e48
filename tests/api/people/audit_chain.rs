//! Each audit event follows the one before it: nothing that was recorded can be changed, taken out, put in or moved
//! without being found, and writers of many chains at once do not disturb each other.

use std::process::{Command, Output};

use entity::value::{PartnerId, Role};
use partner_portal::{
    kernel::hex,
    platform::{
        audit::{
            self, Change,
            verify::{Anchors, Head, Tampered, Verified, verify},
        },
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
    },
};
use sea_orm::DatabaseTransaction;

use crate::support::{Engine, TestApp, race::race};

async fn walk(app: &TestApp, anchors: &Anchors) -> (Verified, Anchors) {
    let mut heads = Anchors::new();
    let mut told = |chain: &str, head: &Head| drop(heads.insert(chain.to_owned(), head.clone()));
    let found = verify(&app.services.db, anchors, &mut told).await.unwrap();
    (found, heads)
}

async fn intact(app: &TestApp) -> (Verified, Anchors) {
    let (found, heads) = walk(app, &Anchors::new()).await;
    assert_eq!(found.tampered, []);
    (found, heads)
}

async fn note(txn: &DatabaseTransaction, call: &Call, partner_id: Option<PartnerId>, what: &str) -> AppResult<()> {
    let what = what.to_owned();
    let change = Change::<(), String> {
        action: Action::UseSession,
        object_id: what.clone(),
        partner_id,
        before: None,
        after: Some(&what),
    };
    audit::record(txn, call, change).await
}

async fn lengths(app: &TestApp) -> Vec<i64> {
    let (_, heads) = intact(app).await;
    let mut lengths: Vec<i64> = heads.values().map(|head| head.length).collect();
    lengths.sort_unstable();
    lengths
}

#[tokio::test]
async fn what_concerns_a_partner_is_one_chain_and_the_rest_another() {
    let app = TestApp::start().await;
    assert_eq!(intact(&app).await.0.chains, 0);
    let acme = app.partner("acme.example").await;
    app.person("ana@acme.example", Some(acme), &[Role::PartnerAdmin]).await;
    app.staff(Role::Admin).await;
    let (found, heads) = intact(&app).await;
    assert_eq!(heads.keys().cloned().collect::<Vec<_>>(), [acme.to_string(), "vendor".to_owned()]);
    let rows = app.rows(&["audit_events"]).await[0].1;
    assert_eq!((found.chains, i64::try_from(found.events).unwrap(), found.unchained), (2, rows, 0));
    assert_eq!(heads.values().map(|head| head.length).sum::<i64>(), rows);
    assert_eq!(intact(&app).await.0.digest, found.digest);
    app.partner("other.example").await;
    assert_ne!(intact(&app).await.0.digest, found.digest);
}

#[tokio::test]
async fn what_failed_work_recorded_is_forgotten_with_it() {
    let app = TestApp::start().await;
    let call = Call::system(app.services.clone(), "test");
    for _ in 0..2 {
        let failed: AppResult<()> = call
            .in_transaction(async |txn| {
                note(txn, &call, None, "failed").await?;
                Err(AppError::internal("on purpose"))
            })
            .await;
        assert!(failed.is_err());
    }
    call.in_transaction(async |txn| note(txn, &call, None, "done").await).await.unwrap();
    assert_eq!((lengths(&app).await, app.rows(&["audit_events"]).await[0].1), (vec![1], 1));
}

#[tokio::test]
async fn an_event_that_nobody_would_write_is_an_error() {
    let app = TestApp::start().await;
    let call = Call::system(app.services.clone(), "test");
    let txn = app.services.db.begin().await.unwrap();
    assert!(matches!(note(&txn, &call, None, "lost").await, Err(AppError::Internal(_))));
    txn.rollback().await.unwrap();
    if Engine::current() == Engine::Sqlite {
        return; // One writer: there is no transaction within another.
    }
    let outer = call.in_transaction(async |outer| {
        note(outer, &call, None, "outer").await?;
        let inner = call.in_transaction(async |inner| {
            note(inner, &call, None, "inner").await?;
            let other = note(outer, &call, None, "not of this one").await;
            assert!(matches!(other, Err(AppError::Internal(_))));
            Ok(())
        });
        inner.await?;
        note(outer, &call, None, "outer again").await
    });
    outer.await.unwrap();
    assert_eq!(lengths(&app).await, [3]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_writers_of_one_chain_at_once_all_find_their_place() {
    let app = TestApp::start().await;
    let acme = app.partner("acme.example").await;
    let before = lengths(&app).await[0];
    let call = Call::system(app.services.clone(), "test");
    let written = race(20, |number| {
        let (call, what) = (call.clone(), format!("n{number}"));
        async move {
            call.in_transaction(async |txn| {
                note(txn, &call, Some(acme), &what).await?;
                note(txn, &call, Some(acme), &what).await
            })
            .await
        }
    });
    for written in written.await {
        written.unwrap();
    }
    assert_eq!(lengths(&app).await, [before + 40]);
    app.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_of_several_chains_in_opposite_orders_do_not_wait_in_a_circle() {
    let app = TestApp::start().await;
    let mut partners = vec![None];
    for number in 0..4 {
        partners.push(Some(app.partner(&format!("p{number}.example")).await));
    }
    let before: i64 = lengths(&app).await.iter().sum();
    let call = Call::system(app.services.clone(), "test");
    for _ in 0..3 {
        let written = race(20, |number| {
            let (call, mut partners) = (call.clone(), partners.clone());
            partners.rotate_left(number % 5);
            if number % 2 == 0 {
                partners.reverse();
            }
            async move {
                call.in_transaction(async |txn| {
                    for partner in partners {
                        note(txn, &call, partner, "many").await?;
                    }
                    Ok(())
                })
                .await
            }
        });
        for written in written.await {
            written.unwrap();
        }
    }
    assert_eq!(lengths(&app).await.iter().sum::<i64>(), before + 3 * 20 * 5);
    app.check().await;
}

/// A chain of five events of a partner, and what was recorded before and beside it.
async fn recorded(app: &TestApp) -> PartnerId {
    let acme = app.partner("acme.example").await;
    let call = Call::system(app.services.clone(), "test");
    for number in 2..=5 {
        let what = format!("n{number}");
        call.in_transaction(async |txn| note(txn, &call, Some(acme), &what).await).await.unwrap();
    }
    app.create_user("ana@vendor.example", None, &[Role::Admin]).await;
    acme
}

#[tokio::test]
async fn whatever_is_tampered_with_is_found_and_named() {
    let app = TestApp::start().await;
    let acme = recorded(&app).await.to_string();
    let (whole, _) = intact(&app).await;
    let third = format!("chain = '{acme}' and sequence = 3");
    let id = if Engine::current() == Engine::Postgres { "gen_random_uuid()" } else { "randomblob(16)" };
    let some = if Engine::current() == Engine::Postgres { "'\\x00'::bytea" } else { "x'00'" };
    let columns = [
        ("id", id.to_owned()),
        ("at", "at + 1".to_owned()),
        ("actor_kind", "'USER'".to_owned()),
        ("actor_user_id", id.to_owned()),
        ("action", "'application.decide'".to_owned()),
        ("object_id", "'n4'".to_owned()),
        ("before", "'{}'".to_owned()),
        ("after", "'\"n4\"'".to_owned()),
        ("request_id", "'other'".to_owned()),
        ("address", "'203.0.113.9'".to_owned()),
        ("actor_client_id", id.to_owned()),
        ("responsible_user_id", id.to_owned()),
        ("hash", some.to_owned()),
    ];
    let mut attacks: Vec<(String, Vec<String>, i64, &str)> = columns
        .iter()
        .map(|(column, value)| {
            let sql = format!("update audit_events set {column} = {value} where {third}");
            ((*column).to_owned(), vec![sql], 3, "it is not what was recorded")
        })
        .collect();
    let mut attack = |name: &str, statements: &[String], sequence: i64, fault: &'static str| {
        attacks.push((name.to_owned(), statements.to_vec(), sequence, fault));
    };
    let moved = |from: i64, to: i64| {
        format!("update audit_events set sequence = {to} where chain = '{acme}' and sequence = {from}")
    };
    let gone = |which: &str| format!("delete from audit_events where chain = '{acme}' and {which}");
    attack(
        "partner",
        &[format!("update audit_events set partner_id = null where {third}")],
        3,
        "it concerns another partner than its chain",
    );
    attack(
        "previous",
        &[format!("update audit_events set previous_hash = {some} where {third}")],
        3,
        "it does not follow the event before it",
    );
    attack(
        "version",
        &[format!("update audit_events set hash_version = 9 where {third}")],
        3,
        "it was written by a version that is not known here",
    );
    attack("deleted in the middle", &[gone("sequence = 3")], 4, "the events before it are missing");
    attack(
        "deleted and closed up",
        &[gone("sequence = 3"), moved(4, 3), moved(5, 4)],
        3,
        "it does not follow the event before it",
    );
    attack("deleted at the beginning", &[gone("sequence = 1")], 2, "the events before it are missing");
    attack("deleted at the end", &[gone("sequence = 5")], 5, "the last events are missing");
    attack("swapped", &[moved(3, 99), moved(4, 3), moved(99, 4)], 3, "it does not follow the event before it");
    let copy = format!(
        "insert into audit_events (id, at, actor_kind, partner_id, action, object_id, request_id, chain, sequence, previous_hash, hash, hash_version)
         select {id}, at, actor_kind, partner_id, action, object_id, request_id, chain, sequence + 1, hash, hash, hash_version
         from audit_events where chain = '{acme}' and sequence = 5"
    );
    attack("inserted at the end", std::slice::from_ref(&copy), 6, "it is not what was recorded");
    attack("inserted between", &[moved(5, 6), copy.replace("= 5", "= 4")], 5, "it is not what was recorded");
    attack(
        "repeated at the end",
        &[copy.replace("sequence + 1, hash, hash,", "sequence + 1, previous_hash, hash,")],
        6,
        "it does not follow the event before it",
    );
    let head = |set: &str| format!("update audit_chains set {set} where chain = '{acme}'");
    attack("cut with its head", &[gone("sequence = 5"), head("length = 4")], 4, "the head of the chain is another");
    attack("head moved back", &[head("length = 4")], 5, "there are events behind the head of the chain");
    attack("head replaced", &[head(&format!("head = {some}"))], 5, "the head of the chain is another");
    attack(
        "head gone",
        &[format!("delete from audit_chains where chain = '{acme}'")],
        5,
        "the head of the chain is gone",
    );
    attack("emptied", &[gone("1 = 1")], 1, "the last events are missing");

    app.database
        .tamper(&[
            "create table kept_events as select * from audit_events",
            "create table kept_chains as select * from audit_chains",
        ])
        .await;
    for (name, statements, sequence, fault) in attacks {
        app.database.tamper(&statements.iter().map(String::as_str).collect::<Vec<_>>()).await;
        let (found, _) = walk(&app, &Anchors::new()).await;
        let [Tampered { chain, sequence: at, event: _, fault: told }] = &found.tampered[..] else {
            panic!("{name}: {:?}", found.tampered)
        };
        assert_eq!((chain, *at, *told), (&acme, sequence, fault), "{name}");
        app.database
            .tamper(&[
                "delete from audit_events",
                "insert into audit_events select * from kept_events",
                "delete from audit_chains",
                "insert into audit_chains select * from kept_chains",
            ])
            .await;
        assert_eq!(intact(&app).await.0.digest, whole.digest, "{name}: restored");
    }
}

#[tokio::test]
async fn events_outside_the_chains_are_counted() {
    let app = TestApp::start().await;
    recorded(&app).await;
    let unchain = "update audit_events set chain = null, sequence = null where sequence = 1 and chain = 'vendor'";
    if Engine::current() == Engine::Postgres {
        let drop = "alter table audit_events drop constraint every_audit_event_is_chained";
        app.database.tamper(&[drop, unchain]).await;
    } else {
        app.database.tamper(&[unchain]).await;
    }
    let (found, _) = walk(&app, &Anchors::new()).await;
    assert_eq!(found.unchained, 1);
    assert!(found.tampered.iter().any(|fault| fault.chain == "unchained"), "{:?}", found.tampered);
}

#[tokio::test]
async fn a_chain_that_was_written_anew_is_found_by_its_anchor() {
    let app = TestApp::start().await;
    let acme = recorded(&app).await;
    let (_, anchors) = intact(&app).await;
    let call = Call::system(app.services.clone(), "test");
    call.in_transaction(async |txn| note(txn, &call, Some(acme), "later").await).await.unwrap();
    assert_eq!(walk(&app, &anchors).await.0.tampered, [], "a chain grows behind its anchor");

    let forget = format!("delete from audit_events where chain = '{acme}'");
    app.database.tamper(&[&forget, &format!("delete from audit_chains where chain = '{acme}'")]).await;
    assert_eq!(intact(&app).await.0.chains, 1, "without an anchor it is as if it had never been");
    let fault = async || walk(&app, &anchors).await.0.tampered.iter().map(|found| found.fault).collect::<Vec<_>>();
    assert_eq!(fault().await, ["the chain of an anchor is gone"]);
    for number in 0..6 {
        let what = format!("forged {number}");
        let wanted = if number == 0 {
            "the chain of an anchor is gone"
        } else {
            "the chain is shorter than it was at its anchor"
        };
        assert_eq!(fault().await, [wanted], "{number} events");
        if number == 4 {
            break;
        }
        call.in_transaction(async |txn| note(txn, &call, Some(acme), &what).await).await.unwrap();
    }
    call.in_transaction(async |txn| note(txn, &call, Some(acme), "forged 5").await).await.unwrap();
    intact(&app).await;
    assert_eq!(fault().await, ["it is not what it was at its anchor"]);
}

fn command(app: &TestApp, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_partner-portal"));
    command.args(["audit", "verify", "--database-url", &app.database.url]).args(arguments).output().unwrap()
}

#[tokio::test]
async fn operators_verify_with_a_command_whose_output_is_an_anchor() {
    let app = TestApp::start().await;
    let acme = recorded(&app).await;
    let (found, heads) = intact(&app).await;
    let run = command(&app, &[]);
    let said = String::from_utf8(run.stdout).unwrap();
    assert!(run.status.success(), "{said}");
    let digest = hex::encode(&found.digest);
    let mut wanted: Vec<String> =
        heads.iter().map(|(chain, head)| format!("{chain} {} {}", head.length, hex::encode(&head.hash))).collect();
    wanted.push(format!("digest {digest} over 2 chains of 6 events, and 0 events from before there were chains"));
    assert_eq!(said.lines().collect::<Vec<_>>(), wanted);

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("anchors.txt");
    std::fs::write(&file, &said).unwrap();
    let file = file.to_str().unwrap();
    assert!(command(&app, &["--anchor", file, "--expect", &digest]).status.success());
    let changed = command(&app, &["--expect", &digest.replace(|digit| digit != '0', "0")]);
    assert_eq!(changed.status.code(), Some(1));
    let empty = folder.path().join("empty.txt");
    std::fs::write(&empty, "nothing of ours").unwrap();
    assert_eq!(command(&app, &["--anchor", empty.to_str().unwrap()]).status.code(), Some(1));

    app.database.tamper(&["update audit_events set action = 'x' where sequence = 2"]).await;
    let tampered = command(&app, &["--anchor", file]);
    let told = String::from_utf8(tampered.stderr).unwrap();
    assert_eq!(tampered.status.code(), Some(1));
    assert!(
        told.contains(&format!("audit chain {acme}, event 2 (aud_")) && told.contains("not what was recorded"),
        "{told}"
    );
}
