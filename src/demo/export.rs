//! The demo as files: each example operation, and what each person of the demo is answered.

use std::sync::Arc;

use async_graphql::{Request, Variables};
use entity::value::{Role, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::PEOPLE;
use crate::{
    people::{
        sessions::{self, Doorkeeper},
        users,
    },
    platform::{
        auth::{Authenticate as _, passwords::Passwords, remembered::Remembered, tokens::Tokens},
        call::{Call, Services},
        clock::{Clock as _, HandMovedClock, SystemClock},
        db::Db,
        error::{AppError, AppResult},
        files::Files,
        graphql::loaders::Loaders,
        http::pages::EXAMPLES,
        ids::{IdSource, SystemIds},
        news::News,
        origin::Origin,
        rates::Rates,
    },
    reactions, schema,
};

#[derive(Deserialize)]
struct Example {
    title: String,
    document: String,
    variables: Value,
}

/// Name and content of each file: people, operations, and the answers of the queries among them.
///
/// # Errors
/// Those of the database.
pub async fn files(db: Db, tokens: Tokens) -> AppResult<Vec<(String, String)>> {
    let services = services(db, tokens, SystemClock.now())?;
    let schema = schema::builder().finish();
    let examples: Vec<Example> = serde_json::from_str(EXAMPLES)?;
    let mut files = vec![("people.json".to_owned(), serde_json::to_string_pretty(&super::people())?)];
    for example in &examples {
        let name = file_name(&example.title);
        files.push((format!("{name}.graphql"), example.document.clone()));
        files.push((format!("{name}.variables.json"), serde_json::to_string_pretty(&example.variables)?));
    }
    for (_, email, role) in PEOPLE {
        let call = signed_in(&services, email).await?;
        for example in examples.iter().filter(|example| !example.document.starts_with("mutation")) {
            let request = Request::new(&example.document)
                .variables(Variables::from_json(example.variables.clone()))
                .data(call.clone())
                .data(Loaders::default());
            let answer = json!(schema.execute(request).await);
            let name = format!("{}.{}.json", file_name(&example.title), role_name(*role));
            files.push((name, serde_json::to_string_pretty(&answer)?));
        }
    }
    Ok(files)
}

fn services(db: Db, tokens: Tokens, now: Timestamp) -> AppResult<Arc<Services>> {
    let ids: Arc<dyn IdSource> = Arc::new(SystemIds);
    let passwords = Passwords::new(1, ids.as_ref())?;
    let clock = Arc::new(HandMovedClock::at(now));
    Ok(Arc::new(Services {
        files: Files::in_memory(),
        news: News::new(&db, ids.as_ref()),
        db,
        clock,
        ids,
        passwords,
        tokens,
        remembered: Remembered::default(),
        sign_on: None,
        rates: Rates::default(),
        reactions: Arc::new(reactions::Table),
    }))
}

async fn signed_in(services: &Arc<Services>, email: &str) -> AppResult<Call> {
    let system = Call::system(Arc::clone(services), "export-demo");
    let found = users::find_by_address(services.db.pool(), email).await?;
    let user = found.ok_or_else(|| AppError::internal(format!("{email} is missing in the demo")))?.user;
    let opened = system.in_transaction(async |txn| sessions::open(txn, &system, user, None).await).await?;
    let doorkeeper = Doorkeeper::new(Arc::clone(services), std::time::Duration::ZERO);
    let caller = doorkeeper.authenticate(&opened.access_token, &Origin::default()).await?;
    Ok(Call::new(Arc::clone(services), caller, Origin::inside("export-demo")))
}

fn role_name(role: Role) -> String {
    file_name(&role.to_string())
}

/// Lower-case words joined by hyphens.
fn file_name(title: &str) -> String {
    let words: Vec<String> =
        title.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
    words.join("-")
}
