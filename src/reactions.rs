//! One table: when this event happens, that slice does this, in the same transaction.

use entity::value::OnboardingStepKind;
use futures::future::BoxFuture;
use sea_orm::DatabaseTransaction;

use crate::{
    engagement,
    kernel::event::DomainEvent,
    onboarding::plans,
    platform::{call::Call, error::AppResult, events::Reactions},
};

/// Who reacts to what.
pub struct Table;

impl Reactions for Table {
    fn react<'a>(
        &'a self,
        txn: &'a DatabaseTransaction,
        call: &'a Call,
        event: DomainEvent,
    ) -> BoxFuture<'a, AppResult<()>> {
        Box::pin(async move {
            onboarding(txn, call, &event).await?;
            // Everything that happens at a partner is in its stream of activities, and in its score if it counts.
            engagement::react(txn, call, &event).await
        })
    }
}

/// Steps of onboarding plans complete themselves when the thing happens.
async fn onboarding(txn: &DatabaseTransaction, call: &Call, event: &DomainEvent) -> AppResult<()> {
    let (partner_id, kind) = match event {
        DomainEvent::ColleagueJoined { partner_id, .. } => (partner_id, OnboardingStepKind::InviteColleague),
        DomainEvent::TrainingCompleted { partner_id, is_foundation: true, .. } => {
            (partner_id, OnboardingStepKind::FinishFoundationCourse)
        }
        DomainEvent::RegistrationQualified { partner_id, .. }
        | DomainEvent::RegistrationProtected { partner_id, .. } => (partner_id, OnboardingStepKind::RegisterFirstDeal),
        _ => return Ok(()),
    };
    plans::happened(txn, call, *partner_id, kind).await
}
