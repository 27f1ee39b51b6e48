//! OpenID Connect as the relying party: discovery, code flow with PKCE, and the ID token checked (OpenID Connect
//! Core 1.0 §3.1.3.7). The flow is `oauth2`'s, signatures are `jsonwebtoken`'s; what is ours is which claims count.

use std::{collections::BTreeMap, io, sync::Arc, time::Duration};

use entity::value::{Role, Timestamp};
use jsonwebtoken::{
    Algorithm, DecodingKey, Validation, decode, decode_header,
    jwk::{Jwk, JwkSet, PublicKeyUse},
};
use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, Scope, TokenUrl,
    basic::{BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use tokio::sync::RwLock;

use crate::platform::error::{AppError, AppResult};

/// How long the provider may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The longest answer that is read, in bytes.
const ANSWER: usize = 256 * 1024;

/// What the provider says about itself is asked again after so long.
const REMEMBERED_SECONDS: i64 = 3_600;

/// Unknown keys make us ask for the provider's keys again, but not more often than this.
const KEYS_SECONDS: i64 = 30;

/// Clocks may differ by so many seconds.
const LEEWAY_SECONDS: i64 = 5;

/// Signatures that are taken: asymmetric ones only.
const ALGORITHMS: &[Algorithm] = &[
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// Which provider, and what it knows us as.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Its issuer identifier; discovery is asked below it.
    pub issuer: String,
    /// Our client id there.
    pub client_id: String,
    /// Our secret there; none for a public client.
    pub client_secret: Option<SecretString>,
    /// Where it sends people back to.
    pub redirect_url: String,
    /// What we ask for, `openid` aside.
    pub scopes: Vec<String>,
    /// The claim that lists a person's groups.
    pub groups_claim: String,
}

/// The secrets of one attempt: derived, each for one purpose.
#[derive(Clone, Debug)]
pub struct AttemptSecrets {
    /// Comes back with the person.
    pub state: String,
    /// Comes back inside the ID token.
    pub nonce: String,
    /// Proves that who exchanges the code began the attempt (RFC 7636).
    pub verifier: String,
}

/// Who the provider says somebody is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The provider.
    pub issuer: String,
    /// The person, there.
    pub subject: String,
    /// Their address, if the provider vouches for it.
    pub email: Option<String>,
    /// Their name.
    pub name: Option<String>,
    /// The groups that the provider counts them to.
    pub groups: Vec<String>,
    /// Whether they proved who they are in more than one way.
    pub several_factors: bool,
    /// When the provider last asked them who they are, if it says so.
    pub authenticated_at: Option<Timestamp>,
}

#[derive(Clone, Debug, Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
}

#[derive(Clone)]
struct Known {
    at: Timestamp,
    metadata: Metadata,
    keys_at: Timestamp,
    keys: JwkSet,
}

#[derive(Debug, Deserialize, Serialize)]
struct IdToken {
    iss: String,
    sub: String,
    aud: Audience,
    exp: i64,
    iat: i64,
    #[serde(default)]
    azp: Option<String>,
    #[serde(default)]
    nonce: Option<String>,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    email_verified: Option<bool>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    amr: Vec<String>,
    #[serde(default)]
    auth_time: Option<i64>,
    #[serde(flatten)]
    others: BTreeMap<String, serde_json::Value>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// The fields of a token answer beside OAuth's own.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct IdTokenField {
    id_token: String,
}

impl oauth2::ExtraTokenFields for IdTokenField {}

type TokenAnswer = oauth2::StandardTokenResponse<IdTokenField, BasicTokenType>;
type Flow = oauth2::Client<
    BasicErrorResponse,
    TokenAnswer,
    BasicTokenIntrospectionResponse,
    oauth2::StandardRevocableToken,
    BasicRevocationErrorResponse,
    oauth2::EndpointSet,
    oauth2::EndpointNotSet,
    oauth2::EndpointNotSet,
    oauth2::EndpointNotSet,
    oauth2::EndpointSet,
>;

/// Single sign-on as this deployment has it.
pub struct SignOn {
    /// The provider.
    pub openid: OpenId,
    /// Which of its groups stands for which role of ours.
    pub roles: BTreeMap<String, Role>,
    /// Where people go afterwards, unless the frontend says where.
    pub portal_url: String,
    /// Further origins that people may be sent back to.
    pub return_origins: Vec<String>,
}

/// The relying party of one provider.
pub struct OpenId {
    provider: Provider,
    http: reqwest::Client,
    known: RwLock<Option<Arc<Known>>>,
}

fn provider_failed(cause: impl std::fmt::Display) -> AppError {
    AppError::internal(format!("single sign-on: the provider: {cause}"))
}

