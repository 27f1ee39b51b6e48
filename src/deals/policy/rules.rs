//! What a policy of deals may say: each figure with its bounds, named by its field.

use crate::{
    deals::registrations::rules::{
        conflicts::{ConflictKind as Kind, ConflictPolicy, Consequence},
        policy::{DealPolicy, EvidencePolicy, ProtectionDays, life::LifePolicy},
    },
    kernel::code::Code,
    platform::error::{AppError, AppResult},
};

/// All parts of the evidence together.
const ALL_POINTS: i32 = 100;

/// Nothing when a policy can be in force.
///
/// # Errors
/// `OUT_OF_RANGE` or `MALFORMED`, naming the field.
pub fn check(policy: &DealPolicy) -> AppResult<()> {
    evidence(&policy.evidence)?;
    if let Some(days) = &policy.protection_days {
        protection(days)?;
    }
    within("policy.reviewBusinessDays", policy.review_business_days.into(), (1, 60))?;
    life(&policy.life)?;
    within("policy.automatic.leastEvidence", policy.automatic.least_evidence.into(), (1, 100))?;
    within("policy.offerDays", policy.offer_days, (1, 60))?;
    within("policy.cases.decideBusinessDays", policy.cases.decide_business_days.into(), (1, 60))?;
    within("policy.cases.appealBusinessDays", policy.cases.appeal_business_days.into(), (1, 60))?;
    conflicts(policy.conflicts)
}

fn within(field: &str, number: i64, (least, most): (i64, i64)) -> AppResult<()> {
    if (least..=most).contains(&number) {
        return Ok(());
    }
    Err(AppError::invalid(field, Code::OutOfRange, format!("This is from {least} to {most}, not {number}.")))
}

fn evidence(it: &EvidencePolicy) -> AppResult<()> {
    let parts = [
        ("customerIdentity", it.customer_identity),
        ("decisionMaker", it.decision_maker),
        ("interactionsAtMost", it.interactions_at_most),
        ("needDescribed", it.need_described),
        ("dealDescribed", it.deal_described),
        ("demonstration", it.demonstration),
        ("customerConfirmation", it.customer_confirmation),
    ];
    for (name, points) in parts {
        within(&format!("policy.evidence.{name}"), points.into(), (0, 100))?;
    }
    // A dated interaction is needed in any case: it is worth something, and not more than all of them.
    within("policy.evidence.interaction", it.interaction.into(), (1, it.interactions_at_most.max(1).into()))?;
    within("policy.evidence.sufficient", it.sufficient.into(), (1, 100))?;
    let all: i32 = parts.iter().map(|(_, points)| points).sum();
    if all != ALL_POINTS {
        let sentence = format!("All parts together are {ALL_POINTS} points; these are {all}.");
        return Err(AppError::invalid("policy.evidence", Code::OutOfRange, sentence));
    }
    Ok(())
}

fn protection(days: &ProtectionDays) -> AppResult<()> {
    let ProtectionDays { registered, silver, gold, platinum } = *days;
    for (name, days) in [("registered", registered), ("silver", silver), ("gold", gold), ("platinum", platinum)] {
        within(&format!("policy.protectionDays.{name}"), days, (1, 360))?;
    }
    Ok(())
}

fn life(it: &LifePolicy) -> AppResult<()> {
    for (name, number, bounds) in [
        ("holdBusinessDays", it.hold_business_days.into(), (1, 60)),
        ("mostOpenHolds", it.most_open_holds, (0, 1_000)),
        ("mostExtensions", it.most_extensions.into(), (0, 20)),
        ("extensionDays", it.extension_days, (1, 360)),
        ("mostProtectionDays", it.most_protection_days, (1, 1_080)),
        ("warningDays", it.warning_days, (1, 360)),
        // Nobody loses a protection without having been warned.
        ("revocableDays", it.revocable_days, (it.warning_days.max(1), 720)),
        ("directRepCreditBasisPoints", it.direct_rep_credit_bp.into(), (0, 10_000)),
    ] {
        within(&format!("policy.life.{name}"), number, bounds)?;
    }
    Ok(())
}

fn conflicts(policy: ConflictPolicy) -> AppResult<()> {
    for kind in Kind::ALL {
        let (consequence, allowed) = (policy.of(*kind), kind.may_lead_to());
        if !allowed.contains(&consequence) {
            let words: Vec<String> = allowed.iter().map(word).collect();
            let sentence = format!("This can lead to {}.", words.join(", "));
            return Err(AppError::invalid(&field_of(*kind), Code::OutOfRange, sentence));
        }
    }
    let first = policy.of(Kind::ProtectedByAnotherPartner);
    match Kind::HOLDERS.iter().find(|kind| policy.of(**kind) != first) {
        None => rival(policy, first),
        Some(kind) => Err(AppError::invalid(
            &field_of(*kind),
            Code::Malformed,
            "A protection, an incumbent, a reservation and an opportunity of the vendor's own team lead to the same: \
             otherwise a partner could tell them apart.",
        )),
    }
}

