//! Uniqueness within a delivery, decided in file order although blocks are worked on in parallel:
//! each block waits for its turn, so that always the first row wins.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Fingerprints are hashes already.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Identity(u64);

impl Hasher for Identity {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 << 8) | u64::from(byte);
        }
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

/// Fingerprints seen so far, one set per uniqueness rule.
type Seen = Vec<HashSet<u64, BuildHasherDefault<Identity>>>;

/// Lets blocks through one by one, in order.
#[derive(Debug)]
pub(super) struct Turnstile {
    state: Mutex<State>,
    moved: Condvar,
}

#[derive(Debug)]
struct State {
    next: u64,
    open: bool,
    seen: Seen,
}

impl Turnstile {
    pub(super) fn new(rules: usize) -> Self {
        let seen = (0..rules).map(|_| HashSet::default()).collect();
        Self {
            state: Mutex::new(State {
                next: 0,
                open: false,
                seen,
            }),
            moved: Condvar::new(),
        }
    }

    /// Waits for block `index`'s turn, then tells for each rule which of its `rows` repeat an
    /// earlier row. Rows without fingerprint neither repeat nor are repeated.
    pub(super) fn repeats(&self, index: u64, rows: &[Vec<Option<u64>>]) -> Vec<Vec<usize>> {
        let mut state = self.lock();
        while state.next != index && !state.open {
            state = self
                .moved
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        let repeats = rows
            .iter()
            .zip(&mut state.seen)
            .map(|(prints, seen)| {
                prints
                    .iter()
                    .enumerate()
                    .filter(|(_, print)| print.is_some_and(|print| !seen.insert(print)))
                    .map(|(row, _)| row)
                    .collect()
            })
            .collect();
        state.next = index + 1;
        self.moved.notify_all();
        repeats
    }

    /// Lets everybody through: the load has failed and its answers no longer matter.
    pub(super) fn give_up(&self) {
        self.lock().open = true;
        self.moved.notify_all();
    }

    /// Notes fingerprints of rows that are in the warehouse already.
    pub(super) fn remember(&self, rows: &[Vec<Option<u64>>]) {
        let mut state = self.lock();
        for (prints, seen) in rows.iter().zip(&mut state.seen) {
            seen.extend(prints.iter().flatten());
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_row_wins_whatever_the_threads_do() {
        let turnstile = Turnstile::new(1);
        let found = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for index in (0..20_u64).rev() {
                let (turnstile, found) = (&turnstile, &found);
                scope.spawn(move || {
                    let repeats = turnstile.repeats(index, &[vec![Some(7), None, Some(index)]]);
                    found.lock().unwrap().push((index, repeats[0].clone()));
                });
            }
        });
        let mut found = found.into_inner().unwrap();
        found.sort();
        assert_eq!(found[0].1, Vec::<usize>::new());
        assert_eq!(found[7].1, [0, 2]);
        assert!(found[8..].iter().all(|(_, rows)| rows == &[0]));
    }
}
