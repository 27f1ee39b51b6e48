//! The composition root: the only file that knows every room.

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use async_graphql::{Request, Response, ValidationMode};
use futures::{StreamExt as _, future::BoxFuture};

use crate::{
    accounts, deals, engagement, lifecycle, mdf, notifications, onboarding,
    people::{self, address_changes, api_clients, password_resets, sessions::Doorkeeper, sign_on, throttle},
    platform::{
        auth::Authenticate,
        call::Services,
        error::AppResult,
        files,
        graphql::{limits::Limits, shape::Shape},
        http::{
            Execute, Settings,
            server::{App, Routes},
        },
        idempotency,
        invariants::Invariant,
        jobs::Job,
        mail::{self, Post},
    },
    schema::{self, PortalSchema},
    standing, training,
};

/// Mutations that take a secret: one request makes only one of them, so that aliases do not multiply guesses.
const GUESSING: &[&str] = &[
    "signIn",
    "refreshSession",
    "acceptInvitation",
    "completeSignOn",
    "changePassword",
    "stepUp",
    "confirmTotpEnrolment",
    "requestPasswordReset",
    "resetPassword",
    "confirmEmailChange",
    "resubmitPartnerApplication",
    "withdrawPartnerApplication",
];

/// Addresses beside GraphQL that features answer at.
const ROUTES: &[Routes] = &[api_clients::oauth::routes, sign_on::http::routes, deals::evidence_files::http::routes];

/// What the schema answers, read once for the whole process.
static SHAPE: LazyLock<Arc<Shape>> = LazyLock::new(|| Arc::new(Shape::of_sdl(&schema::sdl()).unwrap_or_default()));

/// The schema twice: with all rules of validation, and without those that a known document has passed.
struct Engine {
    strict: PortalSchema,
    known: PortalSchema,
}

impl Engine {
    fn new() -> Self {
        let known = schema::builder().validation_mode(ValidationMode::Fast).finish();
        Self { strict: schema::builder().finish(), known }
    }
}

impl Execute for Engine {
    fn execute(&self, request: Request, known: bool) -> BoxFuture<'_, Response> {
        let schema = if known { &self.known } else { &self.strict };
        Box::pin(schema.execute(request))
    }

    fn first(&self, request: Request, known: bool) -> BoxFuture<'_, Option<Response>> {
        let schema = if known { &self.known } else { &self.strict };
        let mut answers = schema.execute_stream(request);
        Box::pin(async move { answers.next().await })
    }
}

/// Puts the product together around its services. A session that ended elsewhere is noticed after `trust`.
#[must_use]
pub fn compose(services: Arc<Services>, trust: Duration) -> App {
    let doorkeeper: Arc<dyn Authenticate> = Arc::new(Doorkeeper::new(Arc::clone(&services), trust));
    let executor = Arc::new(Engine::new());
    let limits = Limits { guessing: GUESSING, ..Limits::default() };
    let app = App::new(executor, services, doorkeeper, Arc::clone(&SHAPE));
    let mut app = app.with(Settings { limits, ..Settings::default() });
    app.routes = Arc::new(ROUTES.to_vec());
    app
}

/// What is done beside the requests, on every replica.
#[must_use]
pub fn jobs(post: Post) -> Vec<Job> {
    let deliver = Job::new("mail delivery", Duration::from_secs(2), move |services| {
        let post = post.clone();
        async move { mail::run_due(&services, &post).await.map(drop) }
    });
    let forget = Job::new("forgetting", Duration::from_hours(1), |services| async move { purge(&services).await });
    let look = Job::new("table statistics", Duration::from_hours(1), |services| async move {
        services.db.refresh_statistics().await
    });
    // Looks every hour whether a month has begun: each partner is reviewed by one server, once a month.
    let review = Job::new("tier review", Duration::from_hours(1), |services| async move {
        let reviewed = standing::tiers::run_due(&services).await?;
        if reviewed > 0 {
            tracing::info!(reviewed, "levels were reviewed");
        }
        Ok(())
    });
    let tell = Job::new("notifications", Duration::from_mins(1), |services| async move {
        let told = notifications::run_due(&services).await?;
        if told > 0 {
            tracing::info!(told, "deadlines were told of");
        }
        Ok(())
    });
    let settle = Job::new("conflict cases", Duration::from_mins(1), |services| async move {
        let settled = deals::conflicts::run_due(&services).await?;
        if settled > 0 {
            tracing::info!(settled, "conflict cases were over by the clock");
        }
        Ok(())
    });
    let sweep = Job::new("sweeping of files", Duration::from_mins(10), |services| async move {
        let deleted = files::sweep(&services).await?;
        if deleted > 0 {
            tracing::info!(deleted, "files that nobody has kept were deleted");
        }
        Ok(())
    });
    vec![deliver, forget, look, review, settle, tell, sweep]
}

/// Forgets what is old.
///
/// # Errors
/// Those of the database.
pub async fn purge(services: &Services) -> AppResult<()> {
    let now = services.clock.now();
    let keys = idempotency::purge(&services.db, now).await?;
    let mails = mail::purge(&services.db, now).await?;
    let guesses = throttle::purge(&services.db, now).await?;
    let resets = password_resets::purge(&services.db, now).await?;
    let addresses = address_changes::purge(&services.db, now).await?;
    let notifications = notifications::purge(&services.db, now).await?;
    tracing::info!(keys, mails, guesses, resets, addresses, notifications, "what is old was forgotten");
    Ok(())
}

/// What always holds, area by area.
#[must_use]
pub fn invariants() -> Vec<(&'static str, &'static Invariant)> {
    const REPLAYED: &[Invariant] = &[engagement::invariants::REPLAYED];
    const CHAINED: &[Invariant] = &[people::invariants::CHAINED];
    [
        ("people", people::invariants::INVARIANTS),
        ("people", CHAINED),
        ("onboarding", onboarding::invariants::INVARIANTS),
        ("accounts", accounts::invariants::INVARIANTS),
        ("accounts", accounts::invariants::RULES),
        ("accounts", accounts::matching::invariants::INVARIANTS),
        ("deals", deals::invariants::INVARIANTS),
        ("deals", deals::invariants::REPLAYED),
        ("mdf", mdf::invariants::INVARIANTS),
        ("lifecycle", lifecycle::invariants::INVARIANTS),
        ("training", training::invariants::INVARIANTS),
        ("engagement", engagement::invariants::INVARIANTS),
        ("engagement", REPLAYED),
    ]
    .into_iter()
    .flat_map(|(area, invariants)| invariants.iter().map(move |invariant| (area, invariant)))
    .collect()
}
