//! The accounts that may be the same customer, in one statement.

use entity::account;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};

use crate::{
    accounts::{
        accounts::{
            model::Customer,
            rules::{self, Candidate},
        },
        identity::model::Identity,
    },
    platform::error::AppResult,
};

/// How many accounts of one name are looked at.
const MOST_CANDIDATES: u64 = 200;

#[derive(FromQueryResult)]
#[expect(clippy::struct_excessive_bools, reason = "each is one kind of evidence")]
struct Flags {
    same_registry_id: bool,
    same_domain: bool,
    same_name: bool,
    has_domain: bool,
}

/// The accounts that may be the same customer: by registry id, domain or normalised name. No scope: whether a customer
/// is known already does not depend on who asks.
pub async fn find_candidates(
    db: &impl ConnectionTrait,
    customer: &Customer,
    identity: &Identity,
) -> AppResult<Vec<Candidate>> {
    let mut values: Vec<Value> = vec![rules::name_key(&customer.name).into()];
    let mut bind = |value: Value| {
        values.push(value);
        format!("${}", values.len())
    };
    let domains: Vec<String> =
        identity.domains.iter().chain(&customer.domain).map(|domain| bind(domain.clone().into())).collect();
    let ids: Vec<String> = identity
        .registry_ids
        .iter()
        .map(|id| {
            format!("(kind = {} and value = {})", bind(id.kind.to_string().into()), bind(id.value.clone().into()))
        })
        .collect();
    // Empty lists are no SQL; nothing is equal to null.
    let domains = if domains.is_empty() { "null".to_owned() } else { domains.join(", ") };
    let ids = if ids.is_empty() { "1 = 0".to_owned() } else { ids.join(" or ") };
    // One way in for each kind of evidence, each by its index: conditions joined by `or` would read the whole table.
    let sql = format!(
        "select a.*,
            exists (select 1 from account_registry_ids r where r.account_id = a.id and ({ids}))
                as same_registry_id,
            exists (select 1 from account_domains d where d.account_id = a.id and d.domain in ({domains})) as same_domain,
            (a.name_key = $1 or exists (select 1 from account_names n where n.account_id = a.id and n.name_key = $1))
                as same_name,
            exists (select 1 from account_domains d where d.account_id = a.id) as has_domain
         from accounts a where a.merged_into_id is null and a.id in (
            select id from accounts where name_key = $1
            union select account_id from account_names where name_key = $1
            union select account_id from account_domains where domain in ({domains})
            union select account_id from account_registry_ids where {ids})
         order by a.id limit {MOST_CANDIDATES}"
    );
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let mut found = Vec::new();
    for row in db.query_all_raw(statement).await? {
        let Flags { same_registry_id, same_domain, same_name, has_domain } = Flags::from_query_result(&row, "")?;
        let account = account::Model::from_query_result(&row, "")?.into();
        found.push(Candidate { account, same_registry_id, same_domain, same_name, has_domain });
    }
    Ok(found)
}
