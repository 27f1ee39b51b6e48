//! Access tokens that are not ours, through the real door (RFC 8725): every one is answered alike.

use std::str::FromStr;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::value::{Role, SessionId, TypedId, UserId};
use hmac::{Hmac, KeyInit, Mac};
use partner_portal::platform::auth::keys;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::{TestApp, app::PASSWORD};

const WHO: &str = "{ viewer { user { id } } }";

fn pair(pem: &str) -> Ed25519KeyPair {
    Ed25519KeyPair::from_pkcs8(&keys::private_der(pem).unwrap()).unwrap()
}

fn encoded(part: &Value) -> String {
    URL_SAFE_NO_PAD.encode(part.to_string())
}

/// A token with these parts, signed by somebody.
fn token(head: &Value, claims: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let text = format!("{}.{}", encoded(head), encoded(claims));
    let signature = sign(text.as_bytes());
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn hs256(secret: &[u8]) -> impl Fn(&[u8]) -> Vec<u8> {
    move |text| {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
        mac.update(text);
        mac.finalize().into_bytes().to_vec()
    }
}

/// What our own tokens look like, to begin from.
struct Ours {
    head: Value,
    claims: Value,
    key: Ed25519KeyPair,
    refresh: String,
    access: String,
}

impl Ours {
    async fn of(app: &TestApp) -> Self {
        app.create_user("ana@vendor.example", None, &[Role::Admin]).await;
        let input = json!({ "email": "ana@vendor.example", "password": PASSWORD });
        let tokens =
            app.anonymous().done("signIn", input, "tokens { accessToken refreshToken }").await["tokens"].clone();
        let access = tokens["accessToken"].as_str().unwrap().to_owned();
        let part = |at: usize| {
            let text = access.split('.').nth(at).unwrap();
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
        };
        Self {
            head: part(0),
            claims: part(1),
            key: pair(&app.key),
            refresh: tokens["refreshToken"].as_str().unwrap().to_owned(),
            access: access.clone(),
        }
    }

    fn sign(&self, text: &[u8]) -> Vec<u8> {
        self.key.sign(text).as_ref().to_vec()
    }

    /// Rightly signed, with another header.
    fn head(&self, name: &str, value: Value) -> String {
        let mut head = self.head.clone();
        if value.is_null() {
            head.as_object_mut().unwrap().remove(name).unwrap();
        } else {
            head[name] = value;
        }
        token(&head, &self.claims, |text| self.sign(text))
    }

    /// Rightly signed, with other claims; null leaves one out.
    fn claim(&self, name: &str, value: Value) -> String {
        let mut claims = self.claims.clone();
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name).unwrap();
        } else {
            claims[name] = value;
        }
        token(&self.head, &claims, |text| self.sign(text))
    }

    fn moved(&self, name: &str, by: i64) -> Value {
        json!(self.claims[name].as_i64().unwrap() + by)
    }
}

fn wrong_algorithms(ours: &Ours) -> Vec<(String, String)> {
    let mut attacks = Vec::new();
    for none in ["none", "None", "NONE", "nOnE", ""] {
        let mut head = ours.head.clone();
        head["alg"] = json!(none);
        attacks.push((format!("alg {none}, no signature"), token(&head, &ours.claims, |_| Vec::new())));
        attacks.push((format!("alg {none}, a good signature"), token(&head, &ours.claims, |text| ours.sign(text))));
    }
    let public = ours.key.public_key().as_ref().to_vec();
    let der = [&[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00], &public[..]].concat();
    let pem = pem::encode(&pem::Pem::new("PUBLIC KEY", der.clone()));
    let text = URL_SAFE_NO_PAD.encode(&public);
    for (form, secret) in [
        ("bytes", &public[..]),
        ("DER", &der[..]),
        ("PEM", pem.as_bytes()),
        ("JWK's x", text.as_bytes()),
        ("nothing", b""),
    ] {
        let mut head = ours.head.clone();
        head["alg"] = json!("HS256");
        attacks.push((format!("HS256 with the public key's {form}"), token(&head, &ours.claims, hs256(secret))));
        attacks.push((format!("EdDSA that is HS256 with {form}"), token(&ours.head, &ours.claims, hs256(secret))));
    }
    for other in ["ES256", "RS256", "PS256", "HS512", "Ed25519", "eddsa"] {
        attacks.push((format!("alg {other}"), ours.head("alg", json!(other))));
    }
    attacks
}

