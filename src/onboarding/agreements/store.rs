//! SQL of agreements.

use std::collections::HashMap;

use entity::{
    agreement, agreement_acceptance, partner,
    value::{AgreementId, AgreementState, PartnerId, PartnerState, PartnerType, Timestamp},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select,
    sea_query::{Expr, ExprTrait, LikeExpr},
};

use super::model::{Acceptance, Agreement, AgreementFilter, Heading};
use crate::{
    onboarding::partners::model::Partner,
    platform::{
        auth::Scope,
        db::{Unique, dialect},
        error::{AppError, AppResult},
        graphql::page::{Page, Rows},
    },
};

/// Two drafts that are begun at once get numbers of their own: the second one is begun again.
const A_NUMBER_OF_ITS_OWN: Unique =
    Unique { name: "each_text_has_a_number_of_its_own", columns: "agreements.text_version" };

/// A partner accepts a text once.
pub const ACCEPTED_ONCE: Unique = Unique {
    name: "a_partner_accepts_a_text_once",
    columns: "agreement_acceptances.partner_id, agreement_acceptances.agreement_id",
};

impl From<agreement::Model> for Agreement {
    fn from(row: agreement::Model) -> Self {
        let agreement::Model {
            id,
            text_version,
            partner_type,
            title,
            text,
            sha256,
            state,
            effective_at,
            reacceptance_due_at,
            created_by,
            created_at,
            published_by,
            published_at,
            version,
        } = row;
        Self {
            id,
            text_version,
            partner_type,
            title,
            text,
            sha256,
            state,
            effective_at,
            reacceptance_due_at,
            created_by,
            created_at,
            published_by,
            published_at,
            version,
        }
    }
}

impl From<agreement_acceptance::Model> for Acceptance {
    fn from(row: agreement_acceptance::Model) -> Self {
        let agreement_acceptance::Model { id, agreement_id, partner_id, sha256, accepted_by, accepted_at } = row;
        Self { id, agreement_id, partner_id, sha256, accepted_by, accepted_at }
    }
}

/// The texts that exist for the caller: partners see what is published.
fn visible(scope: Scope) -> Select<agreement::Entity> {
    let select = agreement::Entity::find();
    match scope {
        Scope::Everything => select,
        Scope::Partner(_) => select.filter(agreement::Column::State.eq(AgreementState::Published)),
        Scope::Nothing => select.filter(Expr::val(1).eq(0)),
    }
}

/// The texts of these ids that exist for the caller.
pub async fn find_many(db: &impl ConnectionTrait, scope: Scope, ids: &[AgreementId]) -> AppResult<Vec<Agreement>> {
    let rows = visible(scope).filter(agreement::Column::Id.is_in(ids.iter().copied())).all(db).await?;
    Ok(rows.into_iter().map(Agreement::from).collect())
}

/// A text that exists for the caller, held until the transaction ends.
pub async fn find_for_update(db: &impl ConnectionTrait, scope: Scope, id: AgreementId) -> AppResult<Option<Agreement>> {
    let found = visible(scope).filter(agreement::Column::Id.eq(id));
    Ok(dialect::for_update(db, found).one(db).await?.map(Agreement::from))
}

/// A page of the texts that exist for the caller.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: Scope,
    filter: &AgreementFilter,
    page: &Page,
) -> AppResult<Rows<Agreement>> {
    let mut select = visible(scope);
    if !filter.states.is_empty() {
        select = select.filter(agreement::Column::State.is_in(filter.states.iter().copied()));
    }
    let total = if page.counted { Some(select.clone().count(db).await?) } else { None };
    let rows = page.select(select, None, agreement::Column::Id).all(db).await?;
    Ok(page.finish(rows.into_iter().map(Agreement::from).collect(), total))
}

/// The headings of all texts that have taken effect: a few, whatever the number of partners.
pub async fn effective(db: &impl ConnectionTrait, now: Timestamp) -> AppResult<Vec<Heading>> {
    type Row = (AgreementId, i32, Option<PartnerType>, String, Timestamp, Option<Timestamp>);
    let rows: Vec<Row> = agreement::Entity::find()
        .select_only()
        .columns([
            agreement::Column::Id,
            agreement::Column::TextVersion,
            agreement::Column::PartnerType,
            agreement::Column::Sha256,
            agreement::Column::EffectiveAt,
            agreement::Column::ReacceptanceDueAt,
        ])
        .filter(agreement::Column::State.eq(AgreementState::Published))
        .filter(agreement::Column::EffectiveAt.lte(now))
        .into_tuple()
        .all(db)
        .await?;
    let heading = |(id, text_version, partner_type, sha256, effective_at, reacceptance_due_at): Row| Heading {
        id,
        text_version,
        partner_type,
        sha256,
        effective_at,
        reacceptance_due_at,
    };
    Ok(rows.into_iter().map(heading).collect())
}

/// Whether a date of grace of any text has passed: what every new deal asks, along an index that is nearly empty.
pub async fn some_date_has_passed(db: &impl ConnectionTrait, now: Timestamp) -> AppResult<bool> {
    let passed: Option<AgreementId> = agreement::Entity::find()
        .select_only()
        .column(agreement::Column::Id)
        .filter(agreement::Column::ReacceptanceDueAt.lte(now))
        .filter(agreement::Column::State.eq(AgreementState::Published))
        .into_tuple()
        .one(db)
        .await?;
    Ok(passed.is_some())
}

