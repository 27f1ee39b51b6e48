//! Whose an object is, by its global id: what the check of every answer to a partner's person goes by.

use std::collections::{HashMap, HashSet};

use entity::value::{KINDS, PartnerId, TypedId, UserId};
use partner_portal::platform::db::connect;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement, Value};
use tokio::sync::Mutex;
use uuid::Uuid;

/// For each kind of id, by its prefix, the rows with the partners that they belong to. A row may have several, and one
/// that has none is the vendor's. A new kind needs its line here, or in [`COMMON`].
pub const OWNED: &[(&str, &str)] = &[
    ("acc", "select a.id, p.partner_id from accounts a left join account_partners p on p.account_id = a.id"),
    ("act", "select id, partner_id from activities"),
    ("agc", "select id, partner_id from agreement_acceptances"),
    ("app", "select id, partner_id from partner_applications"),
    ("aud", "select id, partner_id from audit_events"),
    ("cli", "select id, partner_id from api_clients"),
    ("cmp", "select id, partner_id from training_completions"),
    // Staff's: partners read their own side on their registrations.
    ("cnf", "select c.id, p.id as partner_id from deal_conflicts c left join partners p on 1 = 0"),
    (
        "dup",
        "select d.id, p.partner_id from account_pairs d
            left join account_partners p on p.account_id = d.first_id or p.account_id = d.second_id",
    ),
    ("evf", "select id, partner_id from evidence_files"),
    ("evi", "select e.id, r.partner_id from deal_evidence e join deal_registrations r on r.id = e.registration_id"),
    ("inv", "select id, partner_id from invitations"),
    ("jbp", "select id, partner_id from business_plans"),
    (
        "len",
        "select e.id, t.partner_id from mdf_ledger_entries e join mdf_ledger_transactions t on t.id = e.transaction_id",
    ),
    ("ltx", "select id, partner_id from mdf_ledger_transactions"),
    ("mal", "select id, partner_id from mdf_allocations"),
    ("mcl", "select id, partner_id from mdf_claims"),
    ("mpy", "select p.id, c.partner_id from mdf_payments p join mdf_claims c on c.id = p.claim_id"),
    (
        "mrg",
        "select m.id, p.partner_id from account_merges m
            left join account_partners p on p.account_id = m.survivor_id or p.account_id = m.merged_id",
    ),
    ("mrq", "select id, partner_id from mdf_requests"),
    ("mtr", "select t.id, c.partner_id from mdf_tranches t join mdf_claims c on c.id = t.claim_id"),
    ("ntf", "select id, partner_id from notifications"),
    ("pau", "select id, partner_id from partner_authorisations"),
    ("pco", "select id, partner_id from partner_contacts"),
    ("prt", "select id, partner_id from protections"),
    ("ptr", "select id, id as partner_id from partners"),
    ("rcp", "select id, partner_id from decision_receipts"),
    ("reg", "select id, partner_id from deal_registrations"),
    ("sec", "select s.id, c.partner_id from api_client_secrets s join api_clients c on c.id = s.client_id"),
    ("ses", "select s.id, u.partner_id from sessions s join users u on u.id = s.user_id"),
    ("sfa", "select f.id, u.partner_id from second_factors f join users u on u.id = f.user_id"),
    ("stp", "select id, partner_id from onboarding_steps"),
    (
        "ter",
        "select t.id, p.partner_id from territories t left join (
            select territory_id, partner_id from territory_partners
            union select territory_id, partner_id from partner_authorisations) p on p.territory_id = t.id",
    ),
    ("trv", "select id, partner_id from tier_reviews"),
    ("usr", "select id, partner_id from users"),
];

/// The kinds whose objects are the vendor's and everybody's, and why: knowing their ids is knowing nothing of another
/// partner. This list is not for getting rid of a failure.
pub const COMMON: &[(&str, &str)] = &[
    ("agr", "agreements are published to every partner, and drafts of them are the vendor's"),
    ("crs", "courses are the vendor's catalogue"),
    ("mpr", "programs of funds are open to every partner"),
    ("pln", "product lines are the vendor's catalogue"),
];

/// The kinds that no answer shows, and why. A type of the API moves its kind from here to [`OWNED`].
pub const UNSHOWN: &[(&str, &str)] = &[
    ("aci", "names, domains and reservations of accounts are told by what they say"),
    ("wlo", "offers are told by what they say of a registration"),
    ("mai", "mails are the product's own affair"),
    ("adc", "who asked for another address is told to nobody"),
    ("pwr", "who asked for a new password is told to nobody"),
    ("soa", "attempts to sign on are no objects of the API"),
];

/// Every global id in a text.
pub fn ids_in(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (place, _) in text.match_indices('_') {
        let Some(prefix) = place.checked_sub(3).and_then(|from| text.get(from..place)) else { continue };
        let Some(digits) = text.get(place + 1..place + 33) else { continue };
        let known = KINDS.iter().any(|(_, known)| *known == prefix);
        if known && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            found.push(&text[place - 3..place + 33]);
        }
    }
    found
}