/// A partner that is told that the account is not available cannot tell a rival that is looked at from a holder, either: by
/// being queued for the one and refused for the other.
fn rival(policy: ConflictPolicy, holders: Consequence) -> AppResult<()> {
    let closes = matches!(policy.rival_in_review, Consequence::Refuse | Consequence::Waitlist);
    if !closes || policy.rival_in_review == holders {
        return Ok(());
    }
    Err(AppError::invalid(
        &field_of(Kind::RivalInReview),
        Code::Malformed,
        "A rival that is looked at refuses or wait-lists only as a protection does: otherwise a partner could tell them \
         apart.",
    ))
}

fn word<T: serde::Serialize>(of: &T) -> String {
    serde_json::to_value(of).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

fn field_of(kind: Kind) -> String {
    let name = match kind {
        Kind::ProtectedByAnotherPartner => "protectedByAnotherPartner",
        Kind::RivalInReview => "rivalInReview",
        Kind::DirectOpportunityOpen => "directOpportunityOpen",
        Kind::AccountReservedForDirect => "accountReservedForDirect",
        Kind::IncumbentPartner => "incumbentPartner",
        Kind::TerritoryNotAuthorised => "territoryNotAuthorised",
        Kind::ProbableDuplicateAccount => "probableDuplicateAccount",
        Kind::OwnDuplicate => "ownDuplicate",
    };
    format!("policy.conflicts.{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shipped_can_be_in_force_and_what_is_out_of_bounds_names_its_field() {
        assert!(check(&DealPolicy::default()).is_ok());
        let changed = |change: fn(&mut DealPolicy)| {
            let mut policy = DealPolicy::default();
            change(&mut policy);
            policy
        };
        for (policy, field, code) in [
            (changed(|it| it.evidence.decision_maker = -1), "policy.evidence.decisionMaker", Code::OutOfRange),
            (changed(|it| it.evidence.decision_maker = 16), "policy.evidence", Code::OutOfRange),
            (changed(|it| it.evidence.interaction = 31), "policy.evidence.interaction", Code::OutOfRange),
            (changed(|it| it.evidence.interaction = 0), "policy.evidence.interaction", Code::OutOfRange),
            (changed(|it| it.evidence.sufficient = 0), "policy.evidence.sufficient", Code::OutOfRange),
            (changed(|it| it.review_business_days = 0), "policy.reviewBusinessDays", Code::OutOfRange),
            (changed(|it| it.life.hold_business_days = 0), "policy.life.holdBusinessDays", Code::OutOfRange),
            (changed(|it| it.life.most_open_holds = -1), "policy.life.mostOpenHolds", Code::OutOfRange),
            (changed(|it| it.life.extension_days = 0), "policy.life.extensionDays", Code::OutOfRange),
            (changed(|it| it.life.revocable_days = 29), "policy.life.revocableDays", Code::OutOfRange),
            (
                changed(|it| it.life.direct_rep_credit_bp = 10_001),
                "policy.life.directRepCreditBasisPoints",
                Code::OutOfRange,
            ),
            (changed(|it| it.automatic.least_evidence = 101), "policy.automatic.leastEvidence", Code::OutOfRange),
            (changed(|it| it.offer_days = 0), "policy.offerDays", Code::OutOfRange),
            (changed(|it| it.cases.decide_business_days = 0), "policy.cases.decideBusinessDays", Code::OutOfRange),
            (
                changed(|it| it.protection_days = Some(ProtectionDays { gold: 361, ..ProtectionDays::default() })),
                "policy.protectionDays.gold",
                Code::OutOfRange,
            ),
            (
                changed(|it| it.conflicts.own_duplicate = Consequence::AllowWithNotice),
                "policy.conflicts.ownDuplicate",
                Code::OutOfRange,
            ),
            (
                changed(|it| it.conflicts.protected_by_another_partner = Consequence::AllowWithNotice),
                "policy.conflicts.protectedByAnotherPartner",
                Code::OutOfRange,
            ),
            (
                changed(|it| it.conflicts.incumbent_partner = Consequence::Refuse),
                "policy.conflicts.incumbentPartner",
                Code::Malformed,
            ),
            (
                changed(|it| it.conflicts.rival_in_review = Consequence::Refuse),
                "policy.conflicts.rivalInReview",
                Code::Malformed,
            ),
        ] {
            let Err(AppError::Refused(problems)) = check(&policy) else { panic!("{field} was accepted") };
            assert_eq!((problems[0].field.join("."), problems[0].code), (field.to_owned(), code));
        }
    }

    #[test]
    fn whoever_holds_the_place_leads_to_the_same_whatever_that_is() {
        for consequence in [Consequence::Refuse, Consequence::Waitlist, Consequence::Escalate] {
            let mut policy = DealPolicy::default();
            policy.conflicts.protected_by_another_partner = consequence;
            policy.conflicts.direct_opportunity_open = consequence;
            policy.conflicts.account_reserved_for_direct = consequence;
            policy.conflicts.incumbent_partner = consequence;
            assert!(check(&policy).is_ok(), "{consequence:?}");
        }
    }
}
