//! How many rows of a delivery may be rejected before it is refused whole.

use std::str::FromStr;

use crate::domain::wording::counted;
use crate::error::Message;
use crate::msg;

/// How many rejected rows are tolerated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Limit {
    /// This many.
    Rows(u64),
    /// This share of the rows, in percent.
    Percent(f64),
}

/// The share that is tolerated unless another limit is asked for, in percent.
const USUAL: f64 = 10.0;

impl FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "expected a number of rows or a share such as 10%".to_owned();
        match text.strip_suffix('%') {
            Some(share) => match share.trim().parse::<f64>() {
                Ok(share) if (0.0..=100.0).contains(&share) => Ok(Self::Percent(share)),
                _ => Err(wrong()),
            },
            None => text.trim().parse().map(Self::Rows).map_err(|_| wrong()),
        }
    }
}

/// How many of `read` rows may be rejected, `skipped` of them being no facts.
///
/// Without a limit of the user's: a tenth, and one row in any case, so that one bad row does not
/// refuse a file of five; but never all rows, for then something else is wrong.
pub(super) fn allowed(limit: Option<Limit>, read: u64, skipped: u64) -> u64 {
    match limit {
        Some(Limit::Rows(rows)) => rows,
        Some(Limit::Percent(percent)) => share(percent, read),
        None => share(USUAL, read)
            .max(1)
            .min(read.saturating_sub(skipped).saturating_sub(1)),
    }
}

fn share(percent: f64, rows: u64) -> u64 {
    (rows as f64 * percent / 100.0).floor() as u64
}

/// What to do about a delivery of `source` that was refused for its rejects.
pub(super) fn advice(source: &str, read: u64, skipped: u64, rejected: u64) -> Message {
    if rejected >= read.saturating_sub(skipped) {
        return msg!(
            "every row was rejected: is it a file of `{source}`? Another source is named with `--source`; \
             with `--max-rejects 100%` the rows come in as rejects, and `renkou rejects` says what is wrong with each",
            "所有行都被拒收：它确实是 `{source}` 的文件吗？可用 `--source` 指定其他来源；\
             用 `--max-rejects 100%` 可将各行收作拒收数据，再用 `renkou rejects` 逐行查看原因"
        );
    }
    let enough = (1..=20)
        .map(|step| step * 5)
        .find(|percent| share(f64::from(*percent), read) >= rejected)
        .unwrap_or(100);
    msg!(
        "correct the file, or allow more with `--max-rejects {enough}%`",
        "请更正文件，或用 `--max-rejects {enough}%` 放宽限制"
    )
}

/// `3 of 20 rows were rejected, more than the 2 allowed`.
pub(super) fn exceeded(read: u64, rejected: u64, allowed: u64) -> Message {
    let rows = counted(read, "row", "rows");
    let were = if rejected == 1 { "was" } else { "were" };
    msg!(
        "{rejected} of {rows} {were} rejected, more than the {allowed} allowed",
        "{read} 行中有 {rejected} 行被拒收，超过允许的 {allowed} 行"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenth_is_tolerated_and_one_row_in_any_case_but_never_all() {
        for (read, skipped, rows) in [
            (100, 0, 10),
            (25, 0, 2),
            (9, 0, 1),
            (2, 0, 1),
            (2, 1, 0),
            (1, 0, 0),
            (0, 0, 0),
        ] {
            assert_eq!(allowed(None, read, skipped), rows, "{read} − {skipped}");
        }
    }

    #[test]
    fn a_limit_of_the_users_holds_as_it_is() {
        assert_eq!(allowed(Some(Limit::Percent(10.0)), 9, 0), 0);
        assert_eq!(allowed(Some(Limit::Percent(100.0)), 9, 0), 9);
        assert_eq!(allowed(Some(Limit::Rows(0)), 9, 0), 0);
        assert_eq!("10%".parse(), Ok(Limit::Percent(10.0)));
        assert_eq!("12".parse(), Ok(Limit::Rows(12)));
        assert!("many".parse::<Limit>().is_err());
        assert!("101%".parse::<Limit>().is_err());
    }

    #[test]
    fn the_advice_is_the_smallest_round_share_that_is_enough() {
        for (read, rejected, flag) in [
            (100, 11, "`--max-rejects 15%`"),
            (100, 15, "`--max-rejects 15%`"),
            (100, 3, "`--max-rejects 5%`"),
            (3, 2, "`--max-rejects 70%`"),
            (1000, 999, "`--max-rejects 100%`"),
        ] {
            let text = advice("police/household_register", read, 0, rejected).en;
            assert!(text.contains(flag), "{text}");
        }
    }

    #[test]
    fn when_every_row_was_rejected_the_source_is_in_doubt() {
        for skipped in [0, 5] {
            let text = advice("police/household_register", 50 + skipped, skipped, 50);
            assert!(text.en.contains("`--source`") && text.zh.contains("`--source`"));
        }
    }
}
