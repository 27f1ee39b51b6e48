//! Every state of a machine with every action: what the published graph allows succeeds and leads where it says, and
//! everything else is refused with a code and changes nothing.
//!
//! The table is made from the graph in the code: a new state or action does not compile here until somebody says how
//! an object comes to be in it, or how it is done. A machine is a file beside this one that implements [`Machine`].

use std::fmt::{Debug, Display};

use partner_portal::kernel::graph::{self, Edge};

use crate::support::{
    TestApp,
    picture::{differences, picture},
};

/// Tables that a refused action may write, and why: that somebody tried is counted, whatever came of it.
const COUNTED: &[&str] = &["attempt_buckets"];

/// A machine as the walk needs it. Objects are made and actions are done through the API.
pub trait Machine {
    type State: Copy + Debug + Display + PartialEq + 'static;
    type Action: Copy + Debug + PartialEq + 'static;
    /// An object of the machine.
    type Object;

    /// Every state.
    fn states() -> Vec<Self::State>;
    /// Every action that somebody can do.
    fn actions() -> Vec<Self::Action>;
    /// The published graph.
    fn edges() -> &'static [Edge<Self::State, Self::Action>];

    /// A new object in a state.
    async fn make(&self, state: Self::State) -> Self::Object;
    /// Does an action as somebody who may: the codes of its refusal, none when it was done.
    async fn act(&self, object: &Self::Object, action: Self::Action) -> Vec<String>;
    /// The state that an object is in, as the API says it.
    async fn state_of(&self, object: &Self::Object) -> String;
    /// The actions that the API says are allowed, to whoever may do them.
    async fn offered(&self, object: &Self::Object) -> Vec<String>;
    /// An action as the API names it.
    fn name(action: Self::Action) -> String;
}

/// Walks the whole table; how many cells it has, and how many of them are arrows.
pub async fn walk<M: Machine>(app: &TestApp, machine: &M) -> (usize, usize) {
    let (mut cells, mut arrows, mut problems) = (0, 0, Vec::new());
    for state in M::states() {
        for action in M::actions() {
            cells += 1;
            let object = machine.make(state).await;
            let cell = format!("{action:?} of {state}");
            assert_eq!(machine.state_of(&object).await, state.to_string(), "an object for {cell} is not in its state");
            let allowed = graph::allows(M::edges(), &state, &action);
            if machine.offered(&object).await.contains(&M::name(action)) != allowed {
                problems.push(format!("{cell}: `allowedActions` does not say what the graph says ({allowed})"));
            }
            let before = picture(app, COUNTED).await;
            let codes = machine.act(&object, action).await;
            let after = machine.state_of(&object).await;
            if allowed {
                arrows += 1;
                let leads = M::states()
                    .iter()
                    .any(|to| to.to_string() == after && graph::leads(M::edges(), &state, &action, to));
                if !codes.is_empty() || !leads {
                    problems.push(format!("{cell} should be done, and ends in {after} with {codes:?}"));
                }
            } else {
                let changed = differences(&before, &picture(app, COUNTED).await);
                if codes.is_empty() || !changed.is_empty() {
                    problems.push(format!("{cell} should be refused: {codes:?}, changed {changed:?}"));
                }
            }
        }
    }
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
    app.check().await;
    (cells, arrows)
}
