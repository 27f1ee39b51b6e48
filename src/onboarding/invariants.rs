//! What always holds of applications, partners and their plans (`domain.md §2`).

use crate::platform::invariants::{Invariant, invariants};

/// All of it.
pub const INVARIANTS: &[Invariant] = invariants! {
    "an application is approved exactly when it became a partner":
        "partner_applications",
        "select [[id]] as broken from partner_applications where (state = 'APPROVED') <> (partner_id is not null)";
    "an application that is decided says by whom and when":
        "partner_applications",
        "select [[id]] as broken from partner_applications
         where (decided_at is null) <> (decided_by is null) and state <> 'WITHDRAWN'";
    "an application has ended exactly when it says how":
        "partner_applications",
        "select [[id]] as broken from partner_applications
         where (state in ('APPROVED', 'REJECTED', 'WITHDRAWN')) <> (outcome is not null)
            or (outcome is null) <> (decided_at is null)
            or (state = 'WITHDRAWN') <> (coalesce(outcome, '') = 'WITHDRAWN_BY_APPLICANT')";
    "the vendor's time runs exactly while an application waits for the vendor":
        "partner_applications",
        "select [[id]] as broken from partner_applications
         where (state in ('SUBMITTED', 'IN_REVIEW')) <> (due_at is not null)
            or (state = 'ACTION_REQUIRED') <> (review_left is not null) or review_left < 0";
    "an applicant who is asked is asked about something":
        "partner_applications",
        "select [[id]] as broken from partner_applications
         where state = 'ACTION_REQUIRED' and (asked_fields = '' or asked_message is null or asked_at is null)";
    "an application in review is somebody's":
        "partner_applications",
        "select [[id]] as broken from partner_applications
         where state in ('IN_REVIEW', 'ACTION_REQUIRED') and assigned_to is null and asked_at is not null";
    "a step that is done says when, and one that is pending does not":
        "onboarding_steps",
        "select [[id]] as broken from onboarding_steps where (state = 'PENDING') <> (completed_at is null)";
    "a partner that finished its plan is no longer onboarding":
        "partners",
        "select [[p.id]] as broken from partners p where p.state = 'ONBOARDING'
            and exists (select 1 from onboarding_steps s where s.partner_id = p.id)
            and not exists (select 1 from onboarding_steps s where s.partner_id = p.id and s.required and s.state = 'PENDING')";
    "authorisations of one partner, product line and territory never overlap":
        "partner_authorisations",
        "select [[a.id]] as broken from partner_authorisations a join partner_authorisations b
            on a.partner_id = b.partner_id and a.product_line_id = b.product_line_id
                and a.territory_id = b.territory_id and a.id < b.id
         where a.revoked_at is null and b.revoked_at is null";
    "a partner is looked after by one of the vendor's people":
        "partners",
        "select [[p.id]] as broken from partners p join users u on u.id = p.manager_id where u.partner_id is not null";
    "a plan knows how far it is by its steps":
        "onboarding_plans",
        "select [[p.partner_id]] as broken from onboarding_plans p
            left join (select partner_id, min(due_at) as due from onboarding_steps
                where required and state = 'PENDING' group by partner_id) s on s.partner_id = p.partner_id
         where coalesce(p.next_due_at, -1) <> coalesce(s.due, -1) or (p.finished_at is null) <> (s.due is not null)";
    "every step is of a plan, and of another kind only with a title":
        "onboarding_steps",
        "select [[s.id]] as broken from onboarding_steps s left join onboarding_plans p on p.partner_id = s.partner_id
         where p.partner_id is null or (s.kind = 'OTHER') <> (s.title is not null)";
    "a waived step says why":
        "onboarding_steps",
        "select [[id]] as broken from onboarding_steps
         where state = 'WAIVED' and (details is null or details not like '%\"reason\":%')";
    "what was accepted is a published text, by its hash":
        "agreement_acceptances",
        "select [[a.id]] as broken from agreement_acceptances a left join agreements t on t.id = a.agreement_id
         where t.id is null or t.state <> 'PUBLISHED' or t.sha256 <> a.sha256 or a.accepted_at < t.effective_at";
    "a partner that has signed has accepted a text for every partner":
        "onboarding_steps",
        "select [[s.id]] as broken from onboarding_steps s where s.kind = 'SIGN_AGREEMENT' and s.state = 'DONE'
            and not exists (select 1 from agreement_acceptances a where a.partner_id = s.partner_id)";
    "a business plan is agreed exactly when both sides agreed to its latest revision":
        "business_plans",
        "select [[p.id]] as broken from business_plans p
            left join business_plan_revisions r on r.plan_id = p.id and r.revision = p.revision
         where r.plan_id is null or r.partner_id <> p.partner_id
            or (p.state in ('DRAFT', 'PROPOSED') and r.partner_agreed_at is not null and r.vendor_agreed_at is not null)
            or (p.state in ('AGREED', 'CLOSED')
                and (p.agreed_revision is null or p.agreed_revision <> p.revision or r.partner_agreed_at is null
                    or r.vendor_agreed_at is null))";
    "a revision in force was agreed by both sides":
        "business_plans",
        "select [[p.id]] as broken from business_plans p
            left join business_plan_revisions r on r.plan_id = p.id and r.revision = p.agreed_revision
         where p.agreed_revision is not null
            and (r.plan_id is null or r.partner_agreed_at is null or r.vendor_agreed_at is null)";
    "a review proposes a level exactly when its state says so, and a decision says when":
        "tier_reviews",
        "select [[id]] as broken from tier_reviews
         where (proposed_tier is null) <> (state in ('KEPT', 'GRACE'))
            or (decided_at is null) <> (state in ('KEPT', 'GRACE', 'PROPOSED'))";
    "a partner has the level that was confirmed for it last":
        "tier_reviews",
        "select [[r.id]] as broken from tier_reviews r join partners p on p.id = r.partner_id
         where r.state = 'CONFIRMED' and r.proposed_tier <> p.tier
            and not exists (select 1 from tier_reviews l
                where l.partner_id = r.partner_id and l.state = 'CONFIRMED' and l.month > r.month)";
    "versions begin at one":
        "partners",
        "select [[id]] as broken from partners where version < 1
         union all select [[id]] as broken from partner_applications where version < 1
         union all select [[id]] as broken from onboarding_steps where version < 1
         union all select [[partner_id]] as broken from onboarding_plans where version < 1
         union all select [[id]] as broken from agreements where version < 1
         union all select [[id]] as broken from business_plans where version < 1
         union all select [[id]] as broken from tier_reviews where version < 1";
};
