//! Authorisations in the API.

use std::collections::HashMap;

use async_graphql::{Context, ID, InputObject, Object, dataloader::Loader};
use entity::value::{PartnerAuthorisationId, PartnerId, Timestamp};

use super::{
    model::{self, Grant, MOST_AT_ONCE, Revoke},
    service,
};
use crate::{
    accounts::product_lines::graphql::ProductLine,
    kernel::code::Code,
    onboarding::territories::graphql::Territory,
    payload,
    people::users::graphql::User,
    platform::{
        call::Call,
        error::{AppError, AppResult},
        graphql::{
            GqlContext, loaders,
            mutation::{MutationInput, mutate},
            parse,
        },
    },
};

/// What a partner may sell where.
pub struct PartnerAuthorisation(pub model::Authorisation);

/// What a partner may sell where: a product line in a territory.
#[Object]
impl PartnerAuthorisation {
    /// The global id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// What.
    async fn product_line(&self, gql: &Context<'_>) -> Option<AppResult<ProductLine>> {
        ProductLine::load(gql, self.0.product_line_id).await.transpose()
    }

    /// Where.
    async fn territory(&self, gql: &Context<'_>) -> Option<AppResult<Territory>> {
        Territory::load(gql, self.0.territory_id).await.transpose()
    }

    /// From when on.
    async fn starts_at(&self) -> Timestamp {
        self.0.starts_at
    }

    /// Until when; null when it is for good.
    async fn ends_at(&self) -> Option<Timestamp> {
        self.0.ends_at
    }

    /// Whether it holds now.
    async fn is_in_force(&self, gql: &Context<'_>) -> bool {
        self.0.is_in_force(gql.call().now())
    }

    /// Who granted it. Staff only.
    async fn granted_by(&self, gql: &Context<'_>) -> Option<AppResult<User>> {
        User::load(gql, self.0.granted_by?).await.transpose()
    }

    /// When it was granted.
    async fn granted_at(&self) -> Timestamp {
        self.0.granted_at
    }

    /// When it was taken back; null unless it was.
    async fn revoked_at(&self) -> Option<Timestamp> {
        self.0.revoked_at
    }

    /// Grows by one with each change.
    async fn version(&self) -> i64 {
        self.0.version
    }
}

/// Loads authorisations for the caller: by their ids, and by their partners.
pub struct AuthorisationLoader(Call);

impl Loader<PartnerAuthorisationId> for AuthorisationLoader {
    type Value = model::Authorisation;
    type Error = AppError;

    async fn load(
        &self,
        ids: &[PartnerAuthorisationId],
    ) -> AppResult<HashMap<PartnerAuthorisationId, model::Authorisation>> {
        Ok(service::find_many(&self.0, ids).await?.into_iter().map(|found| (found.id, found)).collect())
    }
}

impl Loader<PartnerId> for AuthorisationLoader {
    type Value = Vec<model::Authorisation>;
    type Error = AppError;

    async fn load(&self, ids: &[PartnerId]) -> AppResult<HashMap<PartnerId, Vec<model::Authorisation>>> {
        let mut found: HashMap<PartnerId, Vec<model::Authorisation>> = HashMap::new();
        for it in service::find_of_partners(&self.0, ids).await? {
            found.entry(it.partner_id).or_default().push(it);
        }
        Ok(found)
    }
}

impl PartnerAuthorisation {
    /// The authorisation of an id; none when it does not exist for the caller.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn load(gql: &Context<'_>, id: PartnerAuthorisationId) -> AppResult<Option<Self>> {
        Ok(loaders::loader::<PartnerAuthorisationId, _>(gql, AuthorisationLoader).load_one(id).await?.map(Self))
    }

    /// The authorisations of a partner that were not taken back, loaded together with those of its siblings.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn of_partner(gql: &Context<'_>, id: PartnerId) -> AppResult<Vec<Self>> {
        let found = loaders::loader::<PartnerId, _>(gql, AuthorisationLoader).load_one(id).await?;
        Ok(found.unwrap_or_default().into_iter().map(Self).collect())
    }
}

