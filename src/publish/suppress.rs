//! Which cells of a release stay hidden, so that nobody can work out a small one.

use std::collections::{BTreeMap, BTreeSet};

use super::span::{Known, Sparse, direction, residue};

/// An equation that everybody knows: the sum of these cells times their coefficients is zero.
pub type Relation = Vec<(usize, i64)>;

/// Somebody who sees releases.
#[derive(Debug, Clone, Default)]
pub struct Observer {
    /// Cells it knows from earlier releases, and cells known to be empty, in order of release.
    pub knows: Vec<usize>,
    /// Cells it must not be able to work out.
    pub primary: BTreeSet<usize>,
}

/// A cell that the release would like to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// Number of the cell.
    pub cell: usize,
    /// Its count: of two cells that cannot both be shown the larger one is.
    pub count: i64,
}

/// Why a cell stays hidden.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hidden {
    /// It is small itself.
    Primary,
    /// Showing it would give away these cells.
    Protects(BTreeSet<usize>),
}

/// What to do with a release.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Suppression {
    /// Hidden cells and why.
    pub hidden: BTreeMap<usize, Hidden>,
    /// Small cells that earlier releases give away already: nothing can hide them any more.
    pub lost: BTreeSet<usize>,
}

/// A combination that must stay unknown, and the cell it stands for.
type Secret = (Sparse, usize);

/// Decides cell by cell, the most useful first: a cell is shown unless what an observer then knows
/// spans a small cell. Cells of one person count as known to that person, so that two small cells
/// which hide only behind each other are not enough.
#[must_use]
pub fn suppress(
    relations: &[Relation],
    observers: &[Observer],
    candidates: &[Candidate],
    singletons: &BTreeSet<usize>,
) -> Suppression {
    let mut result = Suppression::default();
    let mut minds: Vec<(Known, Vec<Secret>)> = Vec::new();
    for observer in observers {
        let mut known = Known::default();
        for relation in relations {
            let vector = relation
                .iter()
                .map(|&(cell, value)| (cell, residue(value)))
                .collect();
            known.learn(&vector);
        }
        for &cell in &observer.knows {
            known.learn(&unit(cell));
        }
        let mut secrets = Vec::new();
        for (vector, cell) in secrets_of(relations, observer, singletons) {
            let is_cell = vector.len() == 1;
            if !known.reduce(&vector).is_empty() {
                secrets.push((vector, cell));
            } else if is_cell {
                result.lost.insert(cell);
            }
        }
        minds.push((known, secrets));
    }
    let primary: BTreeSet<usize> = observers
        .iter()
        .flat_map(|observer| observer.primary.iter().copied())
        .collect();
    let mut order = candidates.to_vec();
    // Empty cells first: hiding a zero protects little, since nobody is below zero.
    order.sort_by_key(|candidate| {
        (
            candidate.count != 0,
            std::cmp::Reverse(candidate.count),
            candidate.cell,
        )
    });
    for candidate in order {
        if primary.contains(&candidate.cell) {
            result.hidden.insert(candidate.cell, Hidden::Primary);
            continue;
        }
        let vector = unit(candidate.cell);
        let mut given_away = BTreeSet::new();
        for (known, secrets) in &minds {
            let news = known.reduce(&vector);
            if news.is_empty() {
                continue;
            }
            let news = direction(news);
            given_away.extend(
                secrets
                    .iter()
                    .filter(|(secret, _)| direction(known.reduce(secret)) == news)
                    .map(|&(_, cell)| cell),
            );
        }
        if given_away.is_empty() {
            for (known, _) in &mut minds {
                known.learn(&vector);
            }
        } else {
            result
                .hidden
                .insert(candidate.cell, Hidden::Protects(given_away));
        }
    }
    result
}

fn unit(cell: usize) -> Sparse {
    Sparse::from([(cell, 1)])
}

