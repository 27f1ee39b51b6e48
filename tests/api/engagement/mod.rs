mod activity;
mod score;

use entity::value::{Currency, PartnerId, RegistrationId, TypedId, UserId};
use partner_portal::{
    kernel::event::DomainEvent,
    platform::{call::Call, error::AppResult, events},
};
use uuid::Uuid;

use crate::support::TestApp;

/// Publishes an event as an area would: in a transaction of its own, begun again when it met another one.
async fn publish(app: &TestApp, event: DomainEvent) -> AppResult<()> {
    let call = Call::system(app.services.clone(), "test");
    call.in_transaction(async |txn| events::publish(txn, &call, event).await).await
}

fn registration(number: u128) -> RegistrationId {
    RegistrationId(Uuid::from_u128(number))
}

fn protected(partner_id: PartnerId, number: u128, euros: i64) -> DomainEvent {
    DomainEvent::RegistrationProtected {
        partner_id,
        registration_id: registration(number),
        amount_minor: euros * 100,
        currency: Currency::EUR,
    }
}

fn won(partner_id: PartnerId, number: u128, euros: i64) -> DomainEvent {
    DomainEvent::DealWon {
        partner_id,
        registration_id: registration(number),
        amount_minor: euros * 100,
        currency: Currency::EUR,
    }
}

async fn id_of(person: &crate::support::Person<'_>, partner_id: PartnerId) -> UserId {
    let query = "query($id: ID!) { partner(id: $id) { users { id } } }";
    let answer = person.ask(query, serde_json::json!({ "id": partner_id.to_string() })).await;
    let text = answer.data["partner"]["users"][0]["id"].as_str().unwrap().to_owned();
    let id: UserId = text.parse().unwrap();
    assert_eq!(UserId::PREFIX, "usr");
    id
}
