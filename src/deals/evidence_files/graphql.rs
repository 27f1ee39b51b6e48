//! Files that prove evidence, in the API.

use std::collections::HashMap;

use async_graphql::{Context, ID, InputObject, Object, dataloader::Loader};
use entity::value::{EvidenceFileId, EvidenceId, Timestamp};

use super::{
    model::{self, Attach},
    service,
};
use crate::{
    payload,
    people::users::graphql::User,
    platform::{
        call::Call,
        error::{AppError, AppResult},
        graphql::{
            GqlContext as _, loaders,
            mutation::{MutationInput, mutate},
            parse,
            upload::{Upload, Uploads},
        },
    },
};

/// A file that proves an item of evidence.
pub struct EvidenceFile(pub model::EvidenceFile);

/// A file that proves an item of evidence.
#[Object]
impl EvidenceFile {
    /// The global id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// What its sender called it. It says nothing of what it is.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it is, by its content, such as `application/pdf`.
    async fn media_type(&self) -> &str {
        &self.0.media_type
    }

    /// How many bytes it has.
    async fn size_bytes(&self) -> i64 {
        self.0.size_bytes
    }

    /// SHA-256 of its content, in lower-case hexadecimal.
    async fn sha256(&self) -> &str {
        &self.0.sha256
    }

    /// When it was added.
    async fn added_at(&self) -> Timestamp {
        self.0.added_at
    }

    /// Who added it; null when you may not see people.
    async fn added_by(&self, gql: &Context<'_>) -> Option<AppResult<User>> {
        User::load(gql, self.0.added_by?).await.transpose()
    }

    /// Where it is read: a path below the address of this API, with a signature that works for five minutes, for whoever
    /// has it. Ask anew for each reading.
    async fn download_path(&self, gql: &Context<'_>) -> String {
        service::link(gql.call(), self.0.id)
    }
}

/// Loads files for the caller.
pub struct FileLoader(Call);

impl Loader<EvidenceFileId> for FileLoader {
    type Value = model::EvidenceFile;
    type Error = AppError;

    async fn load(&self, ids: &[EvidenceFileId]) -> AppResult<HashMap<EvidenceFileId, model::EvidenceFile>> {
        Ok(service::find_many(&self.0, ids).await?.into_iter().map(|file| (file.id, file)).collect())
    }
}

struct OfEvidence(Call);

impl Loader<EvidenceId> for OfEvidence {
    type Value = Vec<model::EvidenceFile>;
    type Error = AppError;

    async fn load(&self, ids: &[EvidenceId]) -> AppResult<HashMap<EvidenceId, Vec<model::EvidenceFile>>> {
        let mut files: HashMap<_, Vec<_>> = HashMap::new();
        for file in service::of_evidence(&self.0, ids).await? {
            files.entry(file.evidence_id).or_default().push(file);
        }
        Ok(files)
    }
}

impl EvidenceFile {
    /// The file of an id; none when it does not exist for the caller.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn load(gql: &Context<'_>, id: EvidenceFileId) -> AppResult<Option<Self>> {
        Ok(loaders::loader(gql, FileLoader).load_one(id).await?.map(Self))
    }

    /// The files of an item of evidence, loaded together with those of its siblings.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn load_of(gql: &Context<'_>, id: EvidenceId) -> AppResult<Vec<Self>> {
        let files = loaders::loader(gql, OfEvidence).load_one(id).await?.unwrap_or_default();
        Ok(files.into_iter().map(Self).collect())
    }
}

/// Adds a file to an item of evidence.
#[derive(Clone, InputObject)]
pub struct AttachEvidenceFileInput {
    /// The item of evidence.
    evidence_id: ID,
    /// The file: at most 10 MiB. PDF, PNG, JPEG, WebP, Word, Excel, PowerPoint (docx, xlsx, pptx), e-mail (eml) and plain
    /// text, known by their content.
    file: Upload,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for AttachEvidenceFileInput {
    type Command = Attach;
    const OPERATION: &'static str = "attachEvidenceFile";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Attach> {
        Ok(Attach { evidence_id: parse::id(&self.evidence_id, "evidenceId")?, file: self.file })
    }
}

payload! {
    /// The file is kept.
    AttachEvidenceFilePayload from model::EvidenceFile as file {
        /// The file.
        evidence_file: EvidenceFile = EvidenceFile(file)
    }
}

/// Mutations of files.
#[derive(Default)]
pub struct EvidenceFileMutation;

#[Object]
impl EvidenceFileMutation {
    /// Adds a file that proves an item of your evidence. Sent by the GraphQL multipart request specification, one file a
    /// request, with the header `X-Portal-Csrf: 1`.
    async fn attach_evidence_file(
        &self,
        gql: &Context<'_>,
        input: AttachEvidenceFileInput,
    ) -> AppResult<AttachEvidenceFilePayload> {
        let uploads = Uploads::of(gql);
        mutate(gql, input, |call, command| service::attach(call, command, uploads.clone())).await
    }
}
