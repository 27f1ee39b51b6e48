//! Reservations and incumbents in the API. Partners learn nothing of them.

use std::collections::HashMap;

use async_graphql::{Context, ID, InputObject, Object, dataloader::Loader};
use entity::value::{AccountId, AccountReservation, Timestamp};

use super::{
    model::{self, Release, Reserve, Serves},
    service,
};
use crate::{
    accounts::{
        accounts::{graphql::Account, model::Account as KnownAccount},
        product_lines::graphql::ProductLine,
    },
    kernel::code::Code,
    onboarding::partners::graphql::Partner,
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

/// For whom an account, or one product line of it, is reserved.
#[derive(Clone)]
pub struct Reservation(model::Reservation);

/// For whom an account, or one product line of it, is reserved.
#[Object]
impl Reservation {
    /// The product line; null when the whole account is reserved.
    async fn product_line(&self, gql: &Context<'_>) -> Option<AppResult<ProductLine>> {
        ProductLine::load(gql, self.0.product_line_id?).await.transpose()
    }

    /// For whom. `OPEN` frees a product line of an account that is reserved as a whole.
    async fn reserved_for(&self) -> AccountReservation {
        self.0.reserved_for
    }

    /// Who of the staff answers for it; null when nobody was named.
    async fn owner(&self, gql: &Context<'_>) -> Option<AppResult<User>> {
        User::load(gql, self.0.owner_id?).await.transpose()
    }

    /// Why.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// Since when.
    async fn reserved_at(&self) -> Timestamp {
        self.0.reserved_at
    }

    /// Who reserved it; null when the product itself did.
    async fn reserved_by(&self, gql: &Context<'_>) -> Option<AppResult<User>> {
        User::load(gql, self.0.reserved_by?).await.transpose()
    }
}

/// A partner that serves an account.
#[derive(Clone)]
pub struct Incumbent(model::Incumbent);

/// A partner that serves an account.
#[Object]
impl Incumbent {
    /// The partner.
    async fn partner(&self, gql: &Context<'_>) -> Option<AppResult<Partner>> {
        Partner::load(gql, self.0.partner_id).await.transpose()
    }

    /// Since when it is known.
    async fn since(&self) -> Timestamp {
        self.0.since
    }
}

/// Loads the reservations of accounts that are in force.
pub struct ReservationLoader(Call);

impl Loader<AccountId> for ReservationLoader {
    type Value = Vec<Reservation>;
    type Error = AppError;

    async fn load(&self, ids: &[AccountId]) -> AppResult<HashMap<AccountId, Vec<Reservation>>> {
        let mut found: HashMap<AccountId, Vec<Reservation>> = HashMap::new();
        for it in service::live_of(&self.0, ids).await? {
            found.entry(it.account_id).or_default().push(Reservation(it));
        }
        Ok(found)
    }
}

/// Loads the partners that serve accounts.
pub struct IncumbentLoader(Call);

impl Loader<AccountId> for IncumbentLoader {
    type Value = Vec<Incumbent>;
    type Error = AppError;

    async fn load(&self, ids: &[AccountId]) -> AppResult<HashMap<AccountId, Vec<Incumbent>>> {
        let mut found: HashMap<AccountId, Vec<Incumbent>> = HashMap::new();
        for it in service::incumbents_of(&self.0, ids).await? {
            found.entry(it.account_id).or_default().push(Incumbent(it));
        }
        Ok(found)
    }
}

/// The reservations of an account that are in force; null for partners.
pub async fn reservations_of(gql: &Context<'_>, id: AccountId) -> Option<AppResult<Vec<Reservation>>> {
    if !gql.call().scope().is_everything() {
        return None;
    }
    Some(loaders::loader(gql, ReservationLoader).load_one(id).await.map(Option::unwrap_or_default))
}

/// The partners that serve an account; null for partners.
pub async fn incumbents_of(gql: &Context<'_>, id: AccountId) -> Option<AppResult<Vec<Incumbent>>> {
    if !gql.call().scope().is_everything() {
        return None;
    }
    Some(loaders::loader(gql, IncumbentLoader).load_one(id).await.map(Option::unwrap_or_default))
}

/// Reserves an account, or one product line of it.
#[derive(Clone, InputObject)]
pub struct ReserveAccountInput {
    /// The account.
    account_id: ID,
    /// The product line; the whole account when absent. A line's own reservation stands in the place of the account's.
    product_line_id: Option<ID>,
    /// For whom. `OPEN` only for a product line: it frees that line of an account that is reserved as a whole.
    reserved_for: AccountReservation,
    /// Who of the staff answers for it.
    owner_id: Option<ID>,
    /// Why, at most 500 characters. Staff read it.
    reason: String,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for ReserveAccountInput {
    type Command = Reserve;
    const OPERATION: &'static str = "reserveAccount";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Reserve> {
        if self.reserved_for == AccountReservation::Open && self.product_line_id.is_none() {
            let sentence = "A whole account is open when nothing reserves it. Use `releaseAccountReservation`, or name a product line.";
            return Err(AppError::invalid("reservedFor", Code::Malformed, sentence));
        }
        Ok(Reserve {
            account_id: parse::id(&self.account_id, "accountId")?,
            product_line_id: self.product_line_id.map(|id| parse::id(&id, "productLineId")).transpose()?,
            reserved_for: self.reserved_for,
            owner_id: self.owner_id.map(|id| parse::id(&id, "ownerId")).transpose()?,
            reason: parse::line(&self.reason, "reason", 500)?,
        })
    }
}

payload! {
    /// The account, reserved.
    ReserveAccountPayload from KnownAccount as account {
        /// The account.
        account: Account = Account(account)
    }
}

/// Ends a reservation of an account, or of one product line of it.
#[derive(Clone, InputObject)]
pub struct ReleaseAccountReservationInput {
    /// The account.
    account_id: ID,
    /// The product line; the reservation of the whole account when absent.
    product_line_id: Option<ID>,
    /// Why, at most 500 characters. Staff read it.
    reason: String,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for ReleaseAccountReservationInput {
    type Command = Release;
    const OPERATION: &'static str = "releaseAccountReservation";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Release> {
        Ok(Release {
            account_id: parse::id(&self.account_id, "accountId")?,
            product_line_id: self.product_line_id.map(|id| parse::id(&id, "productLineId")).transpose()?,
            reason: parse::line(&self.reason, "reason", 500)?,
        })
    }
}

payload! {
    /// The account, without the reservation.
    ReleaseAccountReservationPayload from KnownAccount as account {
        /// The account.
        account: Account = Account(account)
    }
}

/// Names a partner that serves an account.
#[derive(Clone, InputObject)]
pub struct SetAccountIncumbentInput {
    /// The account.
    account_id: ID,
    /// The partner that serves it. Named again, nothing changes.
    partner_id: ID,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for SetAccountIncumbentInput {
    type Command = Serves;
    const OPERATION: &'static str = "setAccountIncumbent";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Serves> {
        let account_id = parse::id(&self.account_id, "accountId")?;
        Ok(Serves { account_id, partner_id: parse::id(&self.partner_id, "partnerId")? })
    }
}

payload! {
    /// The account with its incumbents.
    SetAccountIncumbentPayload from KnownAccount as account {
        /// The account.
        account: Account = Account(account)
    }
}

/// Names a partner that serves an account no longer.
#[derive(Clone, InputObject)]
pub struct ClearAccountIncumbentInput {
    /// The account.
    account_id: ID,
    /// The partner. Where it does not serve the account, nothing changes.
    partner_id: ID,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for ClearAccountIncumbentInput {
    type Command = Serves;
    const OPERATION: &'static str = "clearAccountIncumbent";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Serves> {
        let account_id = parse::id(&self.account_id, "accountId")?;
        Ok(Serves { account_id, partner_id: parse::id(&self.partner_id, "partnerId")? })
    }
}

payload! {
    /// The account with its incumbents.
    ClearAccountIncumbentPayload from KnownAccount as account {
        /// The account.
        account: Account = Account(account)
    }
}

/// Mutations of reservations and incumbents.
#[derive(Default)]
pub struct ReservationMutation;

#[Object]
impl ReservationMutation {
    /// Reserves an account, or one product line of it, from now on: registrations that are undecided meet it when they
    /// are decided, and protections that were granted stand. For staff and clients who manage accounts.
    async fn reserve_account(&self, gql: &Context<'_>, input: ReserveAccountInput) -> AppResult<ReserveAccountPayload> {
        mutate(gql, input, service::reserve).await
    }

    /// Ends a reservation of an account, or of one product line of it. For staff and clients who manage accounts.
    async fn release_account_reservation(
        &self,
        gql: &Context<'_>,
        input: ReleaseAccountReservationInput,
    ) -> AppResult<ReleaseAccountReservationPayload> {
        mutate(gql, input, service::release).await
    }

    /// Names a partner that serves an account. For staff and clients who manage accounts.
    async fn set_account_incumbent(
        &self,
        gql: &Context<'_>,
        input: SetAccountIncumbentInput,
    ) -> AppResult<SetAccountIncumbentPayload> {
        mutate(gql, input, service::set_incumbent).await
    }

    /// Names a partner that serves an account no longer. For staff and clients who manage accounts.
    async fn clear_account_incumbent(
        &self,
        gql: &Context<'_>,
        input: ClearAccountIncumbentInput,
    ) -> AppResult<ClearAccountIncumbentPayload> {
        mutate(gql, input, service::clear_incumbent).await
    }
}
