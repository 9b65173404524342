//! Finds the nodes of a graph that wait for each other: its strongly connected components.
//!
//! The breaking of cycles calls it with statements' rows as nodes; it knows nothing of them.
//! It must not recurse: a chain of rows may be longer than the program's stack.
//!
//! Tarjan's algorithm (1972), with the path kept in a list.

use super::graph::{Edge, Followers};

/// The components in which nodes wait for each other, or one for itself; nodes in order, and
/// components in the order of their first nodes.
pub(super) fn cycles(nodes: usize, edges: &[Edge]) -> Vec<Vec<usize>> {
    let mut search = Search {
        followers: Followers::new(nodes, edges),
        number: vec![UNSEEN; nodes],
        lowest: vec![UNSEEN; nodes],
        open: Vec::new(),
        is_open: vec![false; nodes],
        seen: 0,
        found: Vec::new(),
    };
    for node in 0..nodes {
        if search.number[node] == UNSEEN {
            search.explore(node);
        }
    }
    let mut found = search.found;
    let mut loops = vec![false; nodes];
    for edge in edges.iter().filter(|edge| edge.before == edge.after) {
        loops[edge.before] = true;
    }
    found.retain(|nodes| nodes.len() > 1 || loops[nodes[0]]);
    found.iter_mut().for_each(|nodes| nodes.sort_unstable());
    found.sort_unstable();
    found
}

const UNSEEN: usize = usize::MAX;

struct Search {
    followers: Followers,
    /// By node: the order in which it was seen.
    number: Vec<usize>,
    /// By node: the lowest number that is known to be reached from it among open nodes.
    lowest: Vec<usize>,
    /// Nodes whose component is not complete.
    open: Vec<usize>,
    is_open: Vec<bool>,
    seen: usize,
    found: Vec<Vec<usize>>,
}

impl Search {
    fn explore(&mut self, root: usize) {
        // A node, and the place of the follower to look at next.
        let mut path = vec![(root, self.followers.of(root).start)];
        self.enter(root);
        while let Some((node, place)) = path.pop() {
            if place == self.followers.of(node).end {
                if let Some((parent, _)) = path.last() {
                    self.lowest[*parent] = self.lowest[*parent].min(self.lowest[node]);
                }
                self.leave(node);
                continue;
            }
            path.push((node, place + 1));
            let follower = self.followers.nodes[place];
            if self.number[follower] == UNSEEN {
                self.enter(follower);
                path.push((follower, self.followers.of(follower).start));
            } else if self.is_open[follower] {
                self.lowest[node] = self.lowest[node].min(self.number[follower]);
            }
        }
    }

    fn enter(&mut self, node: usize) {
        self.number[node] = self.seen;
        self.lowest[node] = self.seen;
        self.seen += 1;
        self.open.push(node);
        self.is_open[node] = true;
    }

    /// The first node of a component completes it.
    fn leave(&mut self, node: usize) {
        if self.lowest[node] != self.number[node] {
            return;
        }
        let first = self.open.iter().rposition(|open| *open == node);
        let component = self
            .open
            .split_off(first.expect("a node is open until it is left"));
        component
            .iter()
            .for_each(|node| self.is_open[*node] = false);
        self.found.push(component);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(nodes: usize, pairs: &[(usize, usize)]) -> Vec<Vec<usize>> {
        let edge = |(before, after): &(usize, usize)| Edge {
            before: *before,
            after: *after,
        };
        cycles(nodes, &pairs.iter().map(edge).collect::<Vec<_>>())
    }

    #[test]
    fn nodes_before_and_behind_a_cycle_are_no_part_of_it() {
        assert_eq!(
            found(5, &[(0, 1), (1, 2), (2, 3), (3, 1), (3, 4)]),
            [[1, 2, 3]]
        );
    }

    #[test]
    fn cycles_that_share_no_node_are_told_apart() {
        let pairs = [(5, 4), (4, 5), (0, 1), (1, 0), (1, 4)];
        assert_eq!(found(6, &pairs), [[0, 1], [4, 5]]);
    }

    #[test]
    fn a_node_that_waits_for_itself_is_a_cycle() {
        assert_eq!(found(3, &[(1, 1), (0, 1)]), [[1]]);
        assert!(found(3, &[(0, 1), (1, 2), (0, 2)]).is_empty());
    }

    #[test]
    fn a_cycle_as_long_as_the_program_likes_is_found() {
        let length = 100_000;
        let pairs: Vec<(usize, usize)> = (0..length).map(|n| (n, (n + 1) % length)).collect();
        assert_eq!(found(length, &pairs)[0].len(), length);
    }

    /// Against the definition: two nodes belong together when each is reached from the other.
    #[test]
    fn random_graphs_fall_apart_as_defined() {
        let mut seed = 7_u64;
        let mut random = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 33) as usize % below
        };
        for _ in 0..300 {
            let nodes = 1 + random(8);
            let count = random(2 * nodes + 1);
            let pairs: Vec<_> = (0..count).map(|_| (random(nodes), random(nodes))).collect();
            let mut reach = vec![vec![false; nodes]; nodes];
            pairs.iter().for_each(|(a, b)| reach[*a][*b] = true);
            for via in 0..nodes {
                for from in 0..nodes {
                    for to in 0..nodes {
                        reach[from][to] |= reach[from][via] && reach[via][to];
                    }
                }
            }
            let mut expected: Vec<Vec<usize>> = (0..nodes)
                .filter(|node| reach[*node][*node])
                .map(|a| {
                    (0..nodes)
                        .filter(|b| reach[a][*b] && reach[*b][a])
                        .collect()
                })
                .collect();
            expected.dedup();
            expected.sort_unstable();
            expected.dedup();
            assert_eq!(found(nodes, &pairs), expected, "{pairs:?}");
        }
    }
}
