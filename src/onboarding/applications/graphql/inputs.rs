//! Inputs and payloads of applications.

use async_graphql::{Enum, ID, InputObject};
use entity::value::{ApplicationOutcome, Country, PartnerType, Region};

use super::{
    super::model::{Application, Approve, Approved, Company, Reject, Submitted},
    PartnerApplication,
};
use crate::{
    kernel::{code::Code, website},
    onboarding::partners::graphql::Partner,
    payload,
    platform::{
        error::{AppError, AppResult},
        graphql::{mutation::MutationInput, parse},
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

impl ApplicationContactInput {
    /// The name and the address.
    ///
    /// # Errors
    /// What is wrong with one of them.
    pub fn parse(self) -> AppResult<(String, String)> {
        Ok((parse::line(&self.name, "contact.name", 200)?, parse::email(&self.email, "contact.email")?.0))
    }
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
        let (website, domain) = read_website(&self.website)?;
        let (contact_name, contact_email) = self.contact.parse()?;
        Ok(Company {
            legal_name: parse::line(&self.legal_name, "legalName", 200)?,
            website,
            domain,
            country: self.country,
            types: at_least_one(self.partner_types, "partnerTypes")?.into_iter().collect(),
            regions: at_least_one(self.regions, "regions")?.into_iter().collect(),
            industries: read_industries(self.industries.unwrap_or_default())?,
            expected_business: parse::prose(&self.expected_business, "expectedBusiness", 5_000)?,
            contact_name,
            contact_email,
        })
    }
}

/// A company's website, and its registrable domain.
///
/// # Errors
/// `REQUIRED`, `TOO_LONG`, `MALFORMED`.
pub fn read_website(text: &str) -> AppResult<(String, String)> {
    let typed = parse::line(text, "website", 300)?;
    let site = website::read(&typed).ok_or_else(|| {
        AppError::invalid("website", Code::Malformed, "Give the company's own website, such as https://www.acme.com.")
    })?;
    Ok((site.url, site.domain))
}

/// The industries that a company serves, in its own words.
///
/// # Errors
/// `TOO_LONG`, or what is wrong with one of them.
pub fn read_industries(texts: Vec<String>) -> AppResult<Vec<String>> {
    let texts = parse::at_most(texts, "industries", 20)?;
    let numbered = texts.iter().enumerate();
    numbered.map(|(place, industry)| parse::line(industry, &format!("industries.{place}"), 100)).collect()
}

/// At least one of something.
///
/// # Errors
/// `TOO_SHORT`.
pub fn at_least_one<T>(items: Vec<T>, field: &str) -> AppResult<Vec<T>> {
    if items.is_empty() {
        return Err(AppError::invalid(field, Code::TooShort, "Choose at least one."));
    }
    Ok(items)
}

payload! {
    /// The application as it was handed in.
    SubmitPartnerApplicationPayload from Submitted as submitted {
        /// The application. Note its id: it is what to ask about.
        application: PartnerApplication = PartnerApplication::from(submitted.application),
        /// The token for `applicationStatus`, `resubmitPartnerApplication` and `withdrawPartnerApplication`. It is shown
        /// once, and mailed to the contact as a link; keep it to yourself.
        status_token: String = submitted.token
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
        application: PartnerApplication = PartnerApplication::from(approved.application),
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
    /// Why in more words, for the applicant, who reads it in a mail; at most 2,000 characters. A sentence for the code
    /// when absent.
    reason: Option<String>,
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
            reason: self.reason.map(|text| parse::prose(&text, "reason", 2_000)).transpose()?,
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
        application: PartnerApplication = PartnerApplication::from(application)
    }
}
