//! Requests with a file, by the GraphQL multipart request specification: `operations`, `map`, then the file.
//!
//! A browser sends `multipart/form-data` to any address without asking first. So a header is wanted that makes it ask,
//! and a caller who is somebody: only then is the body read at all.

use std::{collections::HashMap, time::Duration};

use actix_web::{
    HttpRequest,
    http::{StatusCode, header},
    web::{Bytes, Payload},
};
use async_graphql::{Value, Variables};
use futures::stream;
use multer::Multipart;

use super::{
    answer::Refused,
    body,
    request::{self, Asked},
    server::App,
    settings::Settings,
};
use crate::platform::{
    auth::Caller,
    files,
    graphql::upload::{Sent, Uploads},
};

/// Headers that make a browser ask first. One of them is wanted.
const PREFLIGHT: &[&str] = &["x-portal-csrf", "graphql-preflight", "apollo-require-preflight"];

/// What `map` and the frame of the parts take at most.
const FRAME: usize = 64 * 1024;

/// How long a body with a file may take to arrive.
const TIME: Duration = Duration::from_mins(1);

fn bad(message: &str) -> Refused {
    Refused::new(StatusCode::BAD_REQUEST, message)
}

/// Whether a request is announced as one with files.
#[must_use]
pub fn is(http: &HttpRequest) -> bool {
    let announced = http.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    announced.split(';').next().is_some_and(|media| media.trim().eq_ignore_ascii_case("multipart/form-data"))
}

