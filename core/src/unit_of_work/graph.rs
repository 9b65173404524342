//! Orders nodes into steps: nodes of one group that wait for nothing any more.
//!
//! The planner calls it with rows as nodes and statements as groups; it knows nothing of either.
//! Pure: the order of the input decides between equals.
//!
//! Kahn's topological sort (1962), but a group is held back until all of it is ready, so that it
//! becomes one step whenever the edges allow it; only a group that waits for itself is cut.

use foldhash::{HashMap, HashSet};

/// `before` must come before `after`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) before: usize,
    pub(super) after: usize,
}

/// Nodes of one group, in their order in the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) group: usize,
    pub(super) nodes: Vec<usize>,
}

/// The steps, or the nodes that wait for each other.
///
/// `groups` holds each node's group, counted from 0; steps that are ready at the same time come
/// in the order of their groups.
pub(super) fn order(groups: &[usize], edges: &[Edge]) -> Result<Vec<Step>, Vec<usize>> {
    let mut state = State::new(groups, edges);
    let mut steps = Vec::new();
    while state.left > 0 {
        let mut chosen: Vec<usize> = (0..state.ready.len())
            .filter(|g| !state.ready[*g].is_empty() && state.ready[*g].len() == state.waiting[*g])
            .collect();
        if chosen.is_empty() {
            let cut = (0..state.ready.len()).find(|g| !state.ready[*g].is_empty());
            let Some(cut) = cut else {
                return Err(state.stuck(groups.len()));
            };
            chosen.push(cut);
        }
        for group in chosen {
            let nodes = state.take(group);
            steps.push(Step { group, nodes });
        }
        state.release(&steps);
    }
    Ok(steps)
}

struct State {
    /// By node: how many nodes it still waits for.
    blocked: Vec<usize>,
    /// By node: the nodes that wait for it.
    followers: Vec<Vec<usize>>,
    /// By node: its group.
    groups: Vec<usize>,
    /// By group: its nodes that wait for nothing and are in no step.
    ready: Vec<Vec<usize>>,
    /// By group: how many of its nodes are in no step.
    waiting: Vec<usize>,
    /// How many nodes are in no step.
    left: usize,
    /// How many steps have released their followers.
    released: usize,
}

impl State {
    fn new(groups: &[usize], edges: &[Edge]) -> Self {
        let count = groups.iter().max().map_or(0, |g| g + 1);
        let mut state = State {
            blocked: vec![0; groups.len()],
            followers: vec![Vec::new(); groups.len()],
            groups: groups.to_vec(),
            ready: vec![Vec::new(); count],
            waiting: vec![0; count],
            left: groups.len(),
            released: 0,
        };
        for edge in edges {
            state.blocked[edge.after] += 1;
            state.followers[edge.before].push(edge.after);
        }
        for (node, group) in groups.iter().enumerate() {
            state.waiting[*group] += 1;
            if state.blocked[node] == 0 {
                state.ready[*group].push(node);
            }
        }
        state
    }

    /// The ready nodes of a group, in their order in the input.
    fn take(&mut self, group: usize) -> Vec<usize> {
        let mut nodes = std::mem::take(&mut self.ready[group]);
        nodes.sort_unstable();
        self.waiting[group] -= nodes.len();
        self.left -= nodes.len();
        nodes
    }

    /// Nodes that waited for the newest steps wait no more.
    fn release(&mut self, steps: &[Step]) {
        for step in &steps[self.released..] {
            for node in &step.nodes {
                for follower in std::mem::take(&mut self.followers[*node]) {
                    self.blocked[follower] -= 1;
                    if self.blocked[follower] == 0 {
                        self.ready[self.groups[follower]].push(follower);
                    }
                }
            }
        }
        self.released = steps.len();
    }

    /// The nodes that can't be ordered: those of a cycle, and those behind one.
    fn stuck(&self, nodes: usize) -> Vec<usize> {
        (0..nodes).filter(|node| self.blocked[*node] > 0).collect()
    }
}

/// Which nodes should come first in a step, though nothing forces them to.
#[derive(Debug, Default)]
pub(super) struct Within {
    before: HashMap<usize, Vec<usize>>,
}

impl Within {
    pub(super) fn new(edges: &[Edge]) -> Self {
        let mut within = Within::default();
        for edge in edges {
            let before = within.before.entry(edge.after).or_default();
            before.push(edge.before);
        }
        within
    }

    /// The nodes of a step, each behind those that should be before it, so that the step can be
    /// cut anywhere. Nodes that wait for each other stay as they are.
    pub(super) fn sorted(&self, nodes: Vec<usize>) -> Vec<usize> {
        if self.before.is_empty() {
            return nodes;
        }
        let mut waiting: HashSet<usize> = nodes.iter().copied().collect();
        let mut sorted = Vec::with_capacity(nodes.len());
        for node in nodes {
            // A tree may be deeper than the program's stack, so this one is kept here.
            let mut path = vec![(node, false)];
            while let Some((node, is_ready)) = path.pop() {
                if is_ready {
                    sorted.push(node);
                } else if waiting.remove(&node) {
                    path.push((node, true));
                    let before = self.before.get(&node).into_iter().flatten();
                    path.extend(before.map(|node| (*node, false)));
                }
            }
        }
        sorted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edges(pairs: &[(usize, usize)]) -> Vec<Edge> {
        let edge = |(before, after): &(usize, usize)| Edge {
            before: *before,
            after: *after,
        };
        pairs.iter().map(edge).collect()
    }

    fn step(group: usize, nodes: &[usize]) -> Step {
        Step {
            group,
            nodes: nodes.to_vec(),
        }
    }

    #[test]
    fn a_group_is_held_back_until_all_of_it_is_ready() {
        // Two children: one of a new parent, one of a parent that exists.
        let steps = order(&[0, 0, 1], &edges(&[(2, 0)])).unwrap();
        assert_eq!(steps, [step(1, &[2]), step(0, &[0, 1])]);
    }

    #[test]
    fn a_group_that_waits_for_itself_is_cut_level_by_level() {
        let steps = order(&[0, 0, 0, 1], &edges(&[(0, 1), (1, 2), (2, 3)])).unwrap();
        assert_eq!(
            steps,
            [step(0, &[0]), step(0, &[1]), step(0, &[2]), step(1, &[3])]
        );
    }

    #[test]
    fn nodes_that_wait_for_each_other_are_named() {
        let stuck = order(&[0, 1, 2], &edges(&[(1, 2), (2, 1)])).unwrap_err();
        assert_eq!(stuck, [1, 2]);
    }

    #[test]
    fn a_step_that_may_be_cut_has_parents_first_and_else_its_own_order() {
        let within = Within::new(&edges(&[(5, 1), (1, 2), (9, 2), (3, 4), (4, 3)]));
        assert_eq!(within.sorted(vec![0, 1, 2, 3, 4, 5]), [0, 5, 1, 2, 4, 3]);
        assert_eq!(Within::default().sorted(vec![2, 1]), [2, 1]);
    }

    #[test]
    fn nothing_to_order_is_no_step() {
        assert_eq!(order(&[], &[]).unwrap(), []);
    }
}
