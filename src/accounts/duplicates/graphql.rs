//! Duplicates in the API.

use std::collections::HashMap;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject, dataloader::Loader};
use entity::value::{AccountDuplicateId, AccountDuplicateState, AccountId, MatchVerdict, Timestamp, TypedId};

use super::{
    model::{self, Dismiss, PairOrder},
    service,
};
use crate::{
    accounts::accounts::graphql::Account,
    payload,
    people::users::graphql::User,
    platform::{
        call::Call,
        error::{AppError, AppResult},
        graphql::{
            GqlContext, loaders,
            mutation::{MutationInput, mutate},
            order::OrderDirection,
            page::{Listed, PageArgs, SortKey},
            parse,
        },
    },
};

/// Two accounts that may be the same customer. Only staff see them.
pub struct AccountDuplicate(pub model::Pair);

/// What speaks for two accounts being the same customer, or against it.
#[derive(SimpleObject)]
pub struct AccountDuplicateReason {
    /// A stable word for programs.
    code: String,
    /// What was found, in a sentence.
    sentence: String,
}

/// Two accounts that may be the same customer. Only staff see them.
#[Object]
impl AccountDuplicate {
    /// The global id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// One account. Of a merged one, the account that it was merged into.
    async fn first(&self, gql: &Context<'_>) -> Option<AppResult<Account>> {
        Account::load(gql, self.0.first_id).await.transpose()
    }

    /// The other one. Of a merged one, the account that it was merged into.
    async fn second(&self, gql: &Context<'_>) -> Option<AppResult<Account>> {
        Account::load(gql, self.0.second_id).await.transpose()
    }

    /// What the matcher says; null when a person brought the pair up.
    async fn verdict(&self) -> Option<MatchVerdict> {
        self.0.verdict
    }

    /// How sure the matcher is, in basis points: 10000 is entirely.
    async fn score_bp(&self) -> i64 {
        self.0.score_bp
    }

    /// What speaks for it and against it.
    async fn reasons(&self) -> Vec<AccountDuplicateReason> {
        let reason =
            |it: &model::Reason| AccountDuplicateReason { code: it.code.clone(), sentence: it.sentence.clone() };
        self.0.reasons.iter().map(reason).collect()
    }

    /// Which version of the matcher says so; 0 when a person brought the pair up.
    async fn matcher_version(&self) -> i32 {
        self.0.matcher_version
    }

    /// What became of it.
    async fn state(&self) -> AccountDuplicateState {
        self.0.state
    }

    /// When it was found.
    async fn found_at(&self) -> Timestamp {
        self.0.found_at
    }

    /// When it was decided; null while it is open.
    async fn decided_at(&self) -> Option<Timestamp> {
        self.0.decided_at
    }

    /// Who decided it; null while it is open.
    async fn decided_by(&self, gql: &Context<'_>) -> Option<AppResult<User>> {
        User::load(gql, self.0.decided_by?).await.transpose()
    }

    /// Why it was decided so; null while it is open.
    async fn decision_reason(&self) -> Option<&str> {
        self.0.decision_reason.as_deref()
    }

    /// Grows by one with each change.
    async fn version(&self) -> i64 {
        self.0.version
    }
}

/// Loads pairs for the caller.
pub struct DuplicateLoader(Call);

impl Loader<AccountDuplicateId> for DuplicateLoader {
    type Value = model::Pair;
    type Error = AppError;

    async fn load(&self, ids: &[AccountDuplicateId]) -> AppResult<HashMap<AccountDuplicateId, model::Pair>> {
        Ok(service::find_many(&self.0, ids).await?.into_iter().map(|pair| (pair.id, pair)).collect())
    }
}

impl AccountDuplicate {
    /// The pair of an id, loaded together with its siblings; none for those who may not read it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn load(gql: &Context<'_>, id: AccountDuplicateId) -> AppResult<Option<Self>> {
        Ok(loaders::loader(gql, DuplicateLoader).load_one(id).await?.map(Self))
    }
}

/// Which pairs a list shows. What is absent or empty excludes nothing.
#[derive(Clone, Default, InputObject)]
pub struct AccountDuplicateFilter {
    /// In one of these states.
    states: Option<Vec<AccountDuplicateState>>,
    /// With one of these verdicts of the matcher.
    verdicts: Option<Vec<MatchVerdict>>,
    /// With this account.
    account_id: Option<ID>,
}

