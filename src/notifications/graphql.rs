//! Notifications in the API: everybody's own.

use std::collections::{BTreeMap, HashMap};

use async_graphql::{Context, ID, InputObject, Object, SimpleObject, dataloader::Loader};
use entity::value::{NotificationId, NotificationKind, RegistrationId, Timestamp, TypedId as _};

use super::{
    model::{self, Mark, Marked, Preference},
    service,
};
use crate::{
    deals::registrations::graphql::DealRegistration,
    kernel::code::Code,
    payload,
    platform::{
        call::Call,
        error::{AppError, AppResult},
        graphql::{
            GqlContext as _, loaders,
            mutation::{MutationInput, mutate},
            page::{Listed, PageArgs, SortKey},
            parse,
        },
    },
};

/// How many notifications are marked by their ids at once.
const MOST_AT_ONCE: usize = 100;

/// Something that you are told of.
pub struct Notification(pub model::Notification);

/// Something that you are told of. Nobody else sees it.
#[Object]
impl Notification {
    /// The global id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// What it is about.
    async fn kind(&self) -> NotificationKind {
        self.0.kind
    }

    /// In words.
    async fn sentence(&self) -> &str {
        &self.0.sentence
    }

    /// The global id of the object that it is about.
    async fn object_id(&self) -> ID {
        self.0.object_id.clone().into()
    }

    /// The deal registration that it is about; null when it is about something else, or about one that you may not see
    /// any more.
    async fn deal_registration(&self, gql: &Context<'_>) -> Option<AppResult<DealRegistration>> {
        let id = self.0.object_id.parse::<RegistrationId>().ok()?;
        DealRegistration::load(gql, id).await.transpose()
    }

    /// When you were told.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// When you marked it as read; null before.
    async fn read_at(&self) -> Option<Timestamp> {
        self.0.read_at
    }
}

/// Loads the caller's own notifications.
pub struct NotificationLoader(Call);

impl Loader<NotificationId> for NotificationLoader {
    type Value = model::Notification;
    type Error = AppError;

    async fn load(&self, ids: &[NotificationId]) -> AppResult<HashMap<NotificationId, model::Notification>> {
        Ok(service::find_many(&self.0, ids).await?.into_iter().map(|it| (it.id, it)).collect())
    }
}

impl Notification {
    /// The caller's own notification of an id; none when it is not theirs.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn load(gql: &Context<'_>, id: NotificationId) -> AppResult<Option<Self>> {
        Ok(loaders::loader(gql, NotificationLoader).load_one(id).await?.map(Self))
    }
}

/// Whether you are written a mail about a kind of notification.
#[derive(SimpleObject)]
pub struct NotificationPreference {
    /// The kind.
    kind: NotificationKind,
    /// Whether you are written a mail too. In the portal you are told in any case.
    email: bool,
}

impl From<Preference> for NotificationPreference {
    fn from(Preference { kind, email }: Preference) -> Self {
        Self { kind, email }
    }
}

/// Marks notifications as read.
#[derive(Clone, InputObject)]
pub struct MarkNotificationsReadInput {
    /// Which ones, at most 100; leave it out with `all`.
    ids: Option<Vec<ID>>,
    /// Whether all of yours are meant.
    #[graphql(default)]
    all: bool,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for MarkNotificationsReadInput {
    type Command = Mark;
    const OPERATION: &'static str = "markNotificationsRead";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Mark> {
        match (self.ids, self.all) {
            (None, true) => Ok(Mark::All),
            (Some(ids), false) => {
                let ids = parse::at_most(ids, "ids", MOST_AT_ONCE)?;
                let ids = ids.iter().enumerate().map(|(index, id)| parse::id(id, &format!("ids.{index}")));
                Ok(Mark::These(ids.collect::<AppResult<_>>()?))
            }
            (Some(_), true) => {
                let sentence = "Name the notifications in `ids`, or send `all`: not both.";
                Err(AppError::invalid("all", Code::Malformed, sentence))
            }
            (None, false) => {
                let sentence = "Name the notifications in `ids`, or send `all: true` for all of yours.";
                Err(AppError::invalid("ids", Code::Required, sentence))
            }
        }
    }
}

