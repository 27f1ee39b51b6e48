//! What one partner has does not show in any answer to another: asked by id, through every field, by every filter, with
//! its cursors. Everything is made from the schema, so that new types and fields take part by themselves.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::value::{KINDS, Role};
use partner_portal::platform::http::server::App;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    documents, entries, ids, inputs, paths,
    paths::Path,
    probe,
    schema::{Input, Schema},
    world::{Side, World, roles},
};
use crate::support::{
    TestApp,
    app::Options,
    owners::{COMMON, OWNED},
};

/// A server on which long ways through the schema cost nothing: what they show is asked here, not what they cost.
pub async fn unmetered() -> TestApp {
    let change = |app: App| {
        let mut settings = (*app.settings).clone();
        settings.allowances.people.operation = u64::MAX;
        settings.allowances.people.minute = u64::MAX;
        app.with(settings)
    };
    TestApp::start_with(Options { change, ..Options::default() }).await
}

/// Every id of a side's rows that are not also the other's, by prefix.
async fn ids_only_of(world: &World<'_>, side: Side, other: Side) -> BTreeMap<&'static str, Vec<String>> {
    let pool = world.app.services.db.pool();
    let uuid = |side| Uuid::try_parse(&world.fact(side, "partner").as_str().unwrap()[4..]).unwrap();
    let mut found = BTreeMap::new();
    for (prefix, rows) in OWNED {
        let sql = format!(
            "select t.id from ({rows}) t where t.partner_id = $1
             and not exists (select 1 from ({rows}) u where u.id = t.id and u.partner_id = $2) order by 1"
        );
        let values = [uuid(side).into(), uuid(other).into()];
        let statement = Statement::from_sql_and_values(pool.get_database_backend(), sql, values);
        let rows = pool.query_all_raw(statement).await.unwrap();
        let ids = rows.iter().map(|row| format!("{prefix}_{}", row.try_get::<Uuid>("", "id").unwrap().simple()));
        found.insert(*prefix, ids.collect());
    }
    found
}

/// What only one partner wrote, and texts of the same form that nobody wrote.
async fn texts_of_north(world: &World<'_>) -> Vec<(String, String)> {
    let document = "{ accounts(first: 100) { nodes { name } } }";
    let accounts = world.who(Side::North, Role::Seller).ask(document, Value::Null).await;
    let accounts = accounts.data["accounts"]["nodes"].as_array().unwrap().clone();
    let own = accounts.iter().map(|account| account["name"].as_str().unwrap().to_owned());
    let own = own.filter(|name| name.starts_with("North")).take(1);
    let others = [
        "North",
        "north.example",
        "north.example GmbH",
        "https://www.north.example/",
        "ana@north.example",
        "seller@north.example",
    ];
    let texts: Vec<String> = own.chain(others.map(str::to_owned)).collect();
    assert_eq!(texts.len(), others.len() + 1, "north has no account of its own");
    texts.into_iter().map(|text| (text.clone(), text.replace("orth", "ovth"))).collect()
}

/// A cursor at the same place of an order, of a row that nobody has.
fn invented_cursor(cursor: &str) -> String {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).unwrap()).unwrap();
    let mut parts: Vec<String> = text.split('\u{1f}').map(str::to_owned).collect();
    parts[1] = format!("{}deadbeef", &parts[1][..24]);
    URL_SAFE_NO_PAD.encode(parts.join("\u{1f}"))
}

/// The arguments of a root field about a side: none unless some have to be given.
async fn root_arguments(schema: &Schema, world: &World<'_>, name: &str, side: Side) -> Value {
    if !schema.root_field("Query", name).args.iter().any(Input::asked_for) {
        return json!({});
    }
    let entry = entries::all().into_iter().find(|entry| entry.root == "Query" && entry.field == name);
    entry.unwrap_or_else(|| panic!("{name} has no entry")).arguments(world, side).await
}

/// Everything that the tests below go through, made once a test.
struct Ground<'a> {
    schema: Schema,
    world: World<'a>,
    theirs: BTreeMap<&'static str, Vec<String>>,
    problems: Vec<String>,
}

