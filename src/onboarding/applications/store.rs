//! SQL of applications.

use entity::{
    partner_application,
    value::{ApplicationId, ApplicationState, InvitationId, PartnerId},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, Select, Statement, Value,
    sea_query::{Expr, ExprTrait, LikeExpr},
};

use super::model::{Application, ApplicationFilter, Company, NewApplication};
use crate::{
    onboarding::partners::model::name_key,
    platform::{
        call::Call,
        db::dialect,
        error::{AppError, AppResult},
        graphql::page::{Page, Rows},
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
        Ok(Self {
            id: row.id,
            state: row.state,
            outcome: row.outcome,
            company,
            fit: serde_json::from_str(&row.fit)?,
            submitted_at: row.submitted_at,
            decided_at: row.decided_at,
            decided_by: row.decided_by,
            decision_note: row.decision_note,
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

/// A page of applications.
pub async fn list(db: &impl ConnectionTrait, filter: &ApplicationFilter, page: &Page) -> AppResult<Rows<Application>> {
    let select = filtered(partner_application::Entity::find(), filter);
    let total = if page.counted { Some(select.clone().count(db).await?) } else { None };
    let rows = page.select(select, None, partner_application::Column::Id).all(db).await?;
    Ok(page.finish(read(rows)?, total))
}

fn filtered(
    mut select: Select<partner_application::Entity>,
    filter: &ApplicationFilter,
) -> Select<partner_application::Entity> {
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

/// Inserts an application.
pub async fn insert(db: &impl ConnectionTrait, call: &Call, new: NewApplication) -> AppResult<Application> {
    let NewApplication { company, fit } = new;
    let row = partner_application::ActiveModel {
        id: Set(call.new_id()),
        state: Set(ApplicationState::Submitted),
        outcome: Set(None),
        name_key: Set(name_key(&company.legal_name)),
        legal_name: Set(company.legal_name),
        website: Set(company.website),
        domain: Set(company.domain),
        country: Set(company.country),
        types: Set(company.types),
        regions: Set(company.regions),
        industries: Set(serde_json::to_string(&company.industries)?),
        expected_business: Set(company.expected_business),
        contact_name: Set(company.contact_name),
        contact_email: Set(company.contact_email),
        fit: Set(serde_json::to_string(&fit)?),
        submitted_at: Set(call.now()),
        decided_at: Set(None),
        decided_by: Set(None),
        decision_note: Set(None),
        partner_id: Set(None),
        invitation_id: Set(None),
        version: Set(1),
    };
    partner_application::Entity::insert(row).exec_with_returning(db).await?.try_into()
}

/// Records how an application that was held has ended.
pub async fn end(
    db: &impl ConnectionTrait,
    before: &Application,
    after: &Application,
    became: Option<(PartnerId, InvitationId)>,
) -> AppResult<()> {
    let (partner_id, invitation_id) = became.unzip();
    let updated = partner_application::Entity::update_many()
        .col_expr(partner_application::Column::State, Expr::value(after.state))
        .col_expr(partner_application::Column::Outcome, Expr::value(after.outcome))
        .col_expr(partner_application::Column::DecidedAt, Expr::value(after.decided_at))
        .col_expr(partner_application::Column::DecidedBy, Expr::value(after.decided_by))
        .col_expr(partner_application::Column::DecisionNote, Expr::value(after.decision_note.clone()))
        .col_expr(partner_application::Column::PartnerId, Expr::value(partner_id))
        .col_expr(partner_application::Column::InvitationId, Expr::value(invitation_id))
        .col_expr(partner_application::Column::Version, Expr::value(after.version))
        .filter(partner_application::Column::Id.eq(before.id))
        .filter(partner_application::Column::Version.eq(before.version))
        .exec(db)
        .await?;
    if updated.rows_affected == 1 { Ok(()) } else { Err(AppError::version_conflict(after.version)) }
}
