//! Single sign-on of the vendor's staff.

use std::collections::BTreeMap;

use clap::Args;
use entity::value::Role;
use secrecy::SecretString;

use super::{Problems, given, list, variable};
use crate::platform::{
    error::AppError,
    openid::{OpenId, Provider, SignOn},
};

/// Our secret at the provider. No flag: others on the machine could read it.
pub const CLIENT_SECRET: &str = "PARTNER_PORTAL_OIDC_CLIENT_SECRET";

const ISSUER: &str = "PARTNER_PORTAL_OIDC_ISSUER";
const CLIENT_ID: &str = "PARTNER_PORTAL_OIDC_CLIENT_ID";
const ROLES: &str = "PARTNER_PORTAL_OIDC_ROLES";

/// Single sign-on, as written.
#[derive(Args, Clone, Default)]
#[expect(clippy::struct_field_names, reason = "the names are those of the flags")]
pub struct SignOnArgs {
    /// The issuer of staff's identities (OpenID Connect): an https address [default: none]
    #[arg(long, env = "PARTNER_PORTAL_OIDC_ISSUER", hide_env_values = true)]
    oidc_issuer: Option<String>,
    /// Our client id there. The variable PARTNER_PORTAL_OIDC_CLIENT_SECRET holds our secret, if we have one. The
    /// redirect address to register there is the public address followed by /sign-on/callback
    #[arg(long, env = "PARTNER_PORTAL_OIDC_CLIENT_ID", hide_env_values = true)]
    oidc_client_id: Option<String>,
    /// What is asked for besides `openid`, separated by commas [default: email,profile]
    #[arg(long, env = "PARTNER_PORTAL_OIDC_SCOPES", hide_env_values = true)]
    oidc_scopes: Option<String>,
    /// The claim of the ID token that lists a person's groups [default: groups]
    #[arg(long, env = "PARTNER_PORTAL_OIDC_GROUPS_CLAIM", hide_env_values = true)]
    oidc_groups_claim: Option<String>,
    /// Which group stands for which role: group=ROLE, separated by commas, such as channel-team=CHANNEL_OPS
    #[arg(long, env = "PARTNER_PORTAL_OIDC_ROLES", hide_env_values = true)]
    oidc_roles: Option<String>,
}

/// Single sign-on.
#[derive(Debug)]
pub struct SignOnConfig(Option<(Provider, BTreeMap<String, Role>)>);

impl SignOnArgs {
    /// Reads it. `public_url` is where the provider sends people back to.
    pub fn read(&self, problems: &mut Problems, public_url: &str) -> Option<SignOnConfig> {
        let Some(issuer) = given(self.oidc_issuer.as_ref()) else {
            if given(self.oidc_client_id.as_ref()).is_some() || given(self.oidc_roles.as_ref()).is_some() {
                problems.add(ISSUER, "name the provider too, or leave out all settings of single sign-on");
            }
            return Some(SignOnConfig(None));
        };
        let issuer = problems.take(ISSUER, web_address(issuer));
        let client_id = given(self.oidc_client_id.as_ref()).ok_or("the provider gives one".to_owned());
        let client_id = problems.take(CLIENT_ID, client_id.map(str::to_owned));
        let roles = problems.take(ROLES, list(self.oidc_roles.as_ref()).map(pair).collect());
        let roles: Option<BTreeMap<String, Role>> = roles;
        if roles.as_ref().is_some_and(BTreeMap::is_empty) {
            problems.add(ROLES, "nobody could sign on: say which group stands for which role, as group=ROLE");
        }
        let scopes: Vec<String> = match given(self.oidc_scopes.as_ref()) {
            Some(_) => list(self.oidc_scopes.as_ref()).map(str::to_owned).collect(),
            None => vec!["email".to_owned(), "profile".to_owned()],
        };
        let provider = Provider {
            issuer: issuer?,
            client_id: client_id?,
            client_secret: variable(CLIENT_SECRET).filter(|secret| !secret.is_empty()).map(SecretString::from),
            redirect_url: format!("{public_url}/sign-on/callback"),
            scopes,
            groups_claim: given(self.oidc_groups_claim.as_ref()).unwrap_or("groups").to_owned(),
        };
        Some(SignOnConfig(Some((provider, roles?))))
    }
}

impl SignOnConfig {
    /// What signs people on, if it is configured: they land on the portal, or on a page of one of the `origins`.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn open(self, portal_url: String, origins: Vec<String>) -> Result<Option<SignOn>, AppError> {
        let Some((provider, roles)) = self.0 else { return Ok(None) };
        Ok(Some(SignOn { openid: OpenId::new(provider)?, roles, portal_url, return_origins: origins }))
    }
}

fn web_address(text: &str) -> Result<String, String> {
    let wrong = || format!("{text:?} is no address such as https://login.example.com");
    let url = url::Url::parse(text).map_err(|_| wrong())?;
    let here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    if url.scheme() == "https" || (url.scheme() == "http" && here) { Ok(text.to_owned()) } else { Err(wrong()) }
}

fn pair(text: &str) -> Result<(String, Role), String> {
    let wrong = || format!("{text:?} is no group=ROLE with a role of staff, such as channel-team=CHANNEL_OPS");
    let (group, role) = text.rsplit_once('=').ok_or_else(wrong)?;
    let role: Role = role.trim().parse().map_err(|_| wrong())?;
    if group.trim().is_empty() || !role.is_staff() { Err(wrong()) } else { Ok((group.trim().to_owned(), role)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_stand_for_roles_of_staff() {
        assert_eq!(pair("channel-team=CHANNEL_OPS"), Ok(("channel-team".to_owned(), Role::ChannelOps)));
        assert_eq!(pair("cn=finance,ou=x=FINANCE").map(|(_, role)| role), Ok(Role::Finance));
        for refused in ["channel-team", "=ADMIN", "x=ROOT", "x=SELLER", ""] {
            assert!(pair(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn a_provider_is_reached_by_https_or_on_this_machine() {
        for (text, taken) in [
            ("https://login.example.com", true),
            ("http://127.0.0.1:3000", true),
            ("http://login.example.com", false),
            ("login.example.com", false),
        ] {
            assert_eq!(web_address(text).is_ok(), taken, "{text}");
        }
    }

    #[test]
    fn half_a_configuration_is_none() {
        let args = SignOnArgs { oidc_issuer: Some("https://login.example.com".to_owned()), ..SignOnArgs::default() };
        let mut problems = Problems::default();
        let read = args.read(&mut problems, "https://portal.example");
        assert_eq!(problems.finish(read).unwrap_err().len(), 2);
        let args = SignOnArgs { oidc_roles: Some("a=ADMIN".to_owned()), ..SignOnArgs::default() };
        let mut problems = Problems::default();
        let read = args.read(&mut problems, "https://portal.example");
        assert_eq!(problems.finish(read).unwrap_err().len(), 1);
    }
}
