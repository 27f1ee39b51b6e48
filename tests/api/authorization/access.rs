//! What of the world is about how people sign in.

use entity::value::Role;
use serde_json::{Value, json};

use super::world::{Side, World};
use crate::people::second_factors::code_of;

impl World<'_> {
    /// A new person of a side: their address, and their id.
    async fn somebody(&self, side: Side, name: &str) -> (String, Value) {
        let email = format!("{name}{}@{}", self.number(), side.domain());
        let partner_id = self.fact(side, "partner").as_str().unwrap().parse().unwrap();
        let id = self.app.create_user(&email, Some(partner_id), &[Role::Seller]).await;
        (email, json!(id.to_string()))
    }

    /// The secret that was mailed to somebody of a side who wants another address.
    pub async fn another_address(&self, side: Side) -> Value {
        let (email, _) = self.somebody(side, "moving").await;
        let wanted = format!("moved{}@{}", self.number(), side.domain());
        let person = self.app.sign_in(&email).await;
        person.done("requestEmailChange", json!({ "email": wanted }), "requested").await;
        let mails = self.app.mails().await;
        json!(mails.iter().find(|mail| mail.to == wanted).unwrap().token())
    }

    /// Somebody of a side who signs in with a second factor; their id.
    pub async fn with_second_factor(&self, side: Side) -> Value {
        let (email, id) = self.somebody(side, "lost").await;
        let person = self.app.sign_in(&email).await;
        let begun = person.done("beginTotpEnrolment", json!({}), "secret").await;
        let code = code_of(begun["secret"].as_str().unwrap(), self.app.now());
        person.done("confirmTotpEnrolment", json!({ "code": code }), "recoveryCodes").await;
        id
    }
}
