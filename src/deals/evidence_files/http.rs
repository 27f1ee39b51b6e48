//! Where files are read: `/files/{id}` with a signature that lasts minutes.
//!
//! Whatever is wrong with a link, it is not found, in the same bytes. A file is sent as something to be saved, never to be
//! shown: with its type by content, and with nothing allowed to whoever shows it all the same.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web,
};
use entity::value::EvidenceFileId;
use serde::Deserialize;

use super::{model::EvidenceFile, service};
use crate::{
    kernel::hex,
    platform::{
        error::{AppError, AppResult},
        files::content,
        http::{beside, server::App},
    },
};

/// What stands behind the question mark.
#[derive(Deserialize)]
struct Signed {
    expires: Option<i64>,
    signature: Option<String>,
}

/// Adds the address of files.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/files/{id}", web::get().to(show));
}

async fn show(
    app: web::Data<App>,
    http: HttpRequest,
    id: web::Path<String>,
    signed: Option<web::Query<Signed>>,
) -> HttpResponse {
    match found(&app, &http, &id, signed.map(web::Query::into_inner)).await {
        Ok(Some(response)) => response,
        Ok(None) => plain(StatusCode::NOT_FOUND, "There is no such file, or the link has run out. Ask for a new one."),
        Err(error) => {
            tracing::error!(?error, "a file cannot be read");
            plain(StatusCode::SERVICE_UNAVAILABLE, "Files cannot be read at the moment. Try again.")
        }
    }
}

fn plain(status: StatusCode, sentence: &'static str) -> HttpResponse {
    HttpResponse::build(status).content_type("text/plain; charset=utf-8").body(sentence)
}

async fn found(app: &App, http: &HttpRequest, id: &str, signed: Option<Signed>) -> AppResult<Option<HttpResponse>> {
    let (Ok(id), Some(Signed { expires: Some(expires), signature: Some(signature) })) =
        (id.parse::<EvidenceFileId>(), signed)
    else {
        return Ok(None);
    };
    let Some(signature) = hex::decode(&signature) else { return Ok(None) };
    let call = beside::call(app, http);
    let Some(file) = service::by_link(&call, id, expires, &signature).await? else { return Ok(None) };
    let bytes = call.services.files.read(&file.storage_key).await?;
    let length = u64::try_from(file.size_bytes).map_err(|_| AppError::internal("a file of less than nothing"))?;
    let mut response = HttpResponse::Ok();
    response
        .content_type(file.media_type.as_str())
        .insert_header((header::CONTENT_DISPOSITION, disposition(&file)))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'; sandbox"))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .no_chunking(length);
    Ok(Some(response.streaming(bytes)))
}

/// To be saved, under its name with an ending of its type: in ASCII for who reads no other, and whole (RFC 6266).
fn disposition(file: &EvidenceFile) -> String {
    let name = content::saved_as(&file.name, &file.media_type);
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ') { c } else { '_' })
        .collect();
    let whole: String = name
        .bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect();
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{whole}")
}
