//! SQL of duplicates.

use entity::{
    account_pair,
    value::{AccountDuplicateId, AccountDuplicateState as State, AccountId},
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    Statement,
    sea_query::Expr,
};

use super::model::{Labelled, Pair, PairFilter, PairOrder, Proposal, Reason};
use crate::{
    accounts::accounts::model::Profile,
    platform::{
        call::Call,
        db::dialect,
        error::{AppError, AppResult},
        graphql::page::{Page, Rows},
    },
};

fn read(row: account_pair::Model) -> AppResult<Pair> {
    let account_pair::Model {
        id,
        first_id,
        second_id,
        verdict,
        score_bp,
        reasons,
        matcher_version,
        state,
        found_at,
        decided_at,
        decided_by,
        decision_reason,
        first_profile: _,
        second_profile: _,
        version,
    } = row;
    let reasons: Vec<Reason> = serde_json::from_str(&reasons)?;
    Ok(Pair {
        id,
        first_id,
        second_id,
        verdict,
        score_bp,
        reasons,
        matcher_version,
        state,
        found_at,
        decided_at,
        decided_by,
        decision_reason,
        version,
    })
}

/// The pairs of these ids.
pub async fn find_many(db: &impl ConnectionTrait, ids: &[AccountDuplicateId]) -> AppResult<Vec<Pair>> {
    let found = account_pair::Entity::find().filter(account_pair::Column::Id.is_in(ids.iter().copied()));
    found.all(db).await?.into_iter().map(read).collect()
}

/// The pair of an id, held until the transaction ends.
pub async fn find_for_update(db: &impl ConnectionTrait, id: AccountDuplicateId) -> AppResult<Option<Pair>> {
    dialect::for_update(db, account_pair::Entity::find_by_id(id)).one(db).await?.map(read).transpose()
}

/// The pair of two accounts, held until the transaction ends.
pub async fn find_of_for_update(db: &impl ConnectionTrait, accounts: [AccountId; 2]) -> AppResult<Option<Pair>> {
    let [first, second] = sorted(accounts);
    let found = account_pair::Entity::find()
        .filter(account_pair::Column::FirstId.eq(first))
        .filter(account_pair::Column::SecondId.eq(second));
    dialect::for_update(db, found).one(db).await?.map(read).transpose()
}

/// The open pairs of an account, held until the transaction ends.
pub async fn open_of_for_update(db: &impl ConnectionTrait, id: AccountId) -> AppResult<Vec<Pair>> {
    let found = account_pair::Entity::find()
        .filter(with(id))
        .filter(account_pair::Column::State.eq(State::Open))
        .order_by_asc(account_pair::Column::Id);
    dialect::for_update(db, found).all(db).await?.into_iter().map(read).collect()
}

fn with(id: AccountId) -> Condition {
    Condition::any().add(account_pair::Column::FirstId.eq(id)).add(account_pair::Column::SecondId.eq(id))
}

/// Two accounts in the order in which a pair keeps them.
#[must_use]
pub fn sorted([one, other]: [AccountId; 2]) -> [AccountId; 2] {
    if one < other { [one, other] } else { [other, one] }
}

/// Whether somebody said that two accounts are different customers: of themselves, or of what was merged into them.
pub async fn was_dismissed(db: &impl ConnectionTrait, [one, other]: [AccountId; 2]) -> AppResult<bool> {
    let family = |n: u8| {
        format!("(select id from accounts where id = ${n} union select id from accounts where merged_into_id = ${n})")
    };
    let (a, b) = (family(1), family(2));
    let sql = format!(
        "select 1 as found from account_pairs where state = 'DISMISSED' and first_id in {a} and second_id in {b}
         union all
         select 1 as found from account_pairs where state = 'DISMISSED' and first_id in {b} and second_id in {a} limit 1"
    );
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [one.into(), other.into()]);
    Ok(db.query_one_raw(statement).await?.is_some())
}

/// Inserts a pair, or brings an open one up to date; one that is decided stays as it is.
pub async fn propose(db: &impl ConnectionTrait, call: &Call, proposal: &Proposal) -> AppResult<()> {
    let [first, second] = sorted(proposal.accounts);
    let id: AccountDuplicateId = call.new_id();
    let sql = "insert into account_pairs
            (id, first_id, second_id, verdict, score_bp, reasons, matcher_version, state, found_at, version)
        values ($1, $2, $3, $4, $5, $6, $7, 'OPEN', $8, 1)
        on conflict (first_id, second_id) do update set verdict = excluded.verdict, score_bp = excluded.score_bp,
            reasons = excluded.reasons, matcher_version = excluded.matcher_version, version = account_pairs.version + 1
        where account_pairs.state = 'OPEN' and (account_pairs.score_bp <> excluded.score_bp
            or account_pairs.reasons <> excluded.reasons or account_pairs.matcher_version <> excluded.matcher_version)";
    let values = [
        id.into(),
        first.into(),
        second.into(),
        proposal.verdict.to_string().into(),
        proposal.score_bp.into(),
        serde_json::to_string(&proposal.reasons)?.into(),
        proposal.matcher_version.into(),
        call.now().into(),
    ];
    db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?;
    Ok(())
}

