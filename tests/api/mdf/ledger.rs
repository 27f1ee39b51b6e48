//! The ledger: append-only, and never unbalanced.

use sea_orm::ConnectionTrait;

use super::Funds;
use crate::support::TestApp;

#[tokio::test]
async fn the_database_refuses_to_change_the_ledger_or_to_go_below_zero() {
    let app = TestApp::start().await;
    let funds = Funds::new(&app).await;
    let before = funds.picture().await;
    let owner = app.database.open_as_owner().await;
    for (sql, reason) in [
        ("update mdf_ledger_entries set amount = 1", "append-only"),
        ("delete from mdf_ledger_entries", "append-only"),
        ("update mdf_ledger_transactions set cause = 'x'", "append-only"),
        ("delete from mdf_ledger_transactions", "append-only"),
        ("update mdf_balances set allocated = -1", "no_balance_is_negative"),
        ("update mdf_program_balances set unallocated = -1", "a_program_is_never_over_allocated"),
    ] {
        let refused = owner.pool().execute_unprepared(sql).await.expect_err(sql);
        assert!(refused.to_string().contains(reason), "{sql}: {refused}");
    }
    assert_eq!(funds.picture().await, before);
}
