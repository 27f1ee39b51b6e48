//! Mutations of invitations.

use async_graphql::{Context, ID, InputObject, Object};
use entity::value::{InvitationId, Role};

use super::Invitation;
use crate::{
    payload,
    people::{
        invitations::{
            model::{self, Accept, Invite},
            service,
        },
        sessions::{
            graphql::{Handover, Tokens},
            model::Opened,
            password,
        },
        users::graphql::User,
    },
    platform::{
        error::AppResult,
        graphql::{
            mutation::{MutationInput, mutate},
            parse,
        },
    },
};

/// Accepts an invitation.
#[derive(Clone, InputObject)]
pub struct AcceptInvitationInput {
    /// The invitation's token, from the link.
    token: String,
    /// The password that you choose: 12 to 256 characters of any kind, and not an easily guessed one.
    password: String,
    /// How you want to be called; as invited when absent.
    name: Option<String>,
    /// For browsers: the refresh token becomes a cookie that scripts cannot read.
    #[graphql(default)]
    use_cookie: bool,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for AcceptInvitationInput {
    type Command = Accept;
    const OPERATION: &'static str = "acceptInvitation";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Accept> {
        let name = self.name.map(|name| parse::line(&name, "name", 200)).transpose()?;
        let words: Vec<&str> = name.iter().map(String::as_str).collect();
        Ok(Accept { password: password::choose(self.password, "password", &words)?, token: self.token, name })
    }
}

payload! {
    /// The new user, signed in.
    AcceptInvitationPayload from Opened as opened {
        /// The user that the invited person became.
        user: User = User(opened.user.clone()),
        /// The tokens of the new session.
        tokens: Tokens = Tokens::from(opened)
    }
}

/// Invites a person into your own company: partners' administrators their people, the vendor's administrators staff.
#[derive(Clone, InputObject)]
pub struct InviteUserInput {
    /// The address that the invitation is mailed to.
    email: String,
    /// The name of the person.
    name: String,
    /// What they may do: staff roles for staff, partner roles for a partner's people; at least one.
    roles: Vec<Role>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for InviteUserInput {
    type Command = Invite;
    const OPERATION: &'static str = "inviteUser";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Invite> {
        let (email, email_key) = parse::email(&self.email, "email")?;
        Ok(Invite {
            email,
            email_key,
            name: parse::line(&self.name, "name", 200)?,
            roles: parse::at_most(self.roles, "roles", 20)?.into_iter().collect(),
        })
    }
}

payload! {
    /// The invitation: answered alike whether the address belongs to somebody already or not.
    InviteUserPayload from model::Invitation as invitation {
        /// The invitation. Its link is mailed.
        invitation: Invitation = Invitation(invitation)
    }
}

/// Takes an invitation back.
#[derive(Clone, InputObject)]
pub struct RevokeInvitationInput {
    /// Which one.
    invitation_id: ID,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for RevokeInvitationInput {
    type Command = InvitationId;
    const OPERATION: &'static str = "revokeInvitation";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<InvitationId> {
        parse::id(&self.invitation_id, "invitationId")
    }
}

payload! {
    /// The invitation, taken back.
    RevokeInvitationPayload from model::Invitation as invitation {
        /// The invitation. Its link does not work any more.
        invitation: Invitation = Invitation(invitation)
    }
}

/// Sends an invitation anew.
#[derive(Clone, InputObject)]
pub struct ResendInvitationInput {
    /// Which one: open, or expired.
    invitation_id: ID,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for ResendInvitationInput {
    type Command = InvitationId;
    const OPERATION: &'static str = "resendInvitation";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<InvitationId> {
        parse::id(&self.invitation_id, "invitationId")
    }
}

payload! {
    /// The invitation that took the older one's place.
    ResendInvitationPayload from model::Invitation as invitation {
        /// The new invitation: another link, and the whole time again. The older link does not work any more.
        invitation: Invitation = Invitation(invitation)
    }
}

/// Mutations of invitations.
#[derive(Default)]
pub struct InvitationMutation;

#[Object]
impl InvitationMutation {
    /// Accepts an invitation: the invited person becomes a user and is signed in. Works once, until it expires.
    async fn accept_invitation(
        &self,
        gql: &Context<'_>,
        input: AcceptInvitationInput,
    ) -> AppResult<AcceptInvitationPayload> {
        let handover = Handover::new(gql, input.use_cookie);
        mutate(gql, input, |call, command| handover.of(Box::pin(service::accept(call, command)))).await
    }

    /// Invites a person into your own company; the link is mailed, works once, and for seven days. Whether the address
    /// belongs to somebody already, the answer does not tell.
    async fn invite_user(&self, gql: &Context<'_>, input: InviteUserInput) -> AppResult<InviteUserPayload> {
        mutate(gql, input, service::invite_user).await
    }

    /// Takes an invitation back: its link stops working at once.
    async fn revoke_invitation(
        &self,
        gql: &Context<'_>,
        input: RevokeInvitationInput,
    ) -> AppResult<RevokeInvitationPayload> {
        mutate(gql, input, service::revoke).await
    }

    /// Sends an invitation anew: a new one with a link and time of its own takes its place.
    async fn resend_invitation(
        &self,
        gql: &Context<'_>,
        input: ResendInvitationInput,
    ) -> AppResult<ResendInvitationPayload> {
        mutate(gql, input, service::resend).await
    }
}
