//! Accounts in the API.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, Enum, ID, InputObject, Object, Value, dataloader::Loader, parser::types::Field};
use entity::value::{AccountId, AccountReservation, Country, Timestamp, TypedId};

use super::{model, rules, service};
use crate::{
    payload,
    platform::{
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
        graphql::{
            GqlContext,
            at_once::{AtHand, AtOnce, maybe, text, word},
            loaders,
            mutation::{MutationInput, mutate},
            order::OrderDirection,
            page::{Listed, PageArgs, SortKey},
            parse,
        },
    },
};

/// An end customer. A partner sees those that it has registered a deal on.
pub struct Account(pub model::Account);

/// An end customer. A partner sees those that it has registered a deal on.
#[Object]
impl Account {
    /// The global id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// The name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The registrable domain of its website; null when it is not known, or shared by many companies.
    async fn domain(&self) -> Option<&str> {
        self.0.domain.as_deref()
    }

    /// Where it is.
    async fn country(&self) -> Country {
        self.0.country
    }

    /// Its industry, in words.
    async fn industry(&self) -> Option<&str> {
        self.0.industry.as_deref()
    }

    /// For whom it is reserved. Only staff may read it; null for partners, whatever it is.
    async fn reserved_for(&self, gql: &Context<'_>) -> Option<AccountReservation> {
        gql.call().scope().is_everything().then_some(self.0.reserved_for)
    }

    /// The account that it is part of; null when there is none, or none that you may see.
    async fn parent(&self, gql: &Context<'_>) -> Option<AppResult<Self>> {
        Self::load(gql, self.0.parent_id?).await.transpose()
    }

    /// When it was created.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// Grows by one with each change.
    async fn version(&self) -> i64 {
        self.0.version
    }
}

impl AtOnce for Account {
    const TYPE: &'static str = "Account";

    fn field(&self, call: &Call, field: &Field) -> Option<Value> {
        let it = &self.0;
        Some(match field.name.node.as_str() {
            "id" => word(it.id),
            "name" => text(&it.name),
            "domain" => maybe(it.domain.as_deref(), text),
            "country" => text(it.country.code()),
            "industry" => maybe(it.industry.as_deref(), text),
            "reservedFor" => maybe(call.scope().is_everything().then_some(it.reserved_for), word),
            "createdAt" => word(it.created_at),
            "version" => it.version.into(),
            _ => return None,
        })
    }
}

/// Loads accounts for the caller.
pub struct AccountLoader(Call);

impl Loader<AccountId> for AccountLoader {
    type Value = model::Account;
    type Error = AppError;

    async fn load(&self, ids: &[AccountId]) -> AppResult<HashMap<AccountId, model::Account>> {
        Ok(service::find_many(&self.0, ids).await?.into_iter().map(|account| (account.id, account)).collect())
    }
}

impl Account {
    /// The account of an id, loaded together with its siblings; none when it does not exist for the caller.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn load(gql: &Context<'_>, id: AccountId) -> AppResult<Option<Self>> {
        Ok(loaders::loader(gql, AccountLoader).load_one(id).await?.map(Self))
    }

    /// The accounts of these ids that exist for the caller.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn load_many(
        gql: &Context<'_>,
        ids: impl IntoIterator<Item = AccountId>,
    ) -> AppResult<HashMap<AccountId, Arc<Self>>> {
        let found = loaders::loader(gql, AccountLoader).load_many(ids).await?;
        Ok(found.into_iter().map(|(id, account)| (id, Arc::new(Self(account)))).collect())
    }
}

/// Creates an account.
#[derive(Clone, InputObject)]
pub struct CreateAccountInput {
    /// The name.
    name: String,
    /// The website, or its domain.
    website: Option<String>,
    /// Where it is.
    country: Country,
    /// Its industry, in words.
    industry: Option<String>,
    /// For whom it is reserved; for nobody when absent.
    reserved_for: Option<AccountReservation>,
    /// The account that it is part of.
    parent_id: Option<ID>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for CreateAccountInput {
    type Command = model::NewAccount;
    const OPERATION: &'static str = "createAccount";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<model::NewAccount> {
        let customer = model::Customer {
            name: parse::line(&self.name, "name", 200)?,
            domain: rules::parse_website(self.website.as_deref(), "website")?,
            country: self.country,
        };
        Ok(model::NewAccount {
            customer,
            industry: self.industry.map(|industry| parse::line(&industry, "industry", 100)).transpose()?,
            reserved_for: self.reserved_for.unwrap_or(AccountReservation::Open),
            parent_id: self.parent_id.map(|id| parse::id(&id, "parentId")).transpose()?,
        })
    }
}

