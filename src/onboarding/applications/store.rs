//! SQL of applications.

use entity::{
    partner_application,
    value::{ApplicationId, Timestamp},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, Select, Statement, Value,
    sea_query::{Expr, ExprTrait, LikeExpr},
};

use super::model::{Application, ApplicationFilter, ApplicationOrder, Asked, Assigned, Company};
use crate::{
    onboarding::partners::model::name_key,
    platform::{
        auth::tokens,
        db::dialect,
        error::{AppError, AppResult},
        graphql::{
            page::{Page, Rows},
            parse,
        },
    },
};

impl TryFrom<partner_application::Model> for Application {
    type Error = AppError;
    fn try_from(row: partner_application::Model) -> AppResult<Self> {
        let company = Company {
            legal_name: row.legal_name,
            website: row.website,
            domain: row.domain,
            country: row.country,
            types: row.types,
            regions: row.regions,
            industries: serde_json::from_str(&row.industries)?,
            expected_business: row.expected_business,
            contact_name: row.contact_name,
            contact_email: row.contact_email,
        };
        let asked = row.asked_message.zip(row.asked_at);
        Ok(Self {
            id: row.id,
            state: row.state,
            outcome: row.outcome,
            company,
            fit: serde_json::from_str(&row.fit)?,
            submitted_at: row.submitted_at,
            assigned_to: row.assigned_to,
            due_at: row.due_at,
            review_left: row.review_left,
            asked: asked.map(|(message, at)| Asked { fields: row.asked_fields, message, at }),
            answer: row.answer,
            decided_at: row.decided_at,
            decided_by: row.decided_by,
            decision_note: row.decision_note,
            decision_reason: row.decision_reason,
            partner_id: row.partner_id,
            invitation_id: row.invitation_id,
            version: row.version,
        })
    }
}

fn read(rows: Vec<partner_application::Model>) -> AppResult<Vec<Application>> {
    rows.into_iter().map(Application::try_from).collect()
}

/// The applications of these ids. Applications are of no partner: who may read one may read all.
pub async fn find_many(db: &impl ConnectionTrait, ids: &[ApplicationId]) -> AppResult<Vec<Application>> {
    let found = partner_application::Entity::find().filter(partner_application::Column::Id.is_in(ids.iter().copied()));
    read(found.all(db).await?)
}

/// The application of an id, held until the transaction ends.
pub async fn find_for_update(db: &impl ConnectionTrait, id: ApplicationId) -> AppResult<Option<Application>> {
    let found = partner_application::Entity::find_by_id(id);
    dialect::for_update(db, found).one(db).await?.map(Application::try_from).transpose()
}

/// The applications with one of these registrable domains, at most `most` of each, oldest first.
pub async fn find_of_domains(db: &impl ConnectionTrait, domains: &[String], most: i64) -> AppResult<Vec<Application>> {
    let wanted = dialect::placeholders(2, domains.len());
    let sql = format!(
        "select * from (
            select partner_applications.*, row_number() over (partition by domain order by id) as place
            from partner_applications where domain in ({wanted})
        ) as ranked where place <= $1 order by id"
    );
    let values = std::iter::once(Value::from(most)).chain(domains.iter().map(|domain| Value::from(domain.as_str())));
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    read(partner_application::Entity::find().from_raw_sql(statement).all(db).await?)
}

/// The application behind the secret of a link.
pub async fn find_by_token(db: &impl ConnectionTrait, token: &str) -> AppResult<Option<Application>> {
    let found =
        partner_application::Entity::find().filter(partner_application::Column::TokenHash.eq(tokens::hash_of(token)));
    found.one(db).await?.map(Application::try_from).transpose()
}

/// The application behind the secret of a link, held until the transaction ends.
pub async fn find_by_token_for_update(db: &impl ConnectionTrait, token: &str) -> AppResult<Option<Application>> {
    let found =
        partner_application::Entity::find().filter(partner_application::Column::TokenHash.eq(tokens::hash_of(token)));
    dialect::for_update(db, found).one(db).await?.map(Application::try_from).transpose()
}

/// How many applications with a contact's address came in after an instant and before one of them.
pub async fn count_before(
    db: &impl ConnectionTrait,
    application: &Application,
    email_key: &str,
    since: Timestamp,
) -> AppResult<u64> {
    let found = partner_application::Entity::find()
        .filter(partner_application::Column::EmailKey.eq(email_key))
        .filter(partner_application::Column::SubmittedAt.gt(since))
        .filter(partner_application::Column::Id.lt(application.id));
    Ok(found.count(db).await?)
}

