//! Rows that number the columns: `1 2 3`, `甲 乙 1 2 3`, `(1) (2) (3)`.

use super::super::rows::Rows;
use super::words::squeezed;

const STEMS: [&str; 10] = ["甲", "乙", "丙", "丁", "戊", "己", "庚", "辛", "壬", "癸"];

/// Whether a row whose first text is `text` may number the columns.
pub(super) fn may_start(text: &str) -> bool {
    matches!(text, "1" | "甲" | "A" | "a" | "一" | "栏次" | "栏目")
        || text.starts_with(['(', '（', '①', '栏', '甲'])
}

/// Whether row `row` of a table of `columns` columns numbers them: stems or letters first, then
/// numbers without a gap, in at least half of the columns.
pub(super) fn is_index_row(rows: &Rows, row: usize, columns: usize) -> bool {
    let (mut stems, mut numbers, mut cells) = (0_usize, 0_u32, 0_usize);
    for cell in rows.cells(row) {
        let plain = squeezed(cell.text);
        if plain.is_empty() || cells == 0 && matches!(plain.as_str(), "栏次" | "栏目") {
            continue;
        }
        cells += 1;
        let bare = plain.trim_matches(['(', ')']);
        let letter = char::from(b'A'.saturating_add(stems.min(25) as u8)).to_string();
        if STEMS.get(stems) == Some(&bare) || bare.eq_ignore_ascii_case(&letter) && numbers == 0 {
            stems += 1;
        } else if number(bare) == Some(numbers + 1) {
            numbers += 1;
        } else {
            return false;
        }
    }
    // Plain `1 2` may be a record; a stem never starts one.
    cells * 2 >= columns && (cells >= 3 || cells == 2 && stems > 0)
}

/// `3`, `③`, and `3=1+2`, which tells how the column is computed.
fn number(text: &str) -> Option<u32> {
    let head = text.split('=').next().unwrap_or_default();
    let mut characters = head.chars();
    match (characters.next(), characters.next()) {
        (Some(circled @ '①'..='⑳'), None) => Some(circled as u32 - '①' as u32 + 1),
        _ if head.len() <= 4 && !head.starts_with('0') => head.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::rows::CellKind;
    use super::*;

    fn is_index(cells: &[&str]) -> bool {
        let mut rows = Rows::default();
        for cell in cells {
            rows.push(cell, CellKind::Text);
        }
        rows.end_row(1);
        is_index_row(&rows, 0, cells.len())
    }

    #[test]
    fn column_numbers_are_recognised() {
        assert!(is_index(&["1", "2", "3"]));
        assert!(is_index(&["甲", "乙", "1", "2", "3=1+2"]));
        assert!(is_index(&["甲", "1"]));
        assert!(is_index(&["(1)", "（2）", "", "③"]));
        assert!(is_index(&["栏次", "1", "2", "3"]));
        assert!(is_index(&["A", "B", "1"]));
    }

    #[test]
    fn records_are_not() {
        assert!(!is_index(&["1", "2"]));
        assert!(!is_index(&["1", "2", "4"]));
        assert!(!is_index(&["1", "甲某", "2"]));
        assert!(!is_index(&["1", "02", "3"]));
        assert!(!is_index(&["1", "2", "3", "", "", "", "", ""]));
        assert!(!is_index(&["", ""]));
    }
}
