//! Orders nodes into steps: nodes of one group that wait for nothing any more.
//!
//! The planner calls it with rows as nodes and statements as groups; it knows nothing of either.
//! Pure: the order of the input decides between equals.
//!
//! Kahn's topological sort (1962), but a group is held back until all of it is ready, so that it
//! becomes one step whenever the edges allow it; only a group that waits for itself is cut. Wishes
//! hold a group back as well, as long as there is another one.

use std::collections::BTreeSet;
use std::ops::Range;

use foldhash::{HashMap, HashMapExt};

/// `before` must come before `after`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) before: usize,
    pub(super) after: usize,
}

/// The nodes that come after each node, all in one list.
#[derive(Debug)]
pub(super) struct Followers {
    pub(super) nodes: Vec<usize>,
    /// By node: where its own begin; the next node's beginning is its end.
    starts: Vec<usize>,
}

impl Followers {
    pub(super) fn new(nodes: usize, edges: &[Edge]) -> Self {
        let mut starts = vec![0; nodes + 1];
        for edge in edges {
            starts[edge.before + 1] += 1;
        }
        for node in 0..nodes {
            starts[node + 1] += starts[node];
        }
        let mut next = starts.clone();
        let mut followers = vec![0; edges.len()];
        for edge in edges {
            followers[next[edge.before]] = edge.after;
            next[edge.before] += 1;
        }
        Followers {
            nodes: followers,
            starts,
        }
    }

    /// The places in `nodes` of those that come after a node.
    pub(super) fn of(&self, node: usize) -> Range<usize> {
        self.starts[node]..self.starts[node + 1]
    }
}

/// Groups that should come before others, as far as that costs no step.
#[derive(Clone, Debug)]
pub(super) struct Wished {
    pub(super) before: Vec<usize>,
    pub(super) after: Vec<usize>,
}

/// Nodes of one group, in their order in the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) group: usize,
    pub(super) nodes: Vec<usize>,
}

/// The steps, or the nodes that wait for each other and those behind them.
///
/// `groups` holds each node's group, counted from 0; steps that are ready at the same time come
/// in the order of their groups.
pub(super) fn order(
    groups: &[usize],
    edges: &[Edge],
    wishes: &[Wished],
) -> Result<Vec<Step>, Vec<usize>> {
    let mut state = State::new(groups, edges);
    let mut held = Held::new(wishes);
    let mut steps = Vec::new();
    while state.left > 0 {
        let free = state.whole.iter().filter(|group| held.is_free(**group));
        let mut chosen: Vec<usize> = free.copied().collect();
        if chosen.is_empty() {
            // A wish that can't be met costs no step.
            let Some(group) = state.whole.first().or_else(|| state.begun.first()) else {
                return Err(state.stuck());
            };
            chosen.push(*group);
        }
        let first = steps.len();
        for group in chosen {
            let nodes = state.take(group);
            steps.push(Step { group, nodes });
            if state.waiting[group] == 0 {
                held.done(group);
            }
        }
        state.release(&steps[first..]);
    }
    Ok(steps)
}

/// What wishes hold back.
struct Held {
    /// By wish: how many groups are still to come before.
    open: Vec<usize>,
    /// By group: the wishes that it is to come before, and after.
    sides: HashMap<usize, [Vec<usize>; 2]>,
}

impl Held {
    fn new(wishes: &[Wished]) -> Self {
        let mut sides: HashMap<usize, [Vec<usize>; 2]> = HashMap::new();
        for (number, wish) in wishes.iter().enumerate() {
            for (side, groups) in [&wish.before, &wish.after].into_iter().enumerate() {
                for group in groups {
                    sides.entry(*group).or_default()[side].push(number);
                }
            }
        }
        Held {
            open: wishes.iter().map(|wish| wish.before.len()).collect(),
            sides,
        }
    }

    fn is_free(&self, group: usize) -> bool {
        let after = self.sides.get(&group).map(|[_, after]| after);
        !after.into_iter().flatten().any(|wish| self.open[*wish] > 0)
    }

