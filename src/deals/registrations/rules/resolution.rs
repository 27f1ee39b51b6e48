//! Who is protected (`domain.md §4`, resolution order): one pure function over gathered facts, asked when a deal is
//! registered and again when it is approved. Tier plays no part: it lengthens protection instead.

use entity::value::{AccountReservation, DealRegistrationOutcome, PartnerState};

use super::conflicts::{ConflictKind as Kind, Consequence};
pub use super::facts::{Claim, Facts};
use crate::kernel::{
    code::Code,
    decision::{Audience, Decision, Receipt, Step},
};

/// What a partner is told about an account that is not available, whatever the reason.
pub const NOT_AVAILABLE: &str = "This account is not available for a new deal with these product lines at the moment. \
    With sufficient evidence you can register the deal for the waiting list: set `joinWaitlist`.";

/// The same, where the policy has no waiting list.
pub const NOT_AVAILABLE_AT_ALL: &str =
    "This account is not available for a new deal with these product lines at the moment. Try again later.";

/// What is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Whether a registration is taken in.
    Registration,
    /// Whether a registration is granted protection.
    Approval,
}

impl Purpose {
    /// The name of the decision on its receipt.
    #[must_use]
    pub const fn decision(self) -> &'static str {
        match self {
            Self::Registration => "registration.register",
            Self::Approval => "registration.approve",
        }
    }

    /// The decision of that name; none for other ones.
    #[must_use]
    pub fn of_decision(name: &str) -> Option<Self> {
        [Self::Registration, Self::Approval].into_iter().find(|purpose| purpose.decision() == name)
    }
}

/// What a partner may learn about an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Availability {
    /// Nothing is in the way.
    Clear,
    /// Somebody has to look at it.
    Review,
    /// Not at the moment.
    NotAvailable,
}

/// How the decision came out.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolved {
    /// Why.
    pub receipt: Receipt,
    /// The code and sentence of the rule that refused, as those who decide may read them.
    pub refused: Option<(Code, String)>,
    /// The same, as the partner may learn it.
    pub availability: Availability,
    /// What stands against it as far as the rules were evaluated, and what that leads to.
    pub conflicts: Vec<(Kind, Consequence)>,
}

impl Resolved {
    /// Whether a sufficiently qualified registration may queue for the place.
    #[must_use]
    pub fn may_queue(&self) -> bool {
        self.availability == Availability::NotAvailable
            && !self.conflicts.iter().any(|(kind, consequence)| !kind.is_own() && *consequence == Consequence::Refuse)
    }

    /// What the partner is told when the account is not available.
    #[must_use]
    pub fn not_available(&self) -> &'static str {
        if self.may_queue() { NOT_AVAILABLE } else { NOT_AVAILABLE_AT_ALL }
    }

    /// Whether nothing at all stands against it: no conflict of any kind, and no rule that refused.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.refused.is_none() && self.conflicts.is_empty() && self.availability == Availability::Clear
    }
}

/// A decision in the making, with the conflicts that it has met.
struct Resolving<'a> {
    purpose: Purpose,
    facts: &'a Facts,
    decision: Decision,
    conflicts: Vec<(Kind, Consequence)>,
}

impl Resolving<'_> {
    /// Evaluates whether a conflict stands against it: refused, or noted where the policy leaves it to a person.
    fn against(mut self, rule: &str, kind: Kind, met: Option<String>, otherwise: &str) -> Self {
        let consequence = self.facts.conflicts.of(kind);
        if met.is_some() && self.decision.is_granted() {
            self.conflicts.push((kind, consequence));
        }
        self.decision = match met {
            Some(sentence) if !self.stands(kind, consequence) => self.decision.notice(rule, kind.code(), sentence),
            met => {
                let (passed, sentence) = (met.is_none(), met.unwrap_or_else(|| otherwise.to_owned()));
                if kind.is_own() {
                    self.decision.step(rule, passed, kind.code(), sentence)
                } else {
                    self.decision.staff_step(rule, passed, kind.code(), sentence)
                }
            }
        };
        self
    }

    /// Whether a conflict with such a consequence refuses what is decided.
    fn stands(&self, kind: Kind, consequence: Consequence) -> bool {
        match consequence {
            Consequence::Refuse | Consequence::Waitlist => true,
            Consequence::Escalate => kind == Kind::ProtectedByAnotherPartner && self.purpose == Purpose::Approval,
            Consequence::AllowWithNotice => false,
        }
    }
}

