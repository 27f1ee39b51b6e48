//! Mutations of partners: the profile, and who looks after them.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};
use entity::value::{PartnerType, Region};

use super::Partner;
use crate::{
    kernel::code::Code,
    onboarding::partners::{
        model::{self, AssignManager, UpdateProfile},
        service,
    },
    payload,
    platform::{
        error::{AppError, AppResult},
        graphql::{
            mutation::{MutationInput, mutate},
            parse,
        },
    },
};

/// Changes the profile of a partner; what is absent stays as it is.
#[derive(Clone, InputObject)]
pub struct UpdatePartnerProfileInput {
    /// The partner; your own when absent.
    partner_id: Option<ID>,
    /// What it says of itself, at most 5,000 characters; null to say nothing.
    description: MaybeUndefined<String>,
    /// Where it works; at least one.
    regions: Option<Vec<Region>>,
    /// The industries that it serves, in its own words; at most 20.
    industries: Option<Vec<String>>,
    /// What it does with the vendor's products; at least one. Staff only.
    types: Option<Vec<PartnerType>>,
    /// The version of the partner that you have read: refused when it changed since.
    expected_version: Option<i64>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for UpdatePartnerProfileInput {
    type Command = UpdateProfile;
    const OPERATION: &'static str = "updatePartnerProfile";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<UpdateProfile> {
        let description = match self.description {
            MaybeUndefined::Undefined => None,
            MaybeUndefined::Null => Some(None),
            MaybeUndefined::Value(text) => Some(Some(parse::prose(&text, "description", 5_000)?)),
        };
        let industries = self.industries.map(|texts| parse::at_most(texts, "industries", 20)).transpose()?;
        let read = |texts: Vec<String>| {
            let numbered = texts.iter().enumerate();
            numbered
                .map(|(place, text)| parse::line(text, &format!("industries.{place}"), 100))
                .collect::<AppResult<_>>()
        };
        Ok(UpdateProfile {
            id: self.partner_id.map(|id| parse::id(&id, "partnerId")).transpose()?,
            description,
            regions: self
                .regions
                .map(|regions| some(regions, "regions"))
                .transpose()?
                .map(|all| all.into_iter().collect()),
            industries: industries.map(read).transpose()?,
            types: self.types.map(|types| some(types, "types")).transpose()?.map(|all| all.into_iter().collect()),
            expected_version: self.expected_version,
        })
    }
}

fn some<T>(items: Vec<T>, field: &str) -> AppResult<Vec<T>> {
    if items.is_empty() {
        return Err(AppError::invalid(field, Code::TooShort, "Choose at least one."));
    }
    Ok(items)
}

payload! {
    /// The partner with its new profile.
    UpdatePartnerProfilePayload from model::Partner as partner {
        /// The partner.
        partner: Partner = Partner(partner)
    }
}

/// Gives a partner to a channel manager to look after.
#[derive(Clone, InputObject)]
pub struct AssignPartnerManagerInput {
    /// The partner.
    partner_id: ID,
    /// The channel manager; nobody when absent.
    manager_id: Option<ID>,
    /// The version of the partner that you have read: refused when it changed since.
    expected_version: Option<i64>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for AssignPartnerManagerInput {
    type Command = AssignManager;
    const OPERATION: &'static str = "assignPartnerManager";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<AssignManager> {
        Ok(AssignManager {
            id: parse::id(&self.partner_id, "partnerId")?,
            manager_id: self.manager_id.map(|id| parse::id(&id, "managerId")).transpose()?,
            expected_version: self.expected_version,
        })
    }
}

payload! {
    /// The partner and who looks after it.
    AssignPartnerManagerPayload from model::Partner as partner {
        /// The partner.
        partner: Partner = Partner(partner)
    }
}

/// Mutations of partners.
#[derive(Default)]
pub struct PartnerMutation;

#[Object]
impl PartnerMutation {
    /// Changes what a partner says of itself: partners' administrators of their own, staff of any.
    async fn update_partner_profile(
        &self,
        gql: &Context<'_>,
        input: UpdatePartnerProfileInput,
    ) -> AppResult<UpdatePartnerProfilePayload> {
        mutate(gql, input, service::update_profile).await
    }

    /// Gives a partner to a channel manager to look after, or to nobody. Staff only.
    async fn assign_partner_manager(
        &self,
        gql: &Context<'_>,
        input: AssignPartnerManagerInput,
    ) -> AppResult<AssignPartnerManagerPayload> {
        mutate(gql, input, service::assign_manager).await
    }
}
