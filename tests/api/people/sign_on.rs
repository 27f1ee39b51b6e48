//! Single sign-on against a real, certified provider: through its pages and back, as a browser goes.

use std::{
    collections::{BTreeMap, HashMap},
    io::{BufRead as _, BufReader},
    process::{Child, ChildStdout, Command, Stdio},
    sync::OnceLock,
};

use chrono::TimeDelta;
use entity::value::Role;
use partner_portal::platform::{
    clock::{Clock as _, SystemClock},
    openid::{OpenId, Provider, SignOn},
};
use serde_json::{Value, json};

use crate::support::{TestApp, app::Options};

const CALLBACK: &str = "https://portal.example/sign-on/callback";

/// The provider of this run. It stops when our end of its standard input closes, that is with us.
fn issuer() -> &'static str {
    static STARTED: OnceLock<(String, Child, BufReader<ChildStdout>)> = OnceLock::new();
    let (issuer, ..) = STARTED.get_or_init(|| {
        let mut child = Command::new("tests/sign-on/run")
            .arg(CALLBACK)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("tests/sign-on/run starts the provider; it needs Node.js");
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        assert!(line.starts_with("http://127.0.0.1:"), "the provider did not start: {line:?}");
        (line.trim().to_owned(), child, output)
    });
    issuer
}

fn sign_on(issuer: &str) -> SignOn {
    let provider = Provider {
        issuer: issuer.to_owned(),
        client_id: "portal".to_owned(),
        client_secret: Some("a secret of the tests".to_owned().into()),
        redirect_url: CALLBACK.to_owned(),
        scopes: vec!["email".to_owned(), "profile".to_owned()],
        groups_claim: "groups".to_owned(),
    };
    let roles = BTreeMap::from([
        ("admins".to_owned(), Role::Admin),
        ("channel".to_owned(), Role::ChannelOps),
        ("money".to_owned(), Role::Finance),
    ]);
    SignOn {
        openid: OpenId::new(provider).unwrap(),
        roles,
        portal_url: "https://portal.example/".to_owned(),
        return_origins: Vec::new(),
    }
}

async fn start() -> TestApp {
    let app = TestApp::start_with(Options { sign_on: Some(sign_on(issuer())), ..Options::default() }).await;
    // The provider lives in the present.
    app.advance(SystemClock.now().since(app.now()));
    app
}

/// A browser as far as we need one: it keeps cookies, and we follow its redirects by hand.
struct Browser<'a> {
    app: &'a TestApp,
    client: reqwest::Client,
    cookies: HashMap<(bool, String), String>,
    page: String,
}

impl<'a> Browser<'a> {
    fn new(app: &'a TestApp) -> Self {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { app, client, cookies: HashMap::new(), page: String::new() }
    }

    async fn go(&mut self, address: &str, form: Option<&str>) -> (u16, Option<String>) {
        let ours = address.starts_with(&self.app.address);
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .filter(|((of_ours, _), _)| *of_ours == ours)
            .map(|((_, name), value)| format!("{name}={value}"))
            .collect();
        let mut request = match form {
            None => self.client.get(address),
            Some(form) => self
                .client
                .post(address)
                .header("content-type", "application/x-www-form-urlencoded")
                .body(form.to_owned()),
        };
        if !cookies.is_empty() {
            request = request.header("cookie", cookies.join("; "));
        }
        let response = request.send().await.unwrap();
        for header in response.headers().get_all("set-cookie") {
            let (name, value) = header.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert((ours, name.to_owned()), value.to_owned());
        }
        let status = response.status().as_u16();
        let location = response.headers().get("location").map(|value| value.to_str().unwrap().to_owned());
        self.page = response.text().await.unwrap();
        let base = url::Url::parse(address).unwrap();
        (status, location.map(|location| base.join(&location).unwrap().to_string()))
    }

    /// Begins here and signs in at the provider; the address that it then sends us back to.
    async fn through_the_provider(&mut self, login: &str, return_to: &str) -> String {
        let (status, location) = self.go(&format!("{}/sign-on?returnTo={return_to}", self.app.address), None).await;
        assert_eq!(status, 303);
        let mut address = location.unwrap();
        for _ in 0..12 {
            if address.starts_with(CALLBACK) {
                return address;
            }
            let (status, location) = self.go(&address, None).await;
            match location {
                Some(location) => address = location,
                None => {
                    assert_eq!(status, 200, "{address}");
                    // A page with a form: first who you are, then whether you agree.
                    let login = url::form_urlencoded::byte_serialize(login.as_bytes()).collect::<String>();
                    let form = match self.page.contains(r#"name="login""#) {
                        true => format!("prompt=login&login={login}&password=x"),
                        false => "prompt=consent".to_owned(),
                    };
                    let (_, location) = self.go(&address, Some(&form)).await;
                    address = location.unwrap();
                }
            }
        }
        panic!("the provider does not send us back");
    }