/// Grants product lines in territories: each of the one in each of the other.
#[derive(Clone, InputObject)]
pub struct GrantPartnerAuthorisationInput {
    /// The partner.
    partner_id: ID,
    /// The product lines; from 1 to 50.
    product_line_ids: Vec<ID>,
    /// The territories; from 1 to 50, and not more than 200 pairs with the product lines.
    territory_ids: Vec<ID>,
    /// From when on; now when absent.
    from: Option<Timestamp>,
    /// Until when; for good when absent.
    until: Option<Timestamp>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for GrantPartnerAuthorisationInput {
    type Command = Grant;
    const OPERATION: &'static str = "grantPartnerAuthorisation";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Grant> {
        let grant = Grant {
            partner_id: parse::id(&self.partner_id, "partnerId")?,
            product_line_ids: ids(&self.product_line_ids, "productLineIds")?,
            territory_ids: ids(&self.territory_ids, "territoryIds")?,
            starts_at: self.from,
            ends_at: self.until,
        };
        if grant.product_line_ids.len().saturating_mul(grant.territory_ids.len()) > 200 {
            return Err(AppError::invalid("territoryIds", Code::TooLong, "Grant at most 200 pairs at once."));
        }
        Ok(grant)
    }
}

/// Some ids of a kind, each once.
fn ids<I: entity::value::TypedId + std::str::FromStr + Ord>(given: &[ID], field: &str) -> AppResult<Vec<I>> {
    if given.is_empty() {
        return Err(AppError::invalid(field, Code::TooShort, "Choose at least one."));
    }
    let given = parse::at_most(given.to_vec(), field, MOST_AT_ONCE)?;
    let mut ids = given.iter().map(|id| parse::id(id, field)).collect::<AppResult<Vec<I>>>()?;
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

payload! {
    /// What was granted.
    GrantPartnerAuthorisationPayload from Vec<model::Authorisation> as granted {
        /// One authorisation for each product line in each territory.
        authorisations: Vec<PartnerAuthorisation> = granted.into_iter().map(PartnerAuthorisation).collect()
    }
}

/// Takes an authorisation back.
#[derive(Clone, InputObject)]
pub struct RevokePartnerAuthorisationInput {
    /// The authorisation.
    authorisation_id: ID,
    /// The version of it that you have read: refused when it changed since.
    expected_version: Option<i64>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for RevokePartnerAuthorisationInput {
    type Command = Revoke;
    const OPERATION: &'static str = "revokePartnerAuthorisation";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Revoke> {
        let id = parse::id(&self.authorisation_id, "authorisationId")?;
        Ok(Revoke { id, expected_version: self.expected_version })
    }
}

payload! {
    /// The authorisation, taken back.
    RevokePartnerAuthorisationPayload from model::Authorisation as revoked {
        /// The authorisation.
        authorisation: PartnerAuthorisation = PartnerAuthorisation(revoked)
    }
}

/// Mutations of authorisations.
#[derive(Default)]
pub struct AuthorisationMutation;

#[Object]
impl AuthorisationMutation {
    /// Authorises a partner for product lines in territories. Staff only.
    async fn grant_partner_authorisation(
        &self,
        gql: &Context<'_>,
        input: GrantPartnerAuthorisationInput,
    ) -> AppResult<GrantPartnerAuthorisationPayload> {
        mutate(gql, input, service::grant).await
    }

    /// Takes an authorisation back from now on. Staff only.
    async fn revoke_partner_authorisation(
        &self,
        gql: &Context<'_>,
        input: RevokePartnerAuthorisationInput,
    ) -> AppResult<RevokePartnerAuthorisationPayload> {
        mutate(gql, input, service::revoke).await
    }
}
