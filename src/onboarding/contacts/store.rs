//! SQL of contacts.

use entity::{
    partner_contact,
    value::{PartnerContactId, PartnerId},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    sea_query::Expr,
};

use super::model::Contact;
use crate::platform::{
    auth::Scope,
    db::dialect,
    error::{AppError, AppResult},
};

impl From<partner_contact::Model> for Contact {
    fn from(row: partner_contact::Model) -> Self {
        let partner_contact::Model { id, partner_id, kind, name, email, created_at, version } = row;
        Self { id, partner_id, kind, name, email, created_at, version }
    }
}

/// The contacts of these ids that exist for the caller.
pub async fn find_many(db: &impl ConnectionTrait, scope: Scope, ids: &[PartnerContactId]) -> AppResult<Vec<Contact>> {
    let rows = partner_contact::Entity::find()
        .filter(partner_contact::Column::Id.is_in(ids.iter().copied()))
        .filter(scope.rows_of(partner_contact::Column::PartnerId))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Contact::from).collect())
}

/// The contacts of these partners that exist for the caller, in the order in which they were added. A partner has few.
pub async fn find_of_partners(db: &impl ConnectionTrait, scope: Scope, ids: &[PartnerId]) -> AppResult<Vec<Contact>> {
    let rows = partner_contact::Entity::find()
        .filter(partner_contact::Column::PartnerId.is_in(ids.iter().copied()))
        .filter(scope.rows_of(partner_contact::Column::PartnerId))
        .order_by_asc(partner_contact::Column::Id)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Contact::from).collect())
}

/// A contact that exists for the caller, held until the transaction ends.
pub async fn find_for_update(
    db: &impl ConnectionTrait,
    scope: Scope,
    id: PartnerContactId,
) -> AppResult<Option<Contact>> {
    let found = partner_contact::Entity::find_by_id(id).filter(scope.rows_of(partner_contact::Column::PartnerId));
    Ok(dialect::for_update(db, found).one(db).await?.map(Contact::from))
}

/// How many contacts a partner has.
pub async fn count_of_partner(db: &impl ConnectionTrait, id: PartnerId) -> AppResult<u64> {
    Ok(partner_contact::Entity::find().filter(partner_contact::Column::PartnerId.eq(id)).count(db).await?)
}

/// Inserts a contact.
pub async fn insert(db: &impl ConnectionTrait, contact: &Contact) -> AppResult<()> {
    let Contact { id, partner_id, kind, name, email, created_at, version } = contact.clone();
    let row = partner_contact::ActiveModel {
        id: Set(id),
        partner_id: Set(partner_id),
        kind: Set(kind),
        name: Set(name),
        email: Set(email),
        created_at: Set(created_at),
        version: Set(version),
    };
    partner_contact::Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

/// Records a change of a contact that was held.
pub async fn update(db: &impl ConnectionTrait, before: &Contact, after: &Contact) -> AppResult<()> {
    let updated = partner_contact::Entity::update_many()
        .col_expr(partner_contact::Column::Kind, Expr::value(after.kind))
        .col_expr(partner_contact::Column::Name, Expr::value(after.name.clone()))
        .col_expr(partner_contact::Column::Email, Expr::value(after.email.clone()))
        .col_expr(partner_contact::Column::Version, Expr::value(after.version))
        .filter(partner_contact::Column::Id.eq(before.id))
        .filter(partner_contact::Column::Version.eq(before.version))
        .exec(db)
        .await?;
    if updated.rows_affected == 1 { Ok(()) } else { Err(AppError::version_conflict(after.version)) }
}

/// Deletes a contact that was held: nothing of the person stays.
pub async fn delete(db: &impl ConnectionTrait, contact: &Contact) -> AppResult<()> {
    partner_contact::Entity::delete_by_id(contact.id).exec(db).await?;
    Ok(())
}
