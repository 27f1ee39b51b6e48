//! The list of what is held of a person: where it lies, what an export shows of it, and what erasing does to it.
//!
//! Longer than other files because it is that one list: what is missing in it is missing in an export.

use entity::value::{Timestamp, UserId};

use crate::people::users::model::ErasureReason;

/// How rows are known to be about a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// One of these columns holds the person's id.
    Person(&'static [&'static str]),
    /// This column holds the person's address; the rows belong to a partner.
    Address(&'static str),
    /// This column holds the name of the caller that keys are kept under.
    Caller(&'static str),
}

/// How a column is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// As a global id with this prefix.
    Id(&'static str),
    /// As an instant.
    Instant,
    /// As it is.
    Text,
}

/// What becomes of rows when the person is erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Erasing {
    /// They stay and point to the pseudonym; why.
    Stay(&'static str),
    /// They are deleted, and rows of this table that point to them by this column before them.
    Delete(Option<(&'static str, &'static str)>),
    /// The name and the address in these columns become the pseudonym's.
    Rename(&'static str, &'static str),
}

/// One kind of thing that is held of a person.
pub struct Held {
    /// What it is called in the export.
    pub category: &'static str,
    /// The table.
    pub table: &'static str,
    /// How its rows are known to be about a person.
    pub about: About,
    /// What is shown of it, first what it is ordered by.
    pub shown: &'static [(&'static str, Shown)],
    /// What becomes of it.
    pub erasing: Erasing,
}

const THEIR_WORK: Erasing = Erasing::Stay("what was done in business stays, done by the pseudonym");

