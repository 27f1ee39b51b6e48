//! What always holds of applications, partners and their plans (`domain.md §2`).

use crate::platform::invariants::{Invariant, invariants};

/// All of it.
pub const INVARIANTS: &[Invariant] = invariants! {
    "an application is approved exactly when it became a partner":
        "partner_applications",
        "select [[id]] as broken from partner_applications where (state = 'APPROVED') <> (partner_id is not null)";
    "an application that is decided says by whom and when":
        "partner_applications",
        "select [[id]] as broken from partner_applications where (decided_at is null) <> (decided_by is null)";
    "a step that is done says when, and one that is pending does not":
        "onboarding_steps",
        "select [[id]] as broken from onboarding_steps where (state = 'PENDING') <> (completed_at is null)";
    "a partner that finished its plan is no longer onboarding":
        "partners",
        "select [[p.id]] as broken from partners p where p.state = 'ONBOARDING'
            and exists (select 1 from onboarding_steps s where s.partner_id = p.id)
            and not exists (select 1 from onboarding_steps s where s.partner_id = p.id and s.required and s.state = 'PENDING')";
    "versions begin at one":
        "partners",
        "select [[id]] as broken from partners where version < 1
         union all select [[id]] as broken from partner_applications where version < 1
         union all select [[id]] as broken from onboarding_steps where version < 1";
};
