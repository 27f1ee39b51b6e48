//! Mails: queued with the change, sent at least once, forgotten later.

use std::sync::{Arc, atomic::AtomicU32, atomic::Ordering};

use chrono::TimeDelta;
use entity::{
    outbound_mail,
    value::{MailKind, MailState, Role, TypedId},
};
use futures::future::BoxFuture;
use partner_portal::platform::{
    call::Call,
    error::{AppError, AppResult},
    idempotency,
    jobs::{Job, Runner},
    mail::{
        self, Delivered, Folder, LEASE_SECONDS, Letter, Letters, Links, MOST_ATTEMPTS, Nowhere, Post, Queued,
        Undelivered,
    },
};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::{
    onboarding::apply,
    support::{
        TestApp,
        app::PASSWORD,
        mail::{PORTAL, Postbox, post},
        race::race,
    },
};

/// An application is approved, so that its contact is invited.
async fn approved(app: &TestApp) -> Value {
    let id = apply(app, "alpen.example").await;
    // That it was received is another mail.
    app.execute("delete from outbound_mails").await;
    let ops = app.staff(Role::ChannelOps).await;
    ops.done("approvePartnerApplication", json!({ "applicationId": id }), "partner { id } invitationToken").await
}

async fn only_mail(app: &TestApp) -> outbound_mail::Model {
    let mut all = outbound_mail::Entity::find().all(app.services.db.pool()).await.unwrap();
    assert_eq!(all.len(), 1);
    all.remove(0)
}

#[tokio::test]
async fn an_approved_contact_gets_a_mail_whose_link_lets_them_in() {
    let app = TestApp::start().await;
    let approval = approved(&app).await;
    let mail = app.mail().await;
    assert_eq!(
        (mail.to.as_str(), mail.subject.as_str()),
        ("ana@alpen.example", "You are invited to the partner portal")
    );
    assert_eq!(mail.token(), approval["invitationToken"].as_str().unwrap());
    assert!(mail.text.contains(&format!("{PORTAL}/invitation#token=")), "{}", mail.text);
    assert!(mail.text.contains("9 March 2026, 09:00 UTC"), "{}", mail.text);
    let input = json!({ "token": mail.token(), "password": PASSWORD });
    let accepted = app.anonymous().done("acceptInvitation", input, "user { email }").await;
    assert_eq!(accepted["user"]["email"], "ana@alpen.example");
    assert!(app.mails().await.is_empty(), "sent once");
}

#[tokio::test]
async fn a_change_that_is_rolled_back_sends_no_mail_and_the_queue_holds_no_secret() {
    let app = TestApp::start().await;
    let call = Call::system(app.services.clone(), "test");
    let rolled_back: AppResult<()> = call
        .in_transaction(async |txn| {
            mail::queue(txn, &call, MailKind::Invitation, uuid::Uuid::from_u128(1)).await?;
            Err(AppError::Forbidden)
        })
        .await;
    assert!(rolled_back.is_err());
    assert_eq!(app.rows(&["outbound_mails"]).await, [("outbound_mails".to_owned(), 0)]);

    let approval = approved(&app).await;
    let row = format!("{:?}", only_mail(&app).await);
    assert!(!row.contains(approval["invitationToken"].as_str().unwrap()) && !row.contains('@'), "{row}");
}

#[tokio::test]
async fn a_server_that_refuses_gets_the_mail_again_later_under_the_same_id() {
    let app = TestApp::start().await;
    approved(&app).await;
    let postbox = Arc::new(Postbox::default());
    postbox.refuse(true);
    let failed = Delivered { failed: 1, ..Delivered::default() };
    assert_eq!(app.deliver_by(postbox.clone()).await, failed);
    assert_eq!(app.deliver_by(postbox.clone()).await, Delivered::default(), "not at once");
    app.advance(TimeDelta::seconds(15));
    assert_eq!(app.deliver_by(postbox.clone()).await, failed);
    app.advance(TimeDelta::seconds(44));
    assert_eq!(app.deliver_by(postbox.clone()).await, Delivered::default(), "the pause has grown");
    let row = only_mail(&app).await;
    assert_eq!((row.attempts, row.last_problem.as_deref()), (2, Some("the mail server refused with 451")));

    postbox.refuse(false);
    app.advance(TimeDelta::seconds(1));
    let mail = app.mail().await;
    assert_eq!(mail.id, format!("{}@portal.example", row.id.uuid().simple()));
}

