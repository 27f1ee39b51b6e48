//! Availability in the API.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use entity::value::Country;

use super::{model::Question, service};
use crate::{
    accounts::matching::rules::{Domain, Subject},
    deals::registrations::rules::resolution::Availability,
    kernel::code::Code,
    platform::{
        error::{AppError, AppResult},
        graphql::{GqlContext, parse},
    },
};

/// How many product lines a question has at most.
const MOST_LINES: usize = 10;

/// Whether an account is available for a deal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Availability")]
pub enum AccountAvailability {
    /// Nothing is in the way at the moment.
    Clear,
    /// Somebody at the vendor would look at a registration first.
    Review,
    /// Not at the moment. With sufficient evidence a deal may be registered for the waiting list.
    NotAvailable,
}

/// An answer about an account's availability. It holds nothing until a deal is registered.
#[derive(SimpleObject)]
pub struct AvailabilityAnswer {
    /// Whether it is available.
    availability: AccountAvailability,
    /// How often your company may still ask today (UTC).
    left_today: u32,
}

/// Which account is asked about.
#[derive(Clone, InputObject)]
pub struct CheckAvailabilityInput {
    /// The customer's name, in any spelling.
    name: String,
    /// Its website, or its domain.
    website: Option<String>,
    /// Where it is.
    country: Country,
    /// The product lines of the deal: 1 to 10.
    product_line_ids: Vec<ID>,
}

impl CheckAvailabilityInput {
    fn parse(self) -> AppResult<Question> {
        let Self { name, website, country, product_line_ids } = self;
        let domain = website.map(|website| {
            let website = parse::line(&website, "input.website", 2000)?;
            let malformed = "This is no website or domain, such as https://www.example.com.";
            Domain::parse(&website).ok_or_else(|| AppError::invalid("input.website", Code::Malformed, malformed))
        });
        if product_line_ids.is_empty() {
            return Err(AppError::invalid("input.productLineIds", Code::Required, "Say at least one product line."));
        }
        let ids = parse::at_most(product_line_ids, "input.productLineIds", MOST_LINES)?.into_iter().enumerate();
        let lines = ids.map(|(index, id)| parse::id(&id, &format!("input.productLineIds.{index}")));
        Ok(Question {
            subject: Subject {
                names: vec![parse::line(&name, "input.name", 200)?],
                domains: domain.transpose()?.into_iter().collect(),
                country: Some(country),
                ..Subject::default()
            },
            lines: lines.collect::<AppResult<_>>()?,
        })
    }
}

/// Queries of availability.
#[derive(Default)]
pub struct AvailabilityQuery;

#[Object]
impl AvailabilityQuery {
    /// Whether an account is available to your company for a deal, in whatever spelling you know it. For sellers. The
    /// answer is the same whoever stands in the way. Your company may ask so often a day; each question is recorded.
    async fn check_availability(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "Which account is asked about.")] input: CheckAvailabilityInput,
    ) -> AppResult<AvailabilityAnswer> {
        let answer = service::check(gql.call(), input.parse()?).await?;
        Ok(AvailabilityAnswer { availability: answer.availability.into(), left_today: answer.left_today })
    }
}
