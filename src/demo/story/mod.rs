//! Who did what, when. Everything goes through the API; what the rules refuse to a rival is part of the story.

#![expect(clippy::indexing_slicing, reason = "answers are JSON: what is not there reads as null")]

mod cast;
mod customers;
mod deals;
mod funds;

use chrono::Datelike as _;
use entity::value::{Day, PartnerId, PartnerState, Role, Roles, Timestamp, UserId};
use serde_json::{Value, json};

use cast::{CAST, Cast};

use super::teller::{Teller, parsed};
use crate::{
    people::users::model::User,
    platform::{
        auth::{Caller, SignedIn},
        error::AppResult,
    },
};

/// A partner once the story knows it.
struct Company {
    number: usize,
    id: PartnerId,
    people: Vec<(User, Caller)>,
    busy: u64,
}

/// A deal on its way.
struct Deal {
    id: Value,
    owner: usize,
    closes_in: u64,
}

/// A campaign paid from the fund.
struct Campaign {
    request: Value,
    owner: usize,
    weeks: u32,
}

/// Chance that tells the same story every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides.max(1)
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        let sides = u64::try_from(of.len()).unwrap_or(1);
        of.get(usize::try_from(self.roll(sides)).unwrap_or(0))
    }
}

struct Staff {
    admin: Caller,
    ops: Caller,
    finance: Caller,
}

/// Tells the story until `end`.
pub async fn tell(teller: Teller, end: Timestamp) -> AppResult<()> {
    let begin = teller.now();
    let staff = hire(&teller).await?;
    let (lines, program) = prepare(&teller, &staff, begin, end).await?;
    customers::tell(&teller, &staff).await?;
    let mut companies = Vec::new();
    for (number, cast) in CAST.iter().enumerate() {
        companies.push(join(&teller, &staff, cast, number).await?);
    }
    for company in &companies {
        let input = json!({ "programId": program, "partnerId": company.id.to_string(),
            "potential": { "minorUnits": "5000000", "currency": "EUR" } });
        teller.done(&staff.ops, "allocateMdf", input, "").await?;
    }
    live(&teller, &staff, &mut companies, &lines, &program, (begin, end)).await?;
    customers::tidy(&teller, &staff).await?;
    applicants(&teller, &staff).await
}

/// The vendor's own people.
async fn hire(teller: &Teller) -> AppResult<Staff> {
    let mut callers = Vec::new();
    for (title, email, role) in super::PEOPLE.iter().filter(|(_, _, role)| role.is_staff()) {
        let name = title.split(',').next().unwrap_or(title);
        let user = teller.create_user(name, email, None, *role).await?;
        callers.push((*role, teller.signs_in(&user, None).await?));
    }
    let of = |role: Role| {
        callers.iter().find(|(has, _)| *has == role).map_or(Caller::Anonymous, |(_, caller)| caller.clone())
    };
    Ok(Staff { admin: of(Role::Admin), ops: of(Role::ChannelOps), finance: of(Role::Finance) })
}

/// What is there before partners come: product lines, courses, a program, an account of the direct team.
async fn prepare(teller: &Teller, staff: &Staff, begin: Timestamp, end: Timestamp) -> AppResult<(Vec<Value>, Value)> {
    let mut lines = Vec::new();
    for (code, name) in [("PLATFORM", "Platform"), ("ANALYTICS", "Analytics"), ("SUPPORT", "Premium support")] {
        let input = json!({ "code": code, "name": name });
        lines.push(
            teller.done(&staff.admin, "createProductLine", input, "productLine { id }").await?["productLine"]["id"]
                .clone(),
        );
    }
    for (code, title, foundation) in [
        ("FOUNDATION", "Foundations for partners", true),
        ("SALES-1", "Selling the platform", false),
        ("TECH-1", "Installing the platform", false),
        ("TECH-2", "Migrations", false),
    ] {
        let input = json!({ "code": code, "title": title, "isFoundation": foundation, "passMarkBp": 7000, "validityMonths": 12 });
        teller.done(&staff.admin, "createCourse", input, "").await?;
    }
    let account = json!({ "name": "Grand Duchy Telecom", "website": "https://gdtelecom.example", "country": "LU", "reservedFor": "DIRECT" });
    teller.done(&staff.ops, "createAccount", account, "").await?;
    let activity = |kind: &str, rate: i64| json!({ "activityType": kind, "reimbursementRateBp": rate, "cap": { "minorUnits": "1500000", "currency": "EUR" } });
    let program = json!({
        "name": "Growth fund", "startsOn": day(begin, 0), "endsOn": day(end, 90),
        "budget": { "minorUnits": "60000000", "currency": "EUR" },
        "activityTypes": [activity("WEBINAR", 5000), activity("TARGETED_EVENT", 5000), activity("GATED_CONTENT", 6000), activity("JOINT_CUSTOMER_EVENT", 5000)],
    });
    let program =
        teller.done(&staff.ops, "createMdfProgram", program, "program { id }").await?["program"]["id"].clone();
    Ok((lines, program))
}

