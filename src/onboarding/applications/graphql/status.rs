//! What the applicant sees and does by the link, without an account.

use async_graphql::{InputObject, Object};
use entity::value::{ApplicationField, ApplicationOutcome, ApplicationState, Country, PartnerType, Region, Timestamp};

use super::{
    super::{
        letters,
        model::{Application, ApplicationAction, CompanyChanges, Resubmit, Withdraw},
        rules,
    },
    inputs::{ApplicationContactInput, at_least_one, read_industries, read_website},
};
use crate::{
    payload,
    platform::{
        error::AppResult,
        graphql::{mutation::MutationInput, parse},
    },
};

/// Where an application is.
pub struct ApplicationStatus(pub Application);

/// Where an application is, for whoever has its link.
#[Object]
impl ApplicationStatus {
    /// Where it is on its way.
    async fn state(&self) -> ApplicationState {
        self.0.state
    }

    /// Why it ended as it did; null before.
    async fn outcome(&self) -> Option<ApplicationOutcome> {
        self.0.outcome
    }

    /// Why it was rejected, in words; null unless it was.
    async fn reason(&self) -> Option<String> {
        (self.0.state == ApplicationState::Rejected).then(|| letters::why(&self.0))
    }

    /// The company's legal name.
    async fn legal_name(&self) -> &str {
        &self.0.company.legal_name
    }

    /// The company's website.
    async fn website(&self) -> &str {
        &self.0.company.website
    }

    /// Where the company has its seat.
    async fn country(&self) -> Country {
        self.0.company.country
    }

    /// What the company would do with the vendor's products.
    async fn partner_types(&self) -> Vec<PartnerType> {
        self.0.company.types.iter().collect()
    }

    /// Where the company works.
    async fn regions(&self) -> Vec<Region> {
        self.0.company.regions.iter().collect()
    }

    /// The industries that the company serves, in its own words.
    async fn industries(&self) -> &[String] {
        &self.0.company.industries
    }

    /// The business that the company expects, in its own words.
    async fn expected_business(&self) -> &str {
        &self.0.company.expected_business
    }

    /// The name of the contact.
    async fn contact_name(&self) -> &str {
        &self.0.company.contact_name
    }

    /// The e-mail address of the contact: mails about the application go there.
    async fn contact_email(&self) -> &str {
        &self.0.company.contact_email
    }

    /// When it was handed in.
    async fn submitted_at(&self) -> Timestamp {
        self.0.submitted_at
    }

    /// When it was decided or taken back; null before.
    async fn decided_at(&self) -> Option<Timestamp> {
        self.0.decided_at
    }

    /// By when the vendor decides or asks; null while it waits for you, and once it is decided.
    async fn next_deadline_at(&self) -> Option<Timestamp> {
        self.0.due_at
    }

    /// What the vendor asks, in words; null when it asks nothing.
    async fn question(&self) -> Option<&str> {
        let asked = self.0.asked.as_ref().filter(|_| self.0.state == ApplicationState::ActionRequired);
        asked.map(|asked| asked.message.as_str())
    }

    /// What you can do with it now.
    async fn allowed_actions(&self) -> Vec<ApplicationAction> {
        rules::allowed(self.0.state, true)
    }

    /// What you can change now: the fields in question.
    async fn editable_fields(&self) -> Vec<ApplicationField> {
        rules::editable(self.0.state, self.0.asked.as_ref().map(|asked| &asked.fields)).iter().collect()
    }

    /// Grows by one with each change.
    async fn version(&self) -> i64 {
        self.0.version
    }
}

/// The applicant answers. What is absent stays as it is; only `editableFields` can be changed.
#[derive(Clone, InputObject)]
pub struct ResubmitPartnerApplicationInput {
    /// The token of the link.
    token: String,
    /// The company's legal name.
    legal_name: Option<String>,
    /// The company's own website.
    website: Option<String>,
    /// Where the company has its seat.
    country: Option<Country>,
    /// What the company would do with the vendor's products; at least one.
    partner_types: Option<Vec<PartnerType>>,
    /// Where the company works; at least one.
    regions: Option<Vec<Region>>,
    /// The industries that the company serves; at most 20.
    industries: Option<Vec<String>>,
    /// The business that the company expects; at most 5,000 characters.
    expected_business: Option<String>,
    /// The person to talk to.
    contact: Option<ApplicationContactInput>,
    /// The answer in words; at most 5,000 characters. Needed when nothing is changed.
    answer: Option<String>,
    /// The version of the application that you have read: refused when it changed since.
    expected_version: Option<i64>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for ResubmitPartnerApplicationInput {
    type Command = Resubmit;
    const OPERATION: &'static str = "resubmitPartnerApplication";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Resubmit> {
        let prose = |text: Option<String>, field| text.map(|text| parse::prose(&text, field, 5_000)).transpose();
        let types = self.partner_types.map(|types| at_least_one(types, "partnerTypes")).transpose()?;
        let regions = self.regions.map(|regions| at_least_one(regions, "regions")).transpose()?;
        Ok(Resubmit {
            token: self.token,
            changes: CompanyChanges {
                legal_name: self.legal_name.map(|name| parse::line(&name, "legalName", 200)).transpose()?,
                website: self.website.map(|text| read_website(&text)).transpose()?,
                country: self.country,
                types: types.map(|types| types.into_iter().collect()),
                regions: regions.map(|regions| regions.into_iter().collect()),
                industries: self.industries.map(read_industries).transpose()?,
                expected_business: prose(self.expected_business, "expectedBusiness")?,
                contact: self.contact.map(ApplicationContactInput::parse).transpose()?,
            },
            answer: prose(self.answer, "answer")?,
            expected_version: self.expected_version,
        })
    }
}

payload! {
    /// The application, in review again.
    ResubmitPartnerApplicationPayload from Application as application {
        /// The application.
        application: ApplicationStatus = ApplicationStatus(application)
    }
}

/// The applicant takes the application back.
#[derive(Clone, InputObject)]
pub struct WithdrawPartnerApplicationInput {
    /// The token of the link.
    token: String,
    /// Why, in words; at most 2,000 characters.
    reason: Option<String>,
    /// The version of the application that you have read: refused when it changed since.
    expected_version: Option<i64>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for WithdrawPartnerApplicationInput {
    type Command = Withdraw;
    const OPERATION: &'static str = "withdrawPartnerApplication";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Withdraw> {
        Ok(Withdraw {
            token: self.token,
            reason: self.reason.map(|text| parse::prose(&text, "reason", 2_000)).transpose()?,
            expected_version: self.expected_version,
        })
    }
}

payload! {
    /// The application, taken back.
    WithdrawPartnerApplicationPayload from Application as application {
        /// The application.
        application: ApplicationStatus = ApplicationStatus(application)
    }
}