impl<'a> Ground<'a> {
    async fn new(app: &'a TestApp) -> Self {
        let (schema, world) = (Schema::read().await, World::create(app).await);
        world.api_client(Side::North).await;
        world.invited(Side::North).await;
        world.enrolled(Side::North, Role::Learner).await;
        let case = world.case_of(&world.disputed_deal(Side::North).await).await;
        let mut theirs = ids_only_of(&world, Side::North, Side::South).await;
        // Staff's, and about north.
        theirs.entry("cnf").or_default().push(case.as_str().unwrap().to_owned());
        Self { schema, world, theirs, problems: Vec::new() }
    }

    /// Asks a role of the other partner about something of north's and about nothing.
    async fn compare(&mut self, role: Role, what: &str, document: &str, foreign: &Value, invented: &Value) {
        let asks = self.world.who(Side::South, role);
        if let Some(told) = probe::difference(&asks, document, foreign, invented).await {
            self.problems.push(format!("{what} tells {role} of another partner: {told}"));
        }
    }

    fn finish(self, tried: &str) {
        println!("{tried}");
        let most = self.problems.iter().take(20).cloned().collect::<Vec<_>>();
        assert!(
            self.problems.is_empty(),
            "{tried}: {} problems, among them:\n{}",
            self.problems.len(),
            most.join("\n")
        );
    }
}

#[tokio::test]
async fn no_object_of_another_partner_is_found_by_its_id() {
    let app = unmetered().await;
    let mut ground = Ground::new(&app).await;
    let kinds: BTreeMap<&str, &str> = KINDS.iter().map(|(kind, prefix)| (*prefix, *kind)).collect();
    let nodes: BTreeSet<String> = ground.schema.get("Node").possible.iter().cloned().collect();

    // Whatever has an id in the schema is in the world, or is everybody's.
    let mut types = 0;
    for ty in ground.schema.types().filter(|ty| ty.kind == "OBJECT") {
        // What a merge remembers of an account, for staff: its id is the account's.
        if ty.name == "MergedAccount" {
            continue;
        }
        if ty.fields.iter().any(|field| field.name == "id" && field.ty.name == "ID") {
            let prefix = kinds.iter().find(|(_, kind)| **kind == ty.name).map(|(prefix, _)| *prefix);
            let prefix = prefix.unwrap_or_else(|| panic!("{} has an id and no line in KINDS", ty.name));
            let common = COMMON.iter().any(|(common, _)| *common == prefix);
            assert!(
                common || ground.theirs.get(prefix).is_some_and(|ids| !ids.is_empty()),
                "the world has no {} of north's: make one in tests/api/authorization/world.rs",
                ty.name
            );
            types += 1;
        }
    }

    let (mut tried, mut asked) = (0, 0);
    for (prefix, theirs) in ground.theirs.clone() {
        let ty = kinds[prefix];
        let selected = |schema: &Schema, depth: usize| {
            if nodes.contains(ty) {
                format!("{{ __typename id ... on {ty} {} }}", documents::selection(schema, schema.get(ty), depth))
            } else {
                "{ __typename id }".to_owned()
            }
        };
        let one = format!("query($id: ID!) {{ node(id: $id) {} }}", selected(&ground.schema, 1));
        // One's own object is among many: without the objects in it, of which one that a role may not read would end
        // the others' loading at some point or other.
        let many = format!("query($ids: [ID!]!) {{ nodes(ids: $ids) {} }}", selected(&ground.schema, 0));
        for (place, id) in theirs.iter().enumerate() {
            tried += 1;
            for role in roles(Side::South) {
                // Every id as the one who may most, some as the others.
                if role == Role::PartnerAdmin || place < 3 {
                    asked += 1;
                    let (foreign, invented) = (json!({ "id": id }), json!({ "id": ids::invented_like(id) }));
                    ground.compare(role, &format!("node of a {ty}"), &one, &foreign, &invented).await;
                }
            }
        }
        // Many at once, among one's own.
        let own = ground.world.fact(Side::South, "partner");
        let list = |ids: Vec<String>| {
            let ids = ids.into_iter().take(50).map(Value::from);
            let ids: Vec<Value> = [own.clone()].into_iter().chain(ids).chain([own.clone()]).collect();
            json!({ "ids": ids })
        };
        let invented = list(theirs.iter().map(|id| ids::invented_like(id)).collect());
        for role in roles(Side::South) {
            asked += 1;
            ground.compare(role, &format!("nodes of {ty}"), &many, &list(theirs.clone()), &invented).await;
        }
    }
    ground.finish(&format!("{types} types with ids, {tried} ids of another partner, {asked} pairs of questions"));
}

