//! Who walks the path: signed in as everybody, remembering what was answered, and what must stay true.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use entity::value::{Day, Timestamp};
use serde_json::{Value, json};

/// The password of everybody on the path.
pub const PASSWORD: &str = crate::support::app::PASSWORD;

pub struct Walker {
    pub address: String,
    client: reqwest::Client,
    clock: Box<dyn Fn() -> Timestamp + Send>,
    tokens: BTreeMap<String, String>,
    facts: BTreeMap<String, Value>,
    held: BTreeMap<String, (String, Value)>,
    last: Option<(String, String, Value, Value)>,
    keys: u32,
}

impl Walker {
    pub fn new(address: &str, clock: impl Fn() -> Timestamp + Send + 'static) -> Self {
        Self {
            address: address.to_owned(),
            client: reqwest::Client::new(),
            clock: Box::new(clock),
            tokens: BTreeMap::new(),
            facts: BTreeMap::new(),
            held: BTreeMap::new(),
            last: None,
            keys: 0,
        }
    }

    /// Remembers an access token under a name.
    pub fn token(&mut self, who: &str, token: &Value) {
        let token = token.as_str().unwrap_or_else(|| panic!("{who} has no token: {token}"));
        self.tokens.insert(who.to_owned(), token.to_owned());
    }

    /// Remembers something for later steps.
    pub fn note(&mut self, name: &str, value: &Value) {
        assert!(value.is_string(), "{name} is {value}");
        self.facts.insert(name.to_owned(), value.clone());
    }

    pub fn fact(&self, name: &str) -> Value {
        self.facts.get(name).cloned().unwrap_or_else(|| panic!("nobody noted {name}"))
    }

    /// From now on the object has these values; replaces what it had to have before.
    pub fn holds(&mut self, fact: &str, selection: &str, values: Value) {
        self.held.insert(fact.to_owned(), (selection.to_owned(), values));
    }

    /// The object's state moves with time; only its being there is checked.
    pub fn forget(&mut self, fact: &str) {
        self.held.insert(fact.to_owned(), (String::new(), json!({})));
    }

    pub fn day(&self, days: i64) -> String {
        Day(((self.clock)().plus_days(days)).to_utc().date_naive()).to_string()
    }

    pub fn instant(&self, days: i64) -> String {
        (self.clock)().plus_days(days).plus(TimeDelta::seconds(-1)).to_string()
    }

    async fn send(&self, who: &str, document: &str, variables: Value) -> Value {
        loop {
            let mut request = self.client.post(format!("{}/graphql", self.address));
            if who != "anonymous" {
                request = request.bearer_auth(self.tokens.get(who).unwrap_or_else(|| panic!("{who} is not signed in")));
            }
            let response = request.json(&json!({ "query": document, "variables": variables })).send().await.unwrap();
            let (status, body) = (response.status(), response.json::<Value>().await.unwrap());
            // A machine that is busy with other tests may not hash a password in time: as it says, again.
            if status != 503 {
                assert!(body.get("errors").is_none(), "{who}: {document}: {body}");
                return body["data"].clone();
            }
        }
    }

    pub async fn ask(&self, who: &str, document: &str) -> Value {
        self.send(who, document, json!({})).await
    }

    pub async fn sign_in(&mut self, who: &str, email: &str) {
        let input = json!({ "email": email, "password": PASSWORD });
        let data = self
            .send("anonymous", "mutation($input: SignInInput!) { signIn(input: $input) { tokens { accessToken } userErrors { message } } }", json!({ "input": input }))
            .await;
        self.token(who, &data["signIn"]["tokens"]["accessToken"]);
    }

    async fn mutation(&mut self, who: &str, mutation: &str, mut input: Value, selection: &str) -> Value {
        self.keys += 1;
        input["idempotencyKey"] = format!("walk-{}", self.keys).into();
        let name = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
        let document = format!(
            "mutation($input: {name}!) {{ {mutation}(input: $input) {{ {selection} userErrors {{ code message field }} }} }}"
        );
        let variables = json!({ "input": input });
        let data = self.send(who, &document, variables.clone()).await;
        self.last = Some((who.to_owned(), document, variables, data.clone()));
        data[mutation].clone()
    }

    /// Makes a mutation that has to be done.
    pub async fn done(&mut self, who: &str, mutation: &str, input: Value, selection: &str) -> Value {
        let payload = self.mutation(who, mutation, input, selection).await;
        assert_eq!(payload["userErrors"], json!([]), "{who}: {mutation} was refused");
        payload
    }

    /// Makes a mutation that has to be refused.
    pub async fn refused(&mut self, who: &str, mutation: &str, input: Value) {
        let payload = self.mutation(who, mutation, input, "").await;
        assert_ne!(payload["userErrors"], json!([]), "{who}: {mutation} was not refused");
    }

    /// Sends the last mutation again, as a caller does who lost the answer: it is answered the same.
    pub async fn repeats_the_last(&self) {
        let (who, document, variables, answered) = self.last.as_ref().unwrap();
        let mut again = self.send(who, document, variables.clone()).await;
        let mut before = answered.clone();
        for tokens in [&mut again, &mut before] {
            // Access tokens are made anew: they carry the instant of their making.
            if let Some(tokens) = tokens.pointer_mut("/acceptInvitation/tokens") {
                *tokens = Value::Null;
            }
        }
        assert_eq!(again, before, "{document}");
    }

    /// Everything that was answered is there.
    pub async fn everything_holds(&self) {
        for (fact, (selection, values)) in &self.held {
            let id = self.fact(fact);
            let selection = if selection.is_empty() { "id" } else { selection };
            let data = self.ask("ops", &format!("{{ node(id: {id}) {{ {selection} }} }}")).await;
            assert!(data["node"].is_object(), "{fact} is gone");
            for (name, value) in values.as_object().unwrap() {
                assert_eq!(&data["node"][name], value, "{fact}");
            }
        }
    }

    /// The kinds of the activities that the partner's score shows.
    pub async fn shown(&self) -> Vec<String> {
        let Some(id) = self.facts.get("partner") else { return Vec::new() };
        let document = format!(
            "{{ node(id: {id}) {{ ... on Partner {{ engagementScore {{ recentActivities(first: 50) {{ kind }} }} }} }} }}"
        );
        let data = self.ask("ops", &document).await;
        let activities = data["node"]["engagementScore"]["recentActivities"].as_array().cloned().unwrap_or_default();
        activities.iter().map(|activity| activity["kind"].as_str().unwrap().to_owned()).collect()
    }
}
