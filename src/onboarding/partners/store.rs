//! SQL of partners.

use entity::{
    partner,
    value::{PartnerId, Tier},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, Select,
    sea_query::{Expr, ExprTrait, LikeExpr},
};

use super::model::{NewPartner, Partner, PartnerFilter, PartnerOrder, name_key};
use crate::{
    kernel::code::Code,
    platform::{
        auth::Scope,
        call::Call,
        db::{Unique, dialect},
        error::{AppError, AppResult},
        graphql::page::{Page, Rows},
    },
};

/// Each registrable domain belongs to one partner.
const ONE_PARTNER_PER_DOMAIN: Unique = Unique { name: "a_domain_belongs_to_one_partner", columns: "partners.domain" };

impl TryFrom<partner::Model> for Partner {
    type Error = AppError;
    fn try_from(row: partner::Model) -> AppResult<Self> {
        let partner::Model {
            id,
            name,
            name_key: _,
            website,
            domain,
            country,
            types,
            state,
            tier,
            created_at,
            activated_at,
            regions,
            industries,
            description,
            manager_id,
            state_reason,
            state_message,
            state_changed_at,
            version,
        } = row;
        Ok(Self {
            id,
            name,
            website,
            domain,
            country,
            types,
            state,
            tier,
            created_at,
            activated_at,
            regions,
            industries: serde_json::from_str(&industries)?,
            description,
            manager_id,
            state_reason,
            state_message,
            state_changed_at,
            version,
        })
    }
}

/// The partners of these ids that exist for the caller.
pub async fn find_many(db: &impl ConnectionTrait, scope: Scope, ids: &[PartnerId]) -> AppResult<Vec<Partner>> {
    let rows = partner::Entity::find()
        .filter(partner::Column::Id.is_in(ids.iter().copied()))
        .filter(scope.rows_of(partner::Column::Id))
        .all(db)
        .await?;
    rows.into_iter().map(Partner::try_from).collect()
}

/// The partner of an id, held until the transaction ends.
pub async fn find_for_update(db: &impl ConnectionTrait, id: PartnerId) -> AppResult<Option<Partner>> {
    let found = partner::Entity::find_by_id(id);
    dialect::for_update(db, found).one(db).await?.map(Partner::try_from).transpose()
}

/// The partners of these ids, held in the order of their ids until the transaction ends.
pub async fn find_many_for_update(db: &impl ConnectionTrait, ids: &[PartnerId]) -> AppResult<Vec<Partner>> {
    let found = partner::Entity::find()
        .filter(partner::Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(partner::Column::Id);
    dialect::for_update(db, found).all(db).await?.into_iter().map(Partner::try_from).collect()
}

/// The partner that has a registrable domain.
pub async fn find_by_domain(db: &impl ConnectionTrait, domain: &str) -> AppResult<Option<PartnerId>> {
    let row = partner::Entity::find().filter(partner::Column::Domain.eq(domain)).one(db).await?;
    Ok(row.map(|row| row.id))
}

/// The partners with one of these registrable domains that exist for the caller.
pub async fn find_of_domains(db: &impl ConnectionTrait, scope: Scope, domains: &[String]) -> AppResult<Vec<Partner>> {
    let rows = partner::Entity::find()
        .filter(partner::Column::Domain.is_in(domains))
        .filter(scope.rows_of(partner::Column::Id))
        .all(db)
        .await?;
    rows.into_iter().map(Partner::try_from).collect()
}

/// A page of the partners that exist for the caller.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: Scope,
    filter: &PartnerFilter,
    order: PartnerOrder,
    page: &Page,
) -> AppResult<Rows<Partner>> {
    let select = filtered(partner::Entity::find().filter(scope.rows_of(partner::Column::Id)), filter);
    let total = if page.counted { Some(select.clone().count(db).await?) } else { None };
    let key = match order {
        PartnerOrder::Created => None,
        PartnerOrder::Name => Some(partner::Column::NameKey),
    };
    let rows = page.select(select, key, partner::Column::Id).all(db).await?;
    Ok(page.finish(rows.into_iter().map(Partner::try_from).collect::<AppResult<_>>()?, total))
}