#[tokio::test]
async fn no_way_through_the_schema_leads_to_another_partner() {
    let app = unmetered().await;
    let mut ground = Ground::new(&app).await;
    let schema = Schema::read().await;
    let paths = paths::all(&schema);
    let mut arguments = BTreeMap::new();
    for field in schema.root("Query") {
        let mut of = Vec::new();
        for side in [Side::North, Side::South] {
            of.push(root_arguments(&schema, &ground.world, &field.name, side).await);
        }
        arguments.insert(field.name.clone(), of);
    }
    let (mut own, mut answered, mut foreign) = (0, 0, 0);
    let mut fields = BTreeSet::new();
    for path in &paths {
        let of = &arguments[&path.0[0].name];
        fields.extend(path.0.windows(2).map(|two| format!("{}.{}", two[0].ty.name, two[1].name)));
        // From one's own things: nothing of the other partner's on the way. The check of every answer looks for ids; here
        // we look for what north wrote.
        let (document, variables) = path.document(&schema, &of[1], &json!({}), None);
        for role in roles(Side::South) {
            own += 1;
            let answer = ground.world.who(Side::South, role).ask(&document, variables.clone()).await;
            answered += usize::from(answer.errors.is_null());
            let codes = answer.errors.as_array().cloned().unwrap_or_default();
            if !codes.iter().all(|error| error["extensions"]["code"] == "FORBIDDEN") {
                ground.problems.push(format!("{} fails for {role}: {}", path.name(), answer.body));
            }
            if answer.body.to_string().to_lowercase().contains("north") {
                ground.problems.push(format!(
                    "{} shows {role} what another partner wrote: {}",
                    path.name(),
                    answer.body
                ));
            }
        }
        // From the other partner's things: like from nobody's.
        let (document, variables) = path.document(&schema, &of[0], &json!({}), None);
        let invented = ids::invented(&variables);
        if invented != variables {
            foreign += 1;
            ground.compare(Role::PartnerAdmin, &path.name(), &document, &variables, &invented).await;
        }
    }
    let connections = paths.iter().filter(|path| path.last().ty.name.ends_with("Connection")).count();
    let count = paths.len();
    ground.finish(&format!(
        "{count} paths of up to {} objects through {} nested fields, {connections} of them to connections: {own} questions about one's own \
         ({answered} answered), {foreign} pairs about another's",
        paths::DEPTH,
        fields.len()
    ));
}

/// For each field with arguments, the shortest paths to it.
fn with_arguments<'s>(schema: &'s Schema) -> Vec<Path<'s>> {
    let mut by_field: BTreeMap<String, Vec<Path<'s>>> = BTreeMap::new();
    for path in paths::all(schema) {
        if !path.last().args.is_empty() {
            let owner = path.0.len().checked_sub(2).map_or("Query", |place| path.0[place].ty.name.as_str());
            by_field.entry(format!("{owner}.{}", path.last().name)).or_default().push(path);
        }
    }
    let shortest = by_field.into_values().map(|mut paths| {
        paths.sort_by_key(|path| path.0.len());
        paths.truncate(2);
        paths
    });
    shortest.flatten().collect()
}

/// What another partner has, with the like that nobody has.
type Pairs = Vec<(Value, Value)>;

