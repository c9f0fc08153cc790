//! Figures to draw, brought into series over common places.

use std::collections::HashMap;

/// One figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Cell {
    /// The result has no row for it.
    Absent,
    /// It is NULL or no number.
    Null,
    /// A finite number.
    Number(f64),
}

impl Cell {
    pub(super) fn number(self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(number),
            _ => None,
        }
    }
}

impl From<Option<f64>> for Cell {
    fn from(number: Option<f64>) -> Self {
        number.map_or(Self::Null, Self::Number)
    }
}

/// A named row of figures, one per place.
#[derive(Debug)]
pub(super) struct Series {
    pub(super) name: String,
    pub(super) cells: Vec<Cell>,
}

/// Where figures of all series stand: a label and a position along the axis.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub(super) label: String,
    pub(super) at: i64,
}

/// Series over places.
#[derive(Debug, Default)]
pub(super) struct Grid {
    pub(super) places: Vec<Place>,
    pub(super) series: Vec<Series>,
    newest: HashMap<Place, usize>,
}

impl Grid {
    pub(super) fn new(series: Vec<String>) -> Self {
        Self {
            series: series
                .into_iter()
                .map(|name| Series {
                    name,
                    cells: Vec::new(),
                })
                .collect(),
            ..Self::default()
        }
    }

    /// Adds a figure. A second one of the same series and place gets a place of its own.
    pub(super) fn add(&mut self, place: Place, series: usize, cell: Cell) {
        let found = self.newest.get(&place).copied();
        let is_free = |at: &usize| self.series[series].cells[*at] == Cell::Absent;
        let at = found.filter(is_free).unwrap_or_else(|| {
            for series in &mut self.series {
                series.cells.push(Cell::Absent);
            }
            self.newest.insert(place.clone(), self.places.len());
            self.places.push(place);
            self.places.len() - 1
        });
        self.series[series].cells[at] = cell;
    }

    /// Every number.
    pub(super) fn numbers(&self) -> impl Iterator<Item = f64> + Clone {
        self.series
            .iter()
            .flat_map(|series| series.cells.iter().filter_map(|cell| cell.number()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_one_place_stand_together_and_repeated_ones_apart() {
        let mut grid = Grid::new(vec!["a".to_owned(), "b".to_owned()]);
        let place = |label: &str| Place {
            label: label.to_owned(),
            at: 0,
        };
        grid.add(place("x"), 0, Cell::Number(1.0));
        grid.add(place("y"), 0, Cell::Null);
        grid.add(place("x"), 1, Cell::Number(2.0));
        grid.add(place("x"), 1, Cell::Number(3.0));
        assert_eq!(grid.places.len(), 3);
        assert_eq!(
            grid.series[1].cells,
            [Cell::Number(2.0), Cell::Absent, Cell::Number(3.0)]
        );
        assert_eq!(grid.numbers().count(), 3);
    }
}