/// Decides in the order of the domain: eligibility, reserved for direct, protection in force, incumbent, earliest
/// qualified, commit order.
#[must_use]
pub fn resolve(purpose: Purpose, policy_version: i32, facts: &Facts) -> Resolved {
    let decision = Decision::begin(purpose.decision(), policy_version, facts);
    let resolving = eligible(Resolving { purpose, facts, decision, conflicts: Vec::new() });
    let resolving = served(held(resolving));
    let Resolving { decision, conflicts, .. } = match purpose {
        Purpose::Approval => first_in_time(resolving),
        Purpose::Registration => doubtful(resolving),
    };
    let (receipt, refused) = decision.finish();
    let availability = availability(facts, refused.as_ref(), &conflicts);
    let mut resolved = Resolved { receipt, refused, availability, conflicts };
    if purpose == Purpose::Registration && availability == Availability::NotAvailable {
        fold(&mut resolved);
    }
    resolved
}

/// What the partner may learn: about others only that they are in the way, or that somebody looks at it.
fn availability(facts: &Facts, refused: Option<&(Code, String)>, conflicts: &[(Kind, Consequence)]) -> Availability {
    let about_others = |code: Code| {
        matches!(code, Code::RivalQualifiedEarlier)
            || Kind::ALL.iter().any(|kind| !kind.is_own() && kind.code() == code)
    };
    match refused {
        Some((code, _)) if about_others(*code) => Availability::NotAvailable,
        None if !conflicts.is_empty() => Availability::Review,
        _ if facts.waiting_rivals().next().is_some() => Availability::Review,
        _ => Availability::Clear,
    }
}

