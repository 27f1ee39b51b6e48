//! Territories, as partners and staff read them.

use entity::value::{PartnerId, Role};
use partner_portal::{
    onboarding::territories,
    platform::{auth::policy::Action, call::Call},
};
use serde_json::{Value, json};

use crate::support::TestApp;

async fn assign(app: &TestApp, partner_id: PartnerId, name: &str) -> String {
    let call = Call::system(app.services.clone(), "test");
    let done = call.in_transaction(async |txn| {
        let territory = territories::find_or_create(txn, &call, Action::DecideApplication, name).await?;
        territories::assign(txn, &call, partner_id, territory.id).await?;
        Ok(territory.id.to_string())
    });
    done.await.unwrap()
}

#[tokio::test]
async fn a_partner_reads_the_territory_that_it_works_in_and_no_other() {
    let app = TestApp::start().await;
    let (one, other) = (app.partner("one.example").await, app.partner("other.example").await);
    let (west, east) = (assign(&app, one, "West").await, assign(&app, other, "East").await);
    let seller = app.person("seller@one.example", Some(one), &[Role::Seller]).await;
    let ask = "query($ids: [ID!]!, $partner: ID!) { nodes(ids: $ids) { ... on Territory { name } } partner(id: $partner) { territory { id } } }";
    let answer = seller.ask(ask, json!({ "ids": [west, east], "partner": one.to_string() })).await;
    assert_eq!(answer.data["nodes"], json!([{ "name": "West" }, null]));
    assert_eq!(answer.data["partner"]["territory"]["id"], json!(west));
    let staff = app.staff(Role::Executive).await;
    let answer = staff.ask(ask, json!({ "ids": [west, east], "partner": other.to_string() })).await;
    assert_eq!(answer.data["nodes"], json!([{ "name": "West" }, { "name": "East" }]));
}

#[tokio::test]
async fn a_name_is_one_territory_and_a_list_costs_as_much_for_many_partners_as_for_one() {
    let app = TestApp::start().await;
    let staff = app.staff(Role::ChannelOps).await;
    let list = async || {
        let before = app.services.db.statements();
        let answer = staff.ask("{ partners { nodes { territory { id } } } }", json!({})).await;
        let nodes = answer.data["partners"]["nodes"].as_array().unwrap().clone();
        (app.services.db.statements() - before, nodes)
    };
    let one = app.partner("one.example").await;
    assign(&app, one, "West").await;
    let (cost, _) = list().await;
    for domain in ["two.example", "three.example"] {
        let partner = app.partner(domain).await;
        assign(&app, partner, " west".trim()).await;
    }
    app.partner("four.example").await;
    let (same, nodes) = list().await;
    assert_eq!(same, cost);
    assert_eq!(nodes.iter().filter(|partner| partner["territory"] != Value::Null).count(), 3);
    assert_eq!(app.rows(&["territories"]).await, [("territories".to_owned(), 1)]);
}
