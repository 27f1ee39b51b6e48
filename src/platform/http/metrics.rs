//! Numbers for operators, in Prometheus' form; only on the listener for administration.

use actix_web::{HttpResponse, web};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::platform::telemetry::Stopwatch;

/// Upper bounds of the durations that are counted, in seconds.
const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// Begins to collect numbers in this process.
///
/// # Errors
/// A sentence when somebody collects them already.
pub fn install() -> Result<PrometheusHandle, String> {
    let builder = PrometheusBuilder::new().set_buckets(&SECONDS).map_err(|error| error.to_string())?;
    let handle = builder.install_recorder().map_err(|error| error.to_string())?;
    metrics::describe_counter!("http_requests_total", "Requests that were answered, by method, path and status.");
    metrics::describe_histogram!("http_request_duration_seconds", "How long requests took, by path.");
    metrics::describe_gauge!("websocket_connections", "WebSockets that are open.");
    Ok(handle)
}

/// Counts one request.
pub fn request(method: &str, path: &str, status: u16, watch: &Stopwatch) {
    let method = if matches!(method, "GET" | "POST" | "OPTIONS" | "HEAD") { method } else { "other" };
    let labels = [("method", method.to_owned()), ("path", path.to_owned()), ("status", status.to_string())];
    metrics::counter!("http_requests_total", &labels).increment(1);
    metrics::histogram!("http_request_duration_seconds", "path" => path.to_owned()).record(watch.seconds());
}

/// Shows the numbers.
pub async fn show(numbers: web::Data<PrometheusHandle>) -> HttpResponse {
    numbers.run_upkeep();
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(numbers.render())
}
