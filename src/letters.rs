//! One table: a mail of this kind is written by that slice.

use entity::value::MailKind;
use futures::future::BoxFuture;

use crate::{
    lifecycle, notifications,
    onboarding::applications,
    people::{address_changes, invitations, password_resets, second_factors},
    platform::{
        call::Call,
        error::AppResult,
        mail::{Letter, Letters, Links, Queued},
    },
};

/// Who writes which mail.
pub struct Table;

impl Letters for Table {
    fn write<'a>(
        &'a self,
        call: &'a Call,
        mail: &'a Queued,
        links: &'a Links,
    ) -> BoxFuture<'a, AppResult<Option<Letter>>> {
        Box::pin(async move {
            match mail.kind {
                MailKind::Invitation => invitations::letters::write(call, mail, links).await,
                MailKind::PasswordReset => password_resets::letters::write(call, mail, links).await,
                MailKind::PasswordChanged => password_resets::letters::write_changed(call, mail, links).await,
                MailKind::AddressChange => address_changes::letters::write(call, mail, links).await,
                MailKind::AddressChanged => address_changes::letters::write_changed(call, mail).await,
                MailKind::SecondFactorRemoved => second_factors::letters::write_removed(call, mail).await,
                MailKind::ApplicationReceived | MailKind::ApplicationActionRequired | MailKind::ApplicationRejected => {
                    applications::letters::write(call, mail, links).await
                }
                MailKind::PartnerSuspended | MailKind::PartnerReinstated | MailKind::PartnerTerminated => {
                    lifecycle::letters::write(call, mail, links).await
                }
                MailKind::Notification => notifications::letters::write(call, mail, links).await,
            }
        })
    }
}
