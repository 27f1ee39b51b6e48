//! Balances in the API.

use std::collections::HashMap;

use async_graphql::{Context, Object, dataloader::Loader};
use entity::value::{MdfProgramId, PartnerId};

use super::{model, service};
use crate::{
    mdf::programs::graphql::MdfProgram,
    platform::{
        call::Call,
        error::{AppError, AppResult},
        graphql::{loaders, money::Money},
    },
};

/// The balances of a partner in a program of market development funds. `allocated` is the sum of all the others.
pub struct MdfBalance(pub model::Balance);

/// The balances of a partner in a program of market development funds. `allocated` is the sum of all the others.
#[Object]
impl MdfBalance {
    /// The program.
    async fn program(&self, gql: &Context<'_>) -> Option<AppResult<MdfProgram>> {
        MdfProgram::load(gql, self.0.program_id).await.transpose()
    }

    /// All that was allocated to the partner, wherever it is by now.
    async fn allocated(&self) -> Money {
        Money::of(self.0.allocated(), self.0.currency)
    }

    /// Free to be committed to requests.
    async fn available(&self) -> Money {
        Money::of(self.0.available, self.0.currency)
    }

    /// Promised to approved requests that were not claimed yet.
    async fn committed(&self) -> Money {
        Money::of(self.0.committed, self.0.currency)
    }

    /// Due to be paid.
    async fn payable(&self) -> Money {
        Money::of(self.0.payable, self.0.currency)
    }

    /// Kept until the results of activities are measured.
    async fn held_back(&self) -> Money {
        Money::of(self.0.held_back, self.0.currency)
    }

    /// Paid.
    async fn paid(&self) -> Money {
        Money::of(self.0.paid, self.0.currency)
    }

    /// Came back from the partner after it was paid.
    async fn returned(&self) -> Money {
        Money::of(self.0.returned, self.0.currency)
    }

    /// Lost to the program because time ran out.
    async fn forfeited(&self) -> Money {
        Money::of(self.0.forfeited, self.0.currency)
    }

    /// Claimed back after it was paid.
    async fn clawed_back(&self) -> Money {
        Money::of(self.0.clawed_back, self.0.currency)
    }
}

/// Loads the balances of partners for the caller.
struct BalanceLoader(Call);

impl Loader<PartnerId> for BalanceLoader {
    type Value = Vec<model::Balance>;
    type Error = AppError;

    async fn load(&self, ids: &[PartnerId]) -> AppResult<HashMap<PartnerId, Vec<model::Balance>>> {
        let mut found: HashMap<PartnerId, Vec<model::Balance>> = HashMap::new();
        for balance in service::balances(&self.0, ids).await? {
            found.entry(balance.partner_id).or_default().push(balance);
        }
        Ok(found)
    }
}

impl MdfBalance {
    /// The balances of a partner in one program or in all, loaded together with those of its siblings.
    ///
    /// # Errors
    /// `Unauthenticated`, `Forbidden`; those of the database.
    pub async fn of_partner(
        gql: &Context<'_>,
        partner_id: PartnerId,
        program_id: Option<MdfProgramId>,
    ) -> AppResult<Vec<Self>> {
        let found = loaders::loader(gql, BalanceLoader).load_one(partner_id).await?.unwrap_or_default();
        let wanted = |balance: &model::Balance| program_id.is_none_or(|id| id == balance.program_id);
        Ok(found.into_iter().filter(wanted).map(Self).collect())
    }
}
