//! A partner's life in the API.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entity::value::{PartnerId, PartnerState, PartnerStateReason};

use super::{
    model::{self, Changed, Confirm, ConsequenceKind, Look, PartnerChange},
    service,
};
use crate::{
    onboarding::partners::graphql::Partner,
    payload,
    platform::{
        auth::policy::Action,
        error::AppResult,
        graphql::{
            GqlContext,
            money::Money,
            mutation::{MutationInput, mutate},
            parse,
        },
    },
};

/// One thing that follows from a change of a partner's state.
#[derive(SimpleObject)]
pub struct PartnerChangeConsequence {
    /// What follows.
    kind: ConsequenceKind,
    /// Of how many objects.
    count: i32,
    /// The money that it concerns, one amount a currency; empty where it is not about money.
    amounts: Vec<Money>,
    /// The same in a sentence.
    sentence: String,
}

impl From<model::Consequence> for PartnerChangeConsequence {
    fn from(it: model::Consequence) -> Self {
        Self {
            kind: it.kind,
            count: i32::try_from(it.count).unwrap_or(i32::MAX),
            amounts: it.amounts.into_iter().map(Money::from).collect(),
            sentence: it.sentence,
        }
    }
}

fn shown(consequences: Vec<model::Consequence>) -> Vec<PartnerChangeConsequence> {
    consequences.into_iter().map(PartnerChangeConsequence::from).collect()
}

/// What would follow from a change of a partner's state, if it were made now.
pub struct PartnerChangePreview(model::Preview);

/// What would follow from a change of a partner's state, if it were made now. Nothing is changed by looking.
#[Object]
impl PartnerChangePreview {
    /// The partner as it is.
    async fn partner(&self) -> Partner {
        Partner(self.0.partner.clone())
    }

    /// The change.
    async fn change(&self) -> PartnerChange {
        self.0.change
    }

    /// Whether it can be made in the partner's state.
    async fn is_possible(&self) -> bool {
        self.0.to.is_some()
    }

    /// The state that it leads to; null when it cannot be made.
    async fn leads_to(&self) -> Option<PartnerState> {
        self.0.to
    }

    /// What follows from it, with counts and money; what concerns nothing is left out.
    async fn consequences(&self) -> Vec<PartnerChangeConsequence> {
        shown(self.0.consequences.clone())
    }

    /// Stands for all of it but the number of sessions: send it with the mutation, which is refused when something else
    /// would follow by then.
    async fn digest(&self) -> &str {
        &self.0.digest
    }
}

/// Queries of a partner's life.
#[derive(Default)]
pub struct LifecycleQuery;

#[Object]
impl LifecycleQuery {
    /// What would follow from a change of a partner's state, to be confirmed by `suspendPartner`, `reinstatePartner` or
    /// `terminatePartner`. Staff only; null for a partner that does not exist.
    async fn preview_partner_change(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The partner.")] partner_id: ID,
        #[graphql(desc = "The change.")] change: PartnerChange,
    ) -> Option<AppResult<PartnerChangePreview>> {
        if let Err(refused) = gql.call().may(Action::ChangePartnerState) {
            return Some(Err(refused));
        }
        let look = Look { id: partner_id.parse::<PartnerId>().ok()?, change };
        service::preview(gql.call(), look).await.map(|found| found.map(PartnerChangePreview)).transpose()
    }
}

/// Declares the input and the payload of a change.
macro_rules! changes {
    ($($(#[$doc:meta])* $input:ident, $(#[$payload_doc:meta])* $payload:ident = $operation:literal as $change:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, InputObject)]
        pub struct $input {
            /// The partner.
            partner_id: ID,
            /// Why.
            reason: PartnerStateReason,
            /// Why, in words: the partner's administrators read it in a mail; at most 2,000 characters.
            message: Option<String>,
            /// The digest of the preview that you have seen: refused when something else would follow by now.
            digest: String,
            /// The version of the partner that you have read: refused when it changed since.
            expected_version: Option<i64>,
            /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
            idempotency_key: Option<String>,
        }

        impl MutationInput for $input {
            type Command = Confirm;
            const OPERATION: &'static str = $operation;

            fn idempotency_key(&self) -> Option<&str> {
                self.idempotency_key.as_deref()
            }

            fn parse(self) -> AppResult<Confirm> {
                Ok(Confirm {
                    id: parse::id(&self.partner_id, "partnerId")?,
                    change: PartnerChange::$change,
                    reason: self.reason,
                    message: self.message.map(|text| parse::prose(&text, "message", 2_000)).transpose()?,
                    digest: parse::line(&self.digest, "digest", 64)?,
                    expected_version: self.expected_version,
                })
            }
        }

        payload! {
            $(#[$payload_doc])*
            $payload from Changed as changed {
                /// The partner as it is now.
                partner: Partner = Partner(changed.partner.clone()),
                /// What followed.
                consequences: Vec<PartnerChangeConsequence> = shown(changed.consequences)
            }
        }
    )*};
}

changes! {
    /// Suspends a partner.
    SuspendPartnerInput,
    /// The suspended partner.
    SuspendPartnerPayload = "suspendPartner" as Suspend;

    /// Reinstates a partner.
    ReinstatePartnerInput,
    /// The partner, going on where it was.
    ReinstatePartnerPayload = "reinstatePartner" as Reinstate;

    /// Terminates a partner.
    TerminatePartnerInput,
    /// The terminated partner.
    TerminatePartnerPayload = "terminatePartner" as Terminate;
}

/// Mutations of a partner's life.
#[derive(Default)]
pub struct LifecycleMutation;

#[Object]
impl LifecycleMutation {
    /// Suspends a partner: its people sign in and read, and start nothing new. What is protected and committed stays.
    async fn suspend_partner(&self, gql: &Context<'_>, input: SuspendPartnerInput) -> AppResult<SuspendPartnerPayload> {
        mutate(gql, input, service::confirm).await
    }

    /// Reinstates a suspended partner: it goes on where it was.
    async fn reinstate_partner(
        &self,
        gql: &Context<'_>,
        input: ReinstatePartnerInput,
    ) -> AppResult<ReinstatePartnerPayload> {
        mutate(gql, input, service::confirm).await
    }

    /// Terminates a partner for good: its people's access ends, protections are released, funds that are not claimed
    /// return. What was claimed is still decided and paid.
    async fn terminate_partner(
        &self,
        gql: &Context<'_>,
        input: TerminatePartnerInput,
    ) -> AppResult<TerminatePartnerPayload> {
        mutate(gql, input, service::confirm).await
    }
}
