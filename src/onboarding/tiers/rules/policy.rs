//! The policy of tiers (`domain.md §2`): the programs, their levels, what each level asks for and gives.

use std::collections::BTreeSet;

use entity::value::{Currency, PartnerType, PartnerTypes, Tier};
use serde::{Deserialize, Serialize};

use crate::{kernel::code::Code, platform::policies::Policy};

/// The policy of tiers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct TierPolicy {
    /// The programs; the first one that names a type of a partner is the partner's, else the last one.
    pub programs: Vec<Program>,
    /// How many reviews running may find a partner under the line of its level before one proposes a lower one.
    pub grace_reviews: u32,
}

/// A program: its levels, from the entry level up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Program {
    /// A short name that does not change.
    pub code: String,
    /// What it is called.
    pub name: String,
    /// The types of partner that it is for; empty for the last one, which is for everybody else.
    pub partner_types: Vec<PartnerType>,
    /// The currency of its amounts.
    pub currency: Currency,
    /// Its levels, each once, from the entry level up.
    pub levels: Vec<Level>,
}

/// A level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Level {
    /// Which.
    pub tier: Tier,
    /// What it asks for: all of it has to be met.
    pub requirements: Requirements,
    /// What it gives.
    pub benefits: Benefits,
}

/// What a level asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Requirements {
    /// Revenue of the registered deals won in the twelve months before, in minor units of the program's currency.
    pub revenue_minor: i64,
    /// Live certifications.
    pub certifications: i64,
    /// The engagement score, from 0 to 100.
    pub engagement_score: i64,
}

/// What a level gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Benefits {
    /// The discount on deals, in basis points.
    pub deal_discount_bp: i64,
    /// For how many days a registration is protected.
    pub protection_days: i64,
    /// The potential of market development funds in a year, in minor units of the program's currency.
    pub mdf_potential_minor: i64,
    /// Up to which amount a clean registration may be approved by policy, in minor units of the program's currency.
    pub auto_approval_ceiling_minor: i64,
}

/// The levels in their order.
const TIERS: [Tier; 4] = [Tier::Registered, Tier::Silver, Tier::Gold, Tier::Platinum];

/// The most that an amount may be: ten trillion whole units of a currency with cents.
const MOST_MONEY: i64 = 1_000_000_000_000_000;

/// The most certifications that a level may ask for.
const MOST_CERTIFICATIONS: i64 = 100_000;

/// How many programs there may be.
const MOST_PROGRAMS: usize = 20;

impl Default for TierPolicy {
    fn default() -> Self {
        let level = |tier, (revenue_minor, certifications, engagement_score), (discount, days, mdf, ceiling)| Level {
            tier,
            requirements: Requirements { revenue_minor, certifications, engagement_score },
            benefits: Benefits {
                deal_discount_bp: discount,
                protection_days: days,
                mdf_potential_minor: mdf,
                auto_approval_ceiling_minor: ceiling,
            },
        };
        let standard = Program {
            code: "STANDARD".to_owned(),
            name: "Partner program".to_owned(),
            partner_types: Vec::new(),
            currency: Currency::EUR,
            levels: vec![
                level(Tier::Registered, (0, 0, 0), (500, 60, 500_000, 1_000_000)),
                level(Tier::Silver, (10_000_000, 2, 25), (1_000, 90, 2_000_000, 2_500_000)),
                level(Tier::Gold, (50_000_000, 5, 50), (1_500, 120, 5_000_000, 5_000_000)),
                level(Tier::Platinum, (200_000_000, 10, 70), (2_000, 180, 15_000_000, 10_000_000)),
            ],
        };
        Self { programs: vec![standard], grace_reviews: 1 }
    }
}

impl Policy for TierPolicy {
    const KIND: &'static str = "tiers";
}

impl TierPolicy {
    /// The program of a partner of these types.
    #[must_use]
    pub fn program_of(&self, types: &PartnerTypes) -> Program {
        let own = self.programs.iter().find(|program| program.partner_types.iter().any(|ty| types.has(*ty)));
        let found = own.or_else(|| self.programs.last()).cloned();
        // A document written past the API may have none.
        found.unwrap_or_else(|| Self::default().programs.into_iter().next().unwrap_or_else(Program::empty))
    }

    /// What is wrong with it as a policy: the field, the code, and a sentence.
    #[must_use]
    pub fn problem(&self) -> Option<(String, Code, String)> {
        let told = |field: &str, code, sentence: &str| Some((field.to_owned(), code, sentence.to_owned()));
        if !(1..=MOST_PROGRAMS).contains(&self.programs.len()) {
            return told("programs", Code::OutOfRange, "There are from 1 to 20 programs.");
        }
        if self.grace_reviews > 12 {
            return told("graceReviews", Code::OutOfRange, "At most 12 reviews of grace.");
        }
        let types: Vec<_> = self.programs.iter().flat_map(|program| program.partner_types.iter()).collect();
        let codes: BTreeSet<_> = self.programs.iter().map(|program| program.code.as_str()).collect();
        if types.iter().copied().collect::<BTreeSet<_>>().len() != types.len() || codes.len() != self.programs.len() {
            return told("programs", Code::Malformed, "Each code, and each type of partner, belongs to one program.");
        }
        let last = self.programs.len().saturating_sub(1);
        self.programs.iter().enumerate().find_map(|(place, program)| {
            let field = format!("programs.{place}");
            if program.partner_types.is_empty() != (place == last) {
                let sentence = "The last program, and no other, is for everybody else: it names no types of partner.";
                return told(&format!("{field}.partnerTypes"), Code::Malformed, sentence);
            }
            let (code, sentence) = program.problem()?;
            told(&format!("{field}.levels"), code, sentence)
        })
    }
}

