//! Inputs and payloads of applications.

use async_graphql::{Enum, ID, InputObject};
use entity::value::{ApplicationOutcome, ApplicationState, Country, PartnerType, Region};

use super::{
    super::model::{Application, ApplicationFilter, Approve, Approved, Company, Reject},
    PartnerApplication,
};
use crate::{
    kernel::{code::Code, website},
    onboarding::partners::{graphql::Partner, model::name_key},
    payload,
    platform::{
        error::{AppError, AppResult},
        graphql::{mutation::MutationInput, order::OrderDirection, parse},
    },
};

/// The person to talk to.
#[derive(Clone, InputObject)]
pub struct ApplicationContactInput {
    /// The name.
    name: String,
    /// The e-mail address: the invitation goes there.
    email: String,
}

/// A company applies to become a partner.
#[derive(Clone, InputObject)]
pub struct SubmitPartnerApplicationInput {
    /// The company's legal name.
    legal_name: String,
    /// The company's own website, with or without `https://`; no IP address, and no page on a host that many share.
    website: String,
    /// Where the company has its seat.
    country: Country,
    /// What the company would do with the vendor's products; at least one.
    partner_types: Vec<PartnerType>,
    /// Where the company works; at least one.
    regions: Vec<Region>,
    /// The industries that the company serves, in its own words; at most 20.
    industries: Option<Vec<String>>,
    /// The business that the company expects, in its own words; at most 5,000 characters.
    expected_business: String,
    /// The person to talk to, who is invited when the application is approved.
    contact: ApplicationContactInput,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for SubmitPartnerApplicationInput {
    type Command = Company;
    const OPERATION: &'static str = "submitPartnerApplication";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Company> {
        let typed = parse::line(&self.website, "website", 300)?;
        let site = website::read(&typed).ok_or_else(|| {
            AppError::invalid(
                "website",
                Code::Malformed,
                "Give the company's own website, such as https://www.acme.com.",
            )
        })?;
        let industries = parse::at_most(self.industries.unwrap_or_default(), "industries", 20)?;
        Ok(Company {
            legal_name: parse::line(&self.legal_name, "legalName", 200)?,
            website: site.url,
            domain: site.domain,
            country: self.country,
            types: at_least_one(self.partner_types, "partnerTypes")?.into_iter().collect(),
            regions: at_least_one(self.regions, "regions")?.into_iter().collect(),
            industries: industries
                .iter()
                .enumerate()
                .map(|(place, industry)| parse::line(industry, &format!("industries.{place}"), 100))
                .collect::<AppResult<_>>()?,
            expected_business: parse::prose(&self.expected_business, "expectedBusiness", 5_000)?,
            contact_name: parse::line(&self.contact.name, "contact.name", 200)?,
            contact_email: parse::email(&self.contact.email, "contact.email")?.0,
        })
    }
}

fn at_least_one<T>(items: Vec<T>, field: &str) -> AppResult<Vec<T>> {
    if items.is_empty() {
        return Err(AppError::invalid(field, Code::TooShort, "Choose at least one."));
    }
    Ok(items)
}

payload! {
    /// The application as it was handed in.
    SubmitPartnerApplicationPayload from Application as application {
        /// The application. Note its id: it is what to ask about.
        application: PartnerApplication = PartnerApplication(application)
    }
}

/// Approves an application.
#[derive(Clone, InputObject)]
pub struct ApprovePartnerApplicationInput {
    /// The application.
    application_id: ID,
    /// Why, for colleagues; at most 2,000 characters.
    note: Option<String>,
    /// The version of the application that you have read: refused when it changed since.
    expected_version: Option<i64>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for ApprovePartnerApplicationInput {
    type Command = Approve;
    const OPERATION: &'static str = "approvePartnerApplication";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Approve> {
        Ok(Approve {
            id: parse::id(&self.application_id, "applicationId")?,
            note: self.note.map(note).transpose()?,
            expected_version: self.expected_version,
        })
    }
}

payload! {
    /// The approved application, the partner that came of it, and how to invite its contact.
    ApprovePartnerApplicationPayload from Approved as approved {
        /// The application.
        application: PartnerApplication = PartnerApplication(approved.application),
        /// The partner, onboarding.
        partner: Partner = Partner(approved.partner),
        /// The token for `acceptInvitation`, which the contact needs to become a user. It works once, for 7 days.
        invitation_token: String = approved.invitation_token
    }
}

/// Why an application is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum PartnerApplicationRejection {
    /// The company is far from the ideal partner profile.
    NotAFit,
    /// The company has applied before, or is a partner already.
    Duplicate,
    /// The vendor takes no partners there at the moment.
    OutOfTerritory,
    /// What the application says could not be verified.
    Unverifiable,
}

impl From<PartnerApplicationRejection> for ApplicationOutcome {
    fn from(code: PartnerApplicationRejection) -> Self {
        match code {
            PartnerApplicationRejection::NotAFit => Self::NotAFit,
            PartnerApplicationRejection::Duplicate => Self::Duplicate,
            PartnerApplicationRejection::OutOfTerritory => Self::OutOfTerritory,
            PartnerApplicationRejection::Unverifiable => Self::Unverifiable,
        }
    }
}

/// Rejects an application.
#[derive(Clone, InputObject)]
pub struct RejectPartnerApplicationInput {
    /// The application.
    application_id: ID,
    /// Why.
    code: PartnerApplicationRejection,
    /// Why in more words, for colleagues; at most 2,000 characters.
    note: Option<String>,
    /// The version of the application that you have read: refused when it changed since.
    expected_version: Option<i64>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for RejectPartnerApplicationInput {
    type Command = Reject;
    const OPERATION: &'static str = "rejectPartnerApplication";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Reject> {
        Ok(Reject {
            id: parse::id(&self.application_id, "applicationId")?,
            outcome: self.code.into(),
            note: self.note.map(note).transpose()?,
            expected_version: self.expected_version,
        })
    }
}

fn note(text: String) -> AppResult<String> {
    parse::prose(&text, "note", 2_000)
}

payload! {
    /// The rejected application.
    RejectPartnerApplicationPayload from Application as application {
        /// The application.
        application: PartnerApplication = PartnerApplication(application)
    }
}

/// Which applications a list shows. What is absent or empty excludes nothing.
#[derive(Clone, Default, InputObject)]
pub struct PartnerApplicationFilter {
    /// In one of these states.
    states: Option<Vec<ApplicationState>>,
    /// With a seat in one of these countries.
    countries: Option<Vec<Country>>,
    /// With this text in the name or the domain, regardless of case.
    text: Option<String>,
}

impl PartnerApplicationFilter {
    /// Turns texts into typed values, once.
    ///
    /// # Errors
    /// Refusals that name the field.
    pub fn parse(self) -> AppResult<ApplicationFilter> {
        let text = self.text.map(|text| parse::line(&text, "filter.text", 200)).transpose()?;
        Ok(ApplicationFilter {
            states: self.states.unwrap_or_default(),
            countries: parse::at_most(self.countries.unwrap_or_default(), "filter.countries", 250)?,
            text: text.as_deref().map(name_key),
        })
    }
}

/// What a list of applications is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub enum PartnerApplicationOrderField {
    /// When they were handed in.
    #[default]
    SubmittedAt,
}

/// The order of a list of applications.
#[derive(Clone, Default, InputObject)]
pub struct PartnerApplicationOrder {
    /// What they are sorted by.
    pub field: PartnerApplicationOrderField,
    /// In which direction.
    pub direction: OrderDirection,
}