#[tokio::test]
async fn after_many_attempts_a_mail_is_given_up_and_stays_to_be_seen() {
    let app = TestApp::start().await;
    let call = Call::system(app.services.clone(), "test");
    approved(&app).await;
    let postbox = Arc::new(Postbox::default());
    postbox.refuse(true);
    for attempt in 1..=MOST_ATTEMPTS {
        let done = app.deliver_by(postbox.clone()).await;
        assert_eq!(done.failed, 1, "attempt {attempt}");
        app.advance(TimeDelta::hours(4));
    }
    let row = only_mail(&app).await;
    assert_eq!((row.state, row.attempts), (MailState::GivenUp, MOST_ATTEMPTS));
    postbox.refuse(false);
    assert_eq!(app.deliver_by(postbox).await, Delivered::default());
    assert_eq!(mail::purge(call.db(), app.now()).await.unwrap(), 0);
    app.advance(TimeDelta::days(31));
    assert_eq!(mail::purge(call.db(), app.now()).await.unwrap(), 1);
}

/// Three people are invited, the first of whom is written to first.
async fn three_invited(app: &TestApp) {
    let north = app.partner("north.example").await;
    for name in ["ana", "ben", "eva"] {
        app.invite(&format!("{name}@north.example"), Some(north), &[Role::Seller]).await;
        app.advance(TimeDelta::seconds(1));
    }
}

/// The mails in this state, with how often each was tried and what went wrong last.
async fn in_state(app: &TestApp, state: MailState) -> Vec<(i64, Option<String>)> {
    let all = outbound_mail::Entity::find().all(app.services.db.pool()).await.unwrap();
    all.into_iter().filter(|mail| mail.state == state).map(|mail| (mail.attempts, mail.last_problem)).collect()
}

#[tokio::test]
async fn an_address_that_is_refused_for_good_is_given_up_at_once_and_holds_up_nobody() {
    let app = TestApp::start().await;
    three_invited(&app).await;
    let postbox = Arc::new(Postbox::default());
    let problem = "the mail server refused with 550".to_owned();
    postbox.refuse_to("ana@north.example", Undelivered::Never(problem.clone()));
    assert_eq!(app.deliver_by(postbox.clone()).await, Delivered { sent: 2, dropped: 0, failed: 1 });
    assert_eq!(in_state(&app, MailState::GivenUp).await, [(1, Some(problem))]);
    app.advance(TimeDelta::hours(5));
    assert_eq!(app.deliver_by(postbox).await, Delivered::default(), "not tried again");
}

#[tokio::test]
async fn an_address_that_is_refused_for_now_is_tried_again_and_holds_up_nobody() {
    let app = TestApp::start().await;
    three_invited(&app).await;
    let postbox = Arc::new(Postbox::default());
    let problem = "the mail server refused with 451".to_owned();
    postbox.refuse_to("ana@north.example", Undelivered::NotNow(problem.clone()));
    assert_eq!(app.deliver_by(postbox.clone()).await, Delivered { sent: 2, dropped: 0, failed: 1 });
    assert_eq!(in_state(&app, MailState::Queued).await, [(1, Some(problem))]);
    postbox.take_all();
    app.advance(TimeDelta::seconds(15));
    assert_eq!(app.deliver_by(postbox).await, Delivered { sent: 1, ..Delivered::default() });
}