/// Everything.
pub const HELD: &[Held] = &[
    Held {
        category: "profile",
        table: "users",
        about: About::Person(&["id"]),
        shown: &[
            ("id", Shown::Id("usr")),
            ("partner_id", Shown::Id("ptr")),
            ("email", Shown::Text),
            ("name", Shown::Text),
            ("roles", Shown::Text),
            ("state", Shown::Text),
            ("created_at", Shown::Instant),
        ],
        erasing: Erasing::Stay("the slice of users makes the pseudonym of it"),
    },
    Held {
        category: "sessions",
        table: "sessions",
        about: About::Person(&["user_id"]),
        shown: &[
            ("id", Shown::Id("ses")),
            ("device", Shown::Text),
            ("agent", Shown::Text),
            ("address", Shown::Text),
            ("created_at", Shown::Instant),
            ("last_used_at", Shown::Instant),
            ("expires_at", Shown::Instant),
            ("ended_at", Shown::Instant),
            ("end_reason", Shown::Text),
        ],
        erasing: Erasing::Delete(Some(("refresh_tokens", "session_id"))),
    },
    Held {
        category: "identities",
        table: "user_identities",
        about: About::Person(&["user_id"]),
        shown: &[
            ("linked_at", Shown::Instant),
            ("issuer", Shown::Text),
            ("subject", Shown::Text),
            ("last_used_at", Shown::Instant),
        ],
        erasing: Erasing::Delete(None),
    },
    Held {
        category: "signOnAttempts",
        table: "sign_on_attempts",
        about: About::Person(&["user_id"]),
        shown: &[("created_at", Shown::Instant), ("returned_at", Shown::Instant), ("completed_at", Shown::Instant)],
        erasing: Erasing::Delete(None),
    },
    Held {
        category: "secondFactors",
        table: "second_factors",
        about: About::Person(&["user_id"]),
        shown: &[("created_at", Shown::Instant), ("kind", Shown::Text), ("confirmed_at", Shown::Instant)],
        erasing: Erasing::Delete(None),
    },
    Held {
        category: "recoveryCodes",
        table: "recovery_codes",
        about: About::Person(&["user_id"]),
        shown: &[("created_at", Shown::Instant), ("used_at", Shown::Instant)],
        erasing: Erasing::Delete(None),
    },
    Held {
        category: "invitations",
        table: "invitations",
        about: About::Address("email"),
        shown: &[
            ("id", Shown::Id("inv")),
            ("email", Shown::Text),
            ("name", Shown::Text),
            ("roles", Shown::Text),
            ("created_at", Shown::Instant),
            ("expires_at", Shown::Instant),
            ("accepted_at", Shown::Instant),
            ("revoked_at", Shown::Instant),
        ],
        erasing: Erasing::Rename("name", "email"),
    },
    Held {
        category: "invitationsMade",
        table: "invitations",
        about: About::Person(&["invited_by_id"]),
        shown: &[("id", Shown::Id("inv")), ("created_at", Shown::Instant)],
        erasing: THEIR_WORK,
    },
    Held {
        category: "notifications",
        table: "notifications",
        about: About::Person(&["user_id"]),
        shown: &[
            ("id", Shown::Id("ntf")),
            ("kind", Shown::Text),
            ("object_id", Shown::Text),
            ("sentence", Shown::Text),
            ("created_at", Shown::Instant),
            ("read_at", Shown::Instant),
        ],
        erasing: Erasing::Delete(None),
    },
    Held {
        category: "notificationPreferences",
        table: "notification_preferences",
        about: About::Person(&["user_id"]),
        shown: &[("kind", Shown::Text)],
        erasing: Erasing::Delete(None),
    },
    Held {
        category: "resetLinks",
        table: "password_resets",
        about: About::Person(&["user_id"]),
        shown: &[("id", Shown::Id("pwr")), ("created_at", Shown::Instant), ("used_at", Shown::Instant)],
        erasing: Erasing::Delete(None),
    },
    Held {
        category: "addressChanges",
        table: "address_changes",
        about: About::Person(&["user_id"]),
        shown: &[
            ("id", Shown::Id("adc")),
            ("email", Shown::Text),
            ("old_email", Shown::Text),
            ("created_at", Shown::Instant),
            ("used_at", Shown::Instant),
        ],
        erasing: Erasing::Delete(None),
    },
    Held {
        category: "partnerApplications",
        table: "partner_applications",
        about: About::Address("contact_email"),
        shown: &[
            ("id", Shown::Id("app")),
            ("legal_name", Shown::Text),
            ("contact_name", Shown::Text),
            ("contact_email", Shown::Text),
            ("submitted_at", Shown::Instant),
        ],
        erasing: Erasing::Rename("contact_name", "contact_email"),
    },
    Held {
        category: "decidedApplications",
        table: "partner_applications",
        about: About::Person(&["decided_by"]),
        shown: &[("id", Shown::Id("app")), ("decided_at", Shown::Instant)],
        erasing: THEIR_WORK,
    },
    Held {
        category: "assignedApplications",
        table: "partner_applications",
        about: About::Person(&["assigned_to"]),
        shown: &[("id", Shown::Id("app")), ("submitted_at", Shown::Instant)],
        erasing: THEIR_WORK,
    },
    Held {
        category: "partnerContacts",
        table: "partner_contacts",
        about: About::Address("email"),
        shown: &[
            ("id", Shown::Id("pco")),
            ("kind", Shown::Text),
            ("name", Shown::Text),
            ("email", Shown::Text),
            ("created_at", Shown::Instant),
        ],
        erasing: Erasing::Rename("name", "email"),
    },
    Held {
        category: "managedPartners",
        table: "partners",
        about: About::Person(&["manager_id"]),
        shown: &[("id", Shown::Id("ptr")), ("created_at", Shown::Instant)],
        erasing: THEIR_WORK,
    },
    Held {
        category: "authorisations",
        table: "partner_authorisations",
        about: About::Person(&["granted_by", "revoked_by"]),
        shown: &[("id", Shown::Id("pau")), ("granted_at", Shown::Instant), ("revoked_at", Shown::Instant)],
        erasing: THEIR_WORK,
    },
    Held {
        category: "onboardingSteps",
        table: "onboarding_steps",
        about: About::Person(&["completed_by"]),
        shown: &[("id", Shown::Id("stp")), ("kind", Shown::Text), ("completed_at", Shown::Instant)],
        erasing: THEIR_WORK,
    },
    Held {
        category: "agreements",
        table: "agreements",
        about: About::Person(&["created_by", "published_by"]),
        shown: &[("id", Shown::Id("agr")), ("created_at", Shown::Instant), ("published_at", Shown::Instant)],
        erasing: THEIR_WORK,
    },
    Held {
        category: "acceptedAgreements",
        table: "agreement_acceptances",
        about: About::Person(&["accepted_by"]),
        shown: &[("agreement_id", Shown::Id("agr")), ("sha256", Shown::Text), ("accepted_at", Shown::Instant)],
        erasing: Erasing::Stay("what was accepted in the company's name stays accepted, by the pseudonym"),
    },
    Held {
        category: "businessPlans",
        table: "business_plans",
        about: About::Person(&["created_by", "closed_by"]),
        shown: &[("id", Shown::Id("jbp")), ("created_at", Shown::Instant), ("closed_at", Shown::Instant)],
        erasing: THEIR_WORK,
    },
    Held {
        category: "businessPlanRevisions",
        table: "business_plan_revisions",
        about: About::Person(&["created_by", "partner_agreed_by", "vendor_agreed_by"]),
        shown: &[
            ("plan_id", Shown::Id("jbp")),
            ("created_at", Shown::Instant),
            ("partner_agreed_at", Shown::Instant),
            ("vendor_agreed_at", Shown::Instant),
        ],
        erasing: THEIR_WORK,
    },
    Held {
        category: "tierReviews",
        table: "tier_reviews",
        about: About::Person(&["decided_by"]),
        shown: &[("id", Shown::Id("trv")), ("decided_at", Shown::Instant)],
        erasing: THEIR_WORK,
    },
    Held {
        category: "trainings",
        table: "training_completions",
        about: About::Person(&["user_id"]),
        shown: &[
            ("id", Shown::Id("cmp")),
            ("course_id", Shown::Id("crs")),
            ("source", Shown::Text),
            ("external_id", Shown::Text),
            ("completed_at", Shown::Instant),
            ("expires_at", Shown::Instant),
        ],
        erasing: Erasing::Stay("the company's certificates, of the pseudonym"),
    },
    Held {
        category: "activities",
        table: "activities",
        about: About::Person(&["user_id"]),
        shown: &[
            ("id", Shown::Id("act")),
            ("kind", Shown::Text),
            ("object_id", Shown::Text),
            ("occurred_at", Shown::Instant),
        ],
        erasing: Erasing::Stay("the company's score is replayed from them, and they are never changed"),
    },
    Held {
        category: "dealRegistrations",
        table: "deal_registrations",
        about: About::Person(&["created_by", "reviewer_id", "credited_user_id"]),
        shown: &[("id", Shown::Id("reg")), ("state", Shown::Text), ("submitted_at", Shown::Instant)],
        erasing: THEIR_WORK,
    },
    Held {
        category: "dealEvidence",
        table: "deal_evidence",
        about: About::Person(&["added_by", "withdrawn_by"]),
        shown: &[("id", Shown::Id("evi")), ("kind", Shown::Text), ("added_at", Shown::Instant)],
        erasing: THEIR_WORK,
    },
    Held {
        category: "evidenceFiles",
        table: "evidence_files",
        about: About::Person(&["added_by"]),
        shown: &[
            ("id", Shown::Id("evf")),
            ("name", Shown::Text),
            ("media_type", Shown::Text),
            ("added_at", Shown::Instant),
        ],
        erasing: THEIR_WORK,
    },
    Held {
        category: "dealConflicts",
        table: "deal_conflicts",
        about: About::Person(&["opened_by", "owner_id", "offered_by", "decided_by", "appealed_by"]),
        shown: &[("opened_at", Shown::Instant), ("state", Shown::Text)],
        erasing: THEIR_WORK,
    },
    Held {
        category: "dealConflictStatements",
        table: "deal_conflict_parties",
        about: About::Person(&["stated_by", "accepted_by"]),
        shown: &[
            ("registration_id", Shown::Id("reg")),
            ("statement", Shown::Text),
            ("stated_at", Shown::Instant),
            ("accepted_at", Shown::Instant),
        ],
        erasing: THEIR_WORK,
    },
    Held {
        category: "dealConflictWork",
        table: "deal_conflict_staff",
        about: About::Person(&["user_id"]),
        shown: &[("since", Shown::Instant), ("conflict_id", Shown::Id("cnf"))],
        erasing: THEIR_WORK,
    },
    Held {
        category: "accountReservations",
        table: "account_reservations",
        about: About::Person(&["owner_id", "reserved_by", "released_by"]),
        shown: &[
            ("reserved_at", Shown::Instant),
            ("account_id", Shown::Id("acc")),
            ("reserved_for", Shown::Text),
            ("released_at", Shown::Instant),
        ],
        erasing: THEIR_WORK,
    },
    Held {
        category: "accountIncumbents",
        table: "account_incumbents",
        about: About::Person(&["set_by", "ended_by"]),
        shown: &[("since", Shown::Instant), ("account_id", Shown::Id("acc")), ("ended_at", Shown::Instant)],
        erasing: THEIR_WORK,
    },
    Held {
        category: "directOpportunities",
        table: "direct_opportunities",
        about: About::Person(&["recorded_by", "closed_by"]),
        shown: &[
            ("opened_at", Shown::Instant),
            ("account_id", Shown::Id("acc")),
            ("reference", Shown::Text),
            ("closed_at", Shown::Instant),
        ],
        erasing: THEIR_WORK,
    },
    Held {
        category: "waitlistOffers",
        table: "waitlist_offers",
        about: About::Person(&["answered_by"]),
        shown: &[
            ("starts_at", Shown::Instant),
            ("registration_id", Shown::Id("reg")),
            ("answer", Shown::Text),
            ("answered_at", Shown::Instant),
        ],
        erasing: THEIR_WORK,
    },
    Held {
        category: "accountDuplicates",
        table: "account_pairs",
        about: About::Person(&["decided_by"]),
        shown: &[("id", Shown::Id("dup")), ("state", Shown::Text), ("decided_at", Shown::Instant)],
        erasing: THEIR_WORK,
    },
    Held {
        category: "accountMerges",
        table: "account_merges",
        about: About::Person(&["merged_by", "undone_by"]),
        shown: &[("id", Shown::Id("mrg")), ("merged_at", Shown::Instant), ("undone_at", Shown::Instant)],
        erasing: THEIR_WORK,
    },
    Held {
        category: "mdfPrograms",
        table: "mdf_programs",
        about: About::Person(&["created_by"]),
        shown: &[("id", Shown::Id("mpr")), ("created_at", Shown::Instant)],
        erasing: THEIR_WORK,
    },
    Held {
        category: "mdfAllocations",
        table: "mdf_allocations",
        about: About::Person(&["allocated_by"]),
        shown: &[("id", Shown::Id("mal")), ("allocated_at", Shown::Instant)],
        erasing: THEIR_WORK,
    },
    Held {
        category: "mdfRequests",
        table: "mdf_requests",
        about: About::Person(&["requested_by", "decided_by"]),
        shown: &[("id", Shown::Id("mrq")), ("requested_at", Shown::Instant), ("decided_at", Shown::Instant)],
        erasing: THEIR_WORK,
    },
    Held {
        category: "mdfClaims",
        table: "mdf_claims",
        about: About::Person(&["submitted_by", "decided_by"]),
        shown: &[("id", Shown::Id("mcl")), ("submitted_at", Shown::Instant), ("decided_at", Shown::Instant)],
        erasing: THEIR_WORK,
    },
    Held {
        category: "mdfPayments",
        table: "mdf_payments",
        about: About::Person(&["recorded_by"]),
        shown: &[("id", Shown::Id("mpy")), ("recorded_at", Shown::Instant)],
        erasing: THEIR_WORK,
    },
    Held {
        category: "apiClients",
        table: "api_clients",
        about: About::Person(&["created_by", "responsible_id"]),
        shown: &[("id", Shown::Id("cli")), ("created_at", Shown::Instant)],
        erasing: Erasing::Stay("programs belong to the company; they are listed for review"),
    },
    Held {
        category: "auditEvents",
        table: "audit_events",
        about: About::Person(&["actor_user_id", "responsible_user_id"]),
        shown: &[
            ("id", Shown::Id("aud")),
            ("at", Shown::Instant),
            ("action", Shown::Text),
            ("object_id", Shown::Text),
            ("address", Shown::Text),
            ("request_id", Shown::Text),
        ],
        erasing: Erasing::Stay(
            "who did what is kept for ever; names and addresses of people stand in it as hashes only",
        ),
    },
    Held {
        category: "idempotencyKeys",
        table: "idempotency_keys",
        about: About::Caller("caller"),
        shown: &[("operation", Shown::Text), ("created_at", Shown::Instant)],
        erasing: Erasing::Stay("a used key stays used; the answers that name the person are replaced"),
    },
];

/// Columns that look as if they held something of a person and are not in the list: table, column, why.
pub const NOT_HELD: &[(&str, &str, &str)] = &[
    ("api_clients", "address_ranges", "networks of a program"),
    ("deal_registrations", "contact_name", "a contact at the customer, who is no user"),
    ("deal_registrations", "contact_email", "a contact at the customer, who is no user"),
    ("mdf_requests", "claim_by", "a day"),
    ("mdf_requests", "measured_by", "a day"),
];

/// Somebody's data are exported.
#[derive(Clone, Copy, Debug)]
pub struct Export {
    /// The person.
    pub id: UserId,
}

/// Somebody is erased.
#[derive(Clone, Copy, Debug)]
pub struct Erase {
    /// The person.
    pub id: UserId,
    /// Why.
    pub reason: ErasureReason,
    /// The version that the caller read.
    pub expected_version: Option<i64>,
}

/// What was exported.
#[derive(Clone, Debug)]
pub struct Exported {
    /// When.
    pub at: Timestamp,
    /// All of it, as JSON.
    pub document: String,
}