payload! {
    /// The new account.
    CreateAccountPayload from model::Account as account {
        /// The new account.
        account: Account = Account(account)
    }
}

/// Which accounts a list shows. What is absent or empty excludes nothing.
#[derive(Clone, Default, InputObject)]
pub struct AccountFilter {
    /// Whose name begins so, in any spelling: case, accents, punctuation and legal forms do not matter.
    name: Option<String>,
    /// With this website or domain.
    website: Option<String>,
    /// In one of these countries.
    countries: Option<Vec<Country>>,
    /// Reserved in one of these ways. Only for staff; does nothing for partners.
    reserved_for: Option<Vec<AccountReservation>>,
}

impl AccountFilter {
    fn parse(self, staff: bool) -> AppResult<model::AccountFilter> {
        let name = self.name.map(|name| parse::line(&name, "filter.name", 200)).transpose()?;
        Ok(model::AccountFilter {
            name_key: name.as_deref().map(rules::name_key),
            domain: rules::parse_website(self.website.as_deref(), "filter.website")?,
            countries: parse::at_most(self.countries.unwrap_or_default(), "filter.countries", 250)?,
            reserved_for: self.reserved_for.filter(|_| staff).unwrap_or_default(),
        })
    }
}

/// What a list of accounts is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum AccountOrderField {
    /// When they were created.
    CreatedAt,
    /// Their name, regardless of spelling.
    Name,
}

/// The order of a list of accounts.
#[derive(Clone, InputObject)]
pub struct AccountOrder {
    /// What they are sorted by.
    field: AccountOrderField,
    /// In which direction.
    direction: OrderDirection,
}

impl Default for AccountOrder {
    fn default() -> Self {
        Self { field: AccountOrderField::CreatedAt, direction: OrderDirection::Desc }
    }
}

/// Queries of accounts.
#[derive(Default)]
pub struct AccountQuery;

#[Object]
impl AccountQuery {
    /// The account of an id; null when there is none, or none that you may see.
    async fn account(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The account's id.")] id: ID,
    ) -> Option<AppResult<Account>> {
        if let Err(refused) = gql.call().may(Action::ReadAccounts) {
            return Some(Err(refused));
        }
        Account::load(gql, id.parse::<AccountId>().ok()?).await.transpose()
    }

    /// The accounts that you may see: all of them for staff, for a partner those that it registered a deal on. Newest
    /// first.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn accounts(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<AccountFilter>,
        #[graphql(desc = "In which order.")] order_by: Option<AccountOrder>,
        #[graphql(desc = "How many, from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Only what lies after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end.")] last: Option<i32>,
        #[graphql(desc = "Only what lies before this cursor.")] before: Option<String>,
    ) -> AppResult<Listed<AtHand<Account>>> {
        let order = order_by.unwrap_or_default();
        let (name, field) = match order.field {
            AccountOrderField::CreatedAt => ("created", model::AccountOrder::Created),
            AccountOrderField::Name => ("name", model::AccountOrder::Name),
        };
        let page = PageArgs { first, after, last, before }.parse(gql, name, order.direction.is_descending())?;
        let filter = filter.unwrap_or_default().parse(gql.call().scope().is_everything())?;
        let rows = service::list(gql.call(), &filter, field, &page).await?;
        let place = |account: &model::Account| match field {
            model::AccountOrder::Created => (SortKey::None, account.id.uuid()),
            model::AccountOrder::Name => (SortKey::Text(account.name_key.clone()), account.id.uuid()),
        };
        Ok(rows.connection(&page, place, |account| AtHand(Account(account))))
    }
}

/// Mutations of accounts.
#[derive(Default)]
pub struct AccountMutation;

#[Object]
impl AccountMutation {
    /// Creates an account. For staff who manage accounts; refused when the customer has one in another spelling.
    async fn create_account(&self, gql: &Context<'_>, input: CreateAccountInput) -> AppResult<CreateAccountPayload> {
        mutate(gql, input, service::create).await
    }
}