/// A partner applies, is approved, and comes in.
async fn join(teller: &Teller, staff: &Staff, cast: &Cast, number: usize) -> AppResult<Company> {
    let contact = json!({ "name": cast.admin.0, "email": format!("{}@{}", cast.admin.1, cast.host) });
    let application = json!({
        "legalName": cast.name, "website": format!("https://{}", cast.host), "country": cast.country,
        "partnerTypes": [cast.kind], "regions": ["EUROPE"], "industries": ["Manufacturing", "Services"],
        "expectedBusiness": "Eight to twelve projects a year with mid-sized companies, most of them new to the vendor.",
        "contact": contact,
    });
    teller.done(&Caller::Anonymous, "submitPartnerApplication", application, "").await?;
    let found = teller.ask(&staff.ops, "{ partnerApplications(first: 1) { nodes { id } } }", json!({})).await?;
    let id = found["partnerApplications"]["nodes"][0]["id"].clone();
    pass(teller, 1);
    let approved = teller
        .done(&staff.ops, "approvePartnerApplication", json!({ "applicationId": id }), "partner { id } invitationToken")
        .await?;
    let partner_id: PartnerId = parsed(&approved["partner"]["id"])?;
    pass(teller, 1);
    let accept = json!({ "token": approved["invitationToken"], "password": super::PASSWORD });
    let accepted = teller.done(&Caller::Anonymous, "acceptInvitation", accept, "user { id }").await?;
    let admin = teller.user(&accepted["user"]["id"]).await?;
    let admin_caller = caller(&admin, partner_id);
    let mut people = vec![(admin.clone(), teller.signs_in(&admin, Some(&admin_caller)).await?)];
    for (name, role) in [("Sven Adler", Role::Seller), ("Marta Ricci", Role::Marketer), ("Luis Ortega", Role::Learner)]
    {
        let short = name.split(' ').next().unwrap_or(name).to_lowercase();
        let user = teller.create_user(name, &format!("{short}@{}", cast.host), Some(&admin_caller), role).await?;
        people.push((user.clone(), teller.signs_in(&user, Some(&admin_caller)).await?));
    }
    let company = Company { number, id: partner_id, people, busy: cast.busy };
    onboard(teller, staff, &company).await?;
    Ok(company)
}

/// The steps of the plan, in the order of the plan; the foundation course completes its own.
async fn onboard(teller: &Teller, staff: &Staff, company: &Company) -> AppResult<()> {
    train(teller, staff, company, "FOUNDATION", 0).await?;
    let Some((_, admin)) = company.people.first() else { return Ok(()) };
    let document = "{ viewer { partner { onboardingSteps { id step state allowedActions } } } partnerAgreement { version sha256 } }";
    let plan = teller.ask(admin, document, json!({})).await?;
    let agreement = plan["partnerAgreement"].clone();
    for step in plan["viewer"]["partner"]["onboardingSteps"].as_array().into_iter().flatten() {
        let completes = step["allowedActions"].as_array().is_some_and(|actions| !actions.is_empty());
        if step["state"] != "PENDING" || !completes {
            continue;
        }
        let mut input = json!({ "stepId": step["id"] });
        match step["step"].as_str() {
            Some("SIGN_AGREEMENT") => input["agreement"] = agreement.clone(),
            _ => input["text"] = "Two offices, twenty consultants, strong in manufacturing and public services.".into(),
        }
        teller.done(admin, "completeOnboardingStep", input, "").await?;
    }
    agree(teller, staff, admin).await
}

/// Both sides agree on what the year is to bring; with that the step of the plan is done.
async fn agree(teller: &Teller, staff: &Staff, admin: &Caller) -> AppResult<()> {
    const PLAN: &str = "businessPlan { id version }";
    let year = teller.now().to_utc().date_naive().year();
    let plan = json!({ "year": year, "currency": "EUR", "targets": {
        "pipelineMinorUnits": "60000000", "revenueMinorUnits": "20000000", "certifications": 3, "mdfActivities": 2,
        "note": "Twelve registered deals, two webinars and three certified people within the year.",
    } });
    let plan = teller.done(admin, "createBusinessPlan", plan, PLAN).await?["businessPlan"].clone();
    let proposed = json!({ "planId": plan["id"], "expectedVersion": plan["version"] });
    let mut plan = teller.done(admin, "proposeBusinessPlan", proposed, PLAN).await?["businessPlan"].clone();
    for side in [admin, &staff.ops] {
        let agreed = json!({ "planId": plan["id"], "expectedVersion": plan["version"] });
        plan = teller.done(side, "agreeBusinessPlan", agreed, PLAN).await?["businessPlan"].clone();
    }
    Ok(())
}