/// Whether the request may bring a file at all.
///
/// # Errors
/// 415 without a header that makes browsers ask, 401 for nobody.
pub fn may_bring(http: &HttpRequest, caller: &Caller) -> Result<(), Refused> {
    if !PREFLIGHT.iter().any(|name| http.headers().contains_key(*name)) {
        let message = "A request with a file has the header `X-Portal-Csrf: 1` (or `GraphQL-Preflight`, \
                       `Apollo-Require-Preflight`), so that browsers ask before they send it for another site.";
        return Err(Refused::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
    }
    match caller {
        Caller::Anonymous => Err(crate::platform::error::AppError::Unauthenticated.into()),
        Caller::User(_) | Caller::Client(_) | Caller::System => Ok(()),
    }
}

/// The operation and its file.
///
/// # Errors
/// 400 when it is not as the specification says, 408, 413.
pub async fn read(app: &App, http: &HttpRequest, payload: Payload) -> Result<(Asked, Uploads), Refused> {
    let announced = http.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let Ok(boundary) = multer::parse_boundary(announced) else {
        body::abandon(payload);
        return Err(bad("The header `Content-Type: multipart/form-data` has a boundary.").closing());
    };
    let most = app.settings.body_bytes.saturating_add(files::MOST_BYTES).saturating_add(FRAME);
    let settings = Settings { body_bytes: most, body_time: TIME, ..Settings::default() };
    let bytes = body::read(http, payload, &settings).await?;
    let parts = parts(bytes, boundary, app.settings.body_bytes).await?;
    let uploads = Uploads::new(parts.files.iter().map(|(_, file)| file.clone()).collect());
    let mut asked = request::from_body(&parts.operations)?;
    let mut variables = asked.variables.take().map(|given| given.0).unwrap_or_default();
    let mut named = 0_usize;
    for (place, (name, _)) in parts.files.iter().enumerate() {
        let paths = parts.map.get(name).filter(|paths| !paths.is_empty());
        let paths = paths.ok_or_else(|| bad("`map` says of each file where in the variables it belongs."))?;
        named = named.saturating_add(1);
        for path in paths {
            put(&mut variables, path, &uploads.mark(place))
                .ok_or_else(|| bad("`map` leads to a place in the variables where null stands for the file."))?;
        }
    }
    if named != parts.map.len() {
        return Err(bad("`map` names a file that was not sent."));
    }
    asked.variables = Some(super::variables::Distinct(variables));
    Ok((asked, uploads))
}

struct Parts {
    operations: Bytes,
    map: HashMap<String, Vec<String>>,
    files: Vec<(String, Sent)>,
}

/// Reads the parts in the order of the specification.
async fn parts(bytes: Bytes, boundary: String, most_json: usize) -> Result<Parts, Refused> {
    let broken = |_| bad("The body is no `multipart/form-data`.");
    let mut parts = Multipart::new(stream::iter([Ok::<_, std::convert::Infallible>(bytes)]), boundary);
    let (mut operations, mut map, mut files) = (None, None, Vec::new());
    while let Some(part) = parts.next_field().await.map_err(broken)? {
        let name = part.name().unwrap_or_default().to_owned();
        let file_name = part.file_name().map(str::to_owned);
        let content = part.bytes().await.map_err(broken)?;
        match (name.as_str(), &operations, &map) {
            ("operations", None, None) if content.len() <= most_json => operations = Some(content),
            ("map", Some(_), None) if content.len() <= FRAME => {
                let read = serde_json::from_slice(&content);
                map = Some(read.map_err(|_| bad("`map` is a JSON object of lists of paths."))?);
            }
            ("operations" | "map", ..) | (_, None, _) | (_, _, None) => {
                return Err(bad("The parts are `operations`, `map` and then the file, each once and not too long."));
            }
            (_, Some(_), Some(_)) => {
                if !files.is_empty() {
                    return Err(bad("A request brings one file at most. Send the others by themselves."));
                }
                if content.len() > files::MOST_BYTES {
                    let message = format!("A file has at most {} bytes.", files::MOST_BYTES);
                    return Err(Refused::new(StatusCode::PAYLOAD_TOO_LARGE, message));
                }
                files.push((name, Sent::new(file_name.unwrap_or_default(), content)));
            }
        }
    }
    match (operations, map) {
        (Some(operations), Some(map)) => Ok(Parts { operations, map, files }),
        _ => Err(bad("The parts `operations` and `map` are missing.")),
    }
}

/// Puts a mark where null stands for a file. Nothing when there is no such place.
fn put(variables: &mut Variables, path: &str, mark: &Value) -> Option<()> {
    let mut steps = path.split('.');
    if steps.next() != Some("variables") {
        return None;
    }
    let mut place = variables.get_mut(steps.next()?)?;
    for step in steps {
        place = match place {
            Value::Object(fields) => fields.get_mut(step)?,
            Value::List(items) => items.get_mut(step.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    if *place != Value::Null {
        return None;
    }
    *place = mark.clone();
    Some(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn marks_are_put_where_null_is_and_nowhere_else() {
        let given = || Variables::from_json(json!({ "a": null, "b": { "c": [1, null] }, "d": "text" }));
        let mark = Value::String("mark".to_owned());
        for (path, put_there) in [
            ("variables.a", true),
            ("variables.b.c.1", true),
            ("variables.b.c.0", false),
            ("variables.b.c.2", false),
            ("variables.b.c.x", false),
            ("variables.d", false),
            ("variables.e", false),
            ("variables", false),
            ("a", false),
            ("", false),
            ("variables.a.b", false),
        ] {
            assert_eq!(put(&mut given(), path, &mark).is_some(), put_there, "{path}");
        }
    }

    async fn read(text: &str) -> Result<Parts, Refused> {
        parts(Bytes::from(text.replace('\n', "\r\n")), "X".to_owned(), 100).await
    }

    #[actix_web::test]
    async fn parts_come_in_their_order_each_once() {
        let part =
            |name: &str, content: &str| format!("--X\nContent-Disposition: form-data; name=\"{name}\"\n\n{content}\n");
        let file = "--X\nContent-Disposition: form-data; name=\"0\"; filename=\"../a.txt\"\n\nhello\n";
        let (operations, map) = (part("operations", "{}"), part("map", r#"{"0":["variables.a"]}"#));
        let good = read(&format!("{operations}{map}{file}--X--\n")).await.unwrap_or_else(|_| panic!("refused"));
        assert_eq!((good.files[0].1.name.as_str(), &good.files[0].1.bytes[..]), ("../a.txt", &b"hello"[..]));
        for wrong in [
            format!("{map}{operations}{file}--X--\n"),
            format!("{operations}{file}{map}--X--\n"),
            format!("{operations}{operations}{map}{file}--X--\n"),
            format!("{operations}{map}{file}{file}--X--\n"),
            format!("{operations}{map}{file}"),
            format!("{}{map}{file}--X--\n", part("operations", &"x".repeat(101))),
            format!("{operations}{}{file}--X--\n", part("map", "[]")),
            "nonsense".to_owned(),
            String::new(),
        ] {
            assert!(read(&wrong).await.is_err(), "{wrong}");
        }
    }
}
