//! A field of braille dots, two across and four down in every cell.

/// The bits of the dots of a cell, by row and column (Unicode Standard, block U+2800).
const BITS: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];

/// Dots drawn so far, and the series that drew last in each cell.
pub(super) struct Dots {
    width: usize,
    cells: Vec<(u8, usize)>,
}

impl Dots {
    /// An empty field of so many cells.
    pub(super) fn new(width: usize, height: usize) -> Self {
        Self {
            width,
            cells: vec![(0, 0); width * height],
        }
    }

    /// Sets the dot `x` from the left and `y` from the top; outside of the field nothing happens.
    pub(super) fn set(&mut self, x: usize, y: usize, series: usize) {
        if x >= self.width * 2 {
            return;
        }
        if let Some(cell) = self.cells.get_mut(y / 4 * self.width + x / 2) {
            *cell = (cell.0 | BITS[y % 4][x % 2], series);
        }
    }

    /// Sets the dots of a straight line, both ends included.
    pub(super) fn line(&mut self, from: (usize, usize), to: (usize, usize), series: usize) {
        let across = from.0.abs_diff(to.0);
        let down = from.1.abs_diff(to.1);
        let steps = across.max(down).max(1);
        // Both ends may stand on either side, so each coordinate is worked out by itself.
        let at = |from: usize, to: usize, step: usize| {
            let part = (from.abs_diff(to) * step * 2 + steps) / (steps * 2);
            if to >= from { from + part } else { from - part }
        };
        for step in 0..=steps {
            self.set(at(from.0, to.0, step), at(from.1, to.1, step), series);
        }
    }

    /// The character of a cell and the series that drew it; `None` when it is empty.
    pub(super) fn cell(&self, x: usize, y: usize) -> Option<(char, usize)> {
        let (bits, series) = *self.cells.get(y * self.width + x)?;
        let character = char::from_u32(0x2800 + u32::from(bits))?;
        (bits > 0).then_some((character, series))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(dots: &Dots, y: usize) -> String {
        (0..dots.width)
            .map(|x| dots.cell(x, y).map_or(' ', |(character, _)| character))
            .collect()
    }

    #[test]
    fn lines_are_straight_and_hit_both_ends() {
        let mut dots = Dots::new(3, 1);
        dots.line((0, 3), (5, 0), 0);
        assert_eq!(row(&dots, 0), "⡠⠔⠊");
        let mut back = Dots::new(3, 1);
        back.line((5, 0), (0, 3), 0);
        assert_eq!(row(&back, 0), "⡠⠔⠊");
        let mut flat = Dots::new(3, 2);
        flat.line((1, 7), (4, 7), 0);
        flat.set(99, 0, 0);
        flat.set(0, 99, 0);
        assert_eq!([row(&flat, 0), row(&flat, 1)], ["   ", "⢀⣀⡀"]);
    }
}
