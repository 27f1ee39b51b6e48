//! Which text is in force, whether a partner still has to accept it, and who may do what with a text.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use entity::value::{AgreementId, AgreementState, PartnerState, PartnerType, PartnerTypes, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    model::{Acceptance, Heading, Standing},
    states::{AgreementAction, EDGES},
};
use crate::kernel::{code::Code, decision::Decision, graph, hex};

/// The version of these rules.
const POLICY_VERSION: i32 = 1;

/// The hash of a text: SHA-256, in lower-case hexadecimal.
#[must_use]
pub fn sha256(text: &str) -> String {
    hex::encode(&Sha256::digest(text.as_bytes()))
}

/// The texts in force at an instant: of those for every partner, and for each type, the one that took effect last.
#[must_use]
pub fn in_force(texts: &[Heading], now: Timestamp) -> Vec<Heading> {
    let mut latest: BTreeMap<Option<PartnerType>, &Heading> = BTreeMap::new();
    for text in texts.iter().filter(|text| text.effective_at <= now) {
        let kept = latest.entry(text.partner_type).or_insert(text);
        if order(text) > order(kept) {
            *kept = text;
        }
    }
    latest.into_values().cloned().collect()
}

fn order(text: &Heading) -> (Timestamp, i32) {
    (text.effective_at, text.text_version)
}

/// Whether a text is for partners of these types.
#[must_use]
pub fn concerns(text: &Heading, types: &PartnerTypes) -> bool {
    text.partner_type.is_none_or(|ty| types.has(ty))
}

/// How a partner of these types stands to each text in force for it. It still has to accept one when it has accepted
/// none of its kind, or when a later one than it has accepted asks for that; until the earliest date that one of them
/// names, as far as they took effect after the partner came.
#[must_use]
pub fn standings(
    texts: &[Heading],
    acceptances: &[Acceptance],
    types: &PartnerTypes,
    since: Timestamp,
    now: Timestamp,
) -> Vec<Standing> {
    let accepted: BTreeSet<AgreementId> = acceptances.iter().map(|acceptance| acceptance.agreement_id).collect();
    let concerned = in_force(texts, now).into_iter().filter(|text| concerns(text, types));
    let standing = |heading: Heading| {
        let kind = heading.partner_type;
        let same_kind = || texts.iter().filter(move |text| text.partner_type == kind);
        let last = same_kind().filter(|text| accepted.contains(&text.id)).map(order).max();
        let later = same_kind().filter(|text| text.effective_at <= now && last.is_none_or(|last| order(text) > last));
        let asking = later.filter(|text| text.reacceptance_due_at.is_some());
        let outstanding = last.is_none() || asking.clone().next().is_some();
        let due = asking.filter(|text| text.effective_at > since || last.is_some());
        Standing {
            acceptance: acceptances.iter().find(|acceptance| acceptance.agreement_id == heading.id).cloned(),
            outstanding,
            due_at: if outstanding { due.filter_map(|text| text.reacceptance_due_at).min() } else { None },
            heading,
        }
    };
    let mut standings: Vec<Standing> = concerned.map(standing).collect();
    standings.sort_by_key(|standing| Reverse(standing.outstanding));
    standings
}

/// What the decision to accept a text looks at.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AcceptanceFacts {
    /// Where the text is.
    pub state: AgreementState,
    /// Where the partner is.
    pub partner_state: PartnerState,
    /// Whether the text is in force for the partner.
    pub in_force: bool,
    /// Whether the partner has accepted it before.
    pub accepted: bool,
    /// SHA-256 of the text.
    pub sha256: String,
    /// SHA-256 of the text that was read.
    pub read: String,
}

/// Whether a text is accepted by naming the hash of what was read.
#[must_use]
pub fn decide_acceptance(facts: &AcceptanceFacts) -> Decision {
    Decision::begin("agreement.accept", POLICY_VERSION, facts)
        .step(
            "partner_not_suspended",
            matches!(facts.partner_state, PartnerState::Onboarding | PartnerState::Active),
            Code::PartnerNotActive,
            format!("The partner is {}.", facts.partner_state),
        )
        .step(
            "not_accepted_yet",
            !facts.accepted,
            Code::WrongState,
            if facts.accepted { "Your company has accepted this text." } else { "Nobody has accepted it for it yet." },
        )
        .step(
            "in_force",
            facts.in_force && graph::allows(EDGES, &facts.state, &AgreementAction::Accept),
            Code::AgreementOutdated,
            "Only the text in force for your company is accepted; `Partner.agreements` says which it is.",
        )
        .step(
            "same_text",
            facts.sha256 == facts.read,
            Code::AgreementOutdated,
            "The hash is to be that of the text. Read the text again, and accept what you have read.",
        )
}

/// What the decision to change or publish a text looks at.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DraftFacts {
    /// What somebody wants to do.
    pub action: AgreementAction,
    /// Where the text is.
    pub state: AgreementState,
    /// From when on it is to be in force, if it is to be published.
    pub effective_at: Option<Timestamp>,
    /// Until when it is to be accepted anew.
    pub reacceptance_due_at: Option<Timestamp>,
    /// The present instant.
    pub now: Timestamp,
}

