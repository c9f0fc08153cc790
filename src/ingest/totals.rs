//! Control totals: a 合计 row must equal the sum of the rows it covers.

/// One row of a sheet as the totals see it.
#[derive(Debug, Clone)]
pub(super) struct TotalLine {
    /// Row number in the file.
    pub(super) row: u32,
    /// Whether it states a total rather than data.
    pub(super) is_total: bool,
    /// Its values, one per control field.
    pub(super) values: Vec<Option<i64>>,
}

/// A total that is not the sum of anything it could cover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WrongTotal {
    /// Row number in the file.
    pub(super) row: u32,
    /// Which control field.
    pub(super) field: usize,
    /// What the row says.
    pub(super) stated: i64,
    /// What the rows sum to.
    pub(super) summed: i64,
}

/// Checks every total of a sheet. It may cover all rows, the rows since the total before (a
/// subtotal below its town), or the rows up to the next (a total above its parts).
pub(super) fn wrong_totals(mut lines: Vec<TotalLine>) -> Vec<WrongTotal> {
    lines.sort_by_key(|line| line.row);
    let fields = lines
        .iter()
        .map(|line| line.values.len())
        .max()
        .unwrap_or(0);
    let mut wrong = Vec::new();
    for field in 0..fields {
        let value = |line: &TotalLine| line.values.get(field).copied().flatten();
        let sum = |lines: &[TotalLine]| -> i64 {
            lines
                .iter()
                .filter(|line| !line.is_total)
                .filter_map(value)
                .sum()
        };
        for (index, line) in lines.iter().enumerate().filter(|(_, line)| line.is_total) {
            let Some(stated) = value(line) else { continue };
            let all = sum(&lines);
            let start = lines[..index]
                .iter()
                .rposition(|line| line.is_total)
                .map_or(0, |at| at + 1);
            let end = lines[index + 1..]
                .iter()
                .position(|line| line.is_total)
                .map_or(lines.len(), |at| index + 1 + at);
            let above = sum(&lines[start..index]);
            let below = sum(&lines[index + 1..end]);
            if ![all, above, below].contains(&stated) {
                wrong.push(WrongTotal {
                    row: line.row,
                    field,
                    stated,
                    summed: all,
                });
            }
        }
    }
    wrong.sort_by_key(|total| (total.row, total.field));
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(row: u32, is_total: bool, value: i64) -> TotalLine {
        TotalLine {
            row,
            is_total,
            values: vec![Some(value)],
        }
    }

    #[test]
    fn totals_may_stand_above_below_or_after_each_part() {
        assert!(
            wrong_totals(vec![line(1, true, 5), line(2, false, 2), line(3, false, 3)]).is_empty()
        );
        let parts = vec![
            line(1, false, 1),
            line(2, false, 2),
            line(3, true, 3),
            line(4, false, 4),
            line(5, true, 4),
            line(6, true, 7),
        ];
        assert!(wrong_totals(parts).is_empty());
    }

    #[test]
    fn a_wrong_total_is_told_with_both_numbers() {
        let wrong = wrong_totals(vec![line(4, false, 2), line(5, false, 3), line(6, true, 6)]);
        assert_eq!(
            wrong,
            [WrongTotal {
                row: 6,
                field: 0,
                stated: 6,
                summed: 5
            }]
        );
    }
}
