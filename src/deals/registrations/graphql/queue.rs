//! The ops queue in the API, and what is done with many at once.

use std::collections::HashSet;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entity::value::{RegistrationId, Timestamp, TypedId as _};

use super::{DealRegistration, ListedRegistration, lists::related};
use crate::{
    deals::registrations::{
        model::{Long, Registration, RegistrationDoubt, RegistrationFilter},
        service::{self, BulkRow},
    },
    kernel::code::Code,
    payload,
    people::users::graphql::User,
    platform::{
        error::{AppError, AppResult},
        graphql::{
            GqlContext,
            errors::UserError,
            mutation::{MutationInput, mutate},
            page::{Listed, PageArgs, SortKey},
            parse,
        },
    },
};

/// How many are approved at once at most.
const MOST_AT_ONCE: usize = 100;

/// Which registrations the queue shows. What is absent excludes nothing.
#[derive(Clone, Default, InputObject)]
pub struct RegistrationQueueFilter {
    /// Those that this person looks at.
    pub reviewer_id: Option<ID>,
    /// Whether nobody looks at them yet.
    pub is_unassigned: Option<bool>,
    /// Whether they should have been decided before now.
    pub is_overdue: Option<bool>,
    /// Of this partner.
    pub partner_id: Option<ID>,
}

impl RegistrationQueueFilter {
    fn parse(self) -> AppResult<RegistrationFilter> {
        Ok(RegistrationFilter {
            reviewer_id: self.reviewer_id.map(|id| parse::id(&id, "filter.reviewerId")).transpose()?,
            is_unassigned: self.is_unassigned,
            is_overdue: self.is_overdue,
            partner_id: self.partner_id.map(|id| parse::id(&id, "filter.partnerId")).transpose()?,
            ..RegistrationFilter::default()
        })
    }
}

/// A registration that waits for a decision.
pub struct RegistrationQueueEntry {
    listed: ListedRegistration,
    registration: Registration,
    doubts: Vec<RegistrationDoubt>,
}

/// A registration that waits for a decision.
#[Object]
impl RegistrationQueueEntry {
    /// The registration.
    async fn deal_registration(&self) -> &ListedRegistration {
        &self.listed
    }

    /// By when it is to be decided.
    async fn due_at(&self) -> Timestamp {
        self.registration.due_at
    }

    /// Whether that has passed.
    async fn is_overdue(&self, gql: &Context<'_>) -> bool {
        self.registration.due_at <= gql.call().now()
    }

    /// Who looks at it; null when nobody does yet.
    async fn reviewer(&self, gql: &Context<'_>) -> Option<AppResult<User>> {
        User::load(gql, self.registration.review.reviewer_id?).await.transpose()
    }

    /// Whether nothing stands against it that a person has to look at: `approveCleanDealRegistrations` takes it, unless it
    /// finds then that another partner serves the customer, or that this one may not sell there.
    async fn is_clean(&self) -> bool {
        self.doubts.is_empty()
    }

    /// Why it is not clean; empty when it is.
    async fn doubts(&self) -> &[RegistrationDoubt] {
        &self.doubts
    }
}

/// Whether the caller selects one of these fields of the entries.
fn selects(gql: &Context<'_>, path: &[&str], fields: &[&str]) -> bool {
    let look = gql.look_ahead();
    let begin = [look.field("nodes"), look.field("edges").field("node")];
    begin.into_iter().any(|at| {
        let at = path.iter().fold(at, |at, name| at.field(name));
        fields.iter().any(|field| at.field(field).exists())
    })
}

/// The ops queue.
#[derive(Default)]
pub struct RegistrationQueueQuery;

