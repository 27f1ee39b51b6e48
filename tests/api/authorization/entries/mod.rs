//! One entry for each field of the query root and of the mutation root: what it needs, who is the right caller, and
//! how to call it. The walk in `coverage.rs` calls it as everybody else too. `docs/adding-a-feature.md` says how to
//! add one; a file for each area.

mod accounts;
mod deals;
mod mdf;
mod notifications;
mod onboarding;
mod own_access;
mod people;
mod sessions;
mod training;

use entity::value::Role;
use futures::future::LocalBoxFuture;
use partner_portal::platform::auth::policy::Action;
use serde_json::Value;

use super::world::{Side, World};

/// What a field needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// The verb table decides.
    Action(Action),
    /// Nothing: it answers everybody, each with what they may see.
    Nothing,
}

/// How a field is called.
pub struct Entry {
    /// `Query` or `Mutation`.
    pub root: &'static str,
    pub field: &'static str,
    pub needs: Needs,
    /// The role of the right caller: of the vendor when it is one of staff, else of the partner that has the object.
    pub by: Role,
    /// The arguments of a query, or the input of a mutation, about an object of a side. Whatever it needs is made here,
    /// anew for every call, so that entries do not stand in each other's way.
    pub about: for<'w> fn(&'w World<'_>, Side) -> LocalBoxFuture<'w, Value>,
}

/// Declares the entries of an area: `mutation field: Needs, by Role => |world, side| input;`.
macro_rules! entries {
    ($($root:ident $field:ident: $needs:expr, by $role:ident => |$world:pat_param, $side:pat_param| $about:expr;)*) => {
        pub fn all() -> Vec<$crate::authorization::entries::Entry> {
            #[allow(unused_imports)]
            use $crate::authorization::entries::Needs::{Action as Needed, Nothing};
            #[allow(unused_imports)]
            use partner_portal::platform::auth::policy::Action::*;
            vec![$($crate::authorization::entries::Entry {
                root: $crate::authorization::entries::root(stringify!($root)),
                field: stringify!($field),
                needs: $needs,
                by: entity::value::Role::$role,
                about: |$world, $side| Box::pin(async move { $about }),
            }),*]
        }
    };
}
pub(crate) use entries;

pub fn root(word: &str) -> &'static str {
    match word {
        "query" => "Query",
        "mutation" => "Mutation",
        other => panic!("{other} is neither query nor mutation"),
    }
}

impl Entry {
    /// The side of the right caller, when it is about an object of `side`.
    pub fn right_side(&self, side: Side) -> Side {
        if self.by.is_staff() { Side::Vendor } else { side }
    }

    /// The arguments about an object of a side, as the field takes them.
    pub async fn arguments(&self, world: &World<'_>, side: Side) -> Value {
        let about = (self.about)(world, side).await;
        if self.root == "Mutation" { serde_json::json!({ "input": about }) } else { about }
    }
}

/// All entries.
pub fn all() -> Vec<Entry> {
    let areas = [people::all(), onboarding::all(), accounts::all(), deals::all(), mdf::all(), training::all()];
    areas.into_iter().chain([notifications::all(), own_access::all(), sessions::all()]).flatten().collect()
}
