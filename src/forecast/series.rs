//! Something that changes from year to year, or not. Entry point: [`Series`].

use std::collections::BTreeMap;

/// A value for every year: constant, or known in some years and carried on from each to the next.
#[derive(Debug, Clone, PartialEq)]
pub struct Series<T> {
    constant: Option<T>,
    by_year: BTreeMap<i32, T>,
}

impl<T> Series<T> {
    /// The same in every year.
    #[must_use]
    pub fn constant(value: T) -> Self {
        Self {
            constant: Some(value),
            by_year: BTreeMap::new(),
        }
    }

    /// Known in these years; without any there is no value.
    #[must_use]
    pub fn by_year(values: BTreeMap<i32, T>) -> Self {
        Self {
            constant: None,
            by_year: values,
        }
    }

    /// The value of a step that starts in `year`: of the last known year before, else the first.
    #[must_use]
    pub fn at(&self, year: i32) -> Option<&T> {
        self.by_year
            .range(..=year)
            .next_back()
            .or_else(|| self.by_year.iter().next())
            .map(|(_, value)| value)
            .or(self.constant.as_ref())
    }

    /// The value known for exactly this year.
    #[must_use]
    pub fn known(&self, year: i32) -> Option<&T> {
        self.by_year.get(&year)
    }

    /// The years with a value of their own.
    pub fn years(&self) -> impl DoubleEndedIterator<Item = i32> + '_ {
        self.by_year.keys().copied()
    }

    /// The last year with a value of its own.
    #[must_use]
    pub fn last_year(&self) -> Option<i32> {
        self.years().next_back()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_holds_until_the_next_one() {
        let series = Series::by_year(BTreeMap::from([(2000, 1), (2005, 2)]));
        let at = |year| series.at(year).copied();
        assert_eq!(
            [at(1990), at(2000), at(2004), at(2005), at(2050)].map(Option::unwrap),
            [1, 1, 1, 2, 2]
        );
        assert_eq!((series.known(2004), series.last_year()), (None, Some(2005)));
        assert_eq!(Series::constant(7).at(1800), Some(&7));
        assert_eq!(Series::<i32>::by_year(BTreeMap::new()).at(2000), None);
    }
}
