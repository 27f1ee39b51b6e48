//! The verb lock: one pure table of who may do what. The other lock is the scope in every query.
//!
//! A new action does not compile until somebody decides here. The table is printed to a snapshot that people read
//! in review (`tests/api/authorization`).
//!
//! Longer than other files because it is that one table, and is read as a whole.

use entity::value::{ClientScope, PartnerState, Role, UserId};

use super::caller::{Caller, ClientCaller, SignedIn};
use crate::{
    kernel::code::Code,
    platform::error::{AppError, AppResult},
};

macro_rules! actions {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// Everything that somebody can want to do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Action { $($(#[$doc])* $variant),* }

        impl Action {
            /// All of them, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The stable name, as audit events carry it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }
        }
    };
}

actions! {
    /// Sign in, refresh or end one's session.
    UseSession = "session.use",
    /// Accept an invitation.
    AcceptInvitation = "invitation.accept",
    /// Apply as a partner.
    SubmitApplication = "application.submit",
    /// Follow, answer or take back an application, by its link.
    AnswerApplication = "application.answer",
    /// Read applications.
    ReadApplications = "application.read",
    /// Decide about an application.
    DecideApplication = "application.decide",
    /// Read partners.
    ReadPartners = "partner.read",
    /// Change the profile and the contacts of a partner.
    UpdatePartner = "partner.update",
    /// Choose the channel manager who looks after a partner.
    AssignManager = "partner.assign_manager",
    /// Say what a partner may sell where, and what a territory covers.
    AuthorisePartner = "partner.authorise",
    /// Suspend, reinstate and terminate partners.
    ChangePartnerState = "partner.change_state",
    /// Complete a step of an onboarding plan.
    CompleteOnboardingStep = "onboarding_step.complete",
    /// Waive, reschedule and add steps of onboarding plans, and see which stall.
    ManageOnboardingPlans = "onboarding_plan.manage",
    /// Change what the partner program says: templates of plans, tiers.
    ManageProgramPolicies = "program_policy.manage",
    /// Write and publish agreements, and see who has not accepted them.
    ManageAgreements = "agreement.manage",
    /// Accept an agreement in the partner's name.
    AcceptAgreement = "agreement.accept",
    /// Read joint business plans.
    ReadBusinessPlans = "business_plan.read",
    /// Write a joint business plan, propose it and agree to it.
    WriteBusinessPlans = "business_plan.write",
    /// Close a joint business plan.
    CloseBusinessPlans = "business_plan.close",
    /// Review tiers, and decide about what reviews propose.
    ReviewTiers = "tier.review",
    /// Read accounts.
    ReadAccounts = "account.read",
    /// Create and change accounts.
    WriteAccounts = "account.write",
    /// Read which accounts may be the same customer, and which were merged.
    ReadAccountDuplicates = "account_duplicate.read",
    /// Merge accounts, undo it, and decide that two are different customers.
    MergeAccounts = "account.merge",
    /// Ask which accounts a customer may be.
    MatchAccounts = "account.match",
    /// Ask whether an account is available for a deal.
    CheckAvailability = "account.check_availability",
    /// Read deal registrations.
    ReadRegistrations = "registration.read",
    /// Register a deal.
    RegisterDeal = "registration.register",
    /// Approve or reject a deal registration.
    DecideRegistration = "registration.decide",
    /// Dispute what was decided about a registration, take part in its conflict case, and appeal its decision.
    DisputeRegistration = "registration.dispute",
    /// Read conflict cases.
    ReadConflicts = "conflict.read",
    /// Open, assign and decide conflict cases.
    DecideConflict = "conflict.decide",
    /// Nobody may: what the audit calls the approval that a policy gives without a person.
    ApproveAutomatically = "registration.approve_automatically",
    /// Add evidence to a deal registration.
    UpdateRegistration = "registration.update",
    /// Take a deal registration back, or give its protection up.
    WithdrawRegistration = "registration.withdraw",
    /// Move a deal to its next stage, or record that it was lost.
    WorkDeal = "deal.work",
    /// Record that a deal was won.
    WinDeal = "deal.win",
    /// Read programs, requests and claims of market development funds.
    ReadMdf = "mdf.read",
    /// Create programs of market development funds and allocate their budget.
    ManageMdfPrograms = "mdf.manage_programs",
    /// Request market development funds.
    RequestMdf = "mdf.request",
    /// Approve or reject a request or a claim.
    DecideMdf = "mdf.decide",
    /// Claim market development funds.
    ClaimMdf = "mdf.claim",
    /// Record that a payable tranche was paid.
    PayMdf = "mdf.pay",
    /// Read courses.
    ReadCourses = "course.read",
    /// Create courses and record completions.
    WriteTraining = "training.write",
    /// Read engagement scores.
    ReadEngagement = "engagement.read",
    /// Read audit events.
    ReadAudit = "audit.read",
    /// Change one's own password, second factor and profile, and see and end one's own sessions.
    ManageOwnAccess = "own_access.manage",
    /// Nobody may: what the audit calls the use of a spent refresh token.
    ReuseRefreshToken = "session.refresh_reused",
    /// Prove by the link in a mail that another address is one's own.
    ConfirmAddress = "email.confirm",
    /// Ask for a new password, and choose it.
    ResetPassword = "password.reset",
    /// Read people and invitations.
    ReadUsers = "user.read",
    /// Invite people, and revoke invitations.
    InviteUser = "user.invite",
    /// Change roles, deactivate and reactivate people, end their sessions.
    ChangeUser = "user.change",
    /// Read API clients.
    ReadClients = "api_client.read",
    /// Create and change API clients, and give them secrets.
    ManageClients = "api_client.manage",
    /// Take secrets back, and API clients with them.
    RevokeClients = "api_client.revoke",
    /// Change the rules of sign-in.
    ManageSecurityPolicy = "security_policy.manage",
    /// Export all that is held of a person.
    ExportPerson = "person.export",
    /// Erase a person.
    ErasePerson = "person.erase",
    /// Create the first administrator, from the command line.
    CreateFirstAdmin = "first_admin.create",
}

