//! Use cases of files that prove evidence.

use aws_lc_rs::constant_time;
use entity::value::{EvidenceFileId, EvidenceId, PartnerId, RegistrationId, TypedId as _};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::{
    model::{Attach, EvidenceFile, LINK_SECONDS, MOST_BYTES_OF_PARTNER, MOST_FILES, name_of},
    store,
};
use crate::{
    deals::registrations::{self, model::DealRegistrationAction},
    kernel::{code::Code, hex},
    platform::{
        audit,
        auth::{Scope, policy::Action},
        call::Call,
        error::{AppError, AppResult},
        files::{self, content},
        graphql::upload::{Sent, Uploads},
        idempotency,
    },
};

/// Adds a file to an item of evidence. It is stored before the transaction, and kept by it. What can be known before
/// is looked at before, so that what is refused takes no room; the transaction has the last word.
///
/// # Errors
/// `NOT_FOUND`, `WRONG_STATE`, `MALFORMED` for a file that is none or of a type that is not taken, `TOO_LONG` for one
/// too many, or for more than the partner's files may have; `Unavailable` when files cannot be stored now.
pub async fn attach(call: Call, command: Attach, uploads: Uploads) -> AppResult<EvidenceFile> {
    call.may(Action::UpdateRegistration)?;
    let missing = || AppError::not_found("evidenceId");
    // Nothing is stored for who may not add it.
    let registration_id =
        registrations::of_evidence(&call.reader(), call.scope(), command.evidence_id).await?.ok_or_else(missing)?;
    let sent = uploads.file(&command.file, "file")?;
    let media_type = checked(&sent)?;
    if let Some(answered) = idempotency::answered(&call).await? {
        return Ok(answered);
    }
    let size_bytes = i64::try_from(sent.bytes.len()).unwrap_or(i64::MAX);
    may_be_added(&call, registration_id, command.evidence_id, size_bytes).await?;
    let storage_key = files::stage(&call, sent.bytes.clone()).await?;
    let kept = call
        .once(async |txn| {
            let registration = registrations::hold_to_add_evidence(txn, &call, registration_id).await?;
            has_room(txn, registration.partner_id, command.evidence_id, size_bytes).await?;
            let file = EvidenceFile {
                id: call.new_id(),
                evidence_id: command.evidence_id,
                registration_id,
                partner_id: registration.partner_id,
                name: name_of(&sent.name),
                media_type: media_type.to_owned(),
                size_bytes,
                sha256: hex::encode(&sent.sha256),
                storage_key: storage_key.clone(),
                added_at: call.now(),
                added_by: call.responsible(),
            };
            files::keep(txn, &storage_key).await?;
            store::insert(txn, &file).await?;
            record(txn, &call, &file).await?;
            call.tell(registration_id.to_string());
            Ok(file)
        })
        .await;
    let is_waste = match &kept {
        // The same request was answered meanwhile, with the file that came with it.
        Ok(file) => file.storage_key != storage_key,
        // Nobody would take the order to delete it either.
        Err(AppError::Unavailable(_)) => false,
        Err(_) => true,
    };
    if is_waste {
        files::discard(&call.services, &storage_key).await;
    }
    kept
}

/// Whether the transaction would take a file, as far as the caller can see it.
async fn may_be_added(call: &Call, id: RegistrationId, evidence_id: EvidenceId, size_bytes: i64) -> AppResult<()> {
    let Some(registration) = registrations::find(call, id).await? else { return Ok(()) };
    registration.require(DealRegistrationAction::AddEvidence)?;
    has_room(&call.reader(), registration.partner_id, evidence_id, size_bytes).await
}

