//! Monthly reviews of tiers, and what people decided about their proposals (`domain.md §2`).

crate::ddl::sql_migration! {
    up: r#"
create table tier_reviews (
    id {uuid} not null primary key,
    partner_id {uuid} not null references partners (id),
    month {text} not null,
    as_on {text} not null,
    reviewed_at {int} not null,
    tier {text} not null,
    earned_tier {text} not null,
    proposed_tier {text},
    state {text} not null,
    policy_version integer not null,
    figures text not null,
    decided_by {uuid} references users (id),
    decided_at {int},
    reason text,
    version {int} not null,
    -- Also finds the review before, and whether a month is done.
    constraint one_review_per_partner_and_month unique (partner_id, month),
    constraint a_proposal_proposes_another_level check (proposed_tier is null or proposed_tier <> tier)
) {strict}

-- A later review takes the place of a proposal that nobody has decided.
create unique index one_open_proposal_per_partner on tier_reviews (partner_id) where state = 'PROPOSED'

-- The proposals that wait, oldest first, and what was decided.
create index tier_reviews_state_idx on tier_reviews (state, id)

-- The reviews of one partner, newest first.
create index tier_reviews_partner_id_idx on tier_reviews (partner_id, id)
"#,
    down: r#"
drop table tier_reviews
"#,
}