payload! {
    /// The notifications are read.
    MarkNotificationsReadPayload from Marked as marked {
        /// How many were not read before.
        marked_count: i32 = count(marked.marked),
        /// How many you have not read now, counted up to 1,000.
        unread_count: i32 = count(marked.unread)
    }
}

/// A wish about a kind of notification.
#[derive(Clone, InputObject)]
pub struct NotificationPreferenceInput {
    /// The kind.
    kind: NotificationKind,
    /// Whether you want a mail too.
    email: bool,
}

/// Says about which kinds of notifications you want mails.
#[derive(Clone, InputObject)]
pub struct SetNotificationPreferencesInput {
    /// Your wishes. Kinds that you leave out stay as they were; the last one counts if you name a kind twice.
    preferences: Vec<NotificationPreferenceInput>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for SetNotificationPreferencesInput {
    type Command = Vec<Preference>;
    const OPERATION: &'static str = "setNotificationPreferences";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Vec<Preference>> {
        let wishes = parse::at_most(self.preferences, "preferences", MOST_AT_ONCE)?;
        let wishes: BTreeMap<_, _> = wishes.into_iter().map(|wish| (wish.kind, wish.email)).collect();
        Ok(wishes.into_iter().map(|(kind, email)| Preference { kind, email }).collect())
    }
}

payload! {
    /// Your wishes are kept.
    SetNotificationPreferencesPayload from Vec<Preference> as preferences {
        /// All of them, for each kind.
        preferences: Vec<NotificationPreference> =
            preferences.into_iter().map(NotificationPreference::from).collect()
    }
}

fn count(number: u64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// Queries of notifications.
#[derive(Default)]
pub struct NotificationQuery;

#[Object]
impl NotificationQuery {
    /// What you are told of, newest first.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn notifications(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "Whether only what you have not read is meant.", default)] unread_only: bool,
        #[graphql(desc = "How many, from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Only what lies after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end.")] last: Option<i32>,
        #[graphql(desc = "Only what lies before this cursor.")] before: Option<String>,
    ) -> AppResult<Listed<Notification>> {
        let page = PageArgs { first, after, last, before }.parse(gql, "told", true)?;
        let rows = service::list(gql.call(), unread_only, &page).await?;
        Ok(rows.connection(&page, |it| (SortKey::None, it.id.uuid()), Notification))
    }

    /// How many of your notifications you have not read, counted up to 1,000.
    async fn unread_notification_count(&self, gql: &Context<'_>) -> AppResult<i32> {
        Ok(count(service::count_unread(gql.call()).await?))
    }

    /// For each kind of notification, whether you are written a mail too.
    async fn notification_preferences(&self, gql: &Context<'_>) -> AppResult<Vec<NotificationPreference>> {
        let wishes = service::preferences(gql.call()).await?;
        Ok(wishes.into_iter().map(NotificationPreference::from).collect())
    }
}

/// Mutations of notifications.
#[derive(Default)]
pub struct NotificationMutation;

#[Object]
impl NotificationMutation {
    /// Marks notifications of yours as read.
    async fn mark_notifications_read(
        &self,
        gql: &Context<'_>,
        input: MarkNotificationsReadInput,
    ) -> AppResult<MarkNotificationsReadPayload> {
        mutate(gql, input, service::mark_read).await
    }

    /// Says about which kinds of notifications you want mails.
    async fn set_notification_preferences(
        &self,
        gql: &Context<'_>,
        input: SetNotificationPreferencesInput,
    ) -> AppResult<SetNotificationPreferencesPayload> {
        mutate(gql, input, service::prefer).await
    }
}