/// Whether an item of evidence takes one more file, and its partner's files so many more bytes. Several that are sent
/// to different registrations at once may go beyond it by what they have.
async fn has_room(
    db: &impl ConnectionTrait,
    partner_id: PartnerId,
    evidence_id: EvidenceId,
    size_bytes: i64,
) -> AppResult<()> {
    if store::count(db, evidence_id).await? >= MOST_FILES {
        let sentence = format!("An item of evidence has at most {MOST_FILES} files. Add another item for more.");
        return Err(AppError::invalid("evidenceId", Code::TooLong, sentence));
    }
    if store::bytes_of(db, partner_id).await?.saturating_add(size_bytes) > MOST_BYTES_OF_PARTNER {
        let sentence = format!(
            "All files of a company have at most {MOST_BYTES_OF_PARTNER} bytes together. Send a smaller one, or ask \
             the vendor's channel operations."
        );
        return Err(AppError::invalid("file", Code::TooLong, sentence));
    }
    Ok(())
}

/// Records that a file was added.
async fn record(txn: &DatabaseTransaction, call: &Call, file: &EvidenceFile) -> AppResult<()> {
    let audited = file.audited();
    let change = audit::Change {
        action: Action::UpdateRegistration,
        object_id: file.registration_id.to_string(),
        partner_id: Some(file.partner_id),
        before: None::<&()>,
        after: Some(&audited),
    };
    audit::record(txn, call, change).await
}

/// What a file is, if it may be taken.
fn checked(sent: &Sent) -> AppResult<&'static str> {
    if sent.bytes.is_empty() {
        return Err(AppError::invalid("file", Code::Required, "The file is empty."));
    }
    if sent.bytes.len() > files::MOST_BYTES {
        let sentence = format!("A file has at most {} bytes.", files::MOST_BYTES);
        return Err(AppError::invalid("file", Code::TooLong, sentence));
    }
    content::media_type(&sent.bytes).ok_or_else(|| {
        let sentence =
            format!("Files of this content are not taken, whatever they are called. Send {}.", content::IN_WORDS);
        AppError::invalid("file", Code::Malformed, sentence)
    })
}

/// The files of these ids that exist for the caller.
///
/// # Errors
/// Those of the database.
pub async fn find_many(call: &Call, ids: &[EvidenceFileId]) -> AppResult<Vec<EvidenceFile>> {
    if call.may(Action::ReadRegistrations).is_err() {
        return Ok(Vec::new());
    }
    store::find_many(&call.reader(), call.scope(), ids).await
}

/// The files of these items of evidence that exist for the caller, oldest first.
///
/// # Errors
/// Those of the database.
pub async fn of_evidence(call: &Call, ids: &[EvidenceId]) -> AppResult<Vec<EvidenceFile>> {
    if call.may(Action::ReadRegistrations).is_err() {
        return Ok(Vec::new());
    }
    store::of_evidence(&call.reader(), call.scope(), ids).await
}

/// A link to a file for who has found it: a path below the address of the API that works for some minutes, for whoever
/// has it.
#[must_use]
pub fn link(call: &Call, id: EvidenceFileId) -> String {
    let expires = call.now().seconds().saturating_add(LINK_SECONDS);
    format!("/files/{id}?expires={expires}&signature={}", hex::encode(&signature(call, id, expires)))
}

fn signature(call: &Call, id: EvidenceFileId, expires: i64) -> Vec<u8> {
    call.services.tokens.keyed_hash("link to a file", format!("{}\0{expires}", id.uuid().simple()).as_bytes())
}

/// The file of a link that still works; none otherwise, whatever is wrong.
///
/// # Errors
/// Those of the database.
pub async fn by_link(call: &Call, id: EvidenceFileId, expires: i64, signed: &[u8]) -> AppResult<Option<EvidenceFile>> {
    let right = constant_time::verify_slices_are_equal(&signature(call, id, expires), signed).is_ok();
    if !right || call.now().seconds() >= expires {
        return Ok(None);
    }
    // The signature is the permission: it was made for who found the file in their scope.
    Ok(store::find_many(call.db().pool(), Scope::Everything, &[id]).await?.pop())
}
