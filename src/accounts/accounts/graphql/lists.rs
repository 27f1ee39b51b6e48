//! Lists of accounts.

use std::collections::HashMap;

use async_graphql::{Context, Enum, ID, InputObject, Object, dataloader::Loader};
use entity::value::{AccountId, AccountReservation, AccountSize, Country, TypedId};

use super::Account;
use crate::{
    accounts::{
        accounts::{model, rules, service},
        identity::graphql::{AccountReferenceInput, RegistryIdInput, parse_reference, parse_registry_id},
    },
    platform::{
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
        graphql::{
            GqlContext,
            at_once::AtHand,
            loaders,
            order::OrderDirection,
            page::{Listed, PageArgs, Rows, SortKey},
            parse,
        },
    },
};

/// Which accounts a list shows. What is absent or empty excludes nothing.
#[derive(Clone, Default, InputObject)]
pub struct AccountFilter {
    /// Whose name begins so, in any spelling: case, accents, punctuation and legal forms do not matter.
    name: Option<String>,
    /// With this website or domain. Staff find an account by each of its domains, partners by the one that it goes by.
    website: Option<String>,
    /// In one of these countries.
    countries: Option<Vec<Country>>,
    /// Of one of these sizes.
    sizes: Option<Vec<AccountSize>>,
    /// Part of this account.
    parent_id: Option<ID>,
    /// Reserved as a whole in one of these ways. Only for staff; does nothing for partners.
    reserved_for: Option<Vec<AccountReservation>>,
    /// Known to a public registry by this id. Only for staff; does nothing for partners.
    registry_id: Option<RegistryIdInput>,
    /// Called so by another system. Only for staff; does nothing for partners.
    reference: Option<AccountReferenceInput>,
    /// Served by this partner. Only for staff; does nothing for partners.
    incumbent_id: Option<ID>,
}

impl AccountFilter {
    fn parse(self, staff: bool) -> AppResult<model::AccountFilter> {
        let Self { name, website, countries, sizes, parent_id, reserved_for, registry_id, reference, incumbent_id } =
            self;
        let name = name.map(|name| parse::line(&name, "filter.name", 200)).transpose()?;
        let of_staff = model::StaffFilter {
            reserved_for: parse::at_most(reserved_for.unwrap_or_default(), "filter.reservedFor", 20)?,
            registry_id: registry_id.map(|id| parse_registry_id(&id, "filter.registryId")).transpose()?,
            reference: reference.map(|it| parse_reference(&it, "filter.reference")).transpose()?,
            incumbent_id: incumbent_id.map(|id| parse::id(&id, "filter.incumbentId")).transpose()?,
        };
        Ok(model::AccountFilter {
            name_key: name.as_deref().map(rules::name_key),
            domain: rules::parse_website(website.as_deref(), "filter.website")?,
            countries: parse::at_most(countries.unwrap_or_default(), "filter.countries", 250)?,
            sizes: parse::at_most(sizes.unwrap_or_default(), "filter.sizes", 20)?,
            parent_id: parent_id.map(|id| parse::id(&id, "filter.parentId")).transpose()?,
            staff: if staff { of_staff } else { model::StaffFilter::default() },
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

/// Loads the first subsidiaries of accounts: those of all accounts of a list in one statement.
pub struct SubsidiaryLoader(Call);

impl Loader<(AccountId, u64)> for SubsidiaryLoader {
    type Value = Vec<model::Account>;
    type Error = AppError;

    async fn load(&self, keys: &[(AccountId, u64)]) -> AppResult<HashMap<(AccountId, u64), Vec<model::Account>>> {
        let mut by_size: HashMap<u64, Vec<AccountId>> = HashMap::new();
        for (id, most) in keys {
            by_size.entry(*most).or_default().push(*id);
        }
        let mut found: HashMap<_, Vec<model::Account>> = HashMap::new();
        for (most, parents) in by_size {
            for account in service::subsidiaries_of(&self.0, &parents, most).await? {
                if let Some(parent_id) = account.parent_id {
                    found.entry((parent_id, most)).or_default().push(account);
                }
            }
        }
        Ok(found)
    }
}

fn by_id(account: &model::Account) -> (SortKey, uuid::Uuid) {
    (SortKey::None, account.id.uuid())
}

/// A page of the accounts that are part of another one. First pages, of which a list asks many at once, come for all of
/// them in one statement; where a page goes on, it is asked for by itself.
///
/// # Errors
/// `BAD_INPUT`; those of the database.
pub async fn subsidiaries(
    gql: &Context<'_>,
    parent_id: AccountId,
    args: PageArgs,
) -> AppResult<Listed<AtHand<Account>>> {
    let page = args.parse(gql, "created", false)?;
    let shown = |account| AtHand(Account(account));
    if page.after.is_none() && page.until.is_none() && !page.backward && !page.counted {
        let found = loaders::loader(gql, SubsidiaryLoader).load_one((parent_id, page.limit)).await?;
        return Ok(page.finish(found.unwrap_or_default(), None).connection(&page, by_id, shown));
    }
    let filter = model::AccountFilter { parent_id: Some(parent_id), ..model::AccountFilter::default() };
    let rows: Rows<model::Account> = service::list(gql.call(), &filter, model::AccountOrder::Created, &page).await?;
    Ok(rows.connection(&page, by_id, shown))
}

/// Queries of accounts.
#[derive(Default)]
pub struct AccountQuery;

#[Object]
impl AccountQuery {
    /// The account of an id; null when there is none, or none that you may see. The id of an account that was merged
    /// leads to the one that it was merged into.
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
    /// first. Merged ones are not among them.
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
            model::AccountOrder::Created => by_id(account),
            model::AccountOrder::Name => (SortKey::Text(account.name_key.clone()), account.id.uuid()),
        };
        Ok(rows.connection(&page, place, |account| AtHand(Account(account))))
    }
}
