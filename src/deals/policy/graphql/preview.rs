//! What the policy lab answers.

use async_graphql::{Context, Object, SimpleObject};
use entity::value::{PartnerId, Timestamp, TypedId as _};

use crate::{
    deals::{
        policy::lab::{Difference, Outcome, Preview, Total},
        registrations::graphql::DealRegistration,
    },
    onboarding::partners::graphql::Partner,
    platform::{
        error::AppResult,
        graphql::{
            errors::DecisionReceipt,
            money::Money,
            page::{Listed, Page, Rows, SortKey},
        },
    },
};

/// The order of differences.
pub const ORDER: &str = "deal-policy-differences";

/// So many partners are named at most, those with the most differences first.
const MOST_PARTNERS: usize = 100;

/// What a draft of the policy would have changed.
#[derive(SimpleObject)]
pub struct DealPolicyPreview {
    /// The version that was written last, which the draft changes.
    base_version: i32,
    /// How many decisions were replayed.
    replayed: i64,
    /// How many would have come out otherwise.
    differing: i64,
    /// What differs, added up by how it differs and by currency: all of it, not only this page.
    totals: Vec<DealPolicyDifferenceTotal>,
    /// Whose decisions differ, added up by partner and currency, at most 100, those with the most decisions first: of all
    /// of it, not only this page.
    partners: Vec<DealPolicyPartnerTotal>,
    /// The decisions that would have come out otherwise, oldest first.
    differences: Listed<DealPolicyDifference>,
}

/// Decisions that differ in the same way, of one currency.
#[derive(SimpleObject)]
pub struct DealPolicyDifferenceTotal {
    /// How they came out.
    before: Outcome,
    /// How they would have come out.
    after: Outcome,
    /// How many.
    decisions: i64,
    /// The amounts of their deals together.
    amount: Money,
}

/// The decisions of one partner that differ, of one currency.
pub struct DealPolicyPartnerTotal {
    partner_id: PartnerId,
    total: Total,
}

/// The decisions of one partner that differ, of one currency.
#[Object]
impl DealPolicyPartnerTotal {
    /// The partner.
    async fn partner(&self, gql: &Context<'_>) -> Option<AppResult<Partner>> {
        Partner::load(gql, self.partner_id).await.transpose()
    }

    /// How many decisions.
    async fn decisions(&self) -> i64 {
        self.total.decisions
    }

    /// The amounts of their deals together.
    async fn amount(&self) -> Money {
        self.total.amount.into()
    }
}

/// A decision that would have come out otherwise.
pub struct DealPolicyDifference(Difference);

/// A decision that would have come out otherwise.
#[Object]
impl DealPolicyDifference {
    /// The registration that it was about.
    async fn deal_registration(&self, gql: &Context<'_>) -> Option<AppResult<DealRegistration>> {
        DealRegistration::load(gql, self.0.registration_id).await.transpose()
    }

    /// Whose it is.
    async fn partner(&self, gql: &Context<'_>) -> Option<AppResult<Partner>> {
        Partner::load(gql, self.0.partner_id).await.transpose()
    }

    /// The amount that the partner expects.
    async fn amount(&self) -> Money {
        self.0.amount.into()
    }

    /// When it was decided.
    async fn decided_at(&self) -> Timestamp {
        self.0.decided_at
    }

    /// How it came out.
    async fn before(&self) -> Outcome {
        self.0.before
    }

    /// How it would have come out.
    async fn after(&self) -> Outcome {
        self.0.after
    }

    /// The receipt that it would have had, with the version that it was decided under.
    async fn receipt(&self) -> DecisionReceipt {
        DecisionReceipt::for_audience(self.0.receipt.clone(), true)
    }
}

/// A page of what the lab found.
#[must_use]
pub fn shown(preview: Preview, page: &Page) -> DealPolicyPreview {
    let total = |((before, after), total): ((Outcome, Outcome), Total)| DealPolicyDifferenceTotal {
        before,
        after,
        decisions: total.decisions,
        amount: total.amount.into(),
    };
    let totals = preview.totals(|it| (it.before, it.after)).into_iter().map(total).collect();
    let mut partners: Vec<_> = preview.totals(|it| it.partner_id);
    partners.sort_by_key(|(_, total)| std::cmp::Reverse(total.decisions));
    let partners = partners
        .into_iter()
        .take(MOST_PARTNERS)
        .map(|(partner_id, total)| DealPolicyPartnerTotal { partner_id, total });
    let behind = page.after.as_ref().map(|cursor| cursor.id);
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX).saturating_add(1);
    let differing = i64::try_from(preview.differences.len()).unwrap_or(i64::MAX);
    let (base_version, replayed, partners) = (preview.base_version, preview.replayed, partners.collect());
    let beyond = |it: &Difference| behind.is_none_or(|behind| it.receipt_id.uuid() > behind);
    let rows: Rows<Difference> =
        page.finish(preview.differences.into_iter().filter(beyond).take(limit).collect(), None);
    let place = |it: &Difference| (SortKey::None, it.receipt_id.uuid());
    let differences = rows.connection(page, place, DealPolicyDifference);
    DealPolicyPreview { base_version, replayed, differing, totals, partners, differences }
}