fn wrong_keys(ours: &Ours) -> Vec<(String, String)> {
    let stranger = pair(&keys::generate_pem().unwrap());
    let by_stranger = |text: &[u8]| stranger.sign(text).as_ref().to_vec();
    let x = URL_SAFE_NO_PAD.encode(stranger.public_key().as_ref());
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": x });
    let mut attacks = vec![("another key under the same kid".to_owned(), token(&ours.head, &ours.claims, by_stranger))];
    for kid in ["../../key", "/dev/null", "' or 1=1 --", "", "*", "http://127.0.0.1/key", &"A".repeat(43), "\u{0}"] {
        let mut head = ours.head.clone();
        head["kid"] = json!(kid);
        attacks.push((format!("kid {kid:?}"), ours.head("kid", json!(kid))));
        attacks.push((format!("kid {kid:?} by a stranger"), token(&head, &ours.claims, by_stranger)));
        attacks.push((format!("kid {kid:?} by nothing"), token(&head, &ours.claims, hs256(b""))));
    }
    attacks.push(("kid is a number".to_owned(), ours.head("kid", json!(1))));
    attacks.push(("no kid".to_owned(), ours.head("kid", Value::Null)));
    for (name, value) in [
        ("jwk", jwk.clone()),
        ("jku", json!("https://attacker.example/jwks.json")),
        ("x5u", json!("https://attacker.example/cert.pem")),
        ("x5c", json!(["MIIB"])),
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
    ] {
        let mut head = ours.head.clone();
        head[name] = value.clone();
        attacks.push((format!("{name} by a stranger"), token(&head, &ours.claims, by_stranger)));
        attacks.push((format!("{name} in a header of ours"), ours.head(name, value)));
    }
    attacks
}

fn wrong_claims(ours: &Ours) -> Vec<(String, String)> {
    let mut attacks = Vec::new();
    for name in ["iss", "aud", "sub", "sid", "iat", "nbf", "exp"] {
        attacks.push((format!("no {name}"), ours.claim(name, Value::Null)));
        attacks.push((format!("{name} is a list"), ours.claim(name, json!([ours.claims[name]]))));
        attacks.push((format!("{name} is true"), ours.claim(name, json!(true))));
    }
    for (name, value) in [
        ("iss", json!("https://portal.example.attacker.example")),
        ("iss", json!("https://portal.example/")),
        ("aud", json!("other")),
        ("aud", json!(["partner-portal", "other"])),
        ("aud", json!(["other"])),
        ("sub", ours.claims["sid"].clone()),
        ("sub", json!("' or 1=1 --")),
        ("sid", ours.claims["sub"].clone()),
        ("exp", json!(ours.claims["exp"].to_string())),
        ("exp", json!(i64::MAX)),
        ("exp", ours.moved("exp", 1)),
        ("exp", ours.moved("iat", -6)),
        ("nbf", ours.moved("nbf", 6)),
        ("iat", ours.moved("iat", 6)),
    ] {
        attacks.push((format!("{name} {value}"), ours.claim(name, value)));
    }
    attacks.push(("longer than any of ours".to_owned(), ours.claim("more", json!("x".repeat(2_000)))));
    attacks
}

fn wrong_forms(ours: &Ours) -> Vec<(String, String)> {
    let parts: Vec<&str> = ours.access.split('.').collect();
    let [head, claims, signature] = parts[..] else { panic!("three parts") };
    let mut others = ours.claims.clone();
    others["sub"] = json!(UserId::from_uuid(uuid::Uuid::from_u128(1)).to_string());
    let other = encoded(&others);
    let mut flipped = URL_SAFE_NO_PAD.decode(signature).unwrap();
    flipped[10] ^= 1;
    let flipped = URL_SAFE_NO_PAD.encode(flipped);
    let mut attacks: Vec<(String, String)> = vec![
        ("a tampered payload".into(), format!("{head}.{other}.{signature}")),
        ("a tampered signature".into(), format!("{head}.{claims}.{flipped}")),
        ("half a signature".into(), format!("{head}.{claims}.{}", &signature[..40])),
        ("no signature".into(), format!("{head}.{claims}.")),
        ("two parts".into(), format!("{head}.{claims}")),
        ("four parts".into(), format!("{}.{signature}", ours.access)),
        ("padded".into(), format!("{}==", ours.access)),
        ("the parts in another order".into(), format!("{claims}.{head}.{signature}")),
        ("the refresh token".into(), ours.refresh.clone()),
        ("nothing".into(), String::new()),
        ("dots".into(), "..".into()),
        ("oversize".into(), "a".repeat(6_000)),
        ("two tokens".into(), format!("{} {}", ours.access, ours.access)),
    ];
    for kind in ["JWT", "at+JWT ", "application/at+jwt", "rt+jwt", "dpop+jwt"] {
        attacks.push((format!("typ {kind}"), ours.head("typ", json!(kind))));
    }
    attacks.push(("no typ".into(), ours.head("typ", Value::Null)));
    attacks
}

