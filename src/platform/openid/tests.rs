//! Tokens of a provider: taken, and forged.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::{Value, json};

use super::*;
use crate::platform::auth::keys::{self, SigningKey};

const NOW: Timestamp = Timestamp::from_micros(1_770_000_000_000_000);

fn openid() -> OpenId {
    OpenId::new(Provider {
        issuer: "https://login.example".to_owned(),
        client_id: "portal".to_owned(),
        client_secret: None,
        redirect_url: "https://portal.example/sign-on/callback".to_owned(),
        scopes: Vec::new(),
        groups_claim: "groups".to_owned(),
    })
    .unwrap()
}

async fn with_key() -> (OpenId, EncodingKey) {
    let key = SigningKey::from_pem(&keys::generate_pem().unwrap()).unwrap();
    let mut public = serde_json::to_value(key.public()).unwrap();
    public["kid"] = json!("k");
    let keys = json!({ "keys": [public] });
    let metadata = Metadata {
        issuer: "https://login.example".to_owned(),
        authorization_endpoint: "https://login.example/auth".to_owned(),
        token_endpoint: "https://login.example/token".to_owned(),
        jwks_uri: "https://login.example/keys".to_owned(),
    };
    let known = Known { at: NOW, metadata, keys_at: NOW, keys: serde_json::from_value(keys).unwrap() };
    let openid = openid();
    *openid.known.write().await = Some(Arc::new(known));
    (openid, key.signing)
}

fn claims() -> Value {
    let now = NOW.seconds();
    json!({
        "iss": "https://login.example", "sub": "1", "aud": "portal", "exp": now + 60, "iat": now, "nonce": "n",
        "email": "ana@vendor.example", "email_verified": true, "groups": ["channel"], "amr": ["pwd", "otp"],
    })
}

fn header() -> Header {
    Header { kid: Some("k".to_owned()), ..Header::new(Algorithm::EdDSA) }
}

#[tokio::test]
async fn a_token_in_order_says_who_it_is() {
    let (openid, key) = with_key().await;
    let token = encode(&header(), &claims(), &key).unwrap();
    let identity = openid.read(&token, "n", NOW).await.unwrap();
    assert_eq!(identity.groups, ["channel"]);
    assert_eq!(identity.email.as_deref(), Some("ana@vendor.example"));
    assert!(identity.several_factors);
}

#[tokio::test]
async fn a_token_that_is_not_for_us_now_is_refused() {
    let (openid, key) = with_key().await;
    let now = NOW.seconds();
    let changed = |name: &str, value: Value| {
        let mut claims = claims();
        claims[name] = value;
        encode(&header(), &claims, &key).unwrap()
    };
    let other = SigningKey::from_pem(&keys::generate_pem().unwrap()).unwrap().signing;
    let sound = encode(&header(), &claims(), &key).unwrap();
    let payload = sound.split('.').nth(1).unwrap();
    let none = format!("{}.{payload}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none","kid":"k"}"#));
    let confused = Header { kid: Some("k".to_owned()), ..Header::new(Algorithm::HS256) };
    let mut tampered = sound.clone();
    let place = tampered.len() - 6..tampered.len() - 5;
    let other_letter = if tampered[place.clone()] == *"A" { "B" } else { "A" };
    tampered.replace_range(place, other_letter);
    for (attack, token) in [
        ("another issuer", changed("iss", json!("https://evil.example"))),
        ("another audience", changed("aud", json!("other"))),
        ("several audiences and no party", changed("aud", json!(["portal", "other"]))),
        ("another party", changed("azp", json!("other"))),
        ("expired", changed("exp", json!(now - 6))),
        ("issued in the future", changed("iat", json!(now + 60))),
        ("another nonce", changed("nonce", json!("m"))),
        ("no nonce", changed("nonce", Value::Null)),
        ("another key", encode(&header(), &claims(), &other).unwrap()),
        ("no signature", none),
        ("a shared secret", encode(&confused, &claims(), &EncodingKey::from_secret(b"portal")).unwrap()),
        ("tampered", tampered),
        ("no token", "x.y.z".to_owned()),
    ] {
        let answer = openid.read(&token, "n", NOW).await;
        assert!(matches!(answer, Err(AppError::Unauthenticated)), "{attack}");
    }
    let unverified = openid.read(&changed("email_verified", json!(false)), "n", NOW).await.unwrap();
    assert_eq!(unverified.email, None);
}
