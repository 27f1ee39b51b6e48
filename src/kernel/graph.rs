//! Published graphs of states: which action leads from which state where.
//!
//! A machine's arrows are data, written once beside its states. The rules ask them, `allowedActions` is read off them,
//! and a test walks every state with every action (`tests/api/onboarding/transitions.rs`).

/// An arrow: in this state, this action leads there. An action that may end in several states has an arrow to each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge<S, A> {
    /// The state before.
    pub from: S,
    /// What is done.
    pub action: A,
    /// The state after.
    pub to: S,
}

/// An arrow of a graph.
#[must_use]
pub const fn edge<S, A>(from: S, action: A, to: S) -> Edge<S, A> {
    Edge { from, action, to }
}

/// Whether an action can be done in a state.
pub fn allows<S: PartialEq, A: PartialEq>(edges: &[Edge<S, A>], from: &S, action: &A) -> bool {
    edges.iter().any(|edge| edge.from == *from && edge.action == *action)
}

/// What can be done in a state: each action once, in the order of the graph.
pub fn actions_from<S: PartialEq, A: PartialEq + Copy>(edges: &[Edge<S, A>], from: &S) -> Vec<A> {
    let mut actions = Vec::new();
    for edge in edges.iter().filter(|edge| edge.from == *from) {
        if !actions.contains(&edge.action) {
            actions.push(edge.action);
        }
    }
    actions
}

/// Whether an action leads from one state to another.
pub fn leads<S: PartialEq, A: PartialEq>(edges: &[Edge<S, A>], from: &S, action: &A, to: &S) -> bool {
    edges.iter().any(|edge| edge.from == *from && edge.action == *action && edge.to == *to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_graph_says_what_can_be_done_and_where_it_leads() {
        let edges = [edge(1, 'a', 2), edge(1, 'a', 3), edge(2, 'b', 1)];
        assert_eq!(actions_from(&edges, &1), ['a']);
        assert!(actions_from(&edges, &3).is_empty());
        assert!(allows(&edges, &2, &'b') && !allows(&edges, &2, &'a'));
        assert!(leads(&edges, &1, &'a', &3) && !leads(&edges, &2, &'b', &3));
    }
}
