//! SQL of users.

use entity::{
    user,
    value::{PartnerId, Role, UserId, UserState},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    Select, Statement,
    sea_query::{Expr, ExprTrait, LikeExpr, SimpleExpr},
};

use super::model::{Credentials, NewUser, User, UserFilter, UserOrder, name_key};
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
            name_key: _,
            roles,
            state,
            password_hash: _,
            created_at,
            version,
            erased_at,
        } = row;
        Self { id, partner_id, email, name, roles, state, created_at, version, erased_at }
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

/// The people of a partner who may sign in, in the order in which they joined.
pub async fn find_active_of_partner(db: &impl ConnectionTrait, partner_id: PartnerId) -> AppResult<Vec<User>> {
    let rows = user::Entity::find()
        .filter(user::Column::PartnerId.eq(partner_id))
        .filter(user::Column::State.eq(UserState::Active))
        .order_by_asc(user::Column::Id)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(User::from).collect())
}

/// The vendor's staff who may sign in: these people, or else everybody with a role.
pub async fn find_active_staff(db: &impl ConnectionTrait, ids: &[UserId], role: Option<Role>) -> AppResult<Vec<User>> {
    let which = match role {
        Some(role) => has_role(role),
        None => user::Column::Id.is_in(ids.iter().copied()),
    };
    let rows = user::Entity::find()
        .filter(user::Column::PartnerId.is_null())
        .filter(user::Column::State.eq(UserState::Active))
        .filter(which)
        .order_by_asc(user::Column::Id)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(User::from).collect())
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
        name_key: Set(name_key(&new.name)),
        name: Set(new.name),
        roles: Set(new.roles),
        state: Set(UserState::Active),
        password_hash: Set(new.password_hash),
        created_at: Set(call.now()),
        version: Set(1),
        erased_at: Set(None),
    };
    let inserted = user::Entity::insert(row).exec_with_returning(db).await.map_err(AppError::from);
    inserted.map(User::from).map_err(|error| error.on_violation(&ONE_USER_PER_ADDRESS, taken))
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

/// A person held until the transaction ends, and what a change of them depends on.
#[derive(Clone, Debug)]
pub struct Held {
    /// The person.
    pub user: User,
    /// How many others administer their company.
    pub other_admins: usize,
    /// The caller as they are by now, if it is a person.
    pub caller: Option<User>,
}

/// The person of an id if they exist for the caller, held together with everybody who administers their company and
/// with the caller: in one order, so that two who change each other take turns and neither waits for ever.
pub async fn hold_with_admins(
    txn: &DatabaseTransaction,
    scope: Scope,
    id: UserId,
    caller: Option<UserId>,
) -> AppResult<Option<Held>> {
    // To which company somebody belongs never changes, so it can be read before the rows are held.
    let Some(found) = find_many(txn, scope, &[id]).await?.pop() else { return Ok(None) };
    let admins = Condition::all()
        .add(of_company(&found))
        .add(user::Column::State.eq(UserState::Active))
        .add(has_role(found.admin_role()));
    let wanted = Condition::any().add(user::Column::Id.is_in([Some(id), caller].into_iter().flatten())).add(admins);
    let select = user::Entity::find().filter(wanted).order_by_asc(user::Column::Id);
    let rows = dialect::for_update(txn, select).all(txn).await?;
    let rows: Vec<User> = rows.into_iter().map(User::from).collect();
    let of = |id| rows.iter().find(|row| row.id == id).cloned();
    let Some(user) = of(id) else { return Ok(None) };
    let others = rows.iter().filter(|row| row.id != id && row.partner_id == user.partner_id && row.is_admin());
    Ok(Some(Held { other_admins: others.count(), caller: caller.and_then(of), user }))
}

fn of_company(user: &User) -> SimpleExpr {
    match user.partner_id {
        Some(partner_id) => user::Column::PartnerId.eq(partner_id),
        None => user::Column::PartnerId.is_null(),
    }
}

/// A set is its words with a space between: between two spaces each word is found whole.
fn has_role(role: Role) -> SimpleExpr {
    Expr::cust("' ' || roles || ' '").like(LikeExpr::new(format!("% {role} %")))
}

