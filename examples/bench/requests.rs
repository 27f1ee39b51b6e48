//! The five requests that are measured, as a portal frontend, the operations' queue and an integrator ask them.

use crate::{http, postgres::Postgres};

/// One request with its variants: other partners, other ids.
pub struct Request {
    pub name: &'static str,
    pub variants: Vec<Body>,
    /// Whether each sending needs a word that nobody used before, in the place of `FRESH`.
    pub is_fresh: bool,
    /// Requests a CPU second, as a part of pgbench's.
    pub goal: Option<f64>,
}

pub struct Body {
    pub token: Option<String>,
    pub text: String,
}

/// Whom and what the requests are about.
pub struct World {
    /// Partners with the token of somebody who may do everything there.
    partners: Vec<(String, String)>,
    staff: String,
    registrations: Vec<String>,
    product_lines: Vec<String>,
    cursors: Vec<String>,
    /// A day in the future, and instants in the past.
    close_on: String,
    met_at: Vec<String>,
}

pub const PASSWORD: &str = "an unlikely pair of otters";
/// As many partners take turns.
const PARTNERS: usize = 64;
/// So many deals are listed in one request, in pages of 100.
const PAGES: usize = 10;

impl World {
    pub fn read(database: &Postgres, address: &str) -> Self {
        let sql = format!(
            "select 'ptr_' || replace(p.id::text, '-', '') || ' ' || u.email from partners p join users u on u.partner_id = p.id
            where u.roles = 'PARTNER_ADMIN SELLER MARKETER' and (select count(*) from mdf_requests r where r.partner_id = p.id) > 10
            order by md5(p.id::text) limit {PARTNERS}"
        );
        let partners = database.list(&sql).into_iter().map(|line| {
            let (id, email) = line.split_once(' ').unwrap();
            (id.to_owned(), sign_in(address, email))
        });
        let partners = partners.collect();
        let staff = sign_in(address, "channel_ops@vendor.example");
        let registrations = database.list(
            "select 'reg_' || replace(id::text, '-', '') from (select id from deal_registrations tablesample bernoulli (5) repeatable (1)) r
            order by md5(id::text) limit 256",
        );
        let product_lines = database.list("select 'pln_' || replace(id::text, '-', '') from product_lines order by id");
        let cursors = cursors(address, &staff);
        let close_on = database.ask("select (now() + interval '120 days')::date");
        let met_at = database.list("select to_char(now() at time zone 'utc' - n * interval '3 days', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') from generate_series(1, 2) n");
        Self { close_on, met_at, partners, staff, registrations, product_lines, cursors }
    }
}

fn ask(address: &str, token: Option<&str>, document: &str, variables: serde_json::Value) -> serde_json::Value {
    let mut connection = http::Connection::open(address).unwrap();
    let text = serde_json::json!({ "query": document, "variables": variables }).to_string();
    let (status, body) = connection.post(token, &text).unwrap();
    let answer: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    assert!(status == 200 && answer["errors"].is_null(), "{document} was answered {status}: {answer}");
    answer["data"].clone()
}

fn sign_in(address: &str, email: &str) -> String {
    let document = "mutation SignIn($email: String!, $password: String!) {
        signIn(input: { email: $email, password: $password }) { tokens { accessToken } userErrors { message } }
    }";
    let data = ask(address, None, document, serde_json::json!({ "email": email, "password": PASSWORD }));
    data["signIn"]["tokens"]["accessToken"]
        .as_str()
        .unwrap_or_else(|| panic!("{email} cannot sign in: {data}"))
        .to_owned()
}

/// Where the pages of 100 begin.
fn cursors(address: &str, staff: &str) -> Vec<String> {
    let document = "query($after: String) { dealRegistrations(first: 100, after: $after) { pageInfo { endCursor } } }";
    let mut cursors: Vec<String> = Vec::new();
    while cursors.len() < PAGES - 1 {
        let data = ask(address, Some(staff), document, serde_json::json!({ "after": cursors.last() }));
        let Some(cursor) = data["dealRegistrations"]["pageInfo"]["endCursor"].as_str() else { break };
        cursors.push(cursor.to_owned());
    }
    cursors
}

fn body(token: &str, document: &str, variables: serde_json::Value) -> Body {
    let text = serde_json::json!({ "query": document, "variables": variables }).to_string();
    Body { token: Some(token.to_owned()), text }
}

