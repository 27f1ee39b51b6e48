//! Market development funds (`domain.md §5`): programs, allocations, requests, claims, payments, and their ledger.

crate::ddl::sql_migration! {
    up: r#"
create table mdf_programs (
    id {uuid} not null primary key,
    name text not null,
    starts_on {text} not null,
    ends_on {text} not null,
    currency {text} not null,
    budget {int} not null,
    activities text not null,
    execution_bp {int} not null,
    claim_window_days {int} not null,
    measurement_window_days {int} not null,
    created_by {uuid},
    created_at {int} not null,
    version {int} not null,
    constraint a_program_ends_after_it_starts check (ends_on >= starts_on),
    constraint a_budget_is_positive check (budget > 0),
    constraint an_execution_part_is_a_part check (execution_bp between 0 and 10000)
) {strict}

create table mdf_allocations (
    id {uuid} not null primary key,
    program_id {uuid} not null references mdf_programs (id),
    partner_id {uuid} not null references partners (id),
    currency {text} not null,
    potential {int} not null,
    lambda_bp {int} not null,
    factor_bp {int} not null,
    amount {int} not null,
    allocated_by {uuid},
    allocated_at {int} not null,
    constraint one_allocation_per_program_and_partner unique (program_id, partner_id)
) {strict}

create table mdf_requests (
    id {uuid} not null primary key,
    program_id {uuid} not null references mdf_programs (id),
    partner_id {uuid} not null references partners (id),
    state {text} not null,
    activity_type {text} not null,
    title text not null,
    audience text not null,
    starts_on {text} not null,
    ends_on {text} not null,
    currency {text} not null,
    rate_bp {int} not null,
    planned_cost {int} not null,
    requested_amount {int} not null,
    approved_amount {int},
    qualified_lead_definition text not null,
    target_leads {int} not null,
    target_pipeline {int} not null,
    claim_by {text} not null,
    measured_by {text} not null,
    requested_by {uuid},
    requested_at {int} not null,
    decided_by {uuid},
    decided_at {int},
    decision_reason text,
    version {int} not null,
    constraint an_activity_ends_after_it_starts check (ends_on >= starts_on),
    constraint an_approved_amount_is_at_most_the_requested check (approved_amount is null or (approved_amount > 0 and approved_amount <= requested_amount)),
    constraint an_outcome_contract_has_targets check (target_leads > 0 and target_pipeline > 0)
) {strict}

-- The requests of one partner, newest first.
create index mdf_requests_partner_id_idx on mdf_requests (partner_id, id)

-- The requests of one program, newest first.
create index mdf_requests_program_id_idx on mdf_requests (program_id, id)

-- The queue of those who decide: by state, oldest first.
create index mdf_requests_state_idx on mdf_requests (state, id)

-- The list by the day on which activities begin.
create index mdf_requests_starts_on_idx on mdf_requests (starts_on, id)

create table mdf_claims (
    id {uuid} not null primary key,
    request_id {uuid} not null references mdf_requests (id),
    program_id {uuid} not null references mdf_programs (id),
    partner_id {uuid} not null references partners (id),
    state {text} not null,
    currency {text} not null,
    claimed_cost {int} not null,
    accepted_cost {int},
    proofs text not null,
    actual_results text not null,
    submitted_by {uuid},
    submitted_at {int} not null,
    decided_by {uuid},
    decided_at {int},
    version {int} not null,
    constraint one_claim_per_request unique (request_id),
    constraint an_accepted_cost_is_at_most_the_claimed check (accepted_cost is null or (accepted_cost > 0 and accepted_cost <= claimed_cost))
) {strict}

-- The claims of one partner, newest first.
create index mdf_claims_partner_id_idx on mdf_claims (partner_id, id)

-- The claims of one program, newest first.
create index mdf_claims_program_id_idx on mdf_claims (program_id, id)

-- The queue of those who decide: by state, oldest first.
create index mdf_claims_state_idx on mdf_claims (state, id)

create table mdf_claim_lines (
    claim_id {uuid} not null references mdf_claims (id),
    position {int} not null,
    issuer text not null,
    number text not null,
    issued_on {text} not null,
    amount {int} not null,
    invoice_key {text} not null,
    content_hash {bytes},
    constraint a_claim_line_has_a_place primary key (claim_id, position),
    constraint an_invoice_amount_is_positive check (amount > 0),
    constraint an_invoice_is_claimed_once unique (invoice_key)
) {strict}

-- The same file is the same invoice, whatever is written about it.
create unique index an_invoice_file_is_claimed_once on mdf_claim_lines (content_hash) where content_hash is not null

create table mdf_tranches (
    id {uuid} not null primary key,
    claim_id {uuid} not null references mdf_claims (id),
    kind {text} not null,
    amount {int} not null,
    state {text} not null,
    payable_at {int},
    paid_at {int},
    constraint one_tranche_of_each_kind_per_claim unique (claim_id, kind),
    constraint a_tranche_has_an_amount check (amount > 0)
) {strict}

-- What finance has to pay.
create index mdf_tranches_payable_idx on mdf_tranches (claim_id) where state = 'PAYABLE'

create table mdf_payments (
    id {uuid} not null primary key,
    tranche_id {uuid} not null references mdf_tranches (id),
    claim_id {uuid} not null references mdf_claims (id),
    reference text not null,
    reference_key {text} not null,
    amount {int} not null,
    paid_on {text} not null,
    recorded_by {uuid},
    recorded_at {int} not null,
    constraint a_tranche_is_paid_once unique (tranche_id),
    constraint a_payment_reference_pays_once unique (reference_key)
) {strict}

-- The payments of a page of claims.
create index mdf_payments_claim_id_idx on mdf_payments (claim_id)

create table mdf_ledger_transactions (
    id {uuid} not null primary key,
    program_id {uuid} not null references mdf_programs (id),
    partner_id {uuid} references partners (id),
    kind {text} not null,
    cause {text} not null,
    posted_at {int} not null,
    constraint a_cause_is_posted_once unique (kind, cause)
) {strict}

-- Balances of a partner in a program as of an instant.
create index mdf_ledger_transactions_program_id_idx on mdf_ledger_transactions (program_id, partner_id, posted_at)

create table mdf_ledger_entries (
    id {uuid} not null primary key,
    transaction_id {uuid} not null references mdf_ledger_transactions (id),
    from_account {text} not null,
    to_account {text} not null,
    amount {int} not null,
    constraint an_entry_moves_something check (amount > 0 and from_account <> to_account)
) {strict}

-- The entries of a transaction.
create index mdf_ledger_entries_transaction_id_idx on mdf_ledger_entries (transaction_id)

create table mdf_balances (
    program_id {uuid} not null references mdf_programs (id),
    partner_id {uuid} not null references partners (id),
    currency {text} not null,
    allocated {int} not null,
    committed {int} not null,
    payable {int} not null,
    held_back {int} not null,
    paid {int} not null,
    returned {int} not null,
    forfeited {int} not null,
    clawed_back {int} not null,
    constraint one_balance_per_program_and_partner primary key (program_id, partner_id),
    constraint no_balance_is_negative check (allocated >= 0 and committed >= 0 and payable >= 0 and held_back >= 0
        and paid >= 0 and returned >= 0 and forfeited >= 0 and clawed_back >= 0)
) {strict}

-- The balances of one partner in all programs.
create index mdf_balances_partner_id_idx on mdf_balances (partner_id)

create table mdf_program_balances (
    program_id {uuid} not null primary key references mdf_programs (id),
    unallocated {int} not null,
    constraint a_program_is_never_over_allocated check (unallocated >= 0)
) {strict}

{sqlite} create trigger ledger_transactions_are_never_changed before update on mdf_ledger_transactions
begin select raise(abort, 'the ledger is append-only'); end

{sqlite} create trigger ledger_transactions_are_never_deleted before delete on mdf_ledger_transactions
begin select raise(abort, 'the ledger is append-only'); end

{sqlite} create trigger ledger_entries_are_never_changed before update on mdf_ledger_entries
begin select raise(abort, 'the ledger is append-only'); end

{sqlite} create trigger ledger_entries_are_never_deleted before delete on mdf_ledger_entries
begin select raise(abort, 'the ledger is append-only'); end

{postgres} create function refuse_to_change_the_ledger() returns trigger language plpgsql as
$$ begin raise exception 'the ledger is append-only'; end $$

{postgres} create trigger ledger_transactions_are_append_only before update or delete or truncate on mdf_ledger_transactions
for each statement execute function refuse_to_change_the_ledger()

{postgres} create trigger ledger_entries_are_append_only before update or delete or truncate on mdf_ledger_entries
for each statement execute function refuse_to_change_the_ledger()
"#,
    down: r#"
drop table mdf_program_balances

drop table mdf_balances

drop table mdf_ledger_entries

drop table mdf_ledger_transactions

{postgres} drop function refuse_to_change_the_ledger()

drop table mdf_payments

drop table mdf_tranches

drop table mdf_claim_lines

drop table mdf_claims

drop table mdf_requests

drop table mdf_allocations

drop table mdf_programs
"#,
}
