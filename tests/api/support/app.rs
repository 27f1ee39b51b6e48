//! The app under test: the real server on a port of its own, a clock moved by hand, seeded ids.

use std::{
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use entity::value::{InvitationId, PartnerId, PartnerState, PartnerType, Role, Timestamp, UserId};
use partner_portal::{
    app,
    onboarding::partners::{self, model::NewPartner},
    people::{
        invitations::{self, model::NewInvitation},
        sessions,
        users::{self, model::NewUser},
    },
    platform::{
        auth::{keys, passwords::Passwords, policy::Action, remembered::Remembered, tokens::Tokens},
        call::{Call, Services},
        clock::{Clock, HandMovedClock},
        files::Files,
        graphql::parse,
        http::{
            Settings,
            server::{self, App},
            socket::seats::Seats,
        },
        ids::{IdSource, SeededIds, SystemIds},
        news::News,
        openid::SignOn,
        rates::Rates,
    },
    reactions,
};
use tokio::sync::Semaphore;

use super::{
    database::{Engine, TestDatabase},
    graphql::Person,
    owners::Owners,
};

/// The password of everybody whom tests create.
pub const PASSWORD: &str = "an unlikely pair of otters";

pub struct TestApp {
    pub address: String,
    pub services: Arc<Services>,
    pub clock: Arc<HandMovedClock>,
    pub client: reqwest::Client,
    /// The key that signs access tokens, as PEM.
    pub key: String,
    /// The WebSockets that are open.
    pub sockets: Seats,
    /// The turns of requests that are worked on.
    pub turns: Arc<Semaphore>,
    /// Whose the things are that answers are about.
    pub owners: Owners,
    handle: actix_web::dev::ServerHandle,
    // Dropped last: the server must be gone before its database is.
    pub database: Arc<TestDatabase>,
}

/// How the app under test differs from the usual one.
pub struct Options {
    pub connections: u32,
    pub change: fn(App) -> App,
    /// How long a session is believed without looking.
    pub trust: Duration,
    pub sign_on: Option<SignOn>,
}

impl Default for Options {
    fn default() -> Self {
        Self { connections: 10, change: |app| app, trust: Duration::ZERO, sign_on: None }
    }
}

impl TestApp {
    pub async fn start() -> Self {
        Self::start_with(Options::default()).await
    }

    pub async fn start_with(options: Options) -> Self {
        let database = Arc::new(TestDatabase::create().await);
        let clock = Arc::new(HandMovedClock::at(instant("2026-03-02T09:00:00Z")));
        Self::on(database, clock, keys::generate_pem().unwrap(), 7, options).await
    }

    /// Another server on the same database, with the same clock and key but with a memory of its own, as behind a balancer.
    pub async fn beside(&self, options: Options) -> Self {
        static SEED: AtomicU64 = AtomicU64::new(1_000);
        let seed = SEED.fetch_add(1, Ordering::Relaxed);
        Self::on(self.database.clone(), self.clock.clone(), self.key.clone(), seed, options).await
    }

    async fn on(
        database: Arc<TestDatabase>,
        clock: Arc<HandMovedClock>,
        key: String,
        seed: u64,
        options: Options,
    ) -> Self {
        let ids: Arc<dyn IdSource> = Arc::new(SeededIds::from_seed(seed));
        let db = database.open_with(options.connections).await;
        let services = Arc::new(Services {
            files: Files::in_memory(),
            news: News::new(&db, &SystemIds),
            db,
            clock: clock.clone(),
            // Cheap on purpose: tests sign in often, and one test checks the real costs.
            passwords: Passwords::with_params(4, ids.as_ref(), 64, 1).unwrap(),
            tokens: Tokens::from_pem(&key, "https://portal.example").unwrap(),
            remembered: Remembered::default(),
            sign_on: options.sign_on,
            rates: Rates::default(),
            reactions: Arc::new(reactions::Table),
            ids,
        });
        let composed = (options.change)(app::compose(services.clone(), options.trust));
        let (sockets, turns) = (composed.sockets.clone(), composed.turns.clone());
        let (address, handle) = serve(composed);
        let (client, owners) = (reqwest::Client::new(), Owners::default());
        Self { address, services, clock, client, key, sockets, turns, owners, handle, database }
    }

    /// Another server on the same database: what a second process of the product would be.
    pub async fn replica(&self) -> Replica {
        let passwords = self.services.passwords.clone();
        self.replica_hashing(passwords).await
    }

    /// Another server on the same database that hashes passwords in its own way. It believes what tests say about
    /// their address.
    pub async fn replica_hashing(&self, passwords: Passwords) -> Replica {
        let db = self.database.open_with(10).await;
        let services = Arc::new(Services {
            files: Files::in_memory(),
            news: News::new(&db, &SystemIds),
            db,
            clock: self.clock.clone(),
            ids: Arc::new(SeededIds::from_seed(8)),
            passwords,
            tokens: self.services.tokens.clone(),
            remembered: Remembered::default(),
            sign_on: None,
            rates: Rates::default(),
            reactions: Arc::new(reactions::Table),
        });
        let app = app::compose(services, Duration::ZERO);
        let settings = Settings { trusted_proxies: vec!["127.0.0.1".parse().unwrap()], ..(*app.settings).clone() };
        let (address, handle) = serve(app.with(settings));
        Replica { address, handle }
    }

    /// A caller without a session.
    pub fn anonymous(&self) -> Person<'_> {
        Person { app: self, token: None }
    }

    /// A caller with a token or a secret.
    pub fn bearer(&self, token: &str) -> Person<'_> {
        Person { app: self, token: Some(token.to_owned()) }
    }

    /// Changes the database past the API.
    pub async fn execute(&self, sql: &str) {
        sea_orm::ConnectionTrait::execute_unprepared(self.services.db.pool(), sql).await.unwrap();
    }

    /// A member of staff, signed in.
    pub async fn staff(&self, role: Role) -> Person<'_> {
        let address = format!("{}@vendor.example", role.to_string().to_lowercase());
        self.person(&address, None, &[role]).await
    }

    /// A member of staff whose session was opened past the API: for servers that answer something else.
    pub async fn staff_past_the_api(&self, role: Role) -> Person<'_> {
        let address = format!("{}@vendor.example", role.to_string().to_lowercase());
        self.create_user(&address, None, &[role]).await;
        let call = Call::system(self.services.clone(), "test");
        let user = users::find_by_address(self.services.db.pool(), &address).await.unwrap().unwrap().user;
        let opened = call.in_transaction(async |txn| sessions::open(txn, &call, user, None).await).await;
        Person { app: self, token: Some(opened.unwrap().access_token) }
    }

    /// A person of a partner (or of the vendor, without one), created past the API and signed in through it.
    pub async fn person(&self, address: &str, partner_id: Option<PartnerId>, roles: &[Role]) -> Person<'_> {
        self.create_user(address, partner_id, roles).await;
        self.sign_in(address).await
    }

    pub async fn create_user(&self, address: &str, partner_id: Option<PartnerId>, roles: &[Role]) -> UserId {
        let call = Call::system(self.services.clone(), "test");
        let password_hash = self.services.passwords.hash(PASSWORD.into(), self.services.ids.as_ref()).await.unwrap();
        let new = NewUser {
            partner_id,
            email: parse::email(address, "email").unwrap().0,
            email_key: parse::email(address, "email").unwrap().1,
            name: address.split('@').next().unwrap().into(),
            roles: roles.iter().copied().collect(),
            password_hash,
        };
        let created = call.in_transaction(async |txn| users::create(txn, &call, Action::UseSession, new).await).await;
        created.unwrap().id
    }

    /// Invites somebody, past the API; the invitation's id. The mail about it is queued.
    pub async fn invite(&self, address: &str, partner_id: Option<PartnerId>, roles: &[Role]) -> InvitationId {
        let call = Call::system(self.services.clone(), "test");
        let new = NewInvitation {
            partner_id,
            email: address.into(),
            name: "Nora".into(),
            roles: roles.iter().copied().collect(),
        };
        let invited =
            call.in_transaction(async |txn| invitations::invite(txn, &call, Action::InviteUser, new).await).await;
        invited.unwrap().id
    }

    /// A partner that is active already, created past the API: a reseller in Germany at the given domain.
    pub async fn partner(&self, domain: &str) -> PartnerId {
        self.partner_in(domain, PartnerState::Active, &[PartnerType::Reseller]).await
    }

    /// A partner in a state, created past the API.
    pub async fn partner_in(&self, domain: &str, state: PartnerState, types: &[PartnerType]) -> PartnerId {
        let call = Call::system(self.services.clone(), "test");
        let new = NewPartner {
            name: domain.split('.').next().unwrap().into(),
            website: format!("https://{domain}/"),
            domain: domain.into(),
            country: "DE".parse().unwrap(),
            types: types.iter().copied().collect(),
            regions: std::iter::empty().collect(),
            industries: Vec::new(),
            state,
        };
        let created =
            call.in_transaction(async |txn| partners::create(txn, &call, Action::DecideApplication, new).await).await;
        created.unwrap().id
    }

    /// Signs somebody in through the API.
    pub async fn sign_in(&self, address: &str) -> Person<'_> {
        self.sign_in_with(address, None).await
    }

    /// Signs somebody in through the API, with a code of their second factor if they have one.
    pub async fn sign_in_with(&self, address: &str, code: Option<&str>) -> Person<'_> {
        let answer = self
            .anonymous()
            .ask(
                "mutation($email: String!, $password: String!, $code: String) {
                    signIn(input: { email: $email, password: $password, code: $code }) { tokens { accessToken } userErrors { code message } }
                }",
                serde_json::json!({ "email": address, "password": PASSWORD, "code": code }),
            )
            .await;
        let token = answer.data["signIn"]["tokens"]["accessToken"].as_str();
        let token = token.unwrap_or_else(|| panic!("{address} cannot sign in: {answer:?}"));
        Person { app: self, token: Some(token.to_owned()) }
    }

    /// Moves the clock.
    pub fn advance(&self, span: TimeDelta) {
        self.clock.advance(span);
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Lets the database look at what is in its tables, so that it plans as it would with so many rows. On PostgreSQL
    /// that is for the tables' owner; on SQLite a connection sees what it found itself.
    pub async fn analyze(&self) {
        use sea_orm::ConnectionTrait as _;
        let db = match Engine::current() {
            Engine::Postgres => self.database.open_as_owner().await,
            Engine::Sqlite => return self.services.db.refresh_statistics().await.unwrap(),
        };
        db.pool().execute_unprepared("analyze").await.unwrap();
    }

    /// The database's plan of the latest statement with all of these words.
    pub async fn plan_of(&self, words: &[&str]) -> String {
        let statements = self.services.db.last_statements();
        let latest = statements.iter().rev().find(|sql| words.iter().all(|word| sql.contains(word)));
        self.explain(latest.unwrap_or_else(|| panic!("no {words:?} in {statements:?}"))).await
    }

    /// The database's plan of a statement, made by a connection that knows what `analyze` found: on SQLite those that were
    /// open before go on without.
    pub async fn explain(&self, sql: &str) -> String {
        use sea_orm::{ConnectionTrait as _, Statement};
        let (explain, column) = match Engine::current() {
            Engine::Postgres => ("explain", "QUERY PLAN"),
            Engine::Sqlite => ("explain query plan", "detail"),
        };
        let db = self.database.open_with(1).await;
        let statement = Statement::from_string(db.pool().get_database_backend(), format!("{explain} {sql}"));
        let rows = db.pool().query_all_raw(statement).await.unwrap();
        rows.iter().map(|row| row.try_get::<String>("", column).unwrap() + "\n").collect()
    }

    /// The whole content of some tables, to show that a refused call changed nothing.
    pub async fn rows(&self, tables: &[&str]) -> Vec<(String, i64)> {
        use sea_orm::{ConnectionTrait, Statement};
        let pool = self.services.db.pool();
        let mut counts = Vec::new();
        for table in tables {
            let sql = format!("select count(*) as n from {table}");
            let row =
                pool.query_one_raw(Statement::from_string(pool.get_database_backend(), sql)).await.unwrap().unwrap();
            counts.push(((*table).to_owned(), row.try_get("", "n").unwrap()));
        }
        counts
    }
}

/// Another server on the database of a [`TestApp`].
pub struct Replica {
    pub address: String,
    handle: actix_web::dev::ServerHandle,
}

impl Drop for Replica {
    fn drop(&mut self) {
        let _unawaited = self.handle.stop(false);
    }
}

/// Serves on a port of its own.
fn serve(app: App) -> (String, actix_web::dev::ServerHandle) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (send, receive) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let server = server::serve(app, listener, 1).unwrap();
            send.send(server.handle()).unwrap();
            server.await.unwrap();
        });
    });
    (address, receive.recv().unwrap())
}

impl Drop for TestApp {
    fn drop(&mut self) {
        // Sent at once; nobody waits for a server of a test that has ended.
        let _unawaited = self.handle.stop(false);
    }
}

pub fn instant(text: &str) -> Timestamp {
    Timestamp::from(DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&Utc))
}
