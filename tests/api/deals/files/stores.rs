//! Where files lie: a folder that replicas share or a bucket, and what nobody needs is swept out.

use std::{
    collections::HashMap,
    net::TcpListener,
    sync::{Arc, Mutex},
};

use actix_web::{App as ActixApp, HttpRequest, HttpResponse, HttpServer, web};
use chrono::TimeDelta;
use futures::TryStreamExt as _;
use partner_portal::platform::{
    auth::remembered::Remembered,
    call::{Call, Services},
    files::{self, Bucket, Files},
    ids::SystemIds,
    news::News,
    rates::Rates,
};

use crate::support::TestApp;

#[tokio::test]
async fn a_file_that_cannot_be_deleted_blocks_no_other() {
    let app = TestApp::start().await;
    let folder = tempfile::tempdir().unwrap();
    let services = &app.services;
    let services = Arc::new(Services {
        files: Files::in_folder(folder.path().to_owned()),
        news: News::new(&services.db, &SystemIds),
        db: services.db.clone(),
        clock: services.clock.clone(),
        ids: services.ids.clone(),
        passwords: services.passwords.clone(),
        tokens: services.tokens.clone(),
        remembered: Remembered::default(),
        sign_on: None,
        rates: Rates::default(),
        reactions: services.reactions.clone(),
    });
    let call = Call::system(services.clone(), "test");
    let stuck = folder.path().join(files::stage(&call, web::Bytes::from_static(b"x")).await.unwrap());
    std::fs::remove_file(&stuck).unwrap();
    std::fs::create_dir(&stuck).unwrap();
    app.advance(TimeDelta::seconds(1));
    // More than one look finds.
    for _ in 0..101 {
        files::stage(&call, web::Bytes::from_static(b"y")).await.unwrap();
    }
    app.advance(TimeDelta::minutes(61));
    assert_eq!(files::sweep(&services).await.unwrap(), 101);
    assert_eq!(app.rows(&["stored_files"]).await[0].1, 1);
    std::fs::remove_dir(&stuck).unwrap();
    assert_eq!(files::sweep(&services).await.unwrap(), 1);
    assert_eq!(app.rows(&["stored_files"]).await[0].1, 0);
}

#[test]
fn replicas_in_containers_share_one_folder_of_files() {
    let (compose, image) = (include_str!("../../../../compose.yaml"), include_str!("../../../../Dockerfile"));
    let (services, volumes) = compose.split_once("\nvolumes:\n").unwrap();
    assert!(services.contains("PARTNER_PORTAL_FILES: folder:/files\n"));
    assert!(services.contains("volumes: [\"files:/files\"]") && volumes.contains("  files:\n"));
    assert!(image.contains("--chown=10001:10001 /files /files\n"));
}

/// What an object store has, by path; and the calls that it was asked with.
type Kept = web::Data<Mutex<(HashMap<String, web::Bytes>, Vec<String>)>>;

async fn object(kept: Kept, http: HttpRequest, body: web::Bytes) -> HttpResponse {
    let signed = http
        .headers()
        .get("authorization")
        .is_some_and(|it| it.to_str().unwrap().starts_with("AWS4-HMAC-SHA256 Credential=id/"));
    if !signed {
        return HttpResponse::Forbidden().finish();
    }
    let mut kept = kept.lock().unwrap();
    kept.1.push(http.method().to_string());
    let path = http.path().to_owned();
    match http.method().as_str() {
        "PUT" => {
            kept.0.insert(path, body);
            HttpResponse::Ok().insert_header(("etag", "\"1\"")).finish()
        }
        "GET" => match kept.0.get(&path) {
            Some(bytes) => {
                let headers = [("etag", "\"1\""), ("last-modified", "Mon, 02 Mar 2026 09:00:00 GMT")];
                headers
                    .into_iter()
                    .fold(&mut HttpResponse::Ok(), |it, header| it.insert_header(header))
                    .body(bytes.clone())
            }
            None => HttpResponse::NotFound().finish(),
        },
        _ => {
            kept.0.remove(&path);
            HttpResponse::NoContent().finish()
        }
    }
}

async fn goes_and_comes(files: &Files) {
    let bytes = web::Bytes::from_static(b"what was said");
    files.put("ab/name", bytes.clone()).await.unwrap();
    let read: Vec<web::Bytes> = files.read("ab/name").await.unwrap().try_collect().await.unwrap();
    assert_eq!(read.concat(), bytes);
    files.delete("ab/name").await.unwrap();
    files.delete("ab/name").await.unwrap();
    assert!(files.read("ab/name").await.is_err());
}

#[tokio::test]
async fn files_lie_in_a_folder_or_in_a_bucket_that_speaks_s3() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("made/when/needed");
    let files = Files::in_folder(inner.clone());
    assert!(!inner.exists());
    goes_and_comes(&files).await;
    files.put("cd/name", web::Bytes::from_static(b"x")).await.unwrap();
    assert_eq!(std::fs::read(inner.join("cd/name")).unwrap(), b"x");

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let kept: Kept = web::Data::new(Mutex::default());
    let served = Arc::new(kept.clone());
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let server =
                HttpServer::new(move || ActixApp::new().app_data((*served).clone()).default_service(web::to(object)));
            server.workers(1).disable_signals().listen(listener).unwrap().run().await.unwrap();
        });
    });
    let bucket = Bucket {
        name: "proofs".to_owned(),
        prefix: "portal/files".to_owned(),
        endpoint: Some(endpoint),
        region: None,
        key: Some(("id".to_owned(), "secret".to_owned())),
    };
    let files = Files::in_bucket(&bucket).unwrap();
    goes_and_comes(&files).await;
    files.put("cd/name", web::Bytes::from_static(b"x")).await.unwrap();
    let paths: Vec<String> = kept.lock().unwrap().0.keys().cloned().collect();
    assert_eq!(paths, ["/proofs/portal/files/cd/name"]);
    let stranger =
        Files::in_bucket(&Bucket { key: Some(("other".to_owned(), "secret".to_owned())), ..bucket }).unwrap();
    assert!(stranger.read("cd/name").await.is_err());
}
