//! Files that people send: where they lie, and how one that nobody keeps goes away again.
//!
//! A file is stored before the transaction that keeps it, and never in it: under a name of its own that says nothing, and
//! with a row that says that it is pending. The transaction that keeps it makes the row final; what is still pending after
//! an hour is deleted by a job, file and row; what the transaction refuses is deleted at once where that succeeds. So a crash,
//! wherever it comes, leaves neither a row without a file nor a file that nobody knows of.

pub mod content;
mod staging;
mod transport;

use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
    time::Duration,
};

use actix_web::web::Bytes;
use futures::stream::BoxStream;
use object_store::{
    ObjectStore, ObjectStoreExt as _, RetryConfig, aws::AmazonS3Builder, local::LocalFileSystem, memory::InMemory,
    path::Path as Place, prefix::PrefixStore,
};

pub use staging::{discard, keep, stage, sweep};
use transport::Patience;

use super::error::{AppError, AppResult};

/// How many bytes a file has at most.
pub const MOST_BYTES: usize = 10 * 1024 * 1024;

/// How long the object store is waited for. It gives a sign sooner than a request may take; a file of the greatest length
/// may take longer to arrive there over a slow line.
const PATIENCE: Patience = Patience { sign: Duration::from_secs(4), taking: Duration::from_mins(1) };

/// An S3-compatible object store.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// Below which prefix files lie; empty for none.
    pub prefix: String,
    /// Its address, where it is not Amazon's.
    pub endpoint: Option<String>,
    /// Its region.
    pub region: Option<String>,
    /// Who we are there: the id and the secret of a key. Without one, what the machine is given counts.
    pub key: Option<(String, String)>,
}

/// Where files lie.
#[derive(Clone, Debug)]
pub struct Files(Way);

#[derive(Clone, Debug)]
enum Way {
    /// A folder, made when the first file comes: a server that nobody sends a file to needs none.
    Folder(PathBuf, Arc<OnceLock<Arc<dyn ObjectStore>>>),
    Store(Arc<dyn ObjectStore>),
}

impl Files {
    /// In a folder. What was stored is on the disk.
    #[must_use]
    pub fn in_folder(folder: PathBuf) -> Self {
        Self(Way::Folder(folder, Arc::default()))
    }

    /// In a bucket. Nobody is asked yet.
    ///
    /// # Errors
    /// A sentence when the settings do not fit together.
    pub fn in_bucket(bucket: &Bucket) -> Result<Self, String> {
        // Asked once more at most, and not when the first time took long already.
        let retry = RetryConfig { max_retries: 1, retry_timeout: PATIENCE.sign, ..RetryConfig::default() };
        let mut builder = AmazonS3Builder::new().with_bucket_name(&bucket.name).with_retry(retry);
        // Not every store that speaks S3 knows how to delete many at once.
        builder = builder.with_disable_bulk_delete(true);
        if let Some(endpoint) = &bucket.endpoint {
            builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
        }
        builder = builder.with_http_connector(transport::Connector { patience: PATIENCE });
        builder = builder.with_region(bucket.region.as_deref().unwrap_or("us-east-1"));
        if let Some((id, secret)) = &bucket.key {
            builder = builder.with_access_key_id(id).with_secret_access_key(secret);
        }
        let store = builder.build().map_err(|error| error.to_string())?;
        let store: Arc<dyn ObjectStore> = if bucket.prefix.is_empty() {
            Arc::new(store)
        } else {
            Arc::new(PrefixStore::new(store, bucket.prefix.as_str()))
        };
        Ok(Self(Way::Store(store)))
    }

    /// In memory: for commands that have nothing to do with files.
    #[must_use]
    pub fn in_memory() -> Self {
        Self(Way::Store(Arc::new(InMemory::new())))
    }

    fn store(&self) -> AppResult<Arc<dyn ObjectStore>> {
        let (folder, opened) = match &self.0 {
            Way::Store(store) => return Ok(Arc::clone(store)),
            Way::Folder(folder, opened) => (folder, opened),
        };
        if let Some(store) = opened.get() {
            return Ok(Arc::clone(store));
        }
        std::fs::create_dir_all(folder).map_err(|error| AppError::unavailable(error.to_string()))?;
        let store = LocalFileSystem::new_with_prefix(folder).map_err(away)?.with_fsync(true);
        Ok(Arc::clone(opened.get_or_init(|| Arc::new(store))))
    }

    /// Stores a file: when this returns, it is there.
    ///
    /// # Errors
    /// `Unavailable` when it cannot be stored now.
    pub async fn put(&self, key: &str, bytes: Bytes) -> AppResult<()> {
        self.store()?.put(&Place::from(key), bytes.into()).await.map(drop).map_err(away)
    }

    /// A file as it is read.
    ///
    /// # Errors
    /// `Unavailable` when it cannot be read now.
    pub async fn read(&self, key: &str) -> AppResult<BoxStream<'static, object_store::Result<Bytes>>> {
        Ok(self.store()?.get(&Place::from(key)).await.map_err(away)?.into_stream())
    }

    /// Deletes a file; one that is not there is as good as deleted.
    ///
    /// # Errors
    /// `Unavailable` when it cannot be deleted now.
    pub async fn delete(&self, key: &str) -> AppResult<()> {
        match self.store()?.delete(&Place::from(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(away(error)),
        }
    }
}

fn away(error: object_store::Error) -> AppError {
    AppError::unavailable(format!("files cannot be reached: {error}"))
}