impl AccountDuplicateFilter {
    fn parse(self) -> AppResult<model::PairFilter> {
        Ok(model::PairFilter {
            states: parse::at_most(self.states.unwrap_or_default(), "filter.states", 20)?,
            verdicts: parse::at_most(self.verdicts.unwrap_or_default(), "filter.verdicts", 20)?,
            account_id: self.account_id.map(|id| parse::id::<AccountId>(&id, "filter.accountId")).transpose()?,
        })
    }
}

/// What a list of pairs is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum AccountDuplicateOrderField {
    /// How sure the matcher is.
    Score,
    /// When they were found.
    FoundAt,
}

/// The order of a list of pairs.
#[derive(Clone, InputObject)]
pub struct AccountDuplicateOrder {
    /// What they are sorted by.
    field: AccountDuplicateOrderField,
    /// In which direction.
    direction: OrderDirection,
}

impl Default for AccountDuplicateOrder {
    fn default() -> Self {
        Self { field: AccountDuplicateOrderField::Score, direction: OrderDirection::Desc }
    }
}

/// Says that two accounts are different customers.
#[derive(Clone, InputObject)]
pub struct DismissAccountDuplicateInput {
    /// Which pair.
    id: ID,
    /// Why, at most 500 characters. Staff read it.
    reason: String,
    /// The version that you have read; refused when there is a newer one.
    expected_version: Option<i64>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for DismissAccountDuplicateInput {
    type Command = Dismiss;
    const OPERATION: &'static str = "dismissAccountDuplicate";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Dismiss> {
        Ok(Dismiss {
            id: parse::id(&self.id, "id")?,
            reason: parse::line(&self.reason, "reason", 500)?,
            expected_version: self.expected_version,
        })
    }
}

payload! {
    /// The pair, decided.
    DismissAccountDuplicatePayload from model::Pair as pair {
        /// The pair. It is never asked again.
        account_duplicate: AccountDuplicate = AccountDuplicate(pair)
    }
}

/// Queries of duplicates.
#[derive(Default)]
pub struct DuplicateQuery;

#[Object]
impl DuplicateQuery {
    /// The pairs of accounts that may be the same customer, strongest first. The queue is `filter: { states: [OPEN] }`:
    /// merge the two with `mergeAccounts`, or say with `dismissAccountDuplicate` that they are different customers.
    /// For staff.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn account_duplicates(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<AccountDuplicateFilter>,
        #[graphql(desc = "In which order.")] order_by: Option<AccountDuplicateOrder>,
        #[graphql(desc = "How many, from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Only what lies after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end.")] last: Option<i32>,
        #[graphql(desc = "Only what lies before this cursor.")] before: Option<String>,
    ) -> AppResult<Listed<AccountDuplicate>> {
        let order = order_by.unwrap_or_default();
        let (name, by) = match order.field {
            AccountDuplicateOrderField::Score => ("score", PairOrder::Score),
            AccountDuplicateOrderField::FoundAt => ("found", PairOrder::Found),
        };
        let page = PageArgs { first, after, last, before }.parse(gql, name, order.direction.is_descending())?;
        let rows = service::list(gql.call(), &filter.unwrap_or_default().parse()?, by, &page).await?;
        let place = |pair: &model::Pair| match by {
            PairOrder::Score => (SortKey::Number(pair.score_bp), pair.id.uuid()),
            PairOrder::Found => (SortKey::None, pair.id.uuid()),
        };
        Ok(rows.connection(&page, place, AccountDuplicate))
    }
}

/// Mutations of duplicates.
#[derive(Default)]
pub struct DuplicateMutation;

#[Object]
impl DuplicateMutation {
    /// Says that two accounts are different customers: the pair leaves the queue and is never asked again. For staff
    /// who merge accounts.
    async fn dismiss_account_duplicate(
        &self,
        gql: &Context<'_>,
        input: DismissAccountDuplicateInput,
    ) -> AppResult<DismissAccountDuplicatePayload> {
        mutate(gql, input, service::dismiss).await
    }
}
