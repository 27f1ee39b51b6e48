//! The policy of matching in the API.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use crate::{
    accounts::matching::{
        model::{MatchPolicy, SetMatchPolicy},
        service,
    },
    payload,
    platform::{
        error::AppResult,
        graphql::{
            GqlContext,
            mutation::{MutationInput, mutate},
            parse,
        },
        policies::InForce,
    },
};

/// The figures that accounts are recognised by.
#[derive(SimpleObject)]
pub struct AccountMatchPolicy {
    /// Its version: every finding says under which one it was made.
    version: i32,
    /// From which score on, of 100, similar names are worth a person's look.
    probable_from: i32,
    /// Candidates whose score is so much below the best one's are not shown.
    margin: i32,
    /// So many candidates are shown at most.
    most_candidates: i32,
    /// So often a partner may ask in a day (of UTC) whether an account is available.
    availability_checks_a_day: i64,
}

impl From<InForce<MatchPolicy>> for AccountMatchPolicy {
    fn from(found: InForce<MatchPolicy>) -> Self {
        let InForce { version, policy } = found;
        let MatchPolicy { probable_from, margin, most_candidates, availability_checks_a_day } = policy;
        Self {
            version,
            probable_from: probable_from.into(),
            margin: margin.into(),
            most_candidates: most_candidates.into(),
            availability_checks_a_day: availability_checks_a_day.into(),
        }
    }
}

/// Changes the policy of matching, from now on. What is absent stays.
#[derive(Clone, InputObject)]
pub struct SetAccountMatchPolicyInput {
    /// From which score on similar names are worth a person's look, from 1 to 94. `partner-portal match evaluate`
    /// prints what each would have found of the pairs that people decided.
    probable_from: Option<i32>,
    /// How far below the best candidate's score others are shown, from 1 to 100.
    margin: Option<i32>,
    /// How many candidates are shown at most, from 1 to 100.
    most_candidates: Option<i32>,
    /// How often a partner may ask in a day whether an account is available, from 0 to 100,000.
    availability_checks_a_day: Option<i32>,
    /// The version that you have read; refused when there is a newer one.
    expected_version: Option<i32>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for SetAccountMatchPolicyInput {
    type Command = SetMatchPolicy;
    const OPERATION: &'static str = "setAccountMatchPolicy";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<SetMatchPolicy> {
        Ok(SetMatchPolicy {
            probable_from: parse::within(self.probable_from, 1..=94, "probableFrom")?,
            margin: parse::within(self.margin, 1..=100, "margin")?,
            most_candidates: parse::within(self.most_candidates, 1..=100, "mostCandidates")?,
            availability_checks_a_day: parse::within(
                self.availability_checks_a_day,
                0..=100_000,
                "availabilityChecksADay",
            )?,
            expected_version: self.expected_version,
        })
    }
}

payload! {
    /// The policy as it is in force now.
    SetAccountMatchPolicyPayload from InForce<MatchPolicy> as set {
        /// The policy.
        account_match_policy: AccountMatchPolicy = AccountMatchPolicy::from(set)
    }
}

/// Queries of the policy.
#[derive(Default)]
pub struct MatchPolicyQuery;

#[Object]
impl MatchPolicyQuery {
    /// The figures that accounts are recognised by. For staff.
    async fn account_match_policy(&self, gql: &Context<'_>) -> AppResult<AccountMatchPolicy> {
        Ok(service::policy(gql.call()).await?.into())
    }
}

/// Mutations of the policy.
#[derive(Default)]
pub struct MatchPolicyMutation;

#[Object]
impl MatchPolicyMutation {
    /// Changes the figures that accounts are recognised by, from now on: what was found before keeps its version. For
    /// staff who merge accounts.
    async fn set_account_match_policy(
        &self,
        gql: &Context<'_>,
        input: SetAccountMatchPolicyInput,
    ) -> AppResult<SetAccountMatchPolicyPayload> {
        mutate(gql, input, service::set_policy).await
    }
}