impl Program {
    fn empty() -> Self {
        let (code, name) = (String::new(), String::new());
        Self { code, name, partner_types: Vec::new(), currency: Currency::EUR, levels: Vec::new() }
    }

    /// What a level gives; what the entry level gives when there is no such level.
    #[must_use]
    pub fn benefits_of(&self, tier: Tier) -> Option<&Benefits> {
        let found = self.levels.iter().find(|level| level.tier == tier).or_else(|| self.levels.first());
        found.map(|level| &level.benefits)
    }

    fn problem(&self) -> Option<(Code, &'static str)> {
        if self.levels.iter().map(|level| level.tier).ne(TIERS) {
            return Some((Code::Malformed, "A program has every level once, from REGISTERED to PLATINUM."));
        }
        let asked: Vec<_> = self.levels.iter().map(|level| level.requirements).collect();
        let as_row = |asked: &Requirements| [asked.revenue_minor, asked.certifications, asked.engagement_score];
        if asked.first().is_none_or(|entry| as_row(entry) != [0, 0, 0]) {
            return Some((Code::Malformed, "The entry level asks for nothing."));
        }
        let grows = |pair: &[Requirements]| match pair {
            [lower, higher] => as_row(lower).iter().zip(as_row(higher)).all(|(lower, higher)| *lower <= higher),
            _ => true,
        };
        if !asked.windows(2).all(grows) {
            return Some((Code::Malformed, "A higher level asks for no less than the one below it."));
        }
        let in_range = |asked: &Requirements| {
            asked.revenue_minor <= MOST_MONEY
                && asked.certifications <= MOST_CERTIFICATIONS
                && asked.engagement_score <= 100
        };
        let gives = |level: &Level| {
            let Benefits { deal_discount_bp, protection_days, mdf_potential_minor, auto_approval_ceiling_minor } =
                level.benefits;
            (0..=10_000).contains(&deal_discount_bp)
                && (1..=360).contains(&protection_days)
                && (0..=MOST_MONEY).contains(&mdf_potential_minor)
                && (0..=MOST_MONEY).contains(&auto_approval_ceiling_minor)
        };
        let fits = asked.iter().all(in_range) && self.levels.iter().all(gives);
        (!fits).then_some((
            Code::OutOfRange,
            "Scores are up to 100, discounts up to 10000 basis points, protection is from 1 to 360 days.",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Change = fn(&mut TierPolicy);

    #[test]
    fn the_shipped_policy_is_sound_and_unsound_ones_are_refused() {
        let shipped = TierPolicy::default();
        assert_eq!(shipped.problem(), None);
        let with = |change: Change| {
            let mut policy = shipped.clone();
            change(&mut policy);
            policy.problem().map(|(_, code, _)| code)
        };
        let unsound: [(Code, Change); 11] = [
            (Code::OutOfRange, |policy| policy.programs.clear()),
            (Code::OutOfRange, |policy| policy.grace_reviews = 13),
            (Code::Malformed, |policy| policy.programs[0].partner_types.push(PartnerType::Reseller)),
            (Code::Malformed, |policy| policy.programs.push(policy.programs[0].clone())),
            (Code::Malformed, |policy| policy.programs[0].levels.truncate(3)),
            (Code::Malformed, |policy| policy.programs[0].levels.swap(0, 1)),
            (Code::Malformed, |policy| policy.programs[0].levels[0].requirements.certifications = 1),
            (Code::Malformed, |policy| policy.programs[0].levels[3].requirements.revenue_minor = 1),
            (Code::OutOfRange, |policy| policy.programs[0].levels[3].requirements.engagement_score = 101),
            (Code::OutOfRange, |policy| policy.programs[0].levels[0].benefits.protection_days = 0),
            (Code::OutOfRange, |policy| policy.programs[0].levels[0].benefits.deal_discount_bp = 10_001),
        ];
        for (code, change) in unsound {
            assert_eq!(with(change), Some(code));
        }
    }

    #[test]
    fn a_partner_is_in_the_first_program_that_names_one_of_its_types() {
        let mut policy = TierPolicy::default();
        let own = Program {
            code: "SERVICES".to_owned(),
            partner_types: vec![PartnerType::SystemIntegrator],
            ..policy.programs[0].clone()
        };
        policy.programs.insert(0, own);
        assert_eq!(policy.problem(), None);
        let program = |types: &[PartnerType]| policy.program_of(&types.iter().copied().collect()).code;
        assert_eq!(program(&[PartnerType::Reseller, PartnerType::SystemIntegrator]), "SERVICES");
        assert_eq!(program(&[PartnerType::Reseller]), "STANDARD");
        assert_eq!(program(&[]), "STANDARD");
    }
}