/// The small cells, and each small cell together with a cell of one person in the same sum: who is
/// that person takes one from the sum and has the other.
fn secrets_of(
    relations: &[Relation],
    observer: &Observer,
    singletons: &BTreeSet<usize>,
) -> Vec<Secret> {
    let mut secrets: Vec<Secret> = observer
        .primary
        .iter()
        .map(|&cell| (unit(cell), cell))
        .collect();
    let mut pairs = BTreeSet::new();
    for relation in relations {
        let inside = |cells: &BTreeSet<usize>| -> Vec<usize> {
            relation
                .iter()
                .filter(|(_, value)| *value < 0)
                .map(|(cell, _)| *cell)
                .filter(|cell| cells.contains(cell))
                .collect()
        };
        let ones = inside(singletons);
        if ones.is_empty() {
            continue;
        }
        for small in inside(&observer.primary) {
            for &one in &ones {
                if one != small {
                    pairs.insert((small, one));
                }
            }
        }
    }
    secrets.extend(
        pairs
            .into_iter()
            .map(|(small, one)| (Sparse::from([(small, 1), (one, 1)]), small)),
    );
    secrets
}

/// Small cells that can be worked out from `shown` cells alone: the judge of a suppression,
/// without its order or its reasons.
#[must_use]
pub fn recoverable(
    relations: &[Relation],
    shown: &BTreeSet<usize>,
    small: &BTreeSet<usize>,
) -> BTreeSet<usize> {
    let mut known = Known::default();
    for &cell in shown {
        known.learn(&unit(cell));
    }
    for relation in relations {
        let vector = relation
            .iter()
            .map(|&(cell, value)| (cell, residue(value)))
            .collect();
        known.learn(&vector);
    }
    small
        .iter()
        .copied()
        .filter(|&cell| known.reduce(&unit(cell)).is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table with margins: inner cells row by row, then row sums, column sums, the total.
    struct Table {
        rows: usize,
        columns: usize,
        values: Vec<i64>,
    }

    impl Table {
        fn new(inner: &[&[i64]]) -> Self {
            let (rows, columns) = (inner.len(), inner[0].len());
            let mut values: Vec<i64> = inner.concat();
            values.extend(inner.iter().map(|row| row.iter().sum::<i64>()));
            for column in 0..columns {
                values.push(inner.iter().map(|row| row[column]).sum());
            }
            values.push(inner.iter().flat_map(|row| row.iter()).sum());
            Self {
                rows,
                columns,
                values,
            }
        }

        fn relations(&self) -> Vec<Relation> {
            let (r, c) = (self.rows, self.columns);
            let mut all = Vec::new();
            for row in 0..r {
                let mut one = vec![(r * c + row, 1)];
                one.extend((0..c).map(|column| (row * c + column, -1)));
                all.push(one);
            }
            for column in 0..c {
                let mut one = vec![(r * c + r + column, 1)];
                one.extend((0..r).map(|row| (row * c + column, -1)));
                all.push(one);
            }
            let total = r * c + r + c;
            let mut one = vec![(total, 1)];
            one.extend((0..r).map(|row| (r * c + row, -1)));
            all.push(one);
            all
        }

        fn suppress(&self, primary: &[usize], ones: bool) -> BTreeMap<usize, Hidden> {
            let observer = Observer {
                knows: Vec::new(),
                primary: primary.iter().copied().collect(),
            };
            let candidates: Vec<Candidate> = self
                .values
                .iter()
                .enumerate()
                .map(|(cell, &count)| Candidate { cell, count })
                .collect();
            let singletons = primary
                .iter()
                .copied()
                .filter(|&cell| ones && self.values[cell] == 1)
                .collect();
            suppress(&self.relations(), &[observer], &candidates, &singletons).hidden
        }
    }

    const TRAP: [&[i64]; 4] = [
        &[30, 47, 64, 89],
        &[90, 124, 5, 31],
        &[92, 100, 59, 85],
        &[800, 991, 651, 685],
    ];
    const TRAP_SMALL: [usize; 9] = [0, 1, 2, 4, 6, 9, 11, 13, 15];

    #[test]
    fn two_hidden_cells_in_every_line_are_not_enough() {
        let table = Table::new(&TRAP);
        let small = TRAP_SMALL.into_iter().collect();
        let shown = (0..table.values.len())
            .filter(|cell| !TRAP_SMALL.contains(cell))
            .collect();
        assert_eq!(
            recoverable(&table.relations(), &shown, &small),
            BTreeSet::from([1]),
            "w|b"
        );
        let hidden = table.suppress(&TRAP_SMALL, false);
        assert_eq!(hidden.len(), TRAP_SMALL.len() + 1);
        let shown: BTreeSet<usize> = (0..table.values.len())
            .filter(|cell| !hidden.contains_key(cell))
            .collect();
        assert!(shown.is_superset(&(16..25).collect()), "margins are shown");
        assert!(recoverable(&table.relations(), &shown, &small).is_empty());
    }

    #[test]
    fn one_small_cell_takes_the_smallest_rectangle() {
        // Young and old in Spain, Iceland, Portugal; the small cell is 0.
        let table = Table::new(&[&[5, 2, 0], &[6, 3, 4]]);
        let hidden = table.suppress(&[2], false);
        assert_eq!(hidden.keys().copied().collect::<Vec<_>>(), [1, 2, 4, 5]);
        assert_eq!(hidden[&2], Hidden::Primary);
    }

    #[test]
    fn a_person_who_is_a_cell_alone_does_not_learn_the_other() {
        // One line: 1, 2, 1, 0 with its sum; cells of one person are small.
        let relations = vec![vec![(4, 1), (0, -1), (1, -1), (2, -1), (3, -1)]];
        let candidates: Vec<Candidate> = [1, 2, 1, 0, 4]
            .into_iter()
            .enumerate()
            .map(|(cell, count)| Candidate { cell, count })
            .collect();
        let observer = Observer {
            knows: Vec::new(),
            primary: BTreeSet::from([0, 2]),
        };
        let hide = |ones: &[usize]| {
            let ones = ones.iter().copied().collect();
            suppress(
                &relations,
                std::slice::from_ref(&observer),
                &candidates,
                &ones,
            )
            .hidden
            .len()
        };
        assert_eq!(hide(&[]), 2);
        assert_eq!(hide(&[0, 2]), 3);
    }

    #[test]
    fn an_earlier_release_is_never_forgotten() {
        let table = Table::new(&[&[50, 3], &[60, 70]]);
        let candidates: Vec<Candidate> = (0..9)
            .map(|cell| Candidate {
                cell,
                count: table.values[cell],
            })
            .collect();
        let observer = Observer {
            knows: vec![0, 2, 3, 6],
            primary: BTreeSet::from([1]),
        };
        let done = suppress(
            &table.relations(),
            &[observer],
            &candidates,
            &BTreeSet::new(),
        );
        // The inner cells are known, so row sum, column sum and total must all be hidden.
        assert_eq!(
            done.hidden.keys().copied().collect::<Vec<_>>(),
            [1, 4, 7, 8]
        );
        let gone = Observer {
            knows: vec![0, 4],
            primary: BTreeSet::from([1]),
        };
        let done = suppress(&table.relations(), &[gone], &candidates, &BTreeSet::new());
        assert_eq!(done.lost, BTreeSet::from([1]));
    }

    #[test]
    fn no_small_cell_of_random_linked_tables_can_be_worked_out() {
        let mut random = 88_172_645_463_325_252_u64;
        let mut next = |below: u64| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            random % below
        };
        for _ in 0..200 {
            let (rows, columns) = (2 + next(4) as usize, 2 + next(4) as usize);
            let inner: Vec<Vec<i64>> = (0..rows)
                .map(|_| (0..columns).map(|_| next(40) as i64).collect())
                .collect();
            let inner: Vec<&[i64]> = inner.iter().map(Vec::as_slice).collect();
            let table = Table::new(&inner);
            let relations = table.relations();
            let small: BTreeSet<usize> = (0..table.values.len())
                .filter(|&cell| (1..10).contains(&table.values[cell]))
                .collect();
            // The margins come first, the inner cells in a later release; then the other way.
            let inner_cells: Vec<usize> = (0..rows * columns).collect();
            let margins: Vec<usize> = (rows * columns..table.values.len()).collect();
            for parts in [[&margins, &inner_cells], [&inner_cells, &margins]] {
                let mut shown = BTreeSet::new();
                for part in parts {
                    let observer = Observer {
                        knows: shown.iter().copied().collect(),
                        primary: small.clone(),
                    };
                    let candidates: Vec<Candidate> = part
                        .iter()
                        .map(|&cell| Candidate {
                            cell,
                            count: table.values[cell],
                        })
                        .collect();
                    let done = suppress(&relations, &[observer], &candidates, &BTreeSet::new());
                    assert!(done.lost.is_empty());
                    shown.extend(
                        part.iter()
                            .copied()
                            .filter(|cell| !done.hidden.contains_key(cell)),
                    );
                    assert!(recoverable(&relations, &shown, &small).is_empty());
                }
            }
        }
    }
}
