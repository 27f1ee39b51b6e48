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
    "versions begin at one":
        "partners",
        "select [[id]] as broken from partners where version < 1
         union all select [[id]] as broken from partner_applications where version < 1
         union all select [[id]] as broken from onboarding_steps where version < 1";
};