/// Status, body and challenge of a request with these Authorization headers.
async fn answered(app: &TestApp, authorizations: &[String]) -> (u16, Option<String>, String) {
    let mut request = app.client.post(format!("{}/graphql", app.address)).header("x-request-id", "the-same-for-all");
    for authorization in authorizations {
        request = request.header("authorization", authorization);
    }
    let response = request.json(&json!({ "query": WHO })).send().await.unwrap();
    let challenge = response.headers().get("www-authenticate").map(|value| value.to_str().unwrap().to_owned());
    (response.status().as_u16(), challenge, response.text().await.unwrap())
}

fn bearer(token: &str) -> Vec<String> {
    vec![format!("Bearer {token}")]
}

#[tokio::test]
async fn every_token_that_is_not_ours_is_answered_alike_and_without_a_database_statement() {
    let app = TestApp::start().await;
    let ours = Ours::of(&app).await;
    // The tools work: what is not tampered with is taken.
    let good = token(&ours.head, &ours.claims, |text| ours.sign(text));
    assert_eq!(answered(&app, &bearer(&good)).await.0, 200);
    assert_eq!(answered(&app, &bearer(&ours.claim("more", json!("x")))).await.0, 200);

    let mut attacks = wrong_algorithms(&ours);
    attacks.extend(wrong_keys(&ours));
    attacks.extend(wrong_claims(&ours));
    attacks.extend(wrong_forms(&ours));
    let mut headers: Vec<_> = attacks.into_iter().map(|(name, token)| (name, bearer(&token))).collect();
    let bearer = format!("Bearer {good}");
    headers.push(("two Authorization headers".into(), vec![bearer.clone(), bearer.clone()]));
    headers.push(("a second, empty Authorization header".into(), vec![bearer, String::new()]));
    headers.push(("another scheme".into(), vec![format!("Basic {good}")]));
    headers.push(("no scheme".into(), vec![good]));

    let alike = (401, Some("Bearer".to_owned()), answered(&app, &["Bearer x".to_owned()]).await.2);
    assert!(alike.2.contains("\"UNAUTHENTICATED\""), "{}", alike.2);
    let before = app.services.db.statements();
    let count = headers.len();
    for (name, authorizations) in headers {
        assert_eq!(answered(&app, &authorizations).await, alike, "{name}");
        assert_eq!(app.services.db.statements(), before, "{name} reached the database");
    }
    println!("{count} tokens that are not ours were refused");
    assert!(count > 120);
}

#[tokio::test]
async fn a_token_works_from_its_first_second_to_its_last() {
    let app = TestApp::start().await;
    let ours = Ours::of(&app).await;
    let ask = async || answered(&app, &bearer(&ours.access)).await.0;
    app.advance(chrono::TimeDelta::seconds(604));
    assert_eq!(ask().await, 200, "clocks of servers may differ by a little");
    app.advance(chrono::TimeDelta::seconds(1));
    assert_eq!(ask().await, 401);
    app.advance(chrono::TimeDelta::seconds(-605 - 5));
    assert_eq!(ask().await, 200);
    app.advance(chrono::TimeDelta::seconds(-1));
    assert_eq!(ask().await, 401, "a clock that jumps backwards accepts no token early, although it saw it before");
}

#[tokio::test]
async fn a_good_signature_for_no_session_or_for_anothers_is_answered_like_a_bad_one() {
    let app = TestApp::start().await;
    let ours = Ours::of(&app).await;
    let bea = app.person("bea@vendor.example", None, &[Role::Finance]).await;
    let viewer = bea.ask(WHO, Value::Null).await;
    let bea_id = viewer.data["viewer"]["user"]["id"].as_str().unwrap();
    let alike = answered(&app, &["Bearer x".to_owned()]).await;

    let sign = |user: &str, session: SessionId| {
        app.services.tokens.sign(UserId::from_str(user).unwrap(), session, app.now()).unwrap()
    };
    let session = SessionId::from_str(ours.claims["sid"].as_str().unwrap()).unwrap();
    let nowhere = SessionId::from_uuid(uuid::Uuid::from_u128(7));
    for (name, token) in [
        ("a session that never was", sign(bea_id, nowhere)),
        ("somebody else's session", sign(bea_id, session)),
        ("a person that never was", sign(&UserId::from_uuid(uuid::Uuid::from_u128(1)).to_string(), session)),
    ] {
        assert_eq!(answered(&app, &bearer(&token)).await, alike, "{name}");
    }
}
