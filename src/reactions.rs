//! One table: when this event happens, that slice does this, in the same transaction.

use entity::value::{AccountId, OnboardingStepKind, PartnerId};
use futures::future::BoxFuture;
use sea_orm::DatabaseTransaction;

use crate::{
    deals::registrations,
    engagement,
    kernel::{
        event::DomainEvent,
        merging::{Merging, Survey, Union},
    },
    notifications,
    onboarding::plans::{self, model::Happened},
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
            notifications::react(txn, call, &event).await?;
            // Everything that happens at a partner is in its stream of activities, and in its score if it counts.
            engagement::react(txn, call, &event).await
        })
    }

    // Whose turn it is on the waiting lists of the account is planned anew.
    fn place_changed<'a>(
        &'a self,
        txn: &'a DatabaseTransaction,
        call: &'a Call,
        account_id: AccountId,
    ) -> BoxFuture<'a, AppResult<()>> {
        Box::pin(registrations::replan(txn, call, account_id))
    }

    // Whose turn it is on the waiting lists that the partner is on is planned anew.
    fn rights_changed<'a>(
        &'a self,
        txn: &'a DatabaseTransaction,
        call: &'a Call,
        partner_id: PartnerId,
    ) -> BoxFuture<'a, AppResult<()>> {
        Box::pin(registrations::replan_of(txn, call, partner_id))
    }

    // Deal registrations follow their accounts. Whatever else hangs on accounts one day follows here, and adds to the
    // survey what stands against it.
    fn follow<'a>(
        &'a self,
        txn: &'a DatabaseTransaction,
        call: &'a Call,
        merging: Merging,
    ) -> BoxFuture<'a, AppResult<()>> {
        Box::pin(registrations::follow(txn, call, merging))
    }

    fn survey<'a>(
        &'a self,
        txn: &'a DatabaseTransaction,
        call: &'a Call,
        union: Union,
        hold: bool,
    ) -> BoxFuture<'a, AppResult<Survey>> {
        Box::pin(registrations::survey(txn, call, union, hold))
    }
}

/// Steps of onboarding plans complete themselves when the thing happens.
async fn onboarding(txn: &DatabaseTransaction, call: &Call, event: &DomainEvent) -> AppResult<()> {
    let (partner_id, happened) = match event {
        DomainEvent::AgreementsAccepted { partner_id, user_id, text_version, sha256 } => {
            (partner_id, Happened::signed(*user_id, *text_version, sha256.clone()))
        }
        DomainEvent::PartnerProfileCompleted { partner_id, user_id } => {
            (partner_id, Happened { by: *user_id, ..Happened::of(OnboardingStepKind::CompleteProfile) })
        }
        DomainEvent::ColleagueJoined { partner_id, .. } => {
            (partner_id, Happened::of(OnboardingStepKind::InviteColleague))
        }
        DomainEvent::TrainingCompleted { partner_id, is_foundation: true, .. } => {
            (partner_id, Happened::of(OnboardingStepKind::FinishFoundationCourse))
        }
        DomainEvent::BusinessPlanAgreed { partner_id } => {
            (partner_id, Happened::of(OnboardingStepKind::AgreeJointBusinessPlan))
        }
        DomainEvent::RegistrationQualified { partner_id, .. }
        | DomainEvent::RegistrationProtected { partner_id, .. } => {
            (partner_id, Happened::of(OnboardingStepKind::RegisterFirstDeal))
        }
        _ => return Ok(()),
    };
    plans::happened(txn, call, *partner_id, happened).await
}
