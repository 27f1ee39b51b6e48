//! The printed table of who may do what, for people to read, compared with what the code says.

use std::fmt::Write as _;

use entity::value::{ApiClientId, ClientScope, PartnerId, PartnerState, Role, SessionId, UserId};
use partner_portal::platform::auth::{
    Caller, ClientCaller, SignedIn,
    policy::{self, Action, Target, Verdict},
};
use sea_orm::Iterable;
use uuid::Uuid;

use super::entries::{self, Needs};

const FILE: &str = "docs/authorization.md";
const REPAIR: &str = "UPDATE_DOCS=1 cargo test --test api -- authorization::matrix";

/// A caller with a role, of the vendor or of a partner in a state.
pub fn person(role: Role, state: PartnerState) -> Caller {
    let partner = (!role.is_staff()).then_some((PartnerId(Uuid::nil()), state));
    let (user_id, session_id) = (UserId(Uuid::from_u128(1)), SessionId(Uuid::nil()));
    Caller::User(SignedIn { user_id, session_id, partner, roles: [role].into_iter().collect() })
}

fn client(scope: ClientScope, of_partner: bool, state: PartnerState) -> Caller {
    let partner = of_partner.then_some((PartnerId(Uuid::nil()), state));
    let (client_id, responsible) = (ApiClientId(Uuid::nil()), UserId(Uuid::from_u128(1)));
    Caller::Client(ClientCaller { client_id, partner, scopes: [scope].into_iter().collect(), responsible })
}

fn word(verdict: Verdict) -> String {
    match verdict {
        Verdict::Allowed => "yes".to_owned(),
        Verdict::Unauthenticated | Verdict::Forbidden => "–".to_owned(),
        Verdict::Refused(code) => format!("`{}`", serde_json::to_value(code).unwrap().as_str().unwrap()),
    }
}

/// One table: a row for each action, a column for each caller.
fn table(out: &mut String, title: &str, says: &str, callers: &[(String, Caller)], target: &Target) {
    writeln!(out, "\n## {title}\n\n{says}\n").unwrap();
    let heads: Vec<_> = callers.iter().map(|(name, _)| name.as_str()).collect();
    writeln!(out, "| action | {} |\n|---{}|", heads.join(" | "), "|:-:".repeat(heads.len())).unwrap();
    for action in Action::ALL {
        let cells: Vec<_> = callers.iter().map(|(_, caller)| word(policy::decide(caller, *action, target))).collect();
        writeln!(out, "| `{}` | {} |", action.name(), cells.join(" | ")).unwrap();
    }
}

fn people(state: PartnerState, only_partners: bool) -> Vec<(String, Caller)> {
    let roles = Role::iter().filter(|role| !only_partners || !role.is_staff());
    let callers = roles.map(|role| (role.to_string().to_lowercase().replace('_', " "), person(role, state)));
    let nobody = (!only_partners).then(|| ("nobody".to_owned(), Caller::Anonymous));
    nobody.into_iter().chain(callers).collect()
}

fn clients(of_partner: bool, state: PartnerState) -> Vec<(String, Caller)> {
    ClientScope::iter().map(|scope| (scope.oauth().to_owned(), client(scope, of_partner, state))).collect()
}

