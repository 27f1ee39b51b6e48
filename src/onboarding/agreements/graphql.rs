//! Agreements in the API.

pub mod mutations;

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, ID, InputObject, Object, SimpleObject, dataloader::Loader};
use entity::value::{AgreementId, AgreementState, PartnerId, PartnerType, PartnerTypes, Timestamp, TypedId};

use super::{
    model::{self, AgreementAction, AgreementFilter},
    service,
};
use crate::{
    onboarding::partners::graphql::Partner,
    people::users::graphql::User,
    platform::{
        call::Call,
        error::{AppError, AppResult},
        graphql::{
            GqlContext,
            at_once::AtHand,
            loaders::{self, Once},
            page::{Listed, PageArgs, SortKey},
        },
    },
};

/// A text that partners accept.
pub struct Agreement(pub model::Agreement);

/// A text that partners accept. What is published never changes; a later text takes its place.
#[Object]
impl Agreement {
    /// The global id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// The number that no other text has: what a signature names as its version. Later texts have larger ones.
    async fn text_version(&self) -> i32 {
        self.0.text_version
    }

    /// For which type of partner it is; null when it is for every partner.
    async fn partner_type(&self) -> Option<PartnerType> {
        self.0.partner_type
    }

    /// What it is called.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// The text.
    async fn text(&self) -> &str {
        &self.0.text
    }

    /// SHA-256 of the text in UTF-8, in lower-case hexadecimal: whoever accepts it names it.
    async fn sha256(&self) -> &str {
        &self.0.sha256
    }

    /// Whether it is published.
    async fn state(&self) -> AgreementState {
        self.0.state
    }

    /// From when on it is in force, until a later text of its kind takes effect; null of a draft.
    async fn effective_at(&self) -> Option<Timestamp> {
        self.0.effective_at
    }

    /// Until when partners that accepted an earlier text accept this one. After it they start nothing new, unless the
    /// policy lets them. Null when they need not accept it anew.
    async fn reacceptance_due_at(&self) -> Option<Timestamp> {
        self.0.reacceptance_due_at
    }

    /// When it was begun.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// When it was published; null of a draft.
    async fn published_at(&self) -> Option<Timestamp> {
        self.0.published_at
    }

    /// Who published it; null of a draft and of what was shipped, and when it is somebody whom you may not see.
    async fn published_by(&self, gql: &Context<'_>) -> Option<AppResult<User>> {
        User::load(gql, self.0.published_by?).await.transpose()
    }

    /// The partners that have yet to accept it, in the order in which they came; for the vendor's people who care for
    /// agreements.
    async fn outstanding_partners(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "How many, from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Only what lies after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end.")] last: Option<i32>,
        #[graphql(desc = "Only what lies before this cursor.")] before: Option<String>,
    ) -> AppResult<Listed<AtHand<Partner>>> {
        let page = PageArgs { first, after, last, before }.parse(gql, "outstanding", false)?;
        let rows = service::outstanding(gql.call(), &self.0, &page).await?;
        Ok(rows.connection(&page, |partner| (SortKey::None, partner.id.uuid()), |partner| AtHand(Partner(partner))))
    }

    /// What you may do with it now. That your company has accepted it already is told in `Partner.agreements`.
    async fn allowed_actions(&self, gql: &Context<'_>) -> Vec<AgreementAction> {
        service::allowed(gql.call(), &self.0)
    }

    /// Which of its fields you may change now.
    async fn editable_fields(&self, gql: &Context<'_>) -> Vec<&'static str> {
        let may_change = service::allowed(gql.call(), &self.0).contains(&AgreementAction::Change);
        if may_change { vec!["partnerType", "title", "text"] } else { Vec::new() }
    }

    /// When something is due next: `reacceptanceDueAt` while it lies ahead.
    async fn next_deadline_at(&self, gql: &Context<'_>) -> Option<Timestamp> {
        self.0.reacceptance_due_at.filter(|due| *due > gql.call().now())
    }

    /// Grows by one with each change.
    async fn version(&self) -> i64 {
        self.0.version
    }
}

/// Loads texts for the caller.
pub struct AgreementLoader(Call);

impl Loader<AgreementId> for AgreementLoader {
    type Value = model::Agreement;
    type Error = AppError;

    async fn load(&self, ids: &[AgreementId]) -> AppResult<HashMap<AgreementId, model::Agreement>> {
        Ok(service::find_many(&self.0, ids).await?.into_iter().map(|text| (text.id, text)).collect())
    }
}

/// Loads what partners have accepted.
struct AcceptanceLoader(Call);

impl Loader<PartnerId> for AcceptanceLoader {
    type Value = Vec<model::Acceptance>;
    type Error = AppError;

    async fn load(&self, ids: &[PartnerId]) -> AppResult<HashMap<PartnerId, Vec<model::Acceptance>>> {
        service::acceptances_of(&self.0, ids).await
    }
}

/// The headings of the texts that have taken effect.
#[derive(Clone)]
struct Headings(Arc<[model::Heading]>);

impl Once for Headings {
    async fn read(call: &Call) -> AppResult<Self> {
        service::effective(call).await.map(|texts| Self(texts.into()))
    }
}