#[tokio::test]
async fn a_server_that_is_away_is_asked_once_and_costs_the_others_no_attempt() {
    let app = TestApp::start().await;
    three_invited(&app).await;
    let postbox = Arc::new(Postbox::default());
    let problem = "the mail server cannot be reached".to_owned();
    postbox.refuse_to("ana@north.example", Undelivered::Away(problem.clone()));
    assert_eq!(app.deliver_by(postbox.clone()).await, Delivered { failed: 1, ..Delivered::default() });
    let mut waiting = in_state(&app, MailState::Queued).await;
    waiting.sort();
    assert_eq!(waiting, [(0, None), (0, None), (1, Some(problem))]);
    postbox.take_all();
    assert_eq!(app.deliver_by(postbox.clone()).await, Delivered { sent: 2, ..Delivered::default() });
    app.advance(TimeDelta::seconds(15));
    assert_eq!(app.deliver_by(postbox).await, Delivered { sent: 1, ..Delivered::default() });
}

/// Writes mails to nobody.
struct Unaddressed;

impl Letters for Unaddressed {
    fn write<'a>(&'a self, _: &'a Call, _: &'a Queued, _: &'a Links) -> BoxFuture<'a, AppResult<Option<Letter>>> {
        let (text, html) = ("Hello".to_owned(), "<p>Hello</p>".to_owned());
        Box::pin(async move { Ok(Some(Letter { to: "nobody".to_owned(), subject: "Hello", text, html })) })
    }
}

#[tokio::test]
async fn what_no_message_can_be_made_of_is_given_up_at_once() {
    let app = TestApp::start().await;
    three_invited(&app).await;
    let post = Post { letters: Arc::new(Unaddressed), ..post(Arc::new(Postbox::default())) };
    let done = mail::run_due(&app.services, &post).await.unwrap();
    assert_eq!(done, Delivered { failed: 3, ..Delivered::default() });
    assert_eq!(in_state(&app, MailState::GivenUp).await.len(), 3);
}

#[tokio::test]
async fn who_dies_between_claiming_and_sending_loses_nothing_and_sends_nothing_twice() {
    let app = TestApp::start().await;
    approved(&app).await;
    let claimed = mail::claim_due(&app.services.db, app.now()).await.unwrap().unwrap();
    // The process dies here. Nobody sends the mail while the lease runs, somebody does when it has run out.
    assert!(app.mails().await.is_empty());
    app.advance(TimeDelta::seconds(LEASE_SECONDS - 1));
    assert!(app.mails().await.is_empty());
    app.advance(TimeDelta::seconds(1));
    assert_eq!(app.mail().await.id, format!("{}@portal.example", claimed.id.uuid().simple()));
    app.advance(TimeDelta::days(1));
    assert!(app.mails().await.is_empty(), "exactly one more time");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_share_the_work_and_send_each_mail_once() {
    let app = TestApp::start().await;
    let call = Call::system(app.services.clone(), "test");
    for _ in 0..5 {
        approved_again(&app, &call).await;
    }
    let claims = race(8, |_| mail::claim_due(&app.services.db, app.now())).await;
    let mut claimed: Vec<_> = claims.into_iter().filter_map(|claim| claim.ok().flatten()).map(|mail| mail.id).collect();
    claimed.sort();
    let all = claimed.len();
    claimed.dedup();
    assert_eq!((all, claimed.len()), (5, 5), "each is claimed by one");
}

async fn approved_again(app: &TestApp, call: &Call) {
    let queued = call
        .in_transaction(async |txn| mail::queue(txn, call, MailKind::Invitation, uuid::Uuid::from_u128(9)).await)
        .await;
    queued.unwrap();
    app.advance(TimeDelta::seconds(1));
}

#[tokio::test]
async fn an_invitation_that_was_accepted_or_ran_out_meanwhile_is_not_sent() {
    let app = TestApp::start().await;
    let approval = approved(&app).await;
    let input = json!({ "token": approval["invitationToken"], "password": PASSWORD });
    app.anonymous().done("acceptInvitation", input, "user { id }").await;
    assert_eq!(app.deliver_by(Arc::new(Postbox::default())).await, Delivered { dropped: 1, ..Delivered::default() });
    assert_eq!(only_mail(&app).await.state, MailState::NotNeeded);

    let late = TestApp::start().await;
    approved(&late).await;
    late.advance(TimeDelta::days(7));
    assert!(late.mails().await.is_empty());
}

#[tokio::test]
async fn without_a_way_out_mails_are_forgotten_and_in_a_folder_each_is_one_file() {
    let app = TestApp::start().await;
    approved(&app).await;
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("mail");
    assert_eq!(app.deliver_by(Arc::new(Folder::at(place.clone()))).await.sent, 1);
    let files: Vec<_> = std::fs::read_dir(&place).unwrap().map(|file| file.unwrap().path()).collect();
    let name = format!("{}.eml", only_mail(&app).await.id.uuid().simple());
    assert_eq!(files, [place.join(name)]);
    let read = crate::support::mail::Read::parse(&std::fs::read(&files[0]).unwrap());
    assert_eq!(read.to, "ana@alpen.example");
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&files[0]).unwrap().permissions().mode() & 0o777, 0o600);
    }

    let nowhere = TestApp::start().await;
    approved(&nowhere).await;
    assert_eq!(nowhere.deliver_by(Arc::new(Nowhere)).await, Delivered { dropped: 1, ..Delivered::default() });
    assert_eq!(only_mail(&nowhere).await.state, MailState::NotSent);
}