/// What the policy needs to know of the row that an action is about.
#[derive(Clone, Debug, Default)]
pub struct Target {
    /// People who took part before and therefore may not do this: who asked does not approve, who approved does not pay.
    pub not_by: Vec<UserId>,
}

impl Target {
    /// A row in which these people took part before.
    #[must_use]
    pub fn touched_by(people: impl IntoIterator<Item = Option<UserId>>) -> Self {
        Self { not_by: people.into_iter().flatten().collect() }
    }
}

/// What the table says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Go on.
    Allowed,
    /// Sign in first.
    Unauthenticated,
    /// The caller's roles do not allow it.
    Forbidden,
    /// A rule about this partner or these people refuses it.
    Refused(Code),
}

impl Verdict {
    /// Nothing when allowed.
    ///
    /// # Errors
    /// The verdict as an application error.
    pub fn or_refuse(self) -> AppResult<()> {
        match self {
            Self::Allowed => Ok(()),
            Self::Unauthenticated => Err(AppError::Unauthenticated),
            Self::Forbidden => Err(AppError::Forbidden),
            Self::Refused(Code::FourEyes) => Err(AppError::refused(
                Code::FourEyes,
                "You took part in an earlier step of this. Somebody else has to do this one.",
            )),
            Self::Refused(code) => Err(AppError::refused(
                code,
                "Your company is not active as a partner at the moment, so it can read but start nothing new. Ask your channel manager.",
            )),
        }
    }
}

