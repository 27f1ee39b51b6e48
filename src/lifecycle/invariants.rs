//! What always holds of partners that are terminated, over all areas (`domain.md §2`).

use crate::platform::invariants::{Invariant, invariants};

/// All of it.
pub const INVARIANTS: &[Invariant] = invariants! {
    "a terminated partner holds no place and claims none":
        "deal_registrations",
        "select [[r.id]] as broken from deal_registrations r join partners p on p.id = r.partner_id
         where p.state = 'TERMINATED' and r.ended_at is null";
    "a terminated partner has no funds committed that it did not claim":
        "mdf_requests",
        "select [[r.id]] as broken from mdf_requests r join partners p on p.id = r.partner_id
         where p.state = 'TERMINATED'
            and r.state in ('DRAFT', 'SUBMITTED', 'ACTION_REQUIRED', 'APPROVED', 'IN_EXECUTION')";
    "nobody of a terminated partner is signed in":
        "sessions",
        "select [[s.id]] as broken from sessions s join users u on u.id = s.user_id
            join partners p on p.id = u.partner_id
         where p.state = 'TERMINATED' and s.ended_at is null";
    "no program of a terminated partner works":
        "api_clients",
        "select [[c.id]] as broken from api_clients c join partners p on p.id = c.partner_id
         where p.state = 'TERMINATED' and c.revoked_at is null";
    "a partner that was activated is not onboarding, and one that is active was":
        "partners",
        "select [[id]] as broken from partners
         where (state = 'ONBOARDING' and activated_at is not null) or (state = 'ACTIVE' and activated_at is null)";
};