#[tokio::test]
async fn old_idempotency_keys_are_forgotten_and_an_import_keeps_its_own() {
    let app = TestApp::start().await;
    app.create_user("ana@vendor.example", None, &[Role::Admin]).await;
    let input = |key: &str| json!({ "email": "ana@vendor.example", "password": PASSWORD, "idempotencyKey": key });
    app.anonymous().done("signIn", input("old"), "user { id }").await;
    let system = Call::system(app.services.clone(), "import").with_key(Some(idempotency::Key {
        key: "import:1".into(),
        operation: "import",
        input_hash: vec![1],
    }));
    system.once(async |_| Ok(())).await.unwrap();
    app.advance(TimeDelta::hours(47));
    app.anonymous().done("signIn", input("young"), "user { id }").await;
    let kept = async || app.rows(&["idempotency_keys"]).await[0].1;
    assert_eq!(idempotency::purge(&app.services.db, app.now()).await.unwrap(), 0);
    app.advance(TimeDelta::seconds(3601));
    assert_eq!(idempotency::purge(&app.services.db, app.now()).await.unwrap(), 1);
    assert_eq!(kept().await, 2);
    app.advance(TimeDelta::days(400));
    assert_eq!(idempotency::purge(&app.services.db, app.now()).await.unwrap(), 1);
    assert_eq!(kept().await, 1);
}

#[tokio::test]
async fn a_job_that_fails_or_panics_is_run_again_until_the_stop() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let app = TestApp::start().await;
    let (send, mut receive) = tokio::sync::mpsc::unbounded_channel();
    let job = Job::new("test", std::time::Duration::from_millis(1), move |_| {
        let run = RUNS.fetch_add(1, Ordering::SeqCst);
        let _heard = send.send(run);
        async move {
            assert_ne!(run, 1, "the second run panics");
            if run == 0 { Err(AppError::Forbidden) } else { Ok(()) }
        }
    });
    let runner = Runner::start(&app.services, vec![job]);
    for expected in 0..4 {
        assert_eq!(receive.recv().await, Some(expected));
    }
    runner.stop().await;
    while receive.recv().await.is_some() {}
    let runs = RUNS.load(Ordering::SeqCst);
    tokio::task::yield_now().await;
    assert_eq!(RUNS.load(Ordering::SeqCst), runs);
}