impl Agreement {
    /// The text of an id, loaded together with its siblings; none when it does not exist for the caller.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn load(gql: &Context<'_>, id: AgreementId) -> AppResult<Option<Self>> {
        Ok(loaders::loader(gql, AgreementLoader).load_one(id).await?.map(Self))
    }
}

/// That a company accepted a text.
pub struct AgreementAcceptance(pub model::Acceptance);

/// That a company accepted a text: who, when, and the hash of what was read.
#[Object]
impl AgreementAcceptance {
    /// SHA-256 of the text that was accepted, in lower-case hexadecimal.
    async fn sha256(&self) -> &str {
        &self.0.sha256
    }

    /// When it was accepted.
    async fn accepted_at(&self) -> Timestamp {
        self.0.accepted_at
    }

    /// Who accepted it in the company's name; null when it is somebody whom you may not see.
    async fn accepted_by(&self, gql: &Context<'_>) -> Option<AppResult<User>> {
        User::load(gql, self.0.accepted_by?).await.transpose()
    }
}

/// How a partner stands to an agreement in force.
pub struct AgreementStanding(model::Standing);

/// How a partner stands to an agreement that is in force for it.
#[Object]
impl AgreementStanding {
    /// The text in force.
    async fn agreement(&self, gql: &Context<'_>) -> AppResult<Agreement> {
        let found = Agreement::load(gql, self.0.heading.id).await?;
        found.ok_or_else(|| AppError::internal(format!("{} is in force and is not there", self.0.heading.id)))
    }

    /// The acceptance of this very text; null when an earlier one was accepted, or none.
    async fn acceptance(&self) -> Option<AgreementAcceptance> {
        self.0.acceptance.clone().map(AgreementAcceptance)
    }

    /// Whether the partner still has to accept it.
    async fn is_outstanding(&self) -> bool {
        self.0.outstanding
    }

    /// Until when it has to; null when it need not, and when no date is set.
    async fn due_at(&self) -> Option<Timestamp> {
        self.0.due_at
    }

    /// Whether that date has passed: the partner starts nothing new then, unless the policy lets it.
    async fn is_overdue(&self, gql: &Context<'_>) -> bool {
        self.0.is_overdue(gql.call().now())
    }
}

impl AgreementStanding {
    /// How a partner stands to the texts in force for it, what it still has to accept first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn of_partner(
        gql: &Context<'_>,
        partner_id: PartnerId,
        types: &PartnerTypes,
        since: Timestamp,
    ) -> AppResult<Vec<Self>> {
        let Headings(texts) = loaders::once(gql).await?;
        let acceptances = loaders::loader(gql, AcceptanceLoader).load_one(partner_id).await?.unwrap_or_default();
        let standings = service::standings(gql.call(), &texts, &acceptances, types, since);
        Ok(standings.into_iter().map(Self).collect())
    }

    /// Whether the partner starts nothing new until it has accepted what is overdue: the same rule as
    /// [`crate::onboarding::agreements::expect_none_overdue`].
    ///
    /// # Errors
    /// Those of the database.
    pub async fn blocks(
        gql: &Context<'_>,
        partner_id: PartnerId,
        types: &PartnerTypes,
        since: Timestamp,
    ) -> AppResult<bool> {
        let (standings, now) = (Self::of_partner(gql, partner_id, types, since).await?, gql.call().now());
        let overdue = standings.iter().any(|standing| standing.0.is_overdue(now));
        Ok(overdue && service::overdue_blocks(gql.call()).await?)
    }
}

/// The text that every partner signs.
#[derive(SimpleObject)]
pub struct PartnerAgreement {
    /// Its number: what a signature names as its version.
    version: i32,
    /// The text.
    text: String,
    /// SHA-256 of the text, in lower-case hexadecimal: whoever signs names it.
    sha256: String,
}

/// Which texts a list shows. What is absent or empty excludes nothing.
#[derive(Clone, Default, InputObject)]
pub struct AgreementsFilter {
    /// In one of these states. Partners see what is published, whatever they ask for.
    states: Option<Vec<AgreementState>>,
}

/// Queries of agreements.
#[derive(Default)]
pub struct AgreementQuery;

#[Object]
impl AgreementQuery {
    /// The agreement for every partner that is in force. `Partner.agreements` tells of those for its types, too.
    async fn partner_agreement(&self, gql: &Context<'_>) -> AppResult<PartnerAgreement> {
        let model::Agreement { text_version: version, text, sha256, .. } = service::for_everybody(gql.call()).await?;
        Ok(PartnerAgreement { version, text, sha256 })
    }

    /// The texts of agreements, newest first: all of them for staff, what is published for partners.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn agreements(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<AgreementsFilter>,
        #[graphql(desc = "How many, from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Only what lies after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end.")] last: Option<i32>,
        #[graphql(desc = "Only what lies before this cursor.")] before: Option<String>,
    ) -> AppResult<Listed<Agreement>> {
        let page = PageArgs { first, after, last, before }.parse(gql, "created", true)?;
        let filter = AgreementFilter { states: filter.unwrap_or_default().states.unwrap_or_default() };
        let rows = service::list(gql.call(), &filter, &page).await?;
        Ok(rows.connection(&page, |text| (SortKey::None, text.id.uuid()), Agreement))
    }
}