    fn done(&mut self, group: usize) {
        let before = self.sides.get(&group).map(|[before, _]| before);
        for wish in before.into_iter().flatten() {
            self.open[*wish] -= 1;
        }
    }
}

struct State<'a> {
    /// By node: how many nodes it still waits for.
    blocked: Vec<usize>,
    /// The nodes that wait for each.
    followers: Followers,
    /// By node: its group.
    groups: &'a [usize],
    /// By group: its nodes that wait for nothing and are in no step.
    ready: Vec<Vec<usize>>,
    /// By group: how many of its nodes are in no step.
    waiting: Vec<usize>,
    /// Groups all of whose nodes are ready.
    whole: BTreeSet<usize>,
    /// Groups some of whose nodes are ready.
    begun: BTreeSet<usize>,
    /// How many nodes are in no step.
    left: usize,
}

impl<'a> State<'a> {
    fn new(groups: &'a [usize], edges: &[Edge]) -> Self {
        let count = groups.iter().max().map_or(0, |g| g + 1);
        let mut state = State {
            blocked: vec![0; groups.len()],
            followers: Followers::new(groups.len(), edges),
            groups,
            ready: vec![Vec::new(); count],
            waiting: vec![0; count],
            whole: BTreeSet::new(),
            begun: BTreeSet::new(),
            left: groups.len(),
        };
        for edge in edges {
            state.blocked[edge.after] += 1;
        }
        for group in groups {
            state.waiting[*group] += 1;
        }
        for node in 0..groups.len() {
            if state.blocked[node] == 0 {
                state.is_ready(node);
            }
        }
        state
    }

    fn is_ready(&mut self, node: usize) {
        let group = self.groups[node];
        self.ready[group].push(node);
        if self.ready[group].len() == 1 {
            self.begun.insert(group);
        }
        if self.ready[group].len() == self.waiting[group] {
            self.whole.insert(group);
        }
    }

    /// The ready nodes of a group, in their order in the input.
    fn take(&mut self, group: usize) -> Vec<usize> {
        let mut nodes = std::mem::take(&mut self.ready[group]);
        nodes.sort_unstable();
        self.waiting[group] -= nodes.len();
        self.left -= nodes.len();
        self.whole.remove(&group);
        self.begun.remove(&group);
        nodes
    }

    /// Nodes that waited for these steps wait no more.
    fn release(&mut self, steps: &[Step]) {
        for node in steps.iter().flat_map(|step| &step.nodes) {
            for place in self.followers.of(*node) {
                let follower = self.followers.nodes[place];
                self.blocked[follower] -= 1;
                if self.blocked[follower] == 0 {
                    self.is_ready(follower);
                }
            }
        }
    }

    /// The nodes that can't be ordered: those of a cycle, and those behind one.
    fn stuck(&self) -> Vec<usize> {
        let nodes = 0..self.blocked.len();
        nodes.filter(|node| self.blocked[*node] > 0).collect()
    }
}

/// Which nodes should come first in a step, though nothing forces them to.
#[derive(Debug)]
pub(super) struct Within {
    /// By node: those before it.
    before: Followers,
}

impl Within {
    pub(super) fn new(nodes: usize, edges: &[Edge]) -> Self {
        let back = |edge: &Edge| Edge {
            before: edge.after,
            after: edge.before,
        };
        let back: Vec<Edge> = edges.iter().map(back).collect();
        Within {
            before: Followers::new(nodes, &back),
        }
    }

    /// The nodes of each step, each behind those that should be before it, so that the step can
    /// be cut anywhere. Nodes that wait for each other stay as they are.
    pub(super) fn sorted(&self, steps: &[Step]) -> Vec<Vec<usize>> {
        if self.before.nodes.is_empty() {
            return steps.iter().map(|step| step.nodes.clone()).collect();
        }
        let mut step_of = vec![usize::MAX; self.before.starts.len() - 1];
        for (number, step) in steps.iter().enumerate() {
            step.nodes.iter().for_each(|node| step_of[*node] = number);
        }
        let steps = steps.iter().enumerate();
        steps
            .map(|(number, step)| self.sort(number, &step.nodes, &mut step_of))
            .collect()
    }

