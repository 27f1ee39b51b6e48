//! An import that stops in the middle, however often, ends as one that does not.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use entity::value::{AccountId, PartnerId};
use futures::future::BoxFuture;
use partner_portal::{
    import::crm::{self, Failure},
    kernel::{
        event::DomainEvent,
        merging::{Merging, Survey, Union},
    },
    platform::{
        call::Call,
        error::{AppError, AppResult},
        events::Reactions,
    },
};
use sea_orm::DatabaseTransaction;

use super::{Export, assert_one_holder, import, services, table};
use crate::support::TestApp;

/// The power fails at the event after so many.
struct PowerCut {
    left: AtomicI64,
    reactions: Arc<dyn Reactions>,
}

impl Reactions for PowerCut {
    fn react<'a>(
        &'a self,
        txn: &'a DatabaseTransaction,
        call: &'a Call,
        event: DomainEvent,
    ) -> BoxFuture<'a, AppResult<()>> {
        if self.left.fetch_sub(1, Ordering::SeqCst) <= 0 {
            return Box::pin(async { Err(AppError::internal("the power is cut")) });
        }
        self.reactions.react(txn, call, event)
    }

    fn place_changed<'a>(
        &'a self,
        txn: &'a DatabaseTransaction,
        call: &'a Call,
        account_id: AccountId,
    ) -> BoxFuture<'a, AppResult<()>> {
        self.reactions.place_changed(txn, call, account_id)
    }

    fn rights_changed<'a>(
        &'a self,
        txn: &'a DatabaseTransaction,
        call: &'a Call,
        partner_id: PartnerId,
    ) -> BoxFuture<'a, AppResult<()>> {
        self.reactions.rights_changed(txn, call, partner_id)
    }

    fn follow<'a>(
        &'a self,
        txn: &'a DatabaseTransaction,
        call: &'a Call,
        merging: Merging,
    ) -> BoxFuture<'a, AppResult<()>> {
        self.reactions.follow(txn, call, merging)
    }

    fn survey<'a>(
        &'a self,
        txn: &'a DatabaseTransaction,
        call: &'a Call,
        union: Union,
        hold: bool,
    ) -> BoxFuture<'a, AppResult<Survey>> {
        self.reactions.survey(txn, call, union, hold)
    }
}

async fn end_state(app: &TestApp) -> Vec<Vec<String>> {
    vec![
        table(app, &["kind", "external_id", "outcome", "step", "code"], "from import_rows order by kind, external_id")
            .await,
        table(
            app,
            &[
                "p.name",
                "a.name",
                "r.state",
                "r.deal_stage",
                "r.outcome",
                "r.submitted_at",
                "r.protected_until",
                "r.closed_on",
            ],
            "from deal_registrations r join partners p on p.id = r.partner_id join accounts a on a.id = r.account_id
             order by 1",
        )
        .await,
        table(app, &["starts_at", "ends_at", "ended_at", "end_reason"], "from protections order by 1").await,
        table(app, &["action", "count(*)"], "from audit_events group by action order by 1").await,
    ]
}

#[tokio::test]
async fn an_import_that_is_interrupted_again_and_again_ends_as_one_that_is_not() {
    let export = Export::of(&[
        "A1,Anna Snelling,GTX Pro,Acme Corporation,Won,10/20/2016,3/1/2017,1054",
        "A2,Mei-Mei Johns,GTXPro,Acme Corporation,Lost,11/1/2016,11/5/2016,0",
        "A3,Mei-Mei Johns,MG Special,Acme Corporation,Won,11/1/2016,11/5/2016,60",
        "A4,Anna Snelling,GTX Pro,Acme Corporation,Engaging,11/20/2016,,",
        "A5,Vicki Laflamme,GTX Pro,Acme Corporation,Won,3/1/2017,3/1/2017,4000",
        "A6,Vicki Laflamme,GTX Pro,Betatech,Engaging,2/1/2017,,",
        "A7,Anna Snelling,GTX Pro,Betatech,Lost,2/2/2017,5/2/2017,0",
        "A8,Anna Snelling,GTX Pro,Betatech,Won,4/3/2017,5/2/2017,4821",
        "A9,Mei-Mei Johns,MG Special,Betatech,Prospecting,,,",
        "B1,Anna Snelling,MG Special,,Engaging,2/1/2017,,",
    ]);
    let whole = TestApp::start().await;
    let report = import(&whole, export.path()).await;
    let wanted = end_state(&whole).await;
    // It is worth the trouble: rows of every fate.
    assert_eq!(
        report.rejected.keys().map(String::as_str).collect::<Vec<_>>(),
        ["ACCOUNT_MISSING", "OWN_DUPLICATE", "PROTECTED_BY_ANOTHER_PARTNER"]
    );
    assert!(report.imported.len() >= 3, "{:?}", report.imported);

    let cut = TestApp::start().await;
    let mut runs = 0;
    loop {
        runs += 1;
        assert!(runs < 50, "the import never ends");
        let power = PowerCut { left: AtomicI64::new(1), reactions: cut.services.reactions.clone() };
        let services = services(&cut, Some(Arc::new(power))).await;
        match crm::run(&services, export.path(), &|_, _| {}).await {
            Ok(report) => break assert!(report.adds_up()),
            Err(Failure::Stopped(AppError::Internal(fault))) => assert_eq!(fault.cause, "the power is cut"),
            Err(other) => panic!("{other:?}"),
        }
    }
    assert!(runs > 5, "the power was cut {runs} times only");
    assert_eq!(end_state(&cut).await, wanted);
    assert_one_holder(&cut).await;
    assert_eq!(import(&cut, export.path()).await.changes, 0);
}