#[Object]
impl RegistrationQueueQuery {
    /// What waits for a decision, oldest qualified first: handed in or in review, with sufficient evidence. For staff who
    /// decide. What is held while its evidence is completed is listed by `dealRegistrations`.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn registration_queue(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<RegistrationQueueFilter>,
        #[graphql(desc = "How many, from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Only what lies after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end.")] last: Option<i32>,
        #[graphql(desc = "Only what lies before this cursor.")] before: Option<String>,
    ) -> AppResult<Listed<RegistrationQueueEntry>> {
        let page = PageArgs { first, after, last, before }.parse(gql, "queue", false)?;
        let long = selects(gql, &["dealRegistration"], DealRegistration::LONG) || selects(gql, &[], &["reviewer"]);
        let long = if long { Long::Read } else { Long::Left };
        let rows = service::queue(gql.call(), filter.unwrap_or_default().parse()?, &page, long).await?;
        let doubts = if selects(gql, &[], &["isClean", "doubts"]) {
            service::doubts(gql.call(), &rows.rows).await?
        } else {
            std::collections::HashMap::new()
        };
        let wanted = |field| selects(gql, &["dealRegistration"], &[field]);
        let (partners, accounts) = related(gql, &rows.rows, (wanted("partner"), wanted("account"))).await;
        let place = |it: &Registration| {
            (it.qualified_at.map_or(SortKey::None, |at| SortKey::Number(at.micros())), it.id.uuid())
        };
        let node = |it: Registration| {
            let doubts = doubts.get(&it.id).cloned().unwrap_or_default();
            let listed = ListedRegistration::of(it.clone(), &partners, &accounts);
            RegistrationQueueEntry { listed, registration: it, doubts }
        };
        Ok(rows.connection(&page, place, node))
    }
}

/// Approves many that nothing stands against.
#[derive(Clone, InputObject)]
pub struct ApproveCleanDealRegistrationsInput {
    /// The registrations: 1 to 100, each once.
    ids: Vec<ID>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for ApproveCleanDealRegistrationsInput {
    type Command = Vec<RegistrationId>;
    const OPERATION: &'static str = "approveCleanDealRegistrations";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Vec<RegistrationId>> {
        if self.ids.is_empty() {
            return Err(AppError::invalid("ids", Code::TooShort, "Name at least one registration."));
        }
        let ids = parse::at_most(self.ids, "ids", MOST_AT_ONCE)?;
        let parsed = ids.iter().enumerate().map(|(index, id)| parse::id(id, &format!("ids.{index}")));
        let parsed = parsed.collect::<AppResult<Vec<RegistrationId>>>()?;
        let mut seen = HashSet::new();
        match parsed.iter().position(|id| !seen.insert(*id)) {
            None => Ok(parsed),
            Some(index) => Err(AppError::invalid(&format!("ids.{index}"), Code::Malformed, "This one is named twice.")),
        }
    }
}

/// What became of one of many.
#[derive(SimpleObject)]
pub struct BulkApproval {
    /// Which one.
    registration_id: ID,
    /// The registration as it is approved; null when it was not.
    deal_registration: Option<DealRegistration>,
    /// Why it was not approved; empty when it was.
    user_errors: Vec<UserError>,
}

impl BulkApproval {
    fn of(row: BulkRow) -> Self {
        let registration_id = row.id.to_string().into();
        match row.outcome {
            Ok(registration) => Self {
                registration_id,
                deal_registration: Some(DealRegistration(registration)),
                user_errors: Vec::new(),
            },
            Err(problems) => {
                // Only staff who decide come here.
                let user_errors = problems.into_iter().map(|problem| UserError::for_audience(problem, true)).collect();
                Self { registration_id, deal_registration: None, user_errors }
            }
        }
    }
}

payload! {
    /// What became of each.
    ApproveCleanDealRegistrationsPayload from Vec<BulkRow> as rows {
        /// What became of each, in the order of the ids.
        results: Vec<BulkApproval> = rows.into_iter().map(BulkApproval::of).collect()
    }
}

/// What is done with many registrations at once.
#[derive(Default)]
pub struct RegistrationQueueMutation;

#[Object]
impl RegistrationQueueMutation {
    /// Approves those of these registrations that nothing stands against, each by itself: one that is refused leaves the
    /// others alone. For staff who decide.
    async fn approve_clean_deal_registrations(
        &self,
        gql: &Context<'_>,
        input: ApproveCleanDealRegistrationsInput,
    ) -> AppResult<ApproveCleanDealRegistrationsPayload> {
        mutate(gql, input, service::approve_clean).await
    }
}
