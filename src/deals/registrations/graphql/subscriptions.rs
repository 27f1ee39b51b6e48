//! Subscriptions of registrations: what is asked, as it is now and again after each change.

use async_graphql::{Context, ID, Subscription};
use entity::value::{DealRegistrationState as State, RegistrationId};
use futures::{Stream, stream};

use super::{
    DealRegistration, ListedRegistration,
    lists::{DealRegistrationFilter, DealRegistrationOrder, DealRegistrationOrderField, listed},
};
use crate::{
    deals::registrations::service::QUEUE,
    platform::{
        auth::policy::Action,
        error::AppError,
        graphql::{
            GqlContext as _,
            order::OrderDirection,
            page::{Listed, PageArgs},
            waiting::Waiting,
        },
    },
};

/// Subscriptions of deal registrations.
#[derive(Default)]
pub struct DealRegistrationSubscription;

#[Subscription]
impl DealRegistrationSubscription {
    /// The deal registration of an id as it is now, and again after each change; null, and nothing further, when there is
    /// none, or none that you may see. Who reads slowly misses states in between and never the last one.
    async fn deal_registration_changed(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The registration's id.")] id: ID,
    ) -> Result<impl Stream<Item = Option<DealRegistration>>, AppError> {
        let call = gql.call();
        call.may(Action::ReadRegistrations)?;
        let mut found = None;
        if let Ok(id) = id.parse::<RegistrationId>() {
            // Listening before reading: what changes in between is heard.
            let news = call.services.news.watch(&id.to_string());
            found = DealRegistration::load(gql, id).await?;
            if let Some(DealRegistration(registration)) = &found {
                let waiting = Waiting::of(gql);
                waiting.hold(news);
                if let Some(deadline) = registration.next_deadline_at() {
                    waiting.until(call.now(), deadline);
                }
            }
        }
        Ok(stream::iter([found]))
    }

    /// The head of the queue of what waits for a decision as it is now, and again when it has changed: oldest qualified
    /// first. For those who decide.
    async fn registration_queue_changed(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "How many, from the beginning.")] first: Option<i32>,
    ) -> Result<impl Stream<Item = Listed<ListedRegistration>>, AppError> {
        let call = gql.call();
        call.may(Action::DecideRegistration)?;
        if !call.scope().is_everything() {
            return Err(AppError::Forbidden);
        }
        Waiting::of(gql).hold(call.services.news.watch(QUEUE));
        let filter =
            DealRegistrationFilter { states: Some(vec![State::Submitted, State::InReview]), ..Default::default() };
        let order =
            DealRegistrationOrder { field: DealRegistrationOrderField::QualifiedAt, direction: OrderDirection::Asc };
        let page = PageArgs { first, ..PageArgs::default() };
        Ok(stream::iter([listed(gql, Some(filter), Some(order), page).await?]))
    }
}