/// What these partners have accepted, as far as they exist for the caller.
pub async fn acceptances_of(
    db: &impl ConnectionTrait,
    scope: Scope,
    partners: &[PartnerId],
) -> AppResult<HashMap<PartnerId, Vec<Acceptance>>> {
    let rows = agreement_acceptance::Entity::find()
        .filter(agreement_acceptance::Column::PartnerId.is_in(partners.iter().copied()))
        .filter(scope.rows_of(agreement_acceptance::Column::PartnerId))
        .order_by_asc(agreement_acceptance::Column::Id)
        .all(db)
        .await?;
    let mut found: HashMap<PartnerId, Vec<Acceptance>> = HashMap::new();
    for row in rows {
        found.entry(row.partner_id).or_default().push(row.into());
    }
    Ok(found)
}

/// A page of the partners that have not accepted a text nor one of its kind that came after it, as far as they have to:
/// those of its type that are not terminated; without a date of grace, only those that accepted none of its kind.
pub async fn outstanding(
    db: &impl ConnectionTrait,
    scope: Scope,
    text: &Heading,
    same_kind: &[Heading],
    page: &Page,
) -> AppResult<Rows<Partner>> {
    let order = |text: &Heading| (text.effective_at, text.text_version);
    let asks = text.reacceptance_due_at.is_some();
    let enough: Vec<AgreementId> =
        same_kind.iter().filter(|other| !asks || order(other) >= order(text)).map(|other| other.id).collect();
    let accepted = agreement_acceptance::Entity::find()
        .select_only()
        .expr(Expr::val(1))
        .filter(
            Expr::col((agreement_acceptance::Entity, agreement_acceptance::Column::PartnerId))
                .equals((partner::Entity, partner::Column::Id)),
        )
        .filter(agreement_acceptance::Column::AgreementId.is_in(enough))
        .into_query();
    let mut select = partner::Entity::find()
        .filter(scope.rows_of(partner::Column::Id))
        .filter(partner::Column::State.ne(PartnerState::Terminated))
        .filter(Condition::all().not().add(Expr::exists(accepted)));
    if let Some(ty) = text.partner_type {
        // A set is its words with a space between: between two spaces each word is found whole.
        let word = LikeExpr::new(format!("% {ty} %"));
        select = select.filter(Expr::cust("' ' || types || ' '").like(word));
    }
    let total = if page.counted { Some(select.clone().count(db).await?) } else { None };
    let rows = page.select(select, None, partner::Column::Id).all(db).await?;
    Ok(page.finish(rows.into_iter().map(Partner::try_from).collect::<AppResult<_>>()?, total))
}

/// The number that the next text gets.
pub async fn next_number(db: &impl ConnectionTrait) -> AppResult<i32> {
    let last: Option<i32> = agreement::Entity::find()
        .select_only()
        .column(agreement::Column::TextVersion)
        .order_by_desc(agreement::Column::TextVersion)
        .into_tuple()
        .one(db)
        .await?;
    Ok(last.unwrap_or(0).saturating_add(1))
}

/// Inserts a text.
pub async fn insert(db: &impl ConnectionTrait, text: &Agreement) -> AppResult<()> {
    let row = agreement::ActiveModel {
        id: Set(text.id),
        text_version: Set(text.text_version),
        partner_type: Set(text.partner_type),
        title: Set(text.title.clone()),
        text: Set(text.text.clone()),
        sha256: Set(text.sha256.clone()),
        state: Set(text.state),
        effective_at: Set(text.effective_at),
        reacceptance_due_at: Set(text.reacceptance_due_at),
        created_by: Set(text.created_by),
        created_at: Set(text.created_at),
        published_by: Set(text.published_by),
        published_at: Set(text.published_at),
        version: Set(text.version),
    };
    let inserted = agreement::Entity::insert(row).exec_without_returning(db).await.map_err(AppError::from);
    inserted
        .map(drop)
        .map_err(|error| error.on_violation(&A_NUMBER_OF_ITS_OWN, || AppError::overtaken("a text got the same number")))
}

/// Records a change of a draft.
pub async fn update(db: &impl ConnectionTrait, before: &Agreement, after: &Agreement) -> AppResult<()> {
    let updated = agreement::Entity::update_many()
        .col_expr(agreement::Column::PartnerType, Expr::value(after.partner_type))
        .col_expr(agreement::Column::Title, Expr::value(after.title.clone()))
        .col_expr(agreement::Column::Text, Expr::value(after.text.clone()))
        .col_expr(agreement::Column::Sha256, Expr::value(after.sha256.clone()))
        .col_expr(agreement::Column::State, Expr::value(after.state))
        .col_expr(agreement::Column::EffectiveAt, Expr::value(after.effective_at))
        .col_expr(agreement::Column::ReacceptanceDueAt, Expr::value(after.reacceptance_due_at))
        .col_expr(agreement::Column::PublishedBy, Expr::value(after.published_by))
        .col_expr(agreement::Column::PublishedAt, Expr::value(after.published_at))
        .col_expr(agreement::Column::Version, Expr::value(after.version))
        .filter(agreement::Column::Id.eq(before.id))
        .filter(agreement::Column::Version.eq(before.version))
        .filter(agreement::Column::State.eq(AgreementState::Draft))
        .exec(db)
        .await?;
    if updated.rows_affected == 1 { Ok(()) } else { Err(AppError::version_conflict(after.version)) }
}

/// Records that a partner accepted a text.
pub async fn accept(db: &impl ConnectionTrait, acceptance: &Acceptance) -> AppResult<()> {
    let row = agreement_acceptance::ActiveModel {
        id: Set(acceptance.id),
        agreement_id: Set(acceptance.agreement_id),
        partner_id: Set(acceptance.partner_id),
        sha256: Set(acceptance.sha256.clone()),
        accepted_by: Set(acceptance.accepted_by),
        accepted_at: Set(acceptance.accepted_at),
    };
    agreement_acceptance::Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}
