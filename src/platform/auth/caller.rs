//! The caller, and the scope that follows from it.

use entity::value::{ApiClientId, ClientScopes, PartnerId, PartnerState, Role, Roles, SessionId, TypedId, UserId};
use futures::future::BoxFuture;
use sea_orm::{
    ColumnTrait, Condition,
    sea_query::{Expr, ExprTrait},
};

use crate::platform::{error::AppResult, origin::Origin};

/// Who calls.
#[derive(Clone, Debug, PartialEq)]
pub enum Caller {
    /// Nobody in particular.
    Anonymous,
    /// A signed-in person.
    User(SignedIn),
    /// A program of an integrator.
    Client(ClientCaller),
    /// The product itself.
    System,
}

/// A signed-in person, as verified for this request.
#[derive(Clone, Debug, PartialEq)]
pub struct SignedIn {
    /// The person.
    pub user_id: UserId,
    /// The session.
    pub session_id: SessionId,
    /// The partner company, none for staff, and its state.
    pub partner: Option<(PartnerId, PartnerState)>,
    /// The person's roles.
    pub roles: Roles,
}

/// A program of an integrator, as verified for this request.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientCaller {
    /// The client.
    pub client_id: ApiClientId,
    /// The partner company that it acts for, none for the vendor, and its state.
    pub partner: Option<(PartnerId, PartnerState)>,
    /// What it may do.
    pub scopes: ClientScopes,
    /// The person who made it and answers for it.
    pub responsible: UserId,
}

/// Turns what a request presents into a caller. Implemented where sessions live.
pub trait Authenticate: Send + Sync + 'static {
    /// The caller behind an access token or a client's secret that comes from somewhere.
    ///
    /// # Errors
    /// `Unauthenticated` when it is not valid, or not any more.
    fn authenticate<'a>(&'a self, bearer: &'a str, origin: &'a Origin) -> BoxFuture<'a, AppResult<Caller>>;
}

/// Which rows exist for a caller. Every find takes one: foreign rows do not come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Nothing at all.
    Nothing,
    /// The vendor's staff and the product itself see every row.
    Everything,
    /// The rows of one partner.
    Partner(PartnerId),
}

impl Scope {
    /// The condition on the column that holds the partner's id.
    #[must_use]
    pub fn rows_of(self, partner_id: impl ColumnTrait) -> Condition {
        match self {
            Self::Nothing => Condition::all().add(ExprTrait::eq(Expr::val(1), 0)),
            Self::Everything => Condition::all(),
            Self::Partner(id) => Condition::all().add(partner_id.eq(id)),
        }
    }

    /// Whether a row of this partner exists for the caller.
    #[must_use]
    pub fn includes(self, partner_id: PartnerId) -> bool {
        match self {
            Self::Nothing => false,
            Self::Everything => true,
            Self::Partner(id) => id == partner_id,
        }
    }

    /// Whether rows that belong to no partner, such as the vendor's own staff, exist for the caller.
    #[must_use]
    pub fn is_everything(self) -> bool {
        self == Self::Everything
    }
}

impl Caller {
    /// Which rows exist for the caller.
    #[must_use]
    pub fn scope(&self) -> Scope {
        match self {
            Self::Anonymous => Scope::Nothing,
            Self::User(SignedIn { partner: Some((id, _)), .. })
            | Self::Client(ClientCaller { partner: Some((id, _)), .. }) => Scope::Partner(*id),
            Self::User(_) | Self::Client(_) | Self::System => Scope::Everything,
        }
    }

    /// The signed-in person.
    #[must_use]
    pub fn user_id(&self) -> Option<UserId> {
        self.signed_in().map(|user| user.user_id)
    }

    /// The person who answers for what is done: the signed-in one, or the maker of the client.
    #[must_use]
    pub fn responsible(&self) -> Option<UserId> {
        match self {
            Self::User(user) => Some(user.user_id),
            Self::Client(client) => Some(client.responsible),
            Self::Anonymous | Self::System => None,
        }
    }

    /// The partner that the caller belongs to or acts for.
    #[must_use]
    pub fn partner_id(&self) -> Option<PartnerId> {
        let partner = match self {
            Self::User(user) => user.partner,
            Self::Client(client) => client.partner,
            Self::Anonymous | Self::System => None,
        };
        partner.map(|(id, _)| id)
    }

    /// The client that calls, if one does.
    #[must_use]
    pub fn client(&self) -> Option<&ClientCaller> {
        match self {
            Self::Client(client) => Some(client),
            Self::Anonymous | Self::User(_) | Self::System => None,
        }
    }

    /// The signed-in person with session and roles.
    #[must_use]
    pub fn signed_in(&self) -> Option<&SignedIn> {
        match self {
            Self::User(user) => Some(user),
            Self::Anonymous | Self::Client(_) | Self::System => None,
        }
    }

    /// Whether the caller has a role.
    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        self.signed_in().is_some_and(|user| user.roles.has(role))
    }

    /// Under which name the caller's idempotency keys are kept.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Anonymous => "anonymous".to_owned(),
            Self::User(user) => format!("{}_{}", UserId::PREFIX, user.user_id.uuid().simple()),
            Self::Client(client) => client.client_id.to_string(),
            Self::System => "system".to_owned(),
        }
    }
}