/// Records a change of a person who was held.
pub async fn update(db: &impl ConnectionTrait, before: &User, after: &User) -> AppResult<()> {
    let updated = user::Entity::update_many()
        .col_expr(user::Column::Name, Expr::value(after.name.as_str()))
        .col_expr(user::Column::NameKey, Expr::value(name_key(&after.name)))
        .col_expr(user::Column::Roles, Expr::value(after.roles.clone()))
        .col_expr(user::Column::State, Expr::value(after.state))
        .col_expr(user::Column::Version, Expr::value(after.version))
        .filter(user::Column::Id.eq(before.id))
        .filter(user::Column::Version.eq(before.version))
        .exec(db)
        .await?;
    if updated.rows_affected == 1 { Ok(()) } else { Err(AppError::version_conflict(after.version)) }
}

/// Records another address of a person who was held.
pub async fn change_address(db: &impl ConnectionTrait, before: &User, after: &User, email_key: &str) -> AppResult<()> {
    let updated = user::Entity::update_many()
        .col_expr(user::Column::Email, Expr::value(after.email.as_str()))
        .col_expr(user::Column::EmailKey, Expr::value(email_key))
        .col_expr(user::Column::Version, Expr::value(after.version))
        .filter(user::Column::Id.eq(before.id))
        .filter(user::Column::Version.eq(before.version))
        .exec(db)
        .await
        .map_err(|error| AppError::from(error).on_violation(&ONE_USER_PER_ADDRESS, taken))?;
    if updated.rows_affected == 1 { Ok(()) } else { Err(AppError::version_conflict(after.version)) }
}

fn taken() -> AppError {
    AppError::invalid("email", Code::AddressTaken, "A user with this address exists already. Sign in instead.")
}

/// A page of the people that exist for the caller.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: Scope,
    filter: &UserFilter,
    order: UserOrder,
    page: &Page,
) -> AppResult<Rows<User>> {
    let select = filtered(user::Entity::find().filter(scope.rows_of(user::Column::PartnerId)), filter);
    let total = if page.counted { Some(select.clone().count(db).await?) } else { None };
    let key = match order {
        UserOrder::Created => None,
        UserOrder::Name => Some(user::Column::NameKey),
    };
    let rows = page.select(select, key, user::Column::Id).all(db).await?;
    Ok(page.finish(rows.into_iter().map(User::from).collect(), total))
}

fn filtered(mut select: Select<user::Entity>, filter: &UserFilter) -> Select<user::Entity> {
    if let Some(partner_id) = filter.partner_id {
        select = select.filter(user::Column::PartnerId.eq(partner_id));
    }
    if let Some(is_staff) = filter.is_staff {
        let column = user::Column::PartnerId;
        select = select.filter(if is_staff { column.is_null() } else { column.is_not_null() });
    }
    if let Some(role) = filter.role {
        select = select.filter(has_role(role));
    }
    if let Some(state) = filter.state {
        select = select.filter(user::Column::State.eq(state));
    }
    if let Some(text) = &filter.search {
        let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let like = || LikeExpr::new(format!("%{escaped}%")).escape('\\');
        let any = Condition::any()
            .add(Expr::col(user::Column::NameKey).like(like()))
            .add(Expr::col(user::Column::EmailKey).like(like()));
        select = select.filter(any);
    }
    select
}

/// Replaces what is personal of a person who was held.
pub async fn erase(db: &impl ConnectionTrait, before: &User, after: &User) -> AppResult<()> {
    let updated = user::Entity::update_many()
        .col_expr(user::Column::Email, Expr::value(after.email.as_str()))
        // No address has this key, so nobody can sign in with it, and the old address is free again.
        .col_expr(user::Column::EmailKey, Expr::value(format!("erased:{}", after.id)))
        .col_expr(user::Column::Name, Expr::value(after.name.as_str()))
        .col_expr(user::Column::NameKey, Expr::value(name_key(&after.name)))
        .col_expr(user::Column::PasswordHash, Expr::value(""))
        .col_expr(user::Column::State, Expr::value(after.state))
        .col_expr(user::Column::ErasedAt, Expr::value(after.erased_at))
        .col_expr(user::Column::Version, Expr::value(after.version))
        .filter(user::Column::Id.eq(before.id))
        .filter(user::Column::Version.eq(before.version))
        .exec(db)
        .await?;
    if updated.rows_affected == 1 { Ok(()) } else { Err(AppError::version_conflict(after.version)) }
}