/// Whether `caller` may do `action` on `target`.
#[must_use]
pub fn decide(caller: &Caller, action: Action, target: &Target) -> Verdict {
    match caller {
        Caller::System => Verdict::Allowed,
        Caller::Anonymous => match action {
            Action::UseSession
            | Action::AcceptInvitation
            | Action::ConfirmAddress
            | Action::ResetPassword
            | Action::SubmitApplication
            | Action::AnswerApplication => Verdict::Allowed,
            _ => Verdict::Unauthenticated,
        },
        Caller::User(user) => decide_user(user, action, target),
        Caller::Client(client) => decide_client(client, action, target),
    }
}

fn decide_user(user: &SignedIn, action: Action, target: &Target) -> Verdict {
    if !user.roles.iter().any(|role| allows(role, action)) {
        return Verdict::Forbidden;
    }
    if let Some((_, state)) = user.partner
        && !partner_may(state, action)
    {
        return Verdict::Refused(Code::PartnerNotActive);
    }
    if target.not_by.contains(&user.user_id) {
        return Verdict::Refused(Code::FourEyes);
    }
    Verdict::Allowed
}

fn decide_client(client: &ClientCaller, action: Action, target: &Target) -> Verdict {
    let for_partner = client.partner.is_some();
    if !client.scopes.iter().any(|scope| grants(scope, action, for_partner)) {
        return Verdict::Forbidden;
    }
    if let Some((_, state)) = client.partner
        && !partner_may(state, action)
    {
        return Verdict::Refused(Code::PartnerNotActive);
    }
    if target.not_by.contains(&client.responsible) {
        return Verdict::Refused(Code::FourEyes);
    }
    Verdict::Allowed
}

/// What a scope grants to a client of the vendor, or to one of a partner. A client decides nothing, pays nothing and
/// makes neither people nor keys: people answer for that.
#[deny(clippy::wildcard_enum_match_arm)]
#[expect(clippy::too_many_lines, reason = "one table, a line an action")]
fn grants(scope: ClientScope, action: Action, for_partner: bool) -> bool {
    use ClientScope::{
        AccountsRead, AccountsWrite, AuditRead, DealsRead, DealsWrite, MdfRead, MdfWrite, MeasurementRead,
        PartnersRead, TrainingRead, TrainingWrite,
    };
    match action {
        Action::ReadPartners | Action::ReadBusinessPlans => matches!(scope, PartnersRead),
        Action::ReadApplications => matches!(scope, PartnersRead) && !for_partner,
        Action::ReadAccounts => matches!(scope, AccountsRead | AccountsWrite),
        Action::WriteAccounts => matches!(scope, AccountsWrite) && !for_partner,
        Action::ReadAccountDuplicates => matches!(scope, AccountsRead | AccountsWrite) && !for_partner,
        Action::MatchAccounts => matches!(scope, AccountsRead | AccountsWrite) && !for_partner,
        Action::CheckAvailability => matches!(scope, DealsRead | DealsWrite) && for_partner,
        Action::ReadRegistrations => matches!(scope, DealsRead | DealsWrite),
        Action::RegisterDeal | Action::UpdateRegistration | Action::WithdrawRegistration => {
            matches!(scope, DealsWrite) && for_partner
        }
        Action::WorkDeal => matches!(scope, DealsWrite),
        Action::WinDeal => matches!(scope, DealsWrite) && !for_partner,
        Action::ReadConflicts => matches!(scope, DealsRead | DealsWrite) && !for_partner,
        Action::ReadMdf => matches!(scope, MdfRead | MdfWrite),
        Action::RequestMdf | Action::ClaimMdf => matches!(scope, MdfWrite) && for_partner,
        Action::ReadCourses => matches!(scope, TrainingRead | TrainingWrite),
        Action::WriteTraining => matches!(scope, TrainingWrite) && !for_partner,
        Action::ReadEngagement => matches!(scope, MeasurementRead),
        Action::ReadAudit => matches!(scope, AuditRead),
        Action::UseSession
        | Action::AcceptInvitation
        | Action::ConfirmAddress
        | Action::ResetPassword
        | Action::SubmitApplication
        | Action::AnswerApplication
        | Action::DecideApplication
        | Action::UpdatePartner
        | Action::AssignManager
        | Action::AuthorisePartner
        | Action::ChangePartnerState
        | Action::CompleteOnboardingStep
        | Action::ManageOnboardingPlans
        | Action::ManageProgramPolicies
        | Action::ManageAgreements
        | Action::AcceptAgreement
        | Action::WriteBusinessPlans
        | Action::CloseBusinessPlans
        | Action::ReviewTiers
        | Action::MergeAccounts
        | Action::DecideRegistration
        | Action::DisputeRegistration
        | Action::DecideConflict
        | Action::ManageMdfPrograms
        | Action::DecideMdf
        | Action::PayMdf
        | Action::ManageOwnAccess
        | Action::ReadUsers
        | Action::InviteUser
        | Action::ChangeUser
        | Action::ReadClients
        | Action::ManageClients
        | Action::RevokeClients
        | Action::ManageSecurityPolicy
        | Action::ExportPerson
        | Action::ErasePerson
        | Action::ReuseRefreshToken
        | Action::ApproveAutomatically
        | Action::CreateFirstAdmin => false,
    }
}

