//! Asking as somebody. Failures report the caller's line.

use serde_json::{Value, json};

use super::TestApp;

/// Somebody who calls.
#[derive(Clone)]
pub struct Person<'a> {
    pub app: &'a TestApp,
    pub token: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub data: Value,
    pub errors: Value,
    /// Without what it cost, which tells of the requests before.
    pub body: Value,
    pub cost: Value,
}

impl Person<'_> {
    /// Asks, with a document and its variables.
    pub async fn ask(&self, document: &str, variables: Value) -> Answer {
        self.ask_with(document, variables, &[]).await
    }

    /// Asks with headers.
    pub async fn ask_with(&self, document: &str, variables: Value, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.app.client.post(format!("{}/graphql", self.app.address));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = match with_file(document, &variables) {
            None => request.json(&json!({ "query": document, "variables": variables })),
            Some(body) => request
                .header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"))
                .header("x-portal-csrf", "1")
                .body(body),
        };
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let mut body: Value = response.json().await.unwrap();
        let cost = take_cost(&mut body);
        self.check(document, &variables, &body).await;
        Answer { cost, status, data: body["data"].clone(), errors: body["errors"].clone(), body }
    }

    /// Asks, and returns what came over the wire.
    pub async fn send(&self, document: &str) -> reqwest::Response {
        let request = self.app.client.post(format!("{}/graphql", self.app.address));
        let request = self.token.iter().fold(request, |request, token| request.bearer_auth(token));
        request.json(&json!({ "query": document })).send().await.unwrap()
    }

    /// No answer to a partner's person contains the id of a row of another company, whatever the test is about.
    async fn check(&self, document: &str, variables: &Value, body: &Value) {
        let Some(token) = &self.token else { return };
        let (asked, answered) = (format!("{document} {variables}"), body.to_string());
        // Who signs in with this answer is somebody else from then on, whoever they were when they asked.
        let token =
            answered.split_once("\"accessToken\":\"").and_then(|(_, rest)| rest.split('"').next()).unwrap_or(token);
        let foreign = self.app.owners.foreign(&self.app.database.url, token, &asked, &answered).await;
        assert!(foreign.is_empty(), "{document} is answered with ids of another company, {foreign:?}: {body}");
    }

    /// Makes a mutation and expects that it was done; returns the payload.
    #[track_caller]
    pub fn done(&self, mutation: &str, input: Value, selection: &str) -> impl Future<Output = Value> {
        let line = std::panic::Location::caller();
        async move {
            let payload = self.payload(mutation, input, selection, line).await;
            assert_eq!(payload["userErrors"], json!([]), "{line}: {mutation} was refused");
            payload
        }
    }

    /// Makes a mutation and expects that it was refused; returns the codes.
    #[track_caller]
    pub fn refused(&self, mutation: &str, input: Value) -> impl Future<Output = Vec<String>> {
        let line = std::panic::Location::caller();
        async move {
            let payload = self.payload(mutation, input, "", line).await;
            let errors = payload["userErrors"].as_array().cloned().unwrap_or_default();
            assert!(!errors.is_empty(), "{line}: {mutation} was not refused");
            errors.iter().map(|error| error["code"].as_str().unwrap().to_owned()).collect()
        }
    }

    async fn payload(&self, mutation: &str, input: Value, selection: &str, line: &std::panic::Location<'_>) -> Value {
        let name = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
        let document = format!(
            "mutation($input: {name}!) {{ {mutation}(input: $input) {{ {selection} userErrors {{ code message field }} }} }}"
        );
        let answer = self.ask(&document, json!({ "input": input })).await;
        assert_eq!(answer.errors, Value::Null, "{line}: {mutation}");
        answer.data[mutation].clone()
    }
}

const BOUNDARY: &str = "between-the-parts";

/// The body of a request with a file, by the multipart request specification: where a variable is
/// `@file:NAME:CONTENT`. Nothing when none is.
fn with_file(document: &str, variables: &Value) -> Option<String> {
    fn take(value: &mut Value, path: &str, found: &mut Option<(String, String)>) {
        match value {
            Value::String(text) if text.starts_with("@file:") => {
                *found = Some((path.to_owned(), text["@file:".len()..].to_owned()));
                *value = Value::Null;
            }
            Value::Object(fields) => {
                fields.iter_mut().for_each(|(name, value)| take(value, &format!("{path}.{name}"), found));
            }
            _ => {}
        }
    }
    let (mut variables, mut found) = (variables.clone(), None);
    take(&mut variables, "variables", &mut found);
    let (path, file) = found?;
    let (name, content) = file.split_once(':').unwrap();
    let part = |head: &str, content: &str| {
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n{content}\r\n")
    };
    let operations = json!({ "query": document, "variables": variables }).to_string();
    Some(
        [
            part("name=\"operations\"", &operations),
            part("name=\"map\"", &json!({ "0": [path] }).to_string()),
            part(&format!("name=\"0\"; filename=\"{name}\""), content),
            format!("--{BOUNDARY}--\r\n"),
        ]
        .concat(),
    )
}

/// What an executed operation cost, taken out of its answer.
fn take_cost(body: &mut Value) -> Value {
    let Some(extensions) = body.get_mut("extensions").and_then(Value::as_object_mut) else { return Value::Null };
    let cost = extensions.remove("cost").unwrap_or_default();
    if extensions.is_empty() {
        body.as_object_mut().unwrap().remove("extensions");
    }
    cost
}
