//! Work beside the requests: named jobs, each run again after its pause, until the process stops.
//!
//! Every replica runs every job. A job therefore claims what it does by a conditional update, or does what may be done
//! twice; and what it does in one run is little, so that a stop does not wait long.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures::{FutureExt as _, future::BoxFuture};
use tokio::{sync::watch, task::JoinSet};

use super::{call::Services, error::AppResult};

/// How long a stop waits for the jobs that are running.
const DRAIN: Duration = Duration::from_secs(15);

/// What a job does when its time has come.
type Work = Arc<dyn Fn(Arc<Services>) -> BoxFuture<'static, AppResult<()>> + Send + Sync>;

/// One job.
#[derive(Clone)]
pub struct Job {
    name: &'static str,
    pause: Duration,
    work: Work,
}

impl Job {
    /// A job that does `work`, and again a `pause` later.
    pub fn new<F, Fut>(name: &'static str, pause: Duration, work: F) -> Self
    where
        F: Fn(Arc<Services>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = AppResult<()>> + Send + 'static,
    {
        Self { name, pause, work: Arc::new(move |services| Box::pin(work(services))) }
    }
}

/// Jobs that are running.
pub struct Runner {
    stop: watch::Sender<bool>,
    running: JoinSet<()>,
}

impl Runner {
    /// Starts the jobs.
    #[must_use]
    pub fn start(services: &Arc<Services>, jobs: Vec<Job>) -> Self {
        let (stop, stopping) = watch::channel(false);
        let mut running = JoinSet::new();
        for job in jobs {
            tracing::info!(job = job.name, every_seconds = job.pause.as_secs_f64(), "a job is started");
            running.spawn(run(job, Arc::clone(services), stopping.clone()));
        }
        Self { stop, running }
    }

    /// Starts nothing new, and waits a while for what is running. What is cut off then is done later: a job's claims
    /// run out.
    pub async fn stop(mut self) {
        // Nobody listening any more is as good as everybody having stopped.
        let _told = self.stop.send(true);
        let ended = tokio::time::timeout(DRAIN, async { while self.running.join_next().await.is_some() {} }).await;
        if ended.is_err() {
            tracing::warn!("a job did not end in time and is cut off");
        }
    }
}

async fn run(job: Job, services: Arc<Services>, mut stopping: watch::Receiver<bool>) {
    while !*stopping.borrow() {
        // One run that fails is one run: the next may not.
        match AssertUnwindSafe((job.work)(Arc::clone(&services))).catch_unwind().await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(job = job.name, ?error, "a job failed and is tried again"),
            Err(_) => tracing::error!(job = job.name, "a job panicked and is tried again"),
        }
        tokio::select! {
            () = tokio::time::sleep(job.pause) => {}
            _ = stopping.changed() => {}
        }
    }
}
