//! Numbers as people read them: thousands separated, no more decimals than the figures have.

/// Numbers larger than this are drawn as if they were this large, so that sums of two do not
/// leave the range of numbers.
const LARGEST: f64 = 1e300;

/// How the numbers of one chart are written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    decimals: usize,
    percent: bool,
}

impl Style {
    /// The style for these numbers: the decimals that tell them apart, at most four, and no
    /// more than make sense for the largest.
    pub(super) fn of(values: impl Iterator<Item = f64> + Clone, percent: bool) -> Self {
        let largest = values
            .clone()
            .fold(0.0, |largest: f64, value| largest.max(value.abs()));
        let most = if largest >= 10_000.0 {
            0
        } else if largest >= 1.0 {
            2
        } else {
            4
        };
        let decimals = (0..most)
            .find(|decimals| {
                let unit = 10f64.powi(*decimals);
                values.clone().all(|value| {
                    let scaled = value * unit;
                    (scaled - scaled.round()).abs() <= 1e-9 * scaled.abs().max(1.0)
                })
            })
            .unwrap_or(most);
        Self {
            decimals: usize::try_from(decimals).unwrap_or(0),
            percent,
        }
    }

    /// The number as text.
    pub(super) fn text(self, value: f64) -> String {
        let mut text = plain(value, self.decimals);
        if self.percent {
            text.push('%');
        }
        text
    }
}

/// A number with thousands separated and this many decimals; very large and very small ones with
/// an exponent.
pub(super) fn plain(value: f64, decimals: usize) -> String {
    let magnitude = value.abs();
    if magnitude >= 1e15 || (magnitude > 0.0 && magnitude < 1e-4) {
        return format!("{value:.2e}");
    }
    let text = format!("{value:.decimals$}");
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) if digits.contains(|c| ('1'..='9').contains(&c)) => ("-", digits),
        Some(digits) => ("", digits),
        None => ("", text.as_str()),
    };
    let (whole, rest) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut out = sign.to_owned();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out.push_str(rest);
    out
}

/// A number within the range that can be drawn; `None` when it is none.
pub(super) fn drawable(value: f64) -> Option<f64> {
    value.is_finite().then(|| value.clamp(-LARGEST, LARGEST))
}

/// Whole dots or cells for a length; drawings are small, so nothing is lost.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates, and lengths of a drawing are small"
)]
pub(super) fn whole(length: f64) -> usize {
    length.round().max(0.0) as usize
}

/// The length as a number.
pub(super) fn length(cells: usize) -> f64 {
    u32::try_from(cells).map_or(f64::from(u32::MAX), f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated_and_extremes_have_an_exponent() {
        for (value, decimals, text) in [
            (0.0, 0, "0"),
            (-0.0, 0, "0"),
            (-0.001, 2, "0.00"),
            (999.0, 0, "999"),
            (1_234_567.0, 0, "1,234,567"),
            (-1_234.5, 1, "-1,234.5"),
            (1e300, 0, "1.00e300"),
            (1e-9, 2, "1.00e-9"),
        ] {
            assert_eq!(plain(value, decimals), text);
        }
    }

    #[test]
    fn a_style_has_the_decimals_that_the_figures_have() {
        let text = |values: &[f64], percent| {
            let style = Style::of(values.iter().copied(), percent);
            style.text(values[0])
        };
        assert_eq!(text(&[12.0, 13.0], false), "12");
        assert_eq!(text(&[12.5, 13.0], true), "12.5%");
        assert_eq!(text(&[100.0 / 3.0], false), "33.33");
        assert_eq!(text(&[0.123_456], false), "0.1235");
        assert_eq!(text(&[123_456.78], false), "123,457");
        assert_eq!(text(&[f64::MAX], false), "1.80e308");
    }
}
