//! The waiting list in the API: offers, and what is answered.

use std::collections::HashMap;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject, dataloader::Loader};
use entity::value::{OfferAnswer, RegistrationId, Timestamp};

use super::DealRegistrationPayload;
use crate::{
    deals::registrations::{
        model::{Change, Offer},
        service,
    },
    platform::{
        call::Call,
        error::{AppError, AppResult},
        graphql::{
            GqlContext, loaders,
            mutation::{MutationInput, mutate},
            parse,
            waiting::Waiting,
        },
    },
};

/// An offer of the place that a registration waits for.
#[derive(SimpleObject)]
pub struct WaitlistOffer {
    /// Since when the place is offered, or was.
    offered_at: Timestamp,
    /// At which instant the offer ends, or would have ended.
    expires_at: Timestamp,
    /// Whether it can be answered now.
    is_open: bool,
    /// What became of it; null while it is open.
    answer: Option<OfferAnswer>,
    /// When; null while it is open.
    answered_at: Option<Timestamp>,
}

impl WaitlistOffer {
    fn of(offer: Offer, now: Timestamp) -> Self {
        let answer = offer.answer_at(now);
        Self {
            offered_at: offer.starts_at,
            expires_at: offer.expires_at,
            is_open: offer.is_open(now),
            answer,
            answered_at: answer.map(|_| offer.answered_at.unwrap_or(offer.expires_at)),
        }
    }

    /// Until when it can be answered; none when it cannot.
    pub fn open_until(&self) -> Option<Timestamp> {
        self.is_open.then_some(self.expires_at)
    }

    /// The last offer of a registration that has begun, loaded together with its siblings'.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn load(gql: &Context<'_>, id: RegistrationId) -> AppResult<Option<Self>> {
        let (found, now) = (loaders::loader(gql, OfferLoader).load_one(id).await?, gql.call().now());
        if let Some(open) = found.as_ref().filter(|offer| offer.is_open(now)) {
            Waiting::of(gql).until(now, open.expires_at);
        }
        Ok(found.map(|offer| Self::of(offer, now)))
    }
}

/// Loads the last offers of registrations.
pub struct OfferLoader(Call);

impl Loader<RegistrationId> for OfferLoader {
    type Value = Offer;
    type Error = AppError;

    async fn load(&self, ids: &[RegistrationId]) -> AppResult<HashMap<RegistrationId, Offer>> {
        // Oldest first: the last one stays.
        Ok(service::offers_of(&self.0, ids).await?.into_iter().collect())
    }
}

/// Declares the input of an answer to an offer.
macro_rules! answer_input {
    ($(#[$doc:meta])* $name:ident as $operation:literal) => {
        $(#[$doc])*
        #[derive(Clone, InputObject)]
        pub struct $name {
            /// The registration that waits.
            id: ID,
            /// The version that you have read; refused when the registration has changed since.
            expected_version: Option<i64>,
            /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
            idempotency_key: Option<String>,
        }

        impl MutationInput for $name {
            type Command = Change<()>;
            const OPERATION: &'static str = $operation;

            fn idempotency_key(&self) -> Option<&str> {
                self.idempotency_key.as_deref()
            }

            fn parse(self) -> AppResult<Change<()>> {
                Ok(Change { id: parse::id(&self.id, "id")?, expected_version: self.expected_version, what: () })
            }
        }
    };
}

answer_input! {
    /// Takes the place that is offered.
    AcceptWaitlistOfferInput as "acceptWaitlistOffer"
}

answer_input! {
    /// Leaves the place that is offered to the next one.
    DeclineWaitlistOfferInput as "declineWaitlistOffer"
}

/// Mutations of the waiting list.
#[derive(Default)]
pub struct WaitlistMutation;

#[Object]
impl WaitlistMutation {
    /// Takes the place that is offered to a registration of your company (`waitlistOffer`): it is protected from now on.
    async fn accept_waitlist_offer(
        &self,
        gql: &Context<'_>,
        input: AcceptWaitlistOfferInput,
    ) -> AppResult<DealRegistrationPayload> {
        mutate(gql, input, service::accept).await
    }

    /// Leaves the place that is offered to a registration of your company to the next one on the waiting list. The
    /// registration stays on it, and has another offer once the place was held and left again.
    async fn decline_waitlist_offer(
        &self,
        gql: &Context<'_>,
        input: DeclineWaitlistOfferInput,
    ) -> AppResult<DealRegistrationPayload> {
        mutate(gql, input, service::decline).await
    }
}