/// Inserts a pair that a person brought up, with what they decided.
pub async fn insert(db: &impl ConnectionTrait, pair: &Pair, profiles: &[Profile; 2]) -> AppResult<()> {
    let row = account_pair::ActiveModel { id: Set(pair.id), ..write(pair, Some(profiles))? };
    account_pair::Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

fn write(pair: &Pair, profiles: Option<&[Profile; 2]>) -> AppResult<account_pair::ActiveModel> {
    let profile = |id: AccountId| -> AppResult<_> {
        let Some(profiles) = profiles else { return Ok(NotSet) };
        let found = profiles.iter().find(|profile| profile.account.id == id);
        Ok(Set(found.map(serde_json::to_string).transpose()?))
    };
    Ok(account_pair::ActiveModel {
        id: NotSet,
        first_id: Set(pair.first_id),
        second_id: Set(pair.second_id),
        verdict: Set(pair.verdict),
        score_bp: Set(pair.score_bp),
        reasons: Set(serde_json::to_string(&pair.reasons)?),
        matcher_version: Set(pair.matcher_version),
        state: Set(pair.state),
        found_at: Set(pair.found_at),
        decided_at: Set(pair.decided_at),
        decided_by: Set(pair.decided_by),
        decision_reason: Set(pair.decision_reason.clone()),
        first_profile: profile(pair.first_id)?,
        second_profile: profile(pair.second_id)?,
        version: Set(pair.version),
    })
}

/// Writes what changed of a pair, at the version that was seen; with the accounts as they are, when it was decided.
pub async fn update(
    db: &impl ConnectionTrait,
    before_version: i64,
    after: &Pair,
    profiles: Option<&[Profile; 2]>,
) -> AppResult<()> {
    let updated = account_pair::Entity::update_many()
        .set(write(after, profiles)?)
        .filter(account_pair::Column::Id.eq(after.id))
        .filter(account_pair::Column::Version.eq(before_version))
        .exec(db)
        .await?;
    if updated.rows_affected == 1 { Ok(()) } else { Err(AppError::version_conflict(after.version)) }
}

/// Of these pairs, which nobody has decided since, the superseded ones are open again.
pub async fn open_superseded(db: &impl ConnectionTrait, ids: &[AccountDuplicateId]) -> AppResult<()> {
    use account_pair::Column;
    account_pair::Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Open))
        .filter(Column::Id.is_in(ids.iter().copied()))
        .filter(Column::State.eq(State::Superseded))
        .exec(db)
        .await?;
    Ok(())
}

/// A page of the pairs.
pub async fn list(
    db: &impl ConnectionTrait,
    filter: &PairFilter,
    order: PairOrder,
    page: &Page,
) -> AppResult<Rows<Pair>> {
    let PairFilter { states, verdicts, account_id } = filter;
    let mut select = account_pair::Entity::find();
    if !states.is_empty() {
        select = select.filter(account_pair::Column::State.is_in(states.iter().copied()));
    }
    if !verdicts.is_empty() {
        select = select.filter(account_pair::Column::Verdict.is_in(verdicts.iter().copied()));
    }
    if let Some(id) = account_id {
        select = select.filter(with(*id));
    }
    let total = if page.counted { Some(select.clone().count(db).await?) } else { None };
    let key = match order {
        PairOrder::Score => Some(account_pair::Column::ScoreBp),
        PairOrder::Found => None,
    };
    let rows = page.select(select, key, account_pair::Column::Id).all(db).await?;
    Ok(page.finish(rows.into_iter().map(read).collect::<AppResult<_>>()?, total))
}

/// The pairs that people decided, by id, from after one of them on, at most so many.
pub async fn labelled(
    db: &impl ConnectionTrait,
    after: Option<AccountDuplicateId>,
    most: u64,
) -> AppResult<Vec<Labelled>> {
    let mut select = account_pair::Entity::find()
        .filter(account_pair::Column::State.is_in([State::Merged, State::Dismissed]))
        .order_by_asc(account_pair::Column::Id)
        .limit(most);
    if let Some(after) = after {
        select = select.filter(account_pair::Column::Id.gt(after));
    }
    let label = |row: account_pair::Model| -> AppResult<Option<Labelled>> {
        let (Some(first), Some(second)) = (row.first_profile, row.second_profile) else { return Ok(None) };
        Ok(Some(Labelled {
            id: row.id,
            same: row.state == State::Merged,
            first: serde_json::from_str(&first)?,
            second: serde_json::from_str(&second)?,
        }))
    };
    select.all(db).await?.into_iter().filter_map(|row| label(row).transpose()).collect()
}

/// Those of these accounts that are in an open pair.
pub async fn open_among(db: &impl ConnectionTrait, accounts: &[AccountId]) -> AppResult<Vec<AccountId>> {
    let either = Condition::any()
        .add(account_pair::Column::FirstId.is_in(accounts.iter().copied()))
        .add(account_pair::Column::SecondId.is_in(accounts.iter().copied()));
    let found = account_pair::Entity::find().filter(either).filter(account_pair::Column::State.eq(State::Open));
    let pairs: Vec<(AccountId, AccountId)> = found
        .select_only()
        .columns([account_pair::Column::FirstId, account_pair::Column::SecondId])
        .into_tuple()
        .all(db)
        .await?;
    let both = pairs.into_iter().flat_map(|(first, second)| [first, second]);
    Ok(both.filter(|id| accounts.contains(id)).collect())
}
