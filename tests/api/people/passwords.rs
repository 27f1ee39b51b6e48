//! Passwords: how they are kept, and which may be chosen.

use entity::{user, value::Role};
use partner_portal::platform::auth::passwords::Passwords;
use sea_orm::EntityTrait;
use serde_json::json;

use crate::support::{TestApp, app::PASSWORD, race::race};

async fn hash_of_ana(app: &TestApp) -> String {
    user::Entity::find().one(app.services.db.pool()).await.unwrap().unwrap().password_hash
}

#[tokio::test]
async fn a_password_hashed_at_less_cost_is_hashed_anew_at_the_next_sign_in() {
    let app = TestApp::start().await;
    app.create_user("ana@vendor.example", None, &[Role::Admin]).await;
    let before = hash_of_ana(&app).await;
    assert!(before.contains("m=64,t=1"));
    // Another server of the same database, with stronger settings.
    let replica = app.replica_hashing(Passwords::with_params(2, app.services.ids.as_ref(), 128, 2).unwrap()).await;
    let sign_in = async |server: &str, password: &str| {
        let document = "mutation($input: SignInInput!) { signIn(input: $input) { user { id } userErrors { code } } }";
        let input = json!({ "email": "ana@vendor.example", "password": password });
        let asked = json!({ "query": document, "variables": { "input": input } });
        let answer = app.client.post(format!("{server}/graphql")).json(&asked).send().await.unwrap();
        answer.json::<serde_json::Value>().await.unwrap()["data"]["signIn"]["userErrors"] == json!([])
    };
    assert!(!sign_in(&replica.address, "something else").await);
    assert_eq!(hash_of_ana(&app).await, before, "a wrong password changes nothing");
    assert!(race(4, |_| sign_in(&replica.address, PASSWORD)).await.into_iter().all(|done| done));
    let after = hash_of_ana(&app).await;
    assert!(after.contains("m=128,t=2"), "{after}");
    // The weaker server reads it, and does not make it weaker again.
    assert!(sign_in(&app.address, PASSWORD).await);
    assert_eq!(hash_of_ana(&app).await, after);
}
