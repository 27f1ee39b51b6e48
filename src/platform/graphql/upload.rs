//! Files in mutations, by the GraphQL multipart request specification.
//!
//! In the variables stands a mark in the place of each file: which of the request's files it is, and the hash of its
//! content, so that an idempotency key is of the file too. The file itself is beside the operation.

use std::sync::Arc;

use actix_web::web::Bytes;
use async_graphql::{Context, InputValueError, InputValueResult, Scalar, ScalarType, Value};
use sha2::{Digest as _, Sha256};

use crate::{
    kernel::{code::Code, hex},
    platform::error::{AppError, AppResult},
};

/// What a mark begins with.
const MARK: &str = "#file:";

/// A file of a request.
#[derive(Clone, Debug)]
pub struct Sent {
    /// What its sender calls it.
    pub name: String,
    /// Its content.
    pub bytes: Bytes,
    /// SHA-256 of its content.
    pub sha256: Vec<u8>,
}

impl Sent {
    /// A file with its hash.
    #[must_use]
    pub fn new(name: String, bytes: Bytes) -> Self {
        let sha256 = Sha256::digest(&bytes).to_vec();
        Self { name, bytes, sha256 }
    }
}

/// The files of a request.
#[derive(Clone, Debug, Default)]
pub struct Uploads(Arc<Vec<Sent>>);

impl Uploads {
    /// These.
    #[must_use]
    pub fn new(files: Vec<Sent>) -> Self {
        Self(Arc::new(files))
    }

    /// Those of this request.
    #[must_use]
    pub fn of(gql: &Context<'_>) -> Self {
        gql.data_opt::<Self>().cloned().unwrap_or_default()
    }

    /// The mark of the file at a place.
    #[must_use]
    pub fn mark(&self, place: usize) -> Value {
        let sha256 = self.0.get(place).map(|file| hex::encode(&file.sha256)).unwrap_or_default();
        Value::String(format!("{MARK}{place}:{sha256}"))
    }

    /// The file that a variable stands for.
    ///
    /// # Errors
    /// `MALFORMED`, naming the field, when the request was sent without it.
    pub fn file(&self, upload: &Upload, field: &str) -> AppResult<Sent> {
        let found = self.0.get(upload.place).filter(|file| hex::encode(&file.sha256) == upload.sha256);
        found.cloned().ok_or_else(|| AppError::invalid(field, Code::Malformed, HOW))
    }
}

const HOW: &str = "A file is sent by the GraphQL multipart request specification: as `multipart/form-data`, with null in \
                   its place in the variables.";

/// A file of this request, as it stands in the variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    place: usize,
    sha256: String,
}

#[Scalar]
/// A file of this request. Send the request as `multipart/form-data` by the GraphQL multipart request specification, with
/// null in the file's place in the variables.
impl ScalarType for Upload {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else { return Err(InputValueError::custom(HOW)) };
        let parts = text.strip_prefix(MARK).and_then(|rest| rest.split_once(':'));
        let read =
            parts.and_then(|(place, sha256)| Some(Self { place: place.parse().ok()?, sha256: sha256.to_owned() }));
        read.ok_or_else(|| InputValueError::custom(HOW))
    }

    fn to_value(&self) -> Value {
        // Which of a request's files it is may differ when it is sent again; what it is may not.
        Value::String(format!("{MARK}{}", self.sha256))
    }
}