fn home(world: &World) -> Request {
    let document = "query Home($partner: ID!) {
  partner(id: $partner) {
    id name tier state
    engagementScore { score band components { component subScore weight contribution } }
    mdfBalances { program { id name } available { minorUnits currency } committed { minorUnits currency } paid { minorUnits currency } }
    dealRegistrations(first: 20) { nodes { id state dealStage amount { minorUnits currency } expectedCloseOn account { id name } } }
    mdfRequests(first: 10, filter: { states: [SUBMITTED, APPROVED, IN_EXECUTION, CLAIMED] }) { nodes { id title state requestedAmount { minorUnits currency } claimBy } }
  }
}";
    let variants = world.partners.iter().map(|(id, token)| body(token, document, serde_json::json!({ "partner": id })));
    Request { name: "home page of a partner", variants: variants.collect(), is_fresh: false, goal: Some(0.35) }
}

fn queue(world: &World) -> Request {
    let document = "query Queue {
  dealRegistrations(first: 50, filter: { states: [SUBMITTED, IN_REVIEW] }, orderBy: { field: QUALIFIED_AT, direction: ASC }) {
    nodes { id state qualifiedAt dueAt amount { minorUnits currency } partner { id name tier } account { id name country } }
    pageInfo { hasNextPage endCursor }
  }
}";
    let variants = vec![body(&world.staff, document, serde_json::json!({}))];
    Request { name: "first page of the queue (50)", variants, is_fresh: false, goal: Some(0.3) }
}

fn one(world: &World) -> Request {
    let document = "query One($id: ID!) { node(id: $id) { id ... on DealRegistration { state dealStage qualifiedAt expectedCloseOn amount { minorUnits currency } version } } }";
    let variants = world.registrations.iter().map(|id| body(&world.staff, document, serde_json::json!({ "id": id })));
    Request { name: "one object by id", variants: variants.collect(), is_fresh: false, goal: Some(0.18) }
}

fn thousand(world: &World) -> Request {
    let fields = "nodes { id state dealStage qualifiedAt amount { minorUnits currency } partner { id name } }";
    let first = format!("p0: dealRegistrations(first: 100) {{ {fields} }}");
    let rest = world.cursors.iter().enumerate().map(|(number, cursor)| {
        format!("p{}: dealRegistrations(first: 100, after: \"{cursor}\") {{ {fields} }}", number + 1)
    });
    let pages = [first].into_iter().chain(rest).collect::<Vec<_>>().join("\n  ");
    let variants = vec![body(&world.staff, &format!("query Thousand {{\n  {pages}\n}}"), serde_json::json!({}))];
    Request { name: "1,000 deals with partner", variants, is_fresh: false, goal: None }
}

fn register(world: &World) -> Request {
    let document = "mutation Register($input: RegisterDealInput!) {
  registerDeal(input: $input) { userErrors { code message field } dealRegistration { id state qualifiedAt account { id } } }
}";
    let variants = world.partners.iter().map(|(_, token)| {
        let interaction = |day: &str| serde_json::json!({ "kind": "INTERACTION", "occurredAt": day, "description": "A meeting at the customer's site.", "proof": "minutes.pdf" });
        let input = serde_json::json!({
            "account": { "details": { "name": "FRESH Foods", "website": "https://FRESH.example", "country": "DE" } },
            "productLineIds": [world.product_lines[0]],
            "amount": { "minorUnits": "12345600", "currency": "EUR" },
            "expectedCloseOn": world.close_on,
            "customerContact": { "name": "Ada Byron", "email": "ada@FRESH.example" },
            "partnerRole": "RESELL",
            "need": "The customer replaces what it has used for ten years, and decides this year.",
            "evidence": [
                { "kind": "CUSTOMER_IDENTITY", "description": "An extract of the register." },
                { "kind": "DECISION_MAKER", "description": "The head of production decides." },
                interaction(&world.met_at[0]), interaction(&world.met_at[1]),
            ],
        });
        body(token, document, serde_json::json!({ "input": input }))
    });
    Request { name: "registerDeal", variants: variants.collect(), is_fresh: true, goal: None }
}

/// Those that change nothing.
pub fn reads(world: &World) -> Vec<Request> {
    vec![home(world), queue(world), one(world), thousand(world)]
}

pub fn all(world: &World) -> Vec<Request> {
    vec![home(world), queue(world), one(world), register(world), thousand(world)]
}