/// Whether a text may be changed, or published from an instant on.
#[must_use]
pub fn decide_draft(facts: &DraftFacts) -> Decision {
    let effective_at = facts.effective_at.unwrap_or(facts.now);
    Decision::begin("agreement.publish", POLICY_VERSION, facts)
        .step(
            "a_draft",
            graph::allows(EDGES, &facts.state, &facts.action),
            Code::WrongState,
            format!("The text is {}; what is published never changes. Write a new one.", facts.state),
        )
        .step(
            "not_in_the_past",
            effective_at >= facts.now,
            Code::OutOfRange,
            "A text takes effect now or later, never in the past.",
        )
        .step(
            "time_to_accept",
            facts.reacceptance_due_at.is_none_or(|due| due > effective_at),
            Code::OutOfRange,
            "The date of grace comes after the text has taken effect.",
        )
}

/// The field of an input that a rule is about.
#[must_use]
pub fn field_of(rule: &str) -> &'static str {
    match rule {
        "same_text" => "sha256",
        "not_in_the_past" => "effectiveAt",
        "time_to_accept" => "reacceptanceDueAt",
        _ => "agreementId",
    }
}

#[cfg(test)]
mod tests {
    use entity::value::{AgreementAcceptanceId, PartnerId, TypedId};
    use uuid::Uuid;

    use super::*;

    fn text(number: i32, partner_type: Option<PartnerType>, effective: i64, due: Option<i64>) -> Heading {
        Heading {
            id: AgreementId::from_uuid(Uuid::from_u128(u128::try_from(number).unwrap())),
            text_version: number,
            partner_type,
            sha256: String::new(),
            effective_at: Timestamp::from_micros(effective),
            reacceptance_due_at: due.map(Timestamp::from_micros),
        }
    }

    fn acceptance(text: &Heading) -> Acceptance {
        Acceptance {
            id: AgreementAcceptanceId::from_uuid(Uuid::nil()),
            agreement_id: text.id,
            partner_id: PartnerId::from_uuid(Uuid::nil()),
            sha256: String::new(),
            accepted_by: None,
            accepted_at: Timestamp::from_micros(0),
        }
    }

    /// The numbers of the texts in force, each with whether it is outstanding and until when.
    fn told(texts: &[Heading], accepted: &[i32], since: i64, now: i64) -> Vec<(i32, bool, Option<i64>)> {
        let acceptances: Vec<_> =
            texts.iter().filter(|text| accepted.contains(&text.text_version)).map(acceptance).collect();
        let types = std::iter::once(PartnerType::Reseller).collect();
        let (since, now) = (Timestamp::from_micros(since), Timestamp::from_micros(now));
        let standings = standings(texts, &acceptances, &types, since, now);
        let told = |standing: &Standing| {
            (standing.heading.text_version, standing.outstanding, standing.due_at.map(Timestamp::micros))
        };
        standings.iter().map(told).collect()
    }

    #[test]
    fn what_is_outstanding_follows_from_the_texts_and_what_was_accepted() {
        let first = text(1, None, 0, None);
        let quiet = text(2, None, 10, None);
        let asking = text(3, None, 20, Some(50));
        let after = text(4, None, 30, None);
        let own = text(5, Some(PartnerType::Reseller), 20, Some(60));
        let foreign = text(6, Some(PartnerType::Influence), 20, Some(60));
        let all = [first, quiet, asking, after].to_vec();
        for (texts, accepted, since, now, wanted) in [
            // Nothing accepted yet: the plan says until when.
            (&all[..1], &[][..], 5, 9, vec![(1, true, None)]),
            (&all[..1], &[1][..], 5, 9, vec![(1, false, None)]),
            // A later text that asks for nothing.
            (&all[..2], &[1][..], 5, 11, vec![(2, false, None)]),
            // One that asks, before and after it takes effect, and once it is accepted.
            (&all[..3], &[1][..], 5, 19, vec![(2, false, None)]),
            (&all[..3], &[1][..], 5, 20, vec![(3, true, Some(50))]),
            (&all[..3], &[1, 3][..], 5, 20, vec![(3, false, None)]),
            // It asks still when an even later one does not; accepting that one will do.
            (&all[..], &[1][..], 5, 30, vec![(4, true, Some(50))]),
            (&all[..], &[1, 4][..], 5, 30, vec![(4, false, None)]),
            // Whoever came later is not late on the first day.
            (&all[..3], &[][..], 25, 60, vec![(3, true, None)]),
            (&all[..3], &[][..], 5, 60, vec![(3, true, Some(50))]),
            // Texts for one's own type count, those of others do not.
            (&[own, foreign][..], &[][..], 5, 30, vec![(5, true, Some(60))]),
        ] {
            assert_eq!(told(texts, accepted, since, now), wanted, "{accepted:?} at {now}");
        }
    }

    #[test]
    fn a_date_of_grace_ends_at_its_exact_instant() {
        let (first, asking) = (text(1, None, 0, None), text(2, None, 10, Some(50)));
        let types = std::iter::once(PartnerType::Reseller).collect();
        for (now, overdue) in [(49, false), (50, true), (51, true)] {
            let now = Timestamp::from_micros(now);
            let texts = [first.clone(), asking.clone()];
            let standings = standings(&texts, &[acceptance(&first)], &types, Timestamp::from_micros(5), now);
            assert_eq!(standings[0].is_overdue(now), overdue, "{now:?}");
        }
    }
}