/// A page of applications, as they are at an instant.
pub async fn list(
    db: &impl ConnectionTrait,
    filter: &ApplicationFilter,
    order: ApplicationOrder,
    page: &Page,
    now: Timestamp,
) -> AppResult<Rows<Application>> {
    let mut select = filtered(partner_application::Entity::find(), filter, now);
    let key = match order {
        ApplicationOrder::Submitted => None,
        ApplicationOrder::Due => {
            select = select.filter(partner_application::Column::DueAt.is_not_null());
            Some(partner_application::Column::DueAt)
        }
    };
    let total = if page.counted { Some(select.clone().count(db).await?) } else { None };
    let rows = page.select(select, key, partner_application::Column::Id).all(db).await?;
    Ok(page.finish(read(rows)?, total))
}

fn filtered(
    mut select: Select<partner_application::Entity>,
    filter: &ApplicationFilter,
    now: Timestamp,
) -> Select<partner_application::Entity> {
    let due_at = partner_application::Column::DueAt;
    match filter.waiting {
        Some(true) => select = select.filter(due_at.is_not_null()),
        Some(false) => select = select.filter(due_at.is_null()),
        None => {}
    }
    match filter.overdue {
        // Said twice: an index of what waits is used only where it is plain that nothing else is asked for.
        Some(true) => select = select.filter(due_at.is_not_null()).filter(due_at.lt(now)),
        Some(false) => select = select.filter(Condition::any().add(due_at.is_null()).add(due_at.gte(now))),
        None => {}
    }
    match filter.assigned {
        Some(Assigned::To(id)) => select = select.filter(partner_application::Column::AssignedTo.eq(id)),
        Some(Assigned::ToNobody) => select = select.filter(partner_application::Column::AssignedTo.is_null()),
        None => {}
    }
    if !filter.states.is_empty() {
        select = select.filter(partner_application::Column::State.is_in(filter.states.iter().copied()));
    }
    if !filter.countries.is_empty() {
        select = select.filter(partner_application::Column::Country.is_in(filter.countries.iter().copied()));
    }
    if let Some(text) = &filter.text {
        let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let like = || LikeExpr::new(format!("%{escaped}%")).escape('\\');
        select = select.filter(
            Condition::any()
                .add(Expr::col(partner_application::Column::NameKey).like(like()))
                .add(Expr::col(partner_application::Column::Domain).like(like())),
        );
    }
    select
}

/// Inserts an application, with the hash of its link's secret.
pub async fn insert(db: &impl ConnectionTrait, application: &Application, token: &str) -> AppResult<()> {
    let mut row = written(application)?;
    row.id = Set(application.id);
    row.submitted_at = Set(application.submitted_at);
    row.token_hash = Set(Some(tokens::hash_of(token)));
    partner_application::Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

/// Records a change of an application that was held.
pub async fn update(db: &impl ConnectionTrait, before: &Application, after: &Application) -> AppResult<()> {
    let updated = partner_application::Entity::update_many()
        .set(written(after)?)
        .filter(partner_application::Column::Id.eq(before.id))
        .filter(partner_application::Column::State.eq(before.state))
        .filter(partner_application::Column::Version.eq(before.version))
        .exec(db)
        .await?;
    if updated.rows_affected == 1 { Ok(()) } else { Err(AppError::version_conflict(after.version)) }
}

/// Everything that changes.
fn written(application: &Application) -> AppResult<partner_application::ActiveModel> {
    let Company {
        legal_name,
        website,
        domain,
        country,
        types,
        regions,
        industries,
        expected_business,
        contact_name,
        contact_email,
    } = application.company.clone();
    // Of a contact who was erased there is a pseudonym, which is no address.
    let email_key =
        parse::email(&contact_email, "contact.email").map_or_else(|_| contact_email.clone(), |(_, key)| key);
    Ok(partner_application::ActiveModel {
        state: Set(application.state),
        outcome: Set(application.outcome),
        name_key: Set(name_key(&legal_name)),
        legal_name: Set(legal_name),
        website: Set(website),
        domain: Set(domain),
        country: Set(country),
        types: Set(types),
        regions: Set(regions),
        industries: Set(serde_json::to_string(&industries)?),
        expected_business: Set(expected_business),
        contact_name: Set(contact_name),
        contact_email: Set(contact_email),
        email_key: Set(email_key),
        fit: Set(serde_json::to_string(&application.fit)?),
        assigned_to: Set(application.assigned_to),
        due_at: Set(application.due_at),
        review_left: Set(application.review_left),
        asked_fields: Set(application.asked.as_ref().map(|asked| asked.fields.clone()).unwrap_or_default()),
        asked_message: Set(application.asked.as_ref().map(|asked| asked.message.clone())),
        asked_at: Set(application.asked.as_ref().map(|asked| asked.at)),
        answer: Set(application.answer.clone()),
        decided_at: Set(application.decided_at),
        decided_by: Set(application.decided_by),
        decision_note: Set(application.decision_note.clone()),
        decision_reason: Set(application.decision_reason.clone()),
        partner_id: Set(application.partner_id),
        invitation_id: Set(application.invitation_id),
        version: Set(application.version),
        ..Default::default()
    })
}
