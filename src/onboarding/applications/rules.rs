//! What may be decided about an application. The fit recommends; these rules say what is possible at all.

pub mod fit;

use entity::value::{ApplicationField, ApplicationFields, ApplicationState, PartnerId};
use serde::{Deserialize, Serialize};

use super::{
    model::{ApplicationAction, CompanyChanges},
    states::EDGES,
};
use crate::kernel::{code::Code, decision::Decision, graph};

/// The version of the rules.
pub const POLICY_VERSION: i32 = 1;

/// What the approval looks at.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ApprovalFacts {
    /// Where the application is.
    pub state: ApplicationState,
    /// The partner that has the same registrable domain.
    pub domain_of: Option<PartnerId>,
    /// Whether the contact's address belongs to a user already.
    pub contact_is_user: bool,
}

/// What the other steps look at.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StepFacts {
    /// Where the application is.
    pub state: ApplicationState,
}

/// What somebody can do with an application in a state: the applicant, or staff who decide.
#[must_use]
pub fn allowed(state: ApplicationState, of_applicant: bool) -> Vec<ApplicationAction> {
    let mut actions = graph::actions_from(EDGES, &state);
    actions.retain(|action| action.is_of_applicant() == of_applicant);
    actions
}

/// Which parts the applicant may change in a state: those in question, while they are asked.
#[must_use]
pub fn editable(state: ApplicationState, asked: Option<&ApplicationFields>) -> ApplicationFields {
    match asked {
        Some(fields) if graph::allows(EDGES, &state, &ApplicationAction::Resubmit) => fields.clone(),
        _ => ApplicationFields::default(),
    }
}

/// The first part that is changed without being in question.
#[must_use]
pub fn changed_unasked(changes: &CompanyChanges, asked: &ApplicationFields) -> Option<ApplicationField> {
    changed(changes).into_iter().find(|field| !asked.has(*field))
}

/// Which parts are changed.
#[must_use]
pub fn changed(changes: &CompanyChanges) -> Vec<ApplicationField> {
    use ApplicationField::{Contact, Country, ExpectedBusiness, Industries, LegalName, PartnerTypes, Regions, Website};
    [
        (LegalName, changes.legal_name.is_some()),
        (Website, changes.website.is_some()),
        (Country, changes.country.is_some()),
        (PartnerTypes, changes.types.is_some()),
        (Regions, changes.regions.is_some()),
        (Industries, changes.industries.is_some()),
        (ExpectedBusiness, changes.expected_business.is_some()),
        (Contact, changes.contact.is_some()),
    ]
    .into_iter()
    .filter(|(_, changed)| *changed)
    .map(|(field, _)| field)
    .collect()
}

/// Where a part stands in the input.
#[must_use]
pub const fn input_field(field: ApplicationField) -> &'static str {
    match field {
        ApplicationField::LegalName => "legalName",
        ApplicationField::Website => "website",
        ApplicationField::Country => "country",
        ApplicationField::PartnerTypes => "partnerTypes",
        ApplicationField::Regions => "regions",
        ApplicationField::Industries => "industries",
        ApplicationField::ExpectedBusiness => "expectedBusiness",
        ApplicationField::Contact => "contact",
    }
}

/// What a part is called in a mail.
#[must_use]
pub const fn in_words(field: ApplicationField) -> &'static str {
    match field {
        ApplicationField::LegalName => "the legal name",
        ApplicationField::Website => "the website",
        ApplicationField::Country => "the country",
        ApplicationField::PartnerTypes => "what you would do with our products",
        ApplicationField::Regions => "where you work",
        ApplicationField::Industries => "the industries that you serve",
        ApplicationField::ExpectedBusiness => "the business that you expect",
        ApplicationField::Contact => "the contact",
    }
}

/// Whether an action can be done in a state: the first step of every decision.
#[must_use]
pub fn decide_step(name: &str, action: ApplicationAction, facts: &StepFacts) -> Decision {
    open(Decision::begin(name, POLICY_VERSION, facts), action, facts.state)
}

fn open(decision: Decision, action: ApplicationAction, state: ApplicationState) -> Decision {
    decision.step(
        "open",
        graph::allows(EDGES, &state, &action),
        Code::WrongState,
        format!("The application is {state}; `allowedActions` says what can be done."),
    )
}

/// Whether an application is approved.
#[must_use]
pub fn decide_approval(facts: &ApprovalFacts) -> Decision {
    let begun = Decision::begin("application.approve", POLICY_VERSION, facts);
    open(begun, ApplicationAction::Approve, facts.state)
        .staff_step(
            "domain_is_free",
            facts.domain_of.is_none(),
            Code::DomainTaken,
            match facts.domain_of {
                None => "No partner has this domain.".to_owned(),
                Some(id) => format!("The partner {id} has this domain. Reject the application as a duplicate."),
            },
        )
        .staff_step(
            "contact_is_new",
            !facts.contact_is_user,
            Code::AddressTaken,
            if facts.contact_is_user {
                "The contact's address belongs to a user already, so it cannot be invited. Ask for another contact."
            } else {
                "The contact can be invited."
            },
        )
}

#[cfg(test)]
mod tests {
    use entity::value::TypedId;
    use sea_orm::Iterable as _;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_is_allowed_is_what_succeeds() {
        for state in ApplicationState::iter() {
            let allowed: Vec<_> = [true, false].into_iter().flat_map(|side| allowed(state, side)).collect();
            for action in ApplicationAction::ALL {
                let granted = decide_step("step", *action, &StepFacts { state }).is_granted();
                assert_eq!(allowed.contains(action), granted, "{action:?} of {state}");
            }
            let approval = ApprovalFacts { state, domain_of: None, contact_is_user: false };
            assert_eq!(allowed.contains(&ApplicationAction::Approve), decide_approval(&approval).is_granted());
        }
    }

    #[test]
    fn what_has_ended_stays() {
        use ApplicationState::{Approved, Rejected, Withdrawn};
        for state in [Approved, Rejected, Withdrawn] {
            assert!(allowed(state, true).is_empty() && allowed(state, false).is_empty());
            assert!(editable(state, Some(&ApplicationField::iter().collect())).is_empty());
        }
    }

    #[test]
    fn only_what_is_in_question_can_be_changed() {
        let asked: ApplicationFields = [ApplicationField::Website].into_iter().collect();
        let site = Some(("https://acme.example".to_owned(), "acme.example".to_owned()));
        let website = CompanyChanges { website: site, ..CompanyChanges::default() };
        assert_eq!(changed_unasked(&website, &asked), None);
        let name = CompanyChanges { legal_name: Some("Acme".to_owned()), ..website };
        assert_eq!(changed_unasked(&name, &asked), Some(ApplicationField::LegalName));
        assert_eq!(editable(ApplicationState::InReview, Some(&asked)), ApplicationFields::default());
        assert_eq!(editable(ApplicationState::ActionRequired, Some(&asked)), asked);
    }

    #[test]
    fn a_partner_with_the_domain_or_a_known_contact_prevents_the_approval() {
        let other = Some(PartnerId::from_uuid(Uuid::from_u128(1)));
        for (domain_of, contact_is_user, wanted) in [
            (None, false, None),
            (other, false, Some(Code::DomainTaken)),
            (None, true, Some(Code::AddressTaken)),
            (other, true, Some(Code::DomainTaken)),
        ] {
            let facts = ApprovalFacts { state: ApplicationState::Submitted, domain_of, contact_is_user };
            assert_eq!(decide_approval(&facts).finish().1.map(|(code, _)| code), wanted, "{facts:?}");
        }
    }
}
