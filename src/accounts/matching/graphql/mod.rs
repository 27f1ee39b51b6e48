//! Finding accounts in the API.

pub mod policy;

use std::sync::Arc;

use async_graphql::{Context, InputObject, Object, SimpleObject};
use entity::value::{Country, MatchVerdict, RegistryIdKind};

use super::{
    model::Matched,
    rules::{Domain, Evidence, Reason, RegistryId, Subject, VERSION},
    service,
};
use crate::{
    accounts::accounts::graphql::Account,
    kernel::code::Code,
    platform::{
        error::{AppError, AppResult},
        graphql::{GqlContext, parse},
    },
};

/// How many names, and how many registry ids, a question has at most.
const MOST_GIVEN: usize = 10;

/// A reason, with what it was seen in.
#[derive(SimpleObject)]
pub struct AccountMatchReason {
    /// What was found.
    code: Reason,
    /// The same in a sentence.
    sentence: String,
    /// Whether it speaks against their being the same.
    against: bool,
    /// What it was seen in: your side.
    given: String,
    /// What it was seen in: the account's side.
    found: String,
}

impl From<Evidence> for AccountMatchReason {
    fn from(evidence: Evidence) -> Self {
        Self {
            code: evidence.reason,
            sentence: evidence.to_string(),
            against: evidence.reason.is_against(),
            given: evidence.left,
            found: evidence.right,
        }
    }
}

/// An account that is, or may be, who was asked for.
#[derive(SimpleObject)]
pub struct AccountMatch {
    /// The account.
    account: Arc<Account>,
    /// Whether it is.
    verdict: MatchVerdict,
    /// How sure, from 0 to 100: the strongest evidence counts, not the number of reasons.
    score: i32,
    /// Why, strongest first.
    reasons: Vec<AccountMatchReason>,
}

/// Who may be meant by a description.
#[derive(SimpleObject)]
pub struct AccountMatches {
    /// The accounts, best first. None when there is nobody like that.
    candidates: Vec<AccountMatch>,
    /// The version of the rules and word lists that compared.
    matcher_version: i32,
    /// The version of the policy whose thresholds were used.
    policy_version: i32,
}

/// By what a public registry knows a company.
#[derive(Clone, InputObject)]
pub struct MatchRegistryIdInput {
    /// Which registry.
    kind: RegistryIdKind,
    /// The id, with or without separators.
    value: String,
}

/// Who is looked for: at least one name, and what else is known.
#[derive(Clone, InputObject)]
pub struct MatchAccountsInput {
    /// Its names, in whatever spelling and language: 1 to 10.
    names: Vec<String>,
    /// Its website, or its domain.
    website: Option<String>,
    /// Where it is.
    country: Option<Country>,
    /// Its registry ids: at most 10.
    #[graphql(default)]
    registry_ids: Vec<MatchRegistryIdInput>,
}

impl MatchAccountsInput {
    /// Reads it as a subject; `at` stands before the names of fields.
    ///
    /// # Errors
    /// `REQUIRED`, `TOO_LONG` or `MALFORMED`, naming the field.
    pub fn parse(self, at: &str) -> AppResult<Subject> {
        let field = |name: &str| format!("{at}.{name}");
        let Self { names, website, country, registry_ids } = self;
        if names.is_empty() {
            return Err(AppError::invalid(&field("names"), Code::Required, "Say at least one name."));
        }
        let names = parse::at_most(names, &field("names"), MOST_GIVEN)?.into_iter().enumerate();
        let names = names.map(|(index, name)| parse::line(&name, &field(&format!("names.{index}")), 200));
        let ids = parse::at_most(registry_ids, &field("registryIds"), MOST_GIVEN)?.into_iter().enumerate();
        let ids = ids.map(|(index, id)| id.parse(&field(&format!("registryIds.{index}.value"))));
        Ok(Subject {
            names: names.collect::<AppResult<_>>()?,
            domains: parse_domains(website.as_deref(), &field("website"))?,
            registry_ids: ids.collect::<AppResult<_>>()?,
            country,
            id: None,
            parent_id: None,
        })
    }
}

/// Reads a website as the registrable domain that it leads to, also where it proves nothing.
fn parse_domains(website: Option<&str>, field: &str) -> AppResult<Vec<Domain>> {
    let Some(website) = website else { return Ok(Vec::new()) };
    let domain = Domain::parse(&parse::line(website, field, 2000)?).ok_or_else(|| {
        AppError::invalid(field, Code::Malformed, "This is no website or domain, such as https://www.example.com.")
    })?;
    Ok(vec![domain])
}

impl MatchRegistryIdInput {
    fn parse(self, field: &str) -> AppResult<RegistryId> {
        let value = parse::line(&self.value, field, 60)?;
        RegistryId::parse(self.kind, &value).ok_or_else(|| {
            AppError::invalid(field, Code::Malformed, "The registry has no such numbers. Compare it with its source.")
        })
    }
}

/// Queries that find accounts.
#[derive(Default)]
pub struct MatchQuery;

#[Object]
impl MatchQuery {
    /// Which accounts are, or may be, a customer that somebody describes, in whatever spelling: best first, with the
    /// evidence for and against each. For staff and for clients of the vendor.
    async fn match_accounts(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "Who is looked for.")] input: MatchAccountsInput,
    ) -> AppResult<AccountMatches> {
        let subject = input.parse("input")?;
        let found = service::for_staff(gql.call(), subject).await?;
        let accounts = Account::load_many(gql, found.policy.iter().map(|it| it.account_id)).await?;
        let shown = |Matched { account_id, finding }: Matched| {
            Some(AccountMatch {
                account: Arc::clone(accounts.get(&account_id)?),
                verdict: finding.verdict.into(),
                score: i32::from(finding.score),
                reasons: finding.evidence.into_iter().map(AccountMatchReason::from).collect(),
            })
        };
        Ok(AccountMatches {
            candidates: found.policy.into_iter().filter_map(shown).collect(),
            matcher_version: VERSION,
            policy_version: found.version,
        })
    }
}
