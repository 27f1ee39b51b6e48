//! Each audit event carries the hash of the one before it, so that a change of what was recorded shows.
//!
//! There is one chain per partner and one of the vendor: a single one would make every writer wait for every other.
//! Events from before this migration stay outside; the row `unchained` says how many there are.

crate::ddl::sql_migration! {
    up: r#"
create table audit_chains (
    -- A partner's global id, `vendor`, or `unchained`.
    chain {text} not null primary key,
    -- Whoever appends takes this row at the end of its transaction: the order of a chain is that of its commits.
    length {int} not null,
    head {bytes} not null
) {strict}

alter table audit_events add column chain {text}

alter table audit_events add column sequence {int}

alter table audit_events add column previous_hash {bytes}

alter table audit_events add column hash {bytes}

alter table audit_events add column hash_version {int}

-- The walk along one chain, and the next chain; the few rows without one.
create unique index an_audit_event_has_its_own_place_in_a_chain on audit_events (chain, sequence)

{postgres} insert into audit_chains (chain, length, head)
select 'unchained', count(*), ''::bytea from audit_events having count(*) > 0

{sqlite} insert into audit_chains (chain, length, head)
select 'unchained', count(*), x'' from audit_events having count(*) > 0

{postgres} alter table audit_events add constraint every_audit_event_is_chained
check (chain is not null and sequence is not null and previous_hash is not null and hash is not null and hash_version is not null) not valid

{sqlite} create trigger every_audit_event_is_chained before insert on audit_events
when new.chain is null or new.sequence is null or new.previous_hash is null or new.hash is null or new.hash_version is null
begin select raise(abort, 'every audit event is chained'); end
"#,
    down: r#"
{sqlite} drop trigger every_audit_event_is_chained

{postgres} alter table audit_events drop constraint every_audit_event_is_chained

drop index an_audit_event_has_its_own_place_in_a_chain

alter table audit_events drop column hash_version

alter table audit_events drop column hash

alter table audit_events drop column previous_hash

alter table audit_events drop column sequence

alter table audit_events drop column chain

drop table audit_chains
"#,
}
