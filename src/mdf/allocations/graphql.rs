//! Allocations in the API.

use std::collections::HashMap;

use async_graphql::{Context, ID, InputObject, Object, dataloader::Loader};
use entity::value::{MdfAllocationId, Timestamp};

use super::{
    model::{self, Allocate, Allocated},
    service,
};
use crate::{
    mdf::programs::graphql::MdfProgram,
    onboarding::partners::graphql::Partner,
    payload,
    platform::{
        call::Call,
        error::{AppError, AppResult},
        graphql::{
            errors::DecisionReceipt,
            loaders,
            money::{Money, MoneyInput},
            mutation::{MutationInput, mutate},
            parse,
        },
    },
};

/// What a program gave to a partner, and the figures behind it: amount = potential × ((1 − λ) + λ × factor).
pub struct MdfAllocation(pub model::Allocation);

/// What a program gave to a partner, and the figures behind it: amount = potential × ((1 − λ) + λ × factor).
#[Object]
impl MdfAllocation {
    /// The global id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// The program.
    async fn program(&self, gql: &Context<'_>) -> Option<AppResult<MdfProgram>> {
        MdfProgram::load(gql, self.0.program_id).await.transpose()
    }

    /// The partner.
    async fn partner(&self, gql: &Context<'_>) -> Option<AppResult<Partner>> {
        Partner::load(gql, self.0.partner_id).await.transpose()
    }

    /// What the partner would get for full performance.
    async fn potential(&self) -> Money {
        Money::of(self.0.potential, self.0.currency)
    }

    /// How much of it depends on last period's performance (λ), in basis points.
    async fn lambda_bp(&self) -> i64 {
        self.0.lambda_bp
    }

    /// Last period's performance, in basis points; 5000 without history.
    async fn factor_bp(&self) -> i64 {
        self.0.factor_bp
    }

    /// What the partner got.
    async fn amount(&self) -> Money {
        Money::of(self.0.amount, self.0.currency)
    }

    /// When it was allocated.
    async fn allocated_at(&self) -> Timestamp {
        self.0.allocated_at
    }
}

/// Loads allocations for the caller.
struct AllocationLoader(Call);

impl Loader<MdfAllocationId> for AllocationLoader {
    type Value = model::Allocation;
    type Error = AppError;

    async fn load(&self, ids: &[MdfAllocationId]) -> AppResult<HashMap<MdfAllocationId, model::Allocation>> {
        Ok(service::find_many(&self.0, ids).await?.into_iter().map(|found| (found.id, found)).collect())
    }
}

impl MdfAllocation {
    /// The allocation of an id, loaded together with its siblings; none when it does not exist for the caller.
    ///
    /// # Errors
    /// `Forbidden`; those of the database.
    pub async fn load(gql: &Context<'_>, id: MdfAllocationId) -> AppResult<Option<Self>> {
        Ok(loaders::loader(gql, AllocationLoader).load_one(id).await?.map(Self))
    }
}

/// Allocates funds of a program to a partner.
#[derive(Clone, InputObject)]
pub struct AllocateMdfInput {
    /// The program.
    program_id: ID,
    /// The partner.
    partner_id: ID,
    /// What the partner would get for full performance, in the program's currency.
    potential: MoneyInput,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for AllocateMdfInput {
    type Command = Allocate;
    const OPERATION: &'static str = "allocateMdf";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Allocate> {
        Ok(Allocate {
            program_id: parse::id(&self.program_id, "programId")?,
            partner_id: parse::id(&self.partner_id, "partnerId")?,
            potential: self.potential.positive("potential")?,
        })
    }
}

payload! {
    /// The allocation that was made.
    AllocateMdfPayload from Allocated as allocated {
        /// The allocation.
        allocation: MdfAllocation = MdfAllocation(allocated.allocation.clone()),
        /// The arithmetic behind it.
        receipt: DecisionReceipt = DecisionReceipt::for_audience(allocated.receipt, true)
    }
}

/// Mutations of allocations.
#[derive(Default)]
pub struct MdfAllocationMutation;

#[Object]
impl MdfAllocationMutation {
    /// Allocates funds of a program to a partner, once: the potential, reduced by what last period's performance
    /// lacked. For channel operations.
    async fn allocate_mdf(&self, gql: &Context<'_>, input: AllocateMdfInput) -> AppResult<AllocateMdfPayload> {
        mutate(gql, input, service::allocate).await
    }
}