fn filtered(mut select: Select<partner::Entity>, filter: &PartnerFilter) -> Select<partner::Entity> {
    if !filter.states.is_empty() {
        select = select.filter(partner::Column::State.is_in(filter.states.iter().copied()));
    }
    if !filter.tiers.is_empty() {
        select = select.filter(partner::Column::Tier.is_in(filter.tiers.iter().copied()));
    }
    if !filter.countries.is_empty() {
        select = select.filter(partner::Column::Country.is_in(filter.countries.iter().copied()));
    }
    if !filter.types.is_empty() {
        // A set is its words with a space between: between two spaces each word is found whole.
        let any = filter.types.iter().fold(Condition::any(), |any, word| {
            any.add(Expr::cust("' ' || types || ' '").like(LikeExpr::new(format!("% {word} %"))))
        });
        select = select.filter(any);
    }
    if let Some(id) = filter.manager_id {
        select = select.filter(partner::Column::ManagerId.eq(id));
    }
    if let Some(text) = &filter.text {
        let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let like = || LikeExpr::new(format!("%{escaped}%")).escape('\\');
        select = select.filter(
            Condition::any()
                .add(Expr::col(partner::Column::NameKey).like(like()))
                .add(Expr::col(partner::Column::Domain).like(like())),
        );
    }
    select
}

/// Inserts a partner at the entry level.
pub async fn insert(db: &impl ConnectionTrait, call: &Call, new: NewPartner) -> AppResult<Partner> {
    let now = call.now();
    let row = partner::ActiveModel {
        id: Set(call.new_id()),
        name_key: Set(name_key(&new.name)),
        name: Set(new.name),
        website: Set(new.website),
        domain: Set(new.domain),
        country: Set(new.country),
        types: Set(new.types),
        state: Set(new.state),
        tier: Set(Tier::Registered),
        created_at: Set(now),
        activated_at: Set((new.state == entity::value::PartnerState::Active).then_some(now)),
        regions: Set(new.regions),
        industries: Set(serde_json::to_string(&new.industries)?),
        description: Set(None),
        manager_id: Set(None),
        state_reason: Set(None),
        state_message: Set(None),
        state_changed_at: Set(None),
        version: Set(1),
    };
    let inserted = partner::Entity::insert(row).exec_with_returning(db).await.map_err(AppError::from);
    inserted.and_then(Partner::try_from).map_err(|error| {
        error.on_violation(&ONE_PARTNER_PER_DOMAIN, || {
            AppError::refused(
                Code::DomainTaken,
                "A partner with this domain exists already. Invite the contact as a colleague of that partner instead.",
            )
        })
    })
}

/// Records a change of a partner that was held.
pub async fn update(db: &impl ConnectionTrait, before: &Partner, after: &Partner) -> AppResult<()> {
    let updated = partner::Entity::update_many()
        .col_expr(partner::Column::State, Expr::value(after.state))
        .col_expr(partner::Column::Tier, Expr::value(after.tier))
        .col_expr(partner::Column::ActivatedAt, Expr::value(after.activated_at))
        .col_expr(partner::Column::Types, Expr::value(after.types.clone()))
        .col_expr(partner::Column::Regions, Expr::value(after.regions.clone()))
        .col_expr(partner::Column::Industries, Expr::value(serde_json::to_string(&after.industries)?))
        .col_expr(partner::Column::Description, Expr::value(after.description.clone()))
        .col_expr(partner::Column::ManagerId, Expr::value(after.manager_id))
        .col_expr(partner::Column::StateReason, Expr::value(after.state_reason))
        .col_expr(partner::Column::StateMessage, Expr::value(after.state_message.clone()))
        .col_expr(partner::Column::StateChangedAt, Expr::value(after.state_changed_at))
        .col_expr(partner::Column::Version, Expr::value(after.version))
        .filter(partner::Column::Id.eq(before.id))
        .filter(partner::Column::State.eq(before.state))
        .filter(partner::Column::Version.eq(before.version))
        .exec(db)
        .await?;
    if updated.rows_affected == 1 { Ok(()) } else { Err(AppError::version_conflict(after.version)) }
}