/// Whether an id is of a kind that belongs to one partner.
pub fn belongs_to_somebody(id: &str) -> bool {
    !COMMON.iter().any(|(prefix, _)| id.starts_with(prefix))
}

/// Looks up whose things are, on a connection of its own so that nothing is counted, and remembers it.
#[derive(Default)]
pub struct Owners(Mutex<Known>);

#[derive(Default)]
struct Known {
    pool: Option<DatabaseConnection>,
    callers: HashMap<String, Option<PartnerId>>,
    owned: HashSet<(String, PartnerId)>,
}

impl Owners {
    /// The ids of an answer that are neither the caller's partner's nor what the caller asked with. Nothing for staff
    /// and for nobody: they are no partner's people.
    pub async fn foreign(&self, url: &str, token: &str, asked: &str, answered: &str) -> Vec<String> {
        let found = ids_in(answered);
        if found.is_empty() {
            return Vec::new();
        }
        let mut known = self.0.lock().await;
        let Some(partner_id) = known.caller(url, token).await else { return Vec::new() };
        let mut foreign = Vec::new();
        for id in found {
            if !belongs_to_somebody(id) || known.owned.contains(&(id.to_owned(), partner_id)) || asked.contains(id) {
                continue;
            }
            if known.is_of(url, id, partner_id).await {
                known.owned.insert((id.to_owned(), partner_id));
            } else {
                foreign.push(id.to_owned());
            }
        }
        foreign
    }
}

impl Known {
    async fn find(&mut self, url: &str, sql: String, values: Vec<Value>) -> Option<bool> {
        if self.pool.is_none() {
            self.pool = Some(connect::open(url, 1).await.ok()?.pool().clone());
        }
        let pool = self.pool.as_ref()?;
        let statement = Statement::from_sql_and_values(pool.get_database_backend(), sql, values);
        // A test that takes the database away finds nothing wrong here.
        pool.query_one_raw(statement).await.ok().map(|row| row.is_some())
    }

    /// The partner of whoever has an access token: its payload names the person.
    async fn caller(&mut self, url: &str, token: &str) -> Option<PartnerId> {
        use base64::Engine as _;
        if let Some(known) = self.callers.get(token) {
            return *known;
        }
        let payload = token.split('.').nth(1)?;
        let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).ok()?;
        let payload: serde_json::Value = serde_json::from_slice(&payload).ok()?;
        let user_id: UserId = payload["sub"].as_str()?.parse().ok()?;
        self.find(url, "select 1 as one".to_owned(), Vec::new()).await?;
        let pool = self.pool.as_ref()?;
        let sql = "select partner_id from users where id = $1";
        let statement = Statement::from_sql_and_values(pool.get_database_backend(), sql, [user_id.uuid().into()]);
        let partner: Option<Uuid> = pool.query_one_raw(statement).await.ok()??.try_get("", "partner_id").ok()?;
        let partner = partner.map(PartnerId);
        self.callers.insert(token.to_owned(), partner);
        partner
    }

    async fn is_of(&mut self, url: &str, id: &str, partner_id: PartnerId) -> bool {
        let (prefix, digits) = id.split_at(3);
        if UNSHOWN.iter().any(|(unshown, _)| *unshown == prefix) {
            return false;
        }
        let Some((_, rows)) = OWNED.iter().find(|(owned, _)| *owned == prefix) else {
            panic!("nobody knows whose {prefix}_… is: add its kind to OWNED in tests/api/support/owners.rs");
        };
        let uuid = Uuid::try_parse(&digits[1..]).unwrap();
        // There is such a row, and it is not theirs. An id without a row is nobody's.
        let sql = format!(
            "select 1 as one from ({rows}) t where t.id = $1
             and not exists (select 1 from ({rows}) u where u.id = $1 and u.partner_id = $2)"
        );
        let foreign = self.find(url, sql, vec![uuid.into(), partner_id.uuid().into()]).await;
        !foreign.unwrap_or(false)
    }
}

#[tokio::test]
async fn every_kind_of_id_has_its_owners() {
    let app = super::TestApp::start().await;
    let pool = app.services.db.pool();
    for (kind, prefix) in KINDS {
        let common = COMMON.iter().chain(UNSHOWN).any(|(common, _)| common == prefix);
        let owned = OWNED.iter().find(|(owned, _)| owned == prefix);
        assert!(
            common != owned.is_some(),
            "ids of a {kind} ({prefix}_…) need one line in OWNED (whose are they?), in COMMON (why everybody's?) or in \
             UNSHOWN of tests/api/support/owners.rs"
        );
        if let Some((_, sql)) = owned {
            pool.query_all_raw(Statement::from_string(pool.get_database_backend(), *sql)).await.unwrap();
        }
    }
}