async fn train(teller: &Teller, staff: &Staff, company: &Company, course: &str, run: u64) -> AppResult<()> {
    let rows: Vec<Value> = company
        .people
        .iter()
        .map(|(user, _)| {
            json!({ "externalId": format!("{course}-{run}-{}", user.id), "person": { "id": user.id.to_string() },
                "course": { "code": course }, "scoreBp": 8600, "completedAt": teller.now() })
        })
        .collect();
    teller.done(&staff.ops, "recordTrainingCompletions", json!({ "source": "academy", "rows": rows }), "").await?;
    Ok(())
}

/// Twelve months of business, a week at a time.
async fn live(
    teller: &Teller,
    staff: &Staff,
    companies: &mut [Company],
    lines: &[Value],
    program: &Value,
    (begin, end): (Timestamp, Timestamp),
) -> AppResult<()> {
    let mut dice = Dice(2026);
    let (mut open, mut campaigns) = (Vec::new(), Vec::new());
    let weeks = (end.since(begin).num_days() - 14) / 7;
    for week in 2..weeks {
        let monday = begin.plus_days(week * 7);
        for (owner, company) in companies.iter_mut().enumerate() {
            let today = monday.plus_days(i64::try_from(owner).unwrap_or(0));
            teller.at(today.max(teller.now()));
            visit(teller, company, &mut dice).await?;
            if dice.roll(13) < company.busy {
                open.extend(deals::register(teller, staff, company, lines, &mut dice, week > weeks - 3).await?);
            }
            if week % 16 == i64::try_from(owner).unwrap_or(0) + 3 {
                campaigns.extend(funds::campaign(teller, staff, company, program, week > weeks - 6).await?);
            }
            if week % 20 == 5 {
                train(
                    teller,
                    staff,
                    company,
                    ["SALES-1", "TECH-1", "TECH-2"][owner % 3],
                    u64::try_from(week).unwrap_or(0),
                )
                .await?;
            }
        }
        deals::progress(teller, staff, companies, &mut open, &mut dice).await?;
        funds::settle(teller, staff, companies, &mut campaigns).await?;
    }
    teller.at(end);
    Ok(())
}

/// People look in; the portal is used more by busy partners.
async fn visit(teller: &Teller, company: &mut Company, dice: &mut Dice) -> AppResult<()> {
    let id = company.id;
    for (user, caller_now) in &mut company.people {
        if dice.roll(6) < company.busy {
            let like = caller(user, id);
            *caller_now = teller.signs_in(user, Some(&like)).await?;
        }
    }
    Ok(())
}

/// Companies that still want to become partners.
async fn applicants(teller: &Teller, staff: &Staff) -> AppResult<()> {
    for (name, host) in
        [("Quayside Digital Ltd", "quayside.example"), ("Sierra Partners S.L.", "sierra-partners.example")]
    {
        let application = json!({
            "legalName": name, "website": format!("https://{host}"), "country": "ES", "partnerTypes": ["RESELLER"], "regions": ["EUROPE"],
            "industries": ["Retail"], "expectedBusiness": "We want to add the platform to our offer.",
            "contact": { "name": "Alex Moreno", "email": format!("alex@{host}") },
        });
        teller.done(&Caller::Anonymous, "submitPartnerApplication", application, "").await?;
    }
    let found = teller.ask(&staff.ops, "{ partnerApplications(first: 1) { nodes { id } } }", json!({})).await?;
    let input = json!({ "applicationId": found["partnerApplications"]["nodes"][0]["id"], "code": "NOT_A_FIT" });
    teller.done(&staff.ops, "rejectPartnerApplication", input, "").await?;
    Ok(())
}

fn caller(user: &User, partner_id: PartnerId) -> Caller {
    let UserId(session) = user.id;
    let roles: Roles = user.roles.clone();
    let partner = Some((partner_id, PartnerState::Active));
    Caller::User(SignedIn { user_id: user.id, session_id: entity::value::SessionId(session), partner, roles })
}

fn pass(teller: &Teller, days: i64) {
    teller.at(teller.now().plus_days(days));
}

fn day(from: Timestamp, days: i64) -> String {
    Day(from.plus_days(days).to_utc().date_naive()).to_string()
}