impl OpenId {
    /// For a provider. Nothing is asked yet: the server starts without it.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn new(provider: Provider) -> AppResult<Self> {
        let http = reqwest::Client::builder()
            .timeout(PATIENCE)
            // A redirect could lead the code or our secret elsewhere.
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(provider_failed)?;
        Ok(Self { provider, http, known: RwLock::new(None) })
    }

    /// The issuer that identities come from.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.provider.issuer
    }

    /// Where to send a person to sign in. When it has to be `fresh`, the provider asks them even if it knows them.
    ///
    /// # Errors
    /// When the provider cannot be asked about itself.
    pub async fn sign_in_address(&self, secrets: &AttemptSecrets, fresh: bool, now: Timestamp) -> AppResult<String> {
        let known = self.known(now).await?;
        let verifier = PkceCodeVerifier::new(secrets.verifier.clone());
        let state = CsrfToken::new(secrets.state.clone());
        let flow = self.flow(&known.metadata)?;
        let mut asked = flow.authorize_url(move || state).add_scope(Scope::new("openid".to_owned()));
        for scope in &self.provider.scopes {
            asked = asked.add_scope(Scope::new(scope.clone()));
        }
        if fresh {
            // The age is for providers that keep the word `auth_time` for who asks how old a sign-in is.
            asked = asked.add_extra_param("prompt", "login").add_extra_param("max_age", "0");
        }
        let (address, _) = asked
            .add_extra_param("nonce", &secrets.nonce)
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        Ok(address.into())
    }

    /// Exchanges a code for who came with it.
    ///
    /// # Errors
    /// `Unauthenticated` when the code or the ID token is not valid; a fault when the provider does not answer.
    pub async fn exchange(&self, code: String, secrets: &AttemptSecrets, now: Timestamp) -> AppResult<Identity> {
        let known = self.known(now).await?;
        let asking = |request: HttpRequest| self.ask(request);
        let answered = self
            .flow(&known.metadata)?
            .exchange_code(AuthorizationCode::new(code))
            .set_pkce_verifier(PkceCodeVerifier::new(secrets.verifier.clone()))
            .request_async(&asking)
            .await;
        let answer: TokenAnswer = match answered {
            Ok(answer) => answer,
            Err(oauth2::RequestTokenError::ServerResponse(refusal)) => {
                tracing::warn!(error = %refusal.error(), "single sign-on: the provider refused a code");
                return Err(AppError::Unauthenticated);
            }
            Err(error) => return Err(provider_failed(error)),
        };
        self.read(&answer.extra_fields().id_token, &secrets.nonce, now).await
    }

    /// Reads an ID token: signature, issuer, audience, time and nonce.
    async fn read(&self, token: &str, nonce: &str, now: Timestamp) -> AppResult<Identity> {
        let header = decode_header(token).map_err(|_| AppError::Unauthenticated)?;
        if !ALGORITHMS.contains(&header.alg) {
            return Err(AppError::Unauthenticated);
        }
        let mut known = self.known(now).await?;
        if find(&known.keys, header.kid.as_deref()).is_none() {
            known = self.with_fresh_keys(known, now).await?;
        }
        let key = find(&known.keys, header.kid.as_deref()).ok_or(AppError::Unauthenticated)?;
        let key = DecodingKey::from_jwk(key).map_err(|_| AppError::Unauthenticated)?;
        let mut validation = Validation::new(header.alg);
        validation.set_audience(&[&self.provider.client_id]);
        validation.set_issuer(&[&self.provider.issuer]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Instants are checked against our own clock below.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let claims = decode::<IdToken>(token, &key, &validation).map_err(|_| AppError::Unauthenticated)?.claims;
        self.accept(claims, nonce, now)
    }

    fn accept(&self, claims: IdToken, nonce: &str, now: Timestamp) -> AppResult<Identity> {
        let seconds = now.seconds();
        let in_time =
            seconds < claims.exp.saturating_add(LEEWAY_SECONDS) && claims.iat <= seconds.saturating_add(LEEWAY_SECONDS);
        let several_audiences = matches!(&claims.aud, Audience::Several(audiences) if audiences.len() > 1);
        let authorised = claims.azp.as_ref().map_or(!several_audiences, |azp| *azp == self.provider.client_id);
        if !in_time || !authorised || claims.nonce.as_deref() != Some(nonce) {
            return Err(AppError::Unauthenticated);
        }
        let groups = match claims.others.get(&self.provider.groups_claim) {
            Some(serde_json::Value::String(group)) => vec![group.clone()],
            Some(serde_json::Value::Array(groups)) => {
                groups.iter().filter_map(|group| group.as_str().map(str::to_owned)).collect()
            }
            _ => Vec::new(),
        };
        // RFC 8176.
        let several_factors = claims.amr.iter().any(|way| matches!(way.as_str(), "mfa" | "otp" | "hwk" | "fpt"));
        Ok(Identity {
            issuer: claims.iss,
            subject: claims.sub,
            email: claims.email.filter(|_| claims.email_verified == Some(true)),
            name: claims.name,
            groups,
            several_factors,
            authenticated_at: claims
                .auth_time
                .and_then(|seconds| seconds.checked_mul(1_000_000))
                .map(Timestamp::from_micros),
        })
    }

    fn flow(&self, metadata: &Metadata) -> AppResult<Flow> {
        let auth = AuthUrl::new(metadata.authorization_endpoint.clone()).map_err(provider_failed)?;
        let token = TokenUrl::new(metadata.token_endpoint.clone()).map_err(provider_failed)?;
        let redirect = RedirectUrl::new(self.provider.redirect_url.clone()).map_err(provider_failed)?;
        let mut client = oauth2::Client::new(ClientId::new(self.provider.client_id.clone()));
        if let Some(secret) = &self.provider.client_secret {
            client = client.set_client_secret(ClientSecret::new(secret.expose_secret().to_owned()));
        }
        Ok(client.set_auth_uri(auth).set_token_uri(token).set_redirect_uri(redirect))
    }

    /// What the provider says about itself and its keys, asked at most once an hour.
    async fn known(&self, now: Timestamp) -> AppResult<Arc<Known>> {
        let fresh = |known: &Arc<Known>| now.since(known.at).num_seconds() < REMEMBERED_SECONDS;
        if let Some(known) = self.known.read().await.as_ref().filter(|known| fresh(known)) {
            return Ok(Arc::clone(known));
        }
        let mut place = self.known.write().await;
        if let Some(known) = place.as_ref().filter(|known| fresh(known)) {
            return Ok(Arc::clone(known));
        }
        let address = format!("{}/.well-known/openid-configuration", self.provider.issuer.trim_end_matches('/'));
        let metadata: Metadata = self.get(&address).await?;
        if metadata.issuer != self.provider.issuer {
            return Err(provider_failed(format!("it calls itself {}", metadata.issuer)));
        }
        let keys = self.get(&metadata.jwks_uri).await?;
        let known = Arc::new(Known { at: now, metadata, keys_at: now, keys });
        *place = Some(Arc::clone(&known));
        Ok(known)
    }

    async fn with_fresh_keys(&self, known: Arc<Known>, now: Timestamp) -> AppResult<Arc<Known>> {
        let mut place = self.known.write().await;
        if now.since(known.keys_at).num_seconds() < KEYS_SECONDS {
            return Ok(known);
        }
        let keys = self.get(&known.metadata.jwks_uri).await?;
        let known = Arc::new(Known { keys_at: now, keys, ..Known::clone(&known) });
        *place = Some(Arc::clone(&known));
        Ok(known)
    }

    async fn get<T: serde::de::DeserializeOwned>(&self, address: &str) -> AppResult<T> {
        let answer = self.http.get(address).send().await.map_err(provider_failed)?;
        let body = read_at_most(answer).await.map_err(provider_failed)?;
        Ok(serde_json::from_slice(body.body())?)
    }

    async fn ask(&self, request: HttpRequest) -> io::Result<HttpResponse> {
        let request = reqwest::Request::try_from(request).map_err(io::Error::other)?;
        let answer = self.http.execute(request).await.map_err(io::Error::other)?;
        read_at_most(answer).await
    }
}

async fn read_at_most(mut answer: reqwest::Response) -> io::Result<HttpResponse> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(io::Error::other)? {
        if body.len().saturating_add(chunk.len()) > ANSWER {
            return Err(io::Error::other("the answer is too long"));
        }
        body.extend_from_slice(&chunk);
    }
    let mut response = HttpResponse::new(body);
    *response.status_mut() = answer.status();
    *response.headers_mut() = answer.headers().clone();
    Ok(response)
}

/// The key of an id; without one the provider's only key for signatures.
fn find<'a>(keys: &'a JwkSet, id: Option<&str>) -> Option<&'a Jwk> {
    let signs =
        |key: &&Jwk| key.common.public_key_use.as_ref().is_none_or(|purpose| *purpose == PublicKeyUse::Signature);
    match id {
        Some(id) => keys.keys.iter().filter(signs).find(|key| key.common.key_id.as_deref() == Some(id)),
        None => {
            let mut signing = keys.keys.iter().filter(signs);
            signing.next().filter(|_| signing.next().is_none())
        }
    }
}

#[cfg(test)]
mod tests;
