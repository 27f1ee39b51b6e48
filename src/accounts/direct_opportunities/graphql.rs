//! Opportunities of the vendor's own team in the API. Partners learn nothing of them.

use std::collections::HashMap;

use async_graphql::{Context, ID, InputObject, Object, dataloader::Loader};
use entity::value::{AccountId, DirectOpportunityOutcome, ProductLineId, Timestamp};

use super::{
    model::{self, Close, MOST_LINES, Record},
    service,
};
use crate::{
    accounts::{
        accounts::{graphql::Account, model::Account as KnownAccount},
        product_lines::graphql::ProductLine,
    },
    kernel::code::Code,
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

/// An open opportunity of the vendor's own team on a product line of an account.
#[derive(Clone)]
pub struct DirectOpportunity(model::DirectOpportunity);

/// An open opportunity of the vendor's own team on a product line of an account.
#[Object]
impl DirectOpportunity {
    /// The product line.
    async fn product_line(&self, gql: &Context<'_>) -> Option<AppResult<ProductLine>> {
        ProductLine::load(gql, self.0.product_line_id).await.transpose()
    }

    /// What the vendor's CRM calls it.
    async fn reference(&self) -> &str {
        &self.0.reference
    }

    /// Since when it is known here.
    async fn opened_at(&self) -> Timestamp {
        self.0.opened_at
    }

    /// Who recorded it; null when the product itself did.
    async fn recorded_by(&self, gql: &Context<'_>) -> Option<AppResult<User>> {
        User::load(gql, self.0.recorded_by?).await.transpose()
    }
}

/// Loads the open opportunities of accounts.
pub struct OpportunityLoader(Call);

impl Loader<AccountId> for OpportunityLoader {
    type Value = Vec<DirectOpportunity>;
    type Error = AppError;

    async fn load(&self, ids: &[AccountId]) -> AppResult<HashMap<AccountId, Vec<DirectOpportunity>>> {
        let mut found: HashMap<AccountId, Vec<DirectOpportunity>> = HashMap::new();
        for it in service::open_of(&self.0, ids).await? {
            found.entry(it.account_id).or_default().push(DirectOpportunity(it));
        }
        Ok(found)
    }
}

/// The open opportunities of an account; null for partners.
pub async fn opportunities_of(gql: &Context<'_>, id: AccountId) -> Option<AppResult<Vec<DirectOpportunity>>> {
    if !gql.call().scope().is_everything() {
        return None;
    }
    Some(loaders::loader(gql, OpportunityLoader).load_one(id).await.map(Option::unwrap_or_default))
}

/// Records that the vendor's own team works on product lines of an account.
#[derive(Clone, InputObject)]
pub struct RecordDirectOpportunityInput {
    /// The account.
    account_id: ID,
    /// The product lines: 1 to 10.
    product_line_ids: Vec<ID>,
    /// What the vendor's CRM calls it, at most 200 characters. Recorded again on the same account, nothing changes but the
    /// product lines that are new.
    reference: String,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for RecordDirectOpportunityInput {
    type Command = Record;
    const OPERATION: &'static str = "recordDirectOpportunity";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Record> {
        if self.product_line_ids.is_empty() {
            return Err(AppError::invalid("productLineIds", Code::TooShort, "Name at least one product line."));
        }
        let ids = parse::at_most(self.product_line_ids, "productLineIds", MOST_LINES)?;
        let ids = ids.iter().enumerate().map(|(index, id)| parse::id(id, &format!("productLineIds.{index}")));
        let mut product_line_ids = ids.collect::<AppResult<Vec<ProductLineId>>>()?;
        product_line_ids.sort_unstable();
        product_line_ids.dedup();
        Ok(Record {
            account_id: parse::id(&self.account_id, "accountId")?,
            product_line_ids,
            reference: parse::line(&self.reference, "reference", 200)?,
        })
    }
}

payload! {
    /// The account on which the opportunity was recorded.
    RecordDirectOpportunityPayload from KnownAccount as account {
        /// The account.
        account: Account = Account(account)
    }
}

/// Ends an opportunity of the vendor's own team.
#[derive(Clone, InputObject)]
pub struct CloseDirectOpportunityInput {
    /// The account.
    account_id: ID,
    /// What the vendor's CRM calls it.
    reference: String,
    /// How it ended.
    outcome: DirectOpportunityOutcome,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for CloseDirectOpportunityInput {
    type Command = Close;
    const OPERATION: &'static str = "closeDirectOpportunity";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Close> {
        Ok(Close {
            account_id: parse::id(&self.account_id, "accountId")?,
            reference: parse::line(&self.reference, "reference", 200)?,
            outcome: self.outcome,
        })
    }
}

payload! {
    /// The account on which the opportunity ended.
    CloseDirectOpportunityPayload from KnownAccount as account {
        /// The account.
        account: Account = Account(account)
    }
}

/// Mutations of opportunities of the vendor's own team.
#[derive(Default)]
pub struct DirectOpportunityMutation;

#[Object]
impl DirectOpportunityMutation {
    /// Records that the vendor's own team works on product lines of an account: registrations meet it from now on, and
    /// protections that were granted stand. For staff and clients who manage accounts.
    async fn record_direct_opportunity(
        &self,
        gql: &Context<'_>,
        input: RecordDirectOpportunityInput,
    ) -> AppResult<RecordDirectOpportunityPayload> {
        mutate(gql, input, service::record).await
    }

    /// Ends an opportunity of the vendor's own team on all of its product lines. For staff and clients who manage accounts.
    async fn close_direct_opportunity(
        &self,
        gql: &Context<'_>,
        input: CloseDirectOpportunityInput,
    ) -> AppResult<CloseDirectOpportunityPayload> {
        mutate(gql, input, service::close).await
    }
}