    fn sort(&self, number: usize, nodes: &[usize], waits_for: &mut [usize]) -> Vec<usize> {
        let mut sorted = Vec::with_capacity(nodes.len());
        // A tree may be deeper than the program's stack, so the path is kept here.
        let mut path = Vec::new();
        for node in nodes {
            path.push((*node, false));
            while let Some((node, is_ready)) = path.pop() {
                if is_ready {
                    sorted.push(node);
                } else if waits_for[node] == number {
                    waits_for[node] = usize::MAX;
                    path.push((node, true));
                    let before = self.before.of(node).map(|place| self.before.nodes[place]);
                    path.extend(before.map(|node| (node, false)));
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
        let steps = order(&[0, 0, 1], &edges(&[(2, 0)]), &[]).unwrap();
        assert_eq!(steps, [step(1, &[2]), step(0, &[0, 1])]);
    }

    #[test]
    fn a_group_that_waits_for_itself_is_cut_level_by_level() {
        let steps = order(&[0, 0, 0, 1], &edges(&[(0, 1), (1, 2), (2, 3)]), &[]).unwrap();
        assert_eq!(
            steps,
            [step(0, &[0]), step(0, &[1]), step(0, &[2]), step(1, &[3])]
        );
    }

    #[test]
    fn nodes_that_wait_for_each_other_are_told_with_those_behind_them() {
        let stuck = order(&[0, 1, 2, 3], &edges(&[(1, 2), (2, 1), (2, 3)]), &[]).unwrap_err();
        assert_eq!(stuck, [1, 2, 3]);
    }

    #[test]
    fn a_step_that_may_be_cut_has_parents_first_and_else_its_own_order() {
        let within = Within::new(10, &edges(&[(5, 1), (1, 2), (9, 2), (3, 4), (4, 3)]));
        let steps = [step(0, &[0, 1, 2, 3, 4, 5]), step(1, &[9, 8])];
        assert_eq!(within.sorted(&steps), [vec![0, 5, 1, 2, 4, 3], vec![9, 8]]);
        assert_eq!(Within::new(3, &[]).sorted(&[step(0, &[2, 1])]), [[2, 1]]);
    }

    #[test]
    fn a_chain_as_long_as_the_program_likes_is_ordered() {
        let length = 100_000;
        let pairs: Vec<(usize, usize)> = (1..length).map(|n| (n, n - 1)).collect();
        let steps = order(&vec![0; length], &edges(&pairs), &[]).unwrap();
        assert_eq!(steps.len(), length);
        assert_eq!(steps[0].nodes, [length - 1]);
        let all: Vec<usize> = (0..length).collect();
        let within = Within::new(length, &edges(&pairs)).sorted(&[step(0, &all)]);
        assert_eq!((within[0][0], within[0][length - 1]), (length - 1, 0));
    }

    #[test]
    fn a_wish_holds_a_group_back_unless_nothing_else_is_left() {
        let wish = |before: &[usize], after: &[usize]| Wished {
            before: before.to_vec(),
            after: after.to_vec(),
        };
        let order = |edges: &[Edge], wishes: &[Wished]| -> Vec<usize> {
            let steps = order(&[0, 1, 2], edges, wishes).unwrap();
            steps.iter().map(|step| step.group).collect()
        };
        assert_eq!(order(&[], &[wish(&[1, 2], &[0])]), [1, 2, 0]);
        assert_eq!(order(&[], &[wish(&[1], &[0]), wish(&[0], &[1])]), [2, 0, 1]);
        assert_eq!(order(&edges(&[(0, 1)]), &[wish(&[1], &[0])]), [2, 0, 1]);
    }

    #[test]
    fn nothing_to_order_is_no_step() {
        assert_eq!(order(&[], &[], &[]).unwrap(), []);
    }
}
