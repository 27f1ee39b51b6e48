//! SQL of users.

use entity::{
    user,
    value::{PartnerId, Role, UserId, UserState},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, PaginatorTrait,
    QueryFilter, Statement, sea_query::Expr,
};

use super::model::{Credentials, NewUser, User};
use crate::{
    kernel::code::Code,
    platform::{
        auth::Scope,
        call::Call,
        db::{Unique, dialect},
        error::{AppError, AppResult},
    },
};

/// Each address belongs to one user, regardless of case.
const ONE_USER_PER_ADDRESS: Unique = Unique { name: "an_address_belongs_to_one_user", columns: "users.email_key" };

impl From<user::Model> for User {
    fn from(row: user::Model) -> Self {
        let user::Model {
            id,
            partner_id,
            email,
            email_key: _,
            name,
            roles,
            state,
            password_hash: _,
            created_at,
            version,
        } = row;
        Self { id, partner_id, email, name, roles, state, created_at, version }
    }
}

/// The people of these ids that exist for the caller.
pub async fn find_many(db: &impl ConnectionTrait, scope: Scope, ids: &[UserId]) -> AppResult<Vec<User>> {
    let rows = user::Entity::find()
        .filter(user::Column::Id.is_in(ids.iter().copied()))
        .filter(scope.rows_of(user::Column::PartnerId))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(User::from).collect())
}

/// The person of an id, if they exist in a scope, held until the transaction ends.
pub async fn find_in_for_update(db: &impl ConnectionTrait, scope: Scope, id: UserId) -> AppResult<Option<User>> {
    let select = user::Entity::find_by_id(id).filter(scope.rows_of(user::Column::PartnerId));
    Ok(dialect::for_update(db, select).one(db).await?.map(User::from))
}

/// The people of these partners that exist for the caller, at most `most` of each, in the order in which they joined.
pub async fn find_of_partners(
    db: &impl ConnectionTrait,
    scope: Scope,
    partner_ids: &[PartnerId],
    most: u64,
) -> AppResult<Vec<User>> {
    let ids: Vec<_> = partner_ids.iter().copied().filter(|id| scope.includes(*id)).collect();
    let wanted = dialect::placeholders(2, ids.len());
    let sql = format!(
        "select * from (
            select users.*, row_number() over (partition by partner_id order by id) as place
            from users where partner_id in ({wanted})
        ) as ranked where place <= $1 order by id"
    );
    let values = std::iter::once(sea_orm::Value::from(i64::try_from(most).unwrap_or(i64::MAX)))
        .chain(ids.into_iter().map(sea_orm::Value::from));
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let rows = user::Entity::find().from_raw_sql(statement).all(db).await?;
    Ok(rows.into_iter().map(User::from).collect())
}

/// The people with these ids or addresses that exist for the caller, each with the key of their address.
pub async fn find_by_ids_or_addresses(
    db: &impl ConnectionTrait,
    scope: Scope,
    ids: &[UserId],
    email_keys: &[String],
) -> AppResult<Vec<(String, User)>> {
    let wanted = Condition::any()
        .add(user::Column::Id.is_in(ids.iter().copied()))
        .add(user::Column::EmailKey.is_in(email_keys.iter().map(String::as_str)));
    let rows = user::Entity::find().filter(wanted).filter(scope.rows_of(user::Column::PartnerId)).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.email_key.clone(), User::from(row))).collect())
}

/// How many people a partner has.
pub async fn count_of_partner(db: &impl ConnectionTrait, partner_id: PartnerId) -> AppResult<u64> {
    Ok(user::Entity::find().filter(user::Column::PartnerId.eq(partner_id)).count(db).await?)
}

/// The person behind an address, with the hash of their password.
pub async fn find_by_address(db: &impl ConnectionTrait, email_key: &str) -> AppResult<Option<Credentials>> {
    let row = user::Entity::find().filter(user::Column::EmailKey.eq(email_key)).one(db).await?;
    Ok(row.map(|row| Credentials { password_hash: row.password_hash.clone(), user: row.into() }))
}

/// A person with the hash of their password, held until the transaction ends.
pub async fn find_for_update(db: &impl ConnectionTrait, id: UserId) -> AppResult<Option<Credentials>> {
    let row = dialect::for_update(db, user::Entity::find_by_id(id)).one(db).await?;
    Ok(row.map(|row| Credentials { password_hash: row.password_hash.clone(), user: row.into() }))
}

/// Keeps another hash in the place of an old one; false when somebody was faster.
pub async fn replace_password(db: &impl ConnectionTrait, id: UserId, old: &str, new: &str) -> AppResult<bool> {
    let updated = user::Entity::update_many()
        .col_expr(user::Column::PasswordHash, Expr::value(new))
        .filter(user::Column::Id.eq(id))
        .filter(user::Column::PasswordHash.eq(old))
        .exec(db)
        .await?;
    Ok(updated.rows_affected == 1)
}

/// Inserts a person.
pub async fn insert(db: &impl ConnectionTrait, call: &Call, new: NewUser) -> AppResult<User> {
    let row = user::ActiveModel {
        id: Set(call.new_id()),
        partner_id: Set(new.partner_id),
        email: Set(new.email),
        email_key: Set(new.email_key),
        name: Set(new.name),
        roles: Set(new.roles),
        state: Set(UserState::Active),
        password_hash: Set(new.password_hash),
        created_at: Set(call.now()),
        version: Set(1),
    };
    let inserted = user::Entity::insert(row).exec_with_returning(db).await.map_err(AppError::from);
    inserted.map(User::from).map_err(|error| {
        error.on_violation(&ONE_USER_PER_ADDRESS, || {
            AppError::invalid("email", Code::AddressTaken, "A user with this address exists already. Sign in instead.")
        })
    })
}

/// Whether somebody is an administrator. Until the transaction ends nobody else becomes a user.
pub async fn has_admin_behind_lock(txn: &DatabaseTransaction) -> AppResult<bool> {
    // On SQLite the transaction holds the writer's place already.
    if dialect::is_postgres(txn) {
        txn.execute_unprepared("lock table users in share row exclusive mode").await?;
    }
    let staff = user::Entity::find().filter(user::Column::PartnerId.is_null()).all(txn).await?;
    Ok(staff.iter().any(|user| user.roles.has(Role::Admin)))
}
