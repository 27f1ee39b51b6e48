//! How every rule explains itself: steps in the order they were evaluated, each with its inputs and its outcome.

use serde::{Deserialize, Serialize};

use super::code::Code;

/// Who may read a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Audience {
    /// The partner concerned, and staff.
    Partner,
    /// Staff only: it would tell a partner about somebody else.
    Staff,
}

/// One rule that was evaluated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The rule's name: a stable word for programs.
    pub rule: String,
    /// Whether it was passed.
    pub passed: bool,
    /// The code of the refusal when it was not.
    pub code: Option<Code>,
    /// What it found, in a sentence.
    pub sentence: String,
    /// Who may read it.
    pub audience: Audience,
}

/// Why a decision came out as it did. The inputs are exactly what the rule saw, so that it can be replayed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// What was decided: a stable name such as `registration.approve`.
    pub decision: String,
    /// The version of the policy that it was decided under.
    pub policy_version: i32,
    /// `GRANTED`, or the code of the step that refused.
    pub outcome: String,
    /// The facts that the rule was given.
    pub inputs: serde_json::Value,
    /// The rules in the order they were evaluated.
    pub steps: Vec<Step>,
}

/// A decision in the making: steps are evaluated in order until one refuses.
#[derive(Clone, Debug)]
pub struct Decision {
    receipt: Receipt,
    refused: Option<(Code, String)>,
}

impl Decision {
    /// Begins a decision over `inputs` under a version of a policy.
    pub fn begin(decision: &str, policy_version: i32, inputs: &impl Serialize) -> Self {
        let inputs = serde_json::to_value(inputs).unwrap_or(serde_json::Value::Null);
        let receipt = Receipt {
            decision: decision.to_owned(),
            policy_version,
            outcome: "GRANTED".to_owned(),
            inputs,
            steps: Vec::new(),
        };
        Self { receipt, refused: None }
    }

    /// Evaluates a rule that the partner may read about. Not evaluated when an earlier one refused.
    #[must_use]
    pub fn step(self, rule: &str, passed: bool, code: Code, sentence: impl Into<String>) -> Self {
        self.evaluate(rule, passed, code, sentence.into(), Audience::Partner)
    }

    /// Evaluates a rule whose finding only staff may read.
    #[must_use]
    pub fn staff_step(self, rule: &str, passed: bool, code: Code, sentence: impl Into<String>) -> Self {
        self.evaluate(rule, passed, code, sentence.into(), Audience::Staff)
    }

    /// Notes what stands against it and does not refuse it: only staff read it. Not noted when an earlier rule refused.
    #[must_use]
    pub fn notice(mut self, rule: &str, code: Code, sentence: impl Into<String>) -> Self {
        if self.refused.is_none() {
            self.receipt.steps.push(Step {
                rule: rule.to_owned(),
                passed: false,
                code: Some(code),
                sentence: sentence.into(),
                audience: Audience::Staff,
            });
        }
        self
    }

    fn evaluate(mut self, rule: &str, passed: bool, code: Code, sentence: String, audience: Audience) -> Self {
        if self.refused.is_some() {
            return self;
        }
        let step = Step { rule: rule.to_owned(), passed, code: (!passed).then_some(code), sentence, audience };
        if !passed {
            self.receipt.outcome = serde_json::to_value(code)
                .ok()
                .and_then(|word| word.as_str().map(str::to_owned))
                .unwrap_or_else(|| "REFUSED".to_owned());
            self.refused = Some((code, step.sentence.clone()));
        }
        self.receipt.steps.push(step);
        self
    }

    /// Whether every rule so far was passed.
    #[must_use]
    pub const fn is_granted(&self) -> bool {
        self.refused.is_none()
    }

    /// The receipt, and the code and sentence of the rule that refused, if one did.
    #[must_use]
    pub fn finish(self) -> (Receipt, Option<(Code, String)>) {
        (self.receipt, self.refused)
    }
}