#[tokio::test]
async fn no_filter_finds_what_another_partner_has() {
    let app = unmetered().await;
    let mut ground = Ground::new(&app).await;
    let schema = Schema::read().await;
    let texts = texts_of_north(&ground.world).await;
    let some_ids: Vec<String> = ground.theirs.values().filter_map(|ids| ids.first().cloned()).collect();
    let (mut places, mut asked) = (0, 0);
    for path in with_arguments(&schema) {
        // The one question that is answered about what others hold, in one of three words, and counted: it has tests of
        // its own (`deals::availability`).
        if path.0[0].name == "checkAvailability" {
            continue;
        }
        let at_root = root_arguments(&schema, &ground.world, &path.0[0].name, Side::South).await;
        let mut values: Vec<(Vec<String>, Pairs)> = Vec::new();
        for place in inputs::places(&schema, &path.last().args, "ID") {
            values.push((place, some_ids.iter().map(|id| (json!(id), json!(ids::invented_like(id)))).collect()));
        }
        for place in inputs::places(&schema, &path.last().args, "String") {
            if !matches!(place[0].as_str(), "after" | "before") {
                values.push((place, texts.iter().map(|(real, other)| (json!(real), json!(other))).collect()));
            }
        }
        for (place, pairs) in values {
            // In a list of objects there is no item to put it into; what holds such lists is for staff.
            if !inputs::put(&schema, &path.last().args, &mut json!({}), &place, &json!("")) {
                assert_eq!(path.last().name, "matchAccounts", "{place:?}");
                continue;
            }
            places += 1;
            for (theirs, nobodys) in pairs {
                let with = |leaf: &Value| {
                    let mut at_end = json!({});
                    assert!(inputs::put(&schema, &path.last().args, &mut at_end, &place, leaf), "{place:?}");
                    path.document(&schema, &at_root, &at_end, None)
                };
                let ((document, foreign), (_, invented)) = (with(&theirs), with(&nobodys));
                for role in roles(Side::South) {
                    asked += 1;
                    let what = format!("{} by {}", path.name(), place.join("."));
                    ground.compare(role, &what, &document, &foreign, &invented).await;
                }
            }
        }
    }
    ground.finish(&format!(
        "{places} filters and arguments, {} ids and {} texts of another partner, {asked} pairs of questions",
        some_ids.len(),
        texts.len()
    ));
}

#[tokio::test]
async fn no_cursor_of_another_partner_tells_more_than_an_invented_one() {
    let app = unmetered().await;
    let mut ground = Ground::new(&app).await;
    let schema = Schema::read().await;
    let theirs: BTreeSet<String> = ground.theirs.values().flatten().cloned().collect();
    let admin = ground.world.staff(Role::Admin);
    let (mut orders, mut cursors, mut asked) = (0, 0, 0);
    for path in with_arguments(&schema) {
        let last = path.last();
        if !last.args.iter().any(|arg| arg.name == "after") {
            continue;
        }
        let mut variants = vec![json!({})];
        if let Some(order) = last.args.iter().find(|arg| arg.name == "orderBy") {
            let field = schema.get(&order.ty.name).inputs.iter().find(|input| input.name == "field").unwrap();
            for word in &schema.get(&field.ty.name).words {
                for direction in ["ASC", "DESC"] {
                    variants.push(json!({ "orderBy": { "field": word, "direction": direction } }));
                }
            }
        }
        let of_north = root_arguments(&schema, &ground.world, &path.0[0].name, Side::North).await;
        let of_south = root_arguments(&schema, &ground.world, &path.0[0].name, Side::South).await;
        for order in variants {
            orders += 1;
            let mut wanted = order.clone();
            wanted["first"] = json!(100);
            let (document, variables) =
                path.document(&schema, &of_north, &wanted, Some("{ edges { cursor node { id } } }"));
            let answer = admin.ask(&document, variables).await;
            let found = edges(&answer.data).into_iter().filter(|(_, id)| theirs.contains(id)).map(|(cursor, _)| cursor);
            for cursor in found.step_by(5).take(4) {
                cursors += 1;
                for (argument, size) in [("after", "first"), ("before", "last")] {
                    let with = |cursor: &str| {
                        let mut at_end = order.clone();
                        at_end[argument] = json!(cursor);
                        at_end[size] = json!(3);
                        path.document(&schema, &of_south, &at_end, None)
                    };
                    let ((document, foreign), (_, invented)) = (with(&cursor), with(&invented_cursor(&cursor)));
                    asked += 1;
                    let what = format!("{} {argument} a cursor in {order}", path.name());
                    ground.compare(Role::PartnerAdmin, &what, &document, &foreign, &invented).await;
                }
            }
        }
    }
    assert!(cursors > 10, "hardly any cursors were found");
    ground.finish(&format!(
        "{orders} orders of connections, {cursors} cursors of another partner, {asked} pairs of questions"
    ));
}

/// Every cursor in an answer with the id of its node.
fn edges(value: &Value) -> Vec<(String, String)> {
    match value {
        Value::Object(fields) => match (fields.get("cursor"), fields.get("node").map(|node| &node["id"])) {
            (Some(Value::String(cursor)), Some(Value::String(id))) => vec![(cursor.clone(), id.clone())],
            _ => fields.values().flat_map(edges).collect(),
        },
        Value::Array(items) => items.iter().flat_map(edges).collect(),
        _ => Vec::new(),
    }
}