/// The table itself: rows are actions, the roles on the right may.
#[deny(clippy::wildcard_enum_match_arm)]
fn allows(role: Role, action: Action) -> bool {
    use Role::{Admin, ChannelManager, ChannelOps, DirectSales, Executive, Finance, Marketer, PartnerAdmin, Seller};
    match action {
        Action::UseSession
        | Action::AcceptInvitation
        | Action::SubmitApplication
        | Action::AnswerApplication
        | Action::ReadPartners
        | Action::ReadCourses
        | Action::ReadEngagement
        | Action::ManageOwnAccess
        | Action::ConfirmAddress
        | Action::ResetPassword => true,
        Action::ReadUsers => role.is_staff() || matches!(role, PartnerAdmin),
        // Whose people they are is the scope's business: a partner's administrator reaches their own company only.
        Action::InviteUser
        | Action::ChangeUser
        | Action::ReadClients
        | Action::ManageClients
        | Action::RevokeClients
        | Action::ExportPerson
        | Action::ErasePerson => matches!(role, Admin | PartnerAdmin),
        Action::ManageSecurityPolicy => matches!(role, Admin),
        Action::ReadApplications => role.is_staff() && role != DirectSales,
        Action::DecideApplication | Action::ChangePartnerState | Action::AssignManager | Action::AuthorisePartner => {
            matches!(role, Admin | ChannelOps)
        }
        Action::UpdatePartner => matches!(role, PartnerAdmin | Admin | ChannelOps | ChannelManager),
        Action::CompleteOnboardingStep | Action::WriteBusinessPlans => {
            matches!(role, PartnerAdmin | Admin | ChannelOps | ChannelManager)
        }
        Action::ManageOnboardingPlans | Action::CloseBusinessPlans => {
            matches!(role, Admin | ChannelOps | ChannelManager)
        }
        Action::ManageProgramPolicies | Action::ManageAgreements | Action::ReviewTiers => {
            matches!(role, Admin | ChannelOps)
        }
        Action::AcceptAgreement => matches!(role, PartnerAdmin),
        Action::ReadBusinessPlans => role.is_staff() || matches!(role, PartnerAdmin | Seller | Marketer),
        Action::ReadAccounts => role.is_staff() || matches!(role, PartnerAdmin | Seller),
        Action::WriteAccounts | Action::MergeAccounts => matches!(role, Admin | ChannelOps),
        Action::ReadAccountDuplicates | Action::MatchAccounts | Action::ReadConflicts => role.is_staff(),
        Action::CheckAvailability => matches!(role, PartnerAdmin | Seller),
        Action::ReadRegistrations => role.is_staff() || matches!(role, PartnerAdmin | Seller),
        Action::RegisterDeal | Action::UpdateRegistration | Action::WithdrawRegistration => {
            matches!(role, PartnerAdmin | Seller)
        }
        Action::WorkDeal => matches!(role, PartnerAdmin | Seller | Admin | ChannelOps),
        Action::WinDeal => matches!(role, Admin | ChannelOps),
        Action::DecideRegistration | Action::DecideConflict => matches!(role, Admin | ChannelOps),
        Action::DisputeRegistration => matches!(role, PartnerAdmin | Seller),
        Action::ReadMdf => (role.is_staff() && role != DirectSales) || matches!(role, PartnerAdmin | Marketer),
        Action::ManageMdfPrograms => matches!(role, Admin | ChannelOps),
        Action::RequestMdf | Action::ClaimMdf => matches!(role, PartnerAdmin | Marketer),
        Action::DecideMdf => matches!(role, Admin | ChannelOps),
        Action::PayMdf => matches!(role, Finance),
        Action::WriteTraining => matches!(role, Admin | ChannelOps),
        Action::ReuseRefreshToken | Action::ApproveAutomatically | Action::CreateFirstAdmin => false,
        Action::ReadAudit => matches!(role, Admin | ChannelOps | ChannelManager | Finance | Executive | PartnerAdmin),
    }
}