/// Step 1: the partner's own affair, which it may read.
fn eligible(mut it: Resolving<'_>) -> Resolving<'_> {
    let facts = it.facts;
    let active = matches!(facts.partner_state, PartnerState::Onboarding | PartnerState::Active);
    it.decision = it.decision.step(
        "partner_eligible",
        active,
        Code::PartnerNotActive,
        if active { "The partner may register deals." } else { "The partner is not active at the moment." },
    );
    let uncovered = (!facts.uncovered_lines.is_empty()).then(|| {
        let lines: Vec<String> = facts.uncovered_lines.iter().map(ToString::to_string).collect();
        format!("The partner is not authorised for {} in the customer's country and industry.", lines.join(", "))
    });
    let own = facts.own_duplicate().then(|| {
        "The partner has an open registration on this account with one of these product lines already.".to_owned()
    });
    it.against(
        "in_territory",
        Kind::TerritoryNotAuthorised,
        uncovered,
        "No authorisation of the partner stands against it.",
    )
    .against(
        "no_own_duplicate",
        Kind::OwnDuplicate,
        own,
        "The partner has no other open registration on this account with these product lines.",
    )
}

/// Steps 2 and 3: whoever holds the place, only staff read who it is.
fn held(it: Resolving<'_>) -> Resolving<'_> {
    let facts = it.facts;
    let reserved = (facts.reserved_for == AccountReservation::Direct)
        .then(|| "The account is reserved for the vendor's own team.".to_owned());
    let direct = facts.direct_opportunities.first().map(|reference| {
        format!("The vendor's own team has an open opportunity on a common product line: {reference}.")
    });
    let protected = facts
        .protected_rival()
        .map(|claim| format!("{} of {} is protected and stands.", claim.registration_id, claim.partner_id));
    let offered = facts
        .offered_rival()
        .map(|claim| format!("The place is offered to {} of {}.", claim.registration_id, claim.partner_id));
    it.against(
        "not_reserved_for_direct",
        Kind::AccountReservedForDirect,
        reserved,
        "The account is not reserved for the vendor's own team.",
    )
    .against(
        "no_direct_opportunity",
        Kind::DirectOpportunityOpen,
        direct,
        "The vendor's own team has no open opportunity on these product lines.",
    )
    .against(
        "not_protected_by_another",
        Kind::ProtectedByAnotherPartner,
        protected,
        "No other partner is protected on this account with a common product line.",
    )
    .against(
        "not_offered_to_another",
        Kind::ProtectedByAnotherPartner,
        offered,
        "The place is not offered to anybody else on its waiting list.",
    )
}

/// Step 4: renewals and expansions are the business of whoever serves the customer.
fn served(it: Resolving<'_>) -> Resolving<'_> {
    let other = it.facts.other_incumbent().map(|partner| format!("{partner} serves the account."));
    it.against(
        "incumbent_first",
        Kind::IncumbentPartner,
        other,
        "No other partner comes first because it serves the account.",
    )
}

/// What somebody has to look at when a deal is registered.
fn doubtful(it: Resolving<'_>) -> Resolving<'_> {
    let facts = it.facts;
    let rival = facts
        .waiting_rivals()
        .next()
        .map(|claim| format!("{} of {} is undecided.", claim.registration_id, claim.partner_id));
    let probable = (!facts.probable_accounts.is_empty()).then(|| {
        let listed: Vec<String> = facts.probable_accounts.iter().map(ToString::to_string).collect();
        format!("The account may be the same customer as {}.", listed.join(", "))
    });
    it.against("no_rival_in_review", Kind::RivalInReview, rival, "No other partner's registration is undecided.")
        .against(
            "no_probable_duplicate_account",
            Kind::ProbableDuplicateAccount,
            probable,
            "No other account may be the same customer.",
        )
}

/// Steps 5 and 6, and the evidence without which there is no place in the queue.
fn first_in_time(mut it: Resolving<'_>) -> Resolving<'_> {
    let facts = it.facts;
    let sufficient = facts.qualified_at.is_some();
    let earlier = facts.earlier_rival();
    it.decision = it
        .decision
        .step(
            "evidence_sufficient",
            sufficient,
            Code::EvidenceInsufficient,
            format!(
                "The evidence has {} points and is {}sufficient.",
                facts.evidence_total,
                if sufficient { "" } else { "not " }
            ),
        )
        .staff_step(
            "earliest_qualified",
            earlier.is_none(),
            Code::RivalQualifiedEarlier,
            match earlier {
                Some(claim) => {
                    format!("{} of {} comes first. Decide that one first.", claim.registration_id, claim.partner_id)
                }
                None => "No undecided registration of another partner comes first.".to_owned(),
            },
        )
        .staff_step(
            "first_to_commit",
            !facts.taken_meanwhile,
            Code::ProtectedByAnotherPartner,
            if facts.taken_meanwhile {
                "Another registration was granted the place at the same moment."
            } else {
                "Nobody else was granted the place at the same moment."
            },
        );
    it
}

/// The receipt of a partner's own request tells one thing, whatever the reason: not available.
fn fold(resolved: &mut Resolved) {
    let sentence = resolved.not_available().to_owned();
    "ACCOUNT_NOT_AVAILABLE".clone_into(&mut resolved.receipt.outcome);
    resolved.receipt.steps.push(Step {
        rule: "account_available".to_owned(),
        passed: false,
        code: Some(Code::AccountNotAvailable),
        sentence,
        audience: Audience::Partner,
    });
}

/// Whether the same facts still lead to what a receipt says: the same outcome by the same rules. None for receipts of
/// other decisions. Rules that were added since may be evaluated in between.
///
/// # Errors
/// When the inputs are not the facts of this decision.
pub fn replays(receipt: &Receipt) -> Result<Option<bool>, serde_json::Error> {
    let Some(purpose) = Purpose::of_decision(&receipt.decision) else { return Ok(None) };
    let facts: Facts = serde_json::from_value(receipt.inputs.clone())?;
    let again = resolve(purpose, receipt.policy_version, &facts).receipt;
    let mut evaluated = again.steps.iter();
    let same = |kept: &Step| {
        evaluated.any(|step| step.rule == kept.rule && step.passed == kept.passed && step.code == kept.code)
    };
    Ok(Some(again.outcome == receipt.outcome && receipt.steps.iter().all(same)))
}

/// The receipt of a refusal by ops: the code and the reason that they gave.
#[must_use]
pub fn rejection(
    policy_version: i32,
    inputs: serde_json::Value,
    outcome: DealRegistrationOutcome,
    reason: &str,
) -> Receipt {
    Receipt {
        decision: "registration.reject".to_owned(),
        policy_version,
        outcome: outcome.to_string(),
        inputs,
        steps: vec![Step {
            rule: "decided_by_ops".to_owned(),
            passed: false,
            code: None,
            sentence: reason.to_owned(),
            audience: Audience::Partner,
        }],
    }
}

#[cfg(test)]
mod tests;