    /// Comes back from the provider; where we send it.
    async fn back(&mut self, address: &str) -> (u16, Option<String>) {
        let query = address.split_once('?').unwrap().1.to_owned();
        self.go(&format!("{}/sign-on/callback?{query}", self.app.address), None).await
    }

    /// The whole way; the fragment that the portal's page finds.
    async fn sign_on(&mut self, login: &str) -> String {
        let address = self.through_the_provider(login, "/deals").await;
        let (status, landing) = self.back(&address).await;
        assert_eq!(status, 303);
        let landing = landing.unwrap();
        landing.strip_prefix("https://portal.example/deals#").unwrap_or_else(|| panic!("{landing}")).to_owned()
    }
}

fn code(fragment: &str) -> Value {
    json!({ "code": fragment.strip_prefix("signOnCode=").unwrap_or_else(|| panic!("{fragment}")) })
}

const SELECTION: &str = "user { id name email roles partner { id } } tokens { accessToken refreshToken }";

#[tokio::test]
async fn staff_sign_on_and_their_groups_become_roles() {
    let app = start().await;
    let methods = app.anonymous().ask("{ signInMethods { password singleSignOnPath } }", Value::Null).await;
    assert_eq!(methods.data["signInMethods"], json!({ "password": true, "singleSignOnPath": "/sign-on" }));

    let fragment = Browser::new(&app).sign_on("nora+channel+coffee").await;
    let opened = app.anonymous().done("completeSignOn", code(&fragment), SELECTION).await;
    assert_eq!(opened["user"]["name"], "nora of the provider");
    assert_eq!(opened["user"]["email"], "nora@vendor.example");
    assert_eq!(opened["user"]["roles"], json!(["CHANNEL_OPS"]));
    assert_eq!(opened["user"]["partner"], Value::Null);
    let mut nora = app.anonymous();
    nora.token = opened["tokens"]["accessToken"].as_str().map(str::to_owned);
    let seen = nora.ask("{ viewer { user { email } isStaff } }", Value::Null).await;
    assert_eq!(seen.data["viewer"], json!({ "user": { "email": "nora@vendor.example" }, "isStaff": true }));

    // The code worked once.
    assert_eq!(app.anonymous().refused("completeSignOn", code(&fragment)).await, ["INVALID_TOKEN"]);

    // The next time she is the same person, and her roles follow her groups.
    let fragment = Browser::new(&app).sign_on("nora+money").await;
    let again = app.anonymous().done("completeSignOn", code(&fragment), SELECTION).await;
    assert_eq!(again["user"]["id"], opened["user"]["id"]);
    assert_eq!(again["user"]["roles"], json!(["FINANCE"]));
}

#[tokio::test]
async fn a_member_of_staff_who_is_known_by_address_stays_the_same_person() {
    let app = start().await;
    app.create_user("Ana@Vendor.Example", None, &[Role::Admin]).await;
    let fragment = Browser::new(&app).sign_on("ana+channel").await;
    let opened = app.anonymous().done("completeSignOn", code(&fragment), SELECTION).await;
    // The last administrator stays one, whatever the provider says: nobody else could let anybody in.
    assert_eq!(opened["user"]["roles"], json!(["ADMIN", "CHANNEL_OPS"]));
    assert_eq!(app.rows(&["users", "user_identities"]).await.iter().map(|(_, n)| *n).collect::<Vec<_>>(), [1, 1]);
}

#[tokio::test]
async fn nobody_signs_on_whom_we_may_not_let_in() {
    let app = start().await;
    let partner = app.partner("alpha.example").await;
    app.create_user("pia@vendor.example", Some(partner), &[Role::Seller]).await;
    let before = app.rows(&["users", "user_identities", "sessions"]).await;
    for (login, reason) in [
        ("nora+coffee", "NO_ROLE"),
        ("nora", "NO_ROLE"),
        ("unverified-nora+channel", "ADDRESS_NOT_VERIFIED"),
        ("pia+channel", "NOT_STAFF"),
    ] {
        assert_eq!(Browser::new(&app).sign_on(login).await, format!("signOnError={reason}"), "{login}");
    }
    assert_eq!(app.rows(&["users", "user_identities", "sessions"]).await, before);
}