/// What a partner's people may do while the partner is in a state (`domain.md §2`): a suspended one signs in and
/// reads, and starts nothing new; a terminated one may not even sign in.
#[deny(clippy::wildcard_enum_match_arm)]
#[expect(clippy::too_many_lines, reason = "one table, a line an action")]
fn partner_may(state: PartnerState, action: Action) -> bool {
    let reads = match action {
        Action::UseSession
        | Action::AcceptInvitation
        // Whoever has the link is the applicant, whatever else they are.
        | Action::AnswerApplication
        | Action::ReadApplications
        | Action::ReadPartners
        | Action::ReadBusinessPlans
        | Action::ReadAccounts
        | Action::MatchAccounts
        | Action::CheckAvailability
        | Action::ReadRegistrations
        | Action::ReadMdf
        | Action::ReadCourses
        | Action::ReadEngagement
        | Action::ReadAudit
        | Action::ManageOwnAccess
        | Action::ConfirmAddress
        | Action::ResetPassword
        | Action::ReadUsers
        | Action::ExportPerson
        | Action::ReadClients
        // Cleaning up is no new business: people who left, and secrets that leaked, must lose their access whatever
        // the company's state.
        | Action::ChangeUser
        | Action::RevokeClients
        | Action::ErasePerson => true,
        Action::InviteUser
        | Action::ManageClients
        | Action::ManageSecurityPolicy
        | Action::SubmitApplication
        | Action::DecideApplication
        | Action::UpdatePartner
        | Action::AssignManager
        | Action::AuthorisePartner
        | Action::ChangePartnerState
        | Action::CompleteOnboardingStep
        | Action::ManageOnboardingPlans
        | Action::ManageProgramPolicies
        | Action::ManageAgreements
        | Action::AcceptAgreement
        | Action::WriteBusinessPlans
        | Action::CloseBusinessPlans
        | Action::ReviewTiers
        | Action::WriteAccounts
        | Action::ReadAccountDuplicates
        | Action::MergeAccounts
        | Action::RegisterDeal
        | Action::DecideRegistration
        | Action::DisputeRegistration
        | Action::ReadConflicts
        | Action::DecideConflict
        | Action::UpdateRegistration
        | Action::WithdrawRegistration
        | Action::WorkDeal
        | Action::WinDeal
        | Action::ManageMdfPrograms
        | Action::RequestMdf
        | Action::DecideMdf
        | Action::ClaimMdf
        | Action::PayMdf
        | Action::WriteTraining
        | Action::ReuseRefreshToken
        | Action::ApproveAutomatically
        | Action::CreateFirstAdmin => false,
    };
    match state {
        PartnerState::Onboarding | PartnerState::Active => true,
        PartnerState::Suspended => reads,
        PartnerState::Terminated => false,
    }
}
