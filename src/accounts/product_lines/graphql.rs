//! Product lines in the API.

use std::collections::HashMap;

use async_graphql::{Context, ID, InputObject, Object, dataloader::Loader};
use entity::value::{ProductLineId, Timestamp, TypedId};

use super::{model, service};
use crate::{
    kernel::code::Code,
    payload,
    platform::{
        call::Call,
        error::{AppError, AppResult},
        graphql::{
            GqlContext, loaders,
            mutation::{MutationInput, mutate},
            page::{Listed, PageArgs, SortKey},
            parse,
        },
    },
};

/// A product line of the vendor: deals are about some of them, and protection is granted for each.
pub struct ProductLine(pub model::ProductLine);

/// A product line of the vendor: deals are about some of them, and protection is granted for each.
#[Object]
impl ProductLine {
    /// The global id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// The short code, in capitals.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// The name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// When it was created.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }
}

/// Loads product lines.
pub struct ProductLineLoader(Call);

impl Loader<ProductLineId> for ProductLineLoader {
    type Value = model::ProductLine;
    type Error = AppError;

    async fn load(&self, ids: &[ProductLineId]) -> AppResult<HashMap<ProductLineId, model::ProductLine>> {
        Ok(service::find_many(&self.0, ids).await?.into_iter().map(|line| (line.id, line)).collect())
    }
}

impl ProductLine {
    /// The product line of an id, loaded together with its siblings.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn load(gql: &Context<'_>, id: ProductLineId) -> AppResult<Option<Self>> {
        Ok(loaders::loader(gql, ProductLineLoader).load_one(id).await?.map(Self))
    }

    /// The product lines of these ids, loaded together with their siblings, by code.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn load_many(gql: &Context<'_>, ids: &[ProductLineId]) -> AppResult<Vec<Self>> {
        let found = loaders::loader(gql, ProductLineLoader).load_many(ids.iter().copied()).await?;
        let mut lines: Vec<_> = found.into_values().collect();
        lines.sort_by(|one, other| one.code.cmp(&other.code));
        Ok(lines.into_iter().map(Self).collect())
    }
}

/// Creates a product line.
#[derive(Clone, InputObject)]
pub struct CreateProductLineInput {
    /// The short code: letters, digits, and `-` or `_` between them, at most 40. Stored in capitals.
    code: String,
    /// The name.
    name: String,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for CreateProductLineInput {
    type Command = model::NewProductLine;
    const OPERATION: &'static str = "createProductLine";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<model::NewProductLine> {
        let code = model::code(&self.code).ok_or_else(|| {
            AppError::invalid(
                "code",
                Code::Malformed,
                "A code is letters, digits, and - or _ between them, at most 40 characters.",
            )
        })?;
        Ok(model::NewProductLine { code, name: parse::line(&self.name, "name", 200)? })
    }
}

payload! {
    /// The new product line.
    CreateProductLinePayload from model::ProductLine as line {
        /// The new product line.
        product_line: ProductLine = ProductLine(line)
    }
}

/// Queries of product lines.
#[derive(Default)]
pub struct ProductLineQuery;

#[Object]
impl ProductLineQuery {
    /// The vendor's product lines, by code.
    async fn product_lines(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "How many, from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Only what lies after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end.")] last: Option<i32>,
        #[graphql(desc = "Only what lies before this cursor.")] before: Option<String>,
    ) -> AppResult<Listed<ProductLine>> {
        let page = PageArgs { first, after, last, before }.parse(gql, "code", false)?;
        let rows = service::list(gql.call(), &page).await?;
        let place = |line: &model::ProductLine| (SortKey::Text(line.code.clone()), line.id.uuid());
        Ok(rows.connection(&page, place, ProductLine))
    }
}

/// Mutations of product lines.
#[derive(Default)]
pub struct ProductLineMutation;

#[Object]
impl ProductLineMutation {
    /// Creates a product line. For staff who manage accounts.
    async fn create_product_line(
        &self,
        gql: &Context<'_>,
        input: CreateProductLineInput,
    ) -> AppResult<CreateProductLinePayload> {
        mutate(gql, input, service::create).await
    }
}
