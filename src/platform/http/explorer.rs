//! A page to try queries on, for development: nothing of it comes from elsewhere.

use actix_web::{HttpResponse, http::header};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

const STYLE: &str = include_str!("explorer.css");
const SCRIPT: &str = include_str!("explorer.js");

/// The page. Its own style and script are the only ones that may run on it.
pub fn page() -> HttpResponse {
    let digest = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    let policy = format!(
        "default-src 'none'; connect-src 'self'; style-src {}; script-src {}; frame-ancestors 'none'; base-uri 'none'; \
         form-action 'none'",
        digest(STYLE),
        digest(SCRIPT)
    );
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Partner portal API</title>\
         <style>{STYLE}</style><main><label>Access token (empty for nobody)<input id=\"token\" autocomplete=\"off\">\
         </label><label>Query<textarea id=\"query\" rows=\"14\" spellcheck=\"false\">{{ __typename }}</textarea></label>\
         <label>Variables<textarea id=\"variables\" rows=\"5\" spellcheck=\"false\">{{}}</textarea></label>\
         <button id=\"run\">Run</button><pre id=\"answer\"></pre></main><script>{SCRIPT}</script></html>"
    );
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .body(page)
}