#[tokio::test]
async fn a_member_of_staff_who_was_deactivated_or_left_our_groups_is_kept_out_at_every_step() {
    let app = start().await;
    app.create_user("dora@vendor.example", None, &[Role::ChannelOps]).await;
    let state = async |state: &str| app.execute(&format!("update users set state = '{state}'")).await;
    state("DEACTIVATED").await;
    assert_eq!(Browser::new(&app).sign_on("dora+channel").await, "signOnError=DEACTIVATED", "known by the address");
    state("ACTIVE").await;
    assert_eq!(Browser::new(&app).sign_on("dora+coffee").await, "signOnError=NO_ROLE");
    let landed = Browser::new(&app).sign_on("dora+channel").await;
    state("DEACTIVATED").await;
    assert_eq!(app.anonymous().refused("completeSignOn", code(&landed)).await, ["INVALID_TOKEN"], "since the provider");
    assert_eq!(Browser::new(&app).sign_on("dora+channel").await, "signOnError=DEACTIVATED", "known by the identity");
    assert_eq!(app.rows(&["sessions"]).await[0].1, 0);
}

#[tokio::test]
async fn an_attempt_belongs_to_one_browser_and_comes_back_once() {
    let app = start().await;
    let mut browser = Browser::new(&app);
    let address = browser.through_the_provider("nora+channel", "/deals").await;
    // A link with somebody's code and state, opened by another person.
    assert_eq!(Browser::new(&app).back(&address).await, (400, None));
    // Another state.
    let mut forged = url::Url::parse(&address).unwrap();
    forged.query_pairs_mut().clear().append_pair("code", "x").append_pair("state", "y");
    assert_eq!(browser.back(forged.as_str()).await.0, 400);
    // The refusals above used nothing up.
    let cookies = browser.cookies.clone();
    assert_eq!(browser.back(&address).await.0, 303);
    browser.cookies = cookies;
    assert_eq!(browser.back(&address).await, (400, None), "it comes back once");
    assert_eq!(app.rows(&["sessions"]).await, [("sessions".to_owned(), 0)], "nobody exchanged the code");
}

#[tokio::test]
async fn a_code_of_another_attempt_is_worth_nothing() {
    let app = start().await;
    let (mut victim, mut thief) = (Browser::new(&app), Browser::new(&app));
    let stolen = victim.through_the_provider("ana+admins", "/").await;
    let own = thief.through_the_provider("mallory+coffee", "/").await;
    let part = |address: &str, name: &str| {
        let url = url::Url::parse(address).unwrap();
        url.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned()
    };
    let mut mixed = url::Url::parse(CALLBACK).unwrap();
    mixed.query_pairs_mut().append_pair("code", &part(&stolen, "code")).append_pair("state", &part(&own, "state"));
    let (_, landing) = thief.back(mixed.as_str()).await;
    assert_eq!(landing.as_deref(), Some("https://portal.example/#signOnError=NOT_VALID"));
    assert_eq!(app.rows(&["users"]).await, [("users".to_owned(), 0)]);
}

#[tokio::test]
async fn what_comes_too_late_is_over() {
    let app = start().await;
    let mut browser = Browser::new(&app);
    let address = browser.through_the_provider("nora+channel", "/deals").await;
    app.advance(TimeDelta::seconds(601));
    assert_eq!(browser.back(&address).await, (400, None));
    app.advance(TimeDelta::seconds(-601));

    let fragment = Browser::new(&app).sign_on("nora+channel").await;
    app.advance(TimeDelta::seconds(60));
    assert_eq!(app.anonymous().refused("completeSignOn", code(&fragment)).await, ["INVALID_TOKEN"]);
}

#[tokio::test]
async fn nobody_is_sent_elsewhere() {
    let app = start().await;
    for wish in ["https://evil.example/", "//evil.example", "/%5Cevil.example", "javascript:alert(1)"] {
        let (status, location) = Browser::new(&app).go(&format!("{}/sign-on?returnTo={wish}", app.address), None).await;
        assert_eq!((status, location), (400, None), "{wish}");
    }
    assert_eq!(app.rows(&["sign_on_attempts"]).await, [("sign_on_attempts".to_owned(), 0)]);
}

#[tokio::test]
async fn without_its_provider_everything_else_works() {
    let dead = sign_on("http://127.0.0.1:9");
    let app = TestApp::start_with(Options { sign_on: Some(dead), ..Options::default() }).await;
    assert_eq!(Browser::new(&app).go(&format!("{}/sign-on", app.address), None).await, (503, None));
    app.staff(Role::Admin).await;

    let plain = TestApp::start().await;
    assert_eq!(Browser::new(&plain).go(&format!("{}/sign-on", plain.address), None).await.0, 404);
}