fn print() -> String {
    let mut out = String::from(
        "# Who may do what\n\nPrinted from `src/platform/auth/policy.rs` and from the entries of `tests/api/authorization`; do not edit \
         it. A test compares it with the code and fails when they differ. Repair it with\n\n",
    );
    writeln!(out, "```sh\n{REPAIR}\n```\n").unwrap();
    out.push_str(
        "This is one of two locks. The other is the scope: whatever the tables say, a caller of a partner reaches the rows of \
         their own company only, and everything else answers as if it did not exist. \"–\" is `FORBIDDEN` \
         (`UNAUTHENTICATED` for nobody); a word is the code of the refusal.\n",
    );
    let plain = Target::default();
    let touched = Target::touched_by([Some(UserId(Uuid::from_u128(1)))]);
    let (active, suspended) = (PartnerState::Active, PartnerState::Suspended);
    table(
        &mut out,
        "People, on rows of their scope",
        "Partners that are onboarding or active; the table of partners that are onboarding is the same, and a test says so.",
        &people(active, false),
        &plain,
    );
    table(
        &mut out,
        "People, on rows in which they took part",
        "Who asked does not approve, and who approved does not pay: where the use case names who took part before, nobody passes who did.",
        &people(active, false),
        &touched,
    );
    table(
        &mut out,
        "People of a suspended partner",
        "They read and clean up, and start nothing new.",
        &people(suspended, true),
        &plain,
    );
    table(
        &mut out,
        "People of a terminated partner",
        "They do nothing any more, not even sign in.",
        &people(PartnerState::Terminated, true),
        &plain,
    );
    table(
        &mut out,
        "API clients of the vendor, by scope",
        "A client with several scopes may do what one of them allows.",
        &clients(false, active),
        &plain,
    );
    table(
        &mut out,
        "API clients of a partner, by scope",
        "With the partner's rows only.",
        &clients(true, active),
        &plain,
    );
    table(
        &mut out,
        "API clients of a suspended partner, by scope",
        "As its people: they read.",
        &clients(true, suspended),
        &plain,
    );
    table(
        &mut out,
        "API clients, on rows in which the person took part who answers for the client",
        "A client is no way around four eyes.",
        &clients(false, active),
        &touched,
    );
    for (root, title) in
        [("Mutation", "Which mutation needs which action"), ("Query", "Which query needs which action")]
    {
        let what = root.to_lowercase();
        writeln!(out, "\n## {title}\n\n| {what} | action |\n|---|---|").unwrap();
        let mut rows: Vec<_> = entries::all()
            .into_iter()
            .filter(|entry| entry.root == root)
            .map(|entry| match entry.needs {
                Needs::Action(action) => format!("| `{}` | `{}` |", entry.field, action.name()),
                Needs::Nothing => format!("| `{}` | none: everybody gets what they may see |", entry.field),
            })
            .collect();
        rows.sort();
        writeln!(out, "{}", rows.join("\n")).unwrap();
    }
    out
}

#[test]
fn the_printed_table_is_what_the_code_says() {
    let printed = print();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(FILE, &printed).unwrap();
    }
    let kept = std::fs::read_to_string(FILE).unwrap_or_default();
    let differs = kept.lines().zip(printed.lines()).find(|(kept, printed)| kept != printed);
    assert!(
        kept == printed,
        "{FILE} is not what the code says{}; read what changed, and repair it with: {REPAIR}",
        differs.map(|(kept, printed)| format!(", first here:\n  {kept}\n  {printed}\n")).unwrap_or_default()
    );
}

#[test]
fn an_onboarding_partner_may_what_an_active_one_may() {
    for (role, action) in Role::iter().flat_map(|role| Action::ALL.iter().map(move |action| (role, *action))) {
        let of = |state| policy::decide(&person(role, state), action, &Target::default());
        assert_eq!(of(PartnerState::Onboarding), of(PartnerState::Active), "{role} {action:?}");
    }
}

#[test]
fn nobody_decides_or_pays_what_they_took_part_in() {
    let touched = Target::touched_by([Some(UserId(Uuid::from_u128(1)))]);
    for action in Action::ALL {
        let staff = Role::iter().map(|role| person(role, PartnerState::Active));
        let programs = ClientScope::iter().map(|scope| client(scope, false, PartnerState::Active));
        for caller in staff.chain(programs) {
            assert_ne!(policy::decide(&caller, *action, &touched), Verdict::Allowed, "{action:?} {caller:?}");
        }
    }
}

#[test]
fn staff_rights_are_never_a_partners_and_executives_change_nothing() {
    let active = PartnerState::Active;
    let allowed = |role, action| policy::decide(&person(role, active), action, &Target::default()) == Verdict::Allowed;
    for action in [
        Action::DecideApplication,
        Action::DecideRegistration,
        Action::DecideMdf,
        Action::PayMdf,
        Action::ManageMdfPrograms,
        Action::WinDeal,
        Action::WriteAccounts,
        Action::WriteTraining,
    ] {
        assert!(Role::iter().filter(|role| !role.is_staff()).all(|role| !allowed(role, action)), "{action:?}");
        assert!(!allowed(Role::Executive, action), "{action:?}");
    }
    // Nobody both approves money and pays it out.
    assert!(Role::iter().all(|role| !(allowed(role, Action::DecideMdf) && allowed(role, Action::PayMdf))));
}
