//! Charts as SVG: legible without colour, every value also in the table below.

use std::collections::BTreeMap;

use super::table::Grid;
use super::template::{Chart, Figure};
use crate::output::{display_width, escape_html as escape};

const WIDTH: f64 = 680.0;
const INK: &str = "#1d2733";
const DARK: &str = "#1f4e79";
const LIGHT: &str = "#9db8d2";

/// The picture, or nothing when there is nothing to draw.
pub(super) fn draw(
    figure: &Figure,
    grid: &Grid,
    title: &str,
    words: &BTreeMap<String, String>,
) -> Option<String> {
    let called = |name: String| words.get(&name).cloned().unwrap_or(name);
    let labels = grid.texts(figure.x.as_deref()?);
    let labels: Vec<String> = labels.into_iter().map(called).collect();
    let series: Vec<Vec<Option<f64>>> = figure.y.iter().map(|name| grid.numbers(name)).collect();
    let first = series.first()?;
    if labels.is_empty() || first.iter().all(Option::is_none) {
        return None;
    }
    let (height, body) = match figure.chart {
        Chart::None => return None,
        Chart::Column => columns(&labels, first),
        Chart::Bar => bars(&labels, first),
        Chart::Line => line(&labels, first),
        Chart::Pyramid => pyramid(&labels, first, series.get(1)?),
        Chart::Interval => {
            let of = |name: &Option<String>| name.as_deref().map(|name| grid.numbers(name));
            let blank = vec![None; labels.len()];
            let low = of(&figure.low).unwrap_or_else(|| blank.clone());
            let high = of(&figure.high).unwrap_or(blank);
            intervals(&labels, first, &low, &high, figure.target)
        }
        Chart::Fan => {
            let band = |end: &str| grid.numbers(end);
            fan(
                &labels,
                first,
                [
                    (band("lower_95"), band("upper_95")),
                    (band("lower_80"), band("upper_80")),
                ],
            )
        }
    };
    Some(format!(
        "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{}\" font-size=\"12\" fill=\"{INK}\">{body}</svg>",
        escape(title)
    ))
}

/// A round number at or above the largest value, and the step of the scale.
fn scale(most: f64) -> (f64, f64) {
    let most = most.max(1e-9);
    let power = 10f64.powf(most.log10().floor());
    let step = [0.2, 0.5, 1.0, 2.0]
        .map(|of| of * power)
        .into_iter()
        .find(|step| most / step <= 6.0)
        .unwrap_or(2.0 * power);
    ((most / step).ceil() * step, step)
}

fn most(values: &[Option<f64>]) -> f64 {
    values.iter().flatten().copied().fold(0.0, f64::max)
}

fn said(value: f64) -> String {
    if value.fract().abs() < 1e-9 {
        format!("{value:.0}")
    } else {
        format!("{value:.1}")
    }
}

fn text(x: f64, y: f64, anchor: &str, words: &str) -> String {
    format!(
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>",
        escape(words)
    )
}

fn rule(x1: f64, y1: f64, x2: f64, y2: f64, style: &str) -> String {
    format!("<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" {style}/>")
}

const GRID: &str = "stroke=\"#c8d0d8\" stroke-width=\"1\"";

/// Room for the widest label.
fn room(labels: &[String]) -> f64 {
    let widest = labels
        .iter()
        .map(|label| display_width(label))
        .max()
        .unwrap_or(0);
    (widest as f64).mul_add(6.8, 14.0).min(230.0)
}

/// Lines across with their values.
fn ground(left: f64, top: f64, height: f64, end: f64, step: f64, from: f64) -> String {
    let mut body = String::new();
    let mut value = from;
    while value <= end + step / 2.0 {
        let y = top + height - height * (value - from) / (end - from);
        body.push_str(&rule(left, y, WIDTH - 10.0, y, GRID));
        body.push_str(&text(left - 6.0, y + 4.0, "end", &said(value)));
        value += step;
    }
    body
}

fn columns(labels: &[String], values: &[Option<f64>]) -> (f64, String) {
    let (left, top, height) = (52.0, 22.0, 200.0);
    let (end, step) = scale(most(values));
    let mut body = ground(left, top, height, end, step, 0.0);
    let wide = (WIDTH - left - 10.0) / labels.len() as f64;
    for (at, (label, value)) in labels.iter().zip(values).enumerate() {
        let middle = wide.mul_add(at as f64 + 0.5, left);
        // `2018-03` is the third month.
        let short = label
            .rsplit_once('-')
            .map_or(label.as_str(), |(_, month)| month);
        body.push_str(&text(middle, top + height + 18.0, "middle", short));
        match value {
            Some(value) => {
                let tall = height * value / end;
                body.push_str(&format!(
                    "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{tall:.1}\" fill=\"{DARK}\"/>",
                    middle - wide * 0.32,
                    top + height - tall,
                    wide * 0.64
                ));
                body.push_str(&text(
                    middle,
                    top + height - tall - 5.0,
                    "middle",
                    &said(*value),
                ));
            }
            None => body.push_str(&text(middle, top + height - 5.0, "middle", "*")),
        }
    }
    (top + height + 28.0, body)
}

fn bars(labels: &[String], values: &[Option<f64>]) -> (f64, String) {
    let left = room(labels);
    let wide = WIDTH - left - 70.0;
    let end = most(values).max(1e-9);
    let mut body = String::new();
    for (at, (label, value)) in labels.iter().zip(values).enumerate() {
        let y = 24.0 * at as f64 + 6.0;
        body.push_str(&text(left - 8.0, y + 13.0, "end", label));
        match value {
            Some(value) => {
                let long = wide * value / end;
                body.push_str(&format!(
                    "<rect x=\"{left:.1}\" y=\"{y:.1}\" width=\"{long:.1}\" height=\"17\" fill=\"{DARK}\"/>"
                ));
                body.push_str(&text(left + long + 6.0, y + 13.0, "start", &said(*value)));
            }
            None => body.push_str(&text(left + 4.0, y + 13.0, "start", "*")),
        }
    }
    (24.0 * labels.len() as f64 + 10.0, body)
}

fn points(values: &[Option<f64>], x: impl Fn(usize) -> f64, y: impl Fn(f64) -> f64) -> String {
    values
        .iter()
        .enumerate()
        .filter_map(|(at, value)| value.map(|value| format!("{:.1},{:.1}", x(at), y(value))))
        .collect::<Vec<_>>()
        .join(" ")
}

fn line(labels: &[String], values: &[Option<f64>]) -> (f64, String) {
    let (left, top, height) = (52.0, 22.0, 200.0);
    let (end, step) = scale(most(values));
    let mut body = ground(left, top, height, end, step, 0.0);
    let wide = (WIDTH - left - 10.0) / labels.len() as f64;
    let x = |at: usize| wide.mul_add(at as f64 + 0.5, left);
    let y = |value: f64| top + height - height * value / end;
    for (at, label) in labels.iter().enumerate() {
        body.push_str(&text(x(at), top + height + 18.0, "middle", label));
    }
    // A line through a hidden value would tell of it.
    let mut from = 0;
    for part in values.split(Option::is_none) {
        if part.len() > 1 {
            body.push_str(&format!(
                "<polyline points=\"{}\" fill=\"none\" stroke=\"{DARK}\" stroke-width=\"2.5\"/>",
                points(part, |at| x(from + at), y)
            ));
        }
        from += part.len() + 1;
    }
    for (at, value) in values.iter().enumerate() {
        if let Some(value) = value {
            body.push_str(&format!(
                "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"4\" fill=\"{DARK}\"/>",
                x(at),
                y(*value)
            ));
            body.push_str(&text(x(at), y(*value) - 9.0, "middle", &said(*value)));
        } else {
            body.push_str(&text(x(at), top + height - 5.0, "middle", "*"));
        }
    }
    (top + height + 28.0, body)
}

fn pyramid(labels: &[String], men: &[Option<f64>], women: &[Option<f64>]) -> (f64, String) {
    let middle = WIDTH / 2.0;
    let half = WIDTH / 2.0 - 90.0;
    let end = most(men).max(most(women)).max(1e-9);
    let mut body = text(middle - 130.0, 14.0, "middle", "♂");
    body.push_str(&text(middle + 130.0, 14.0, "middle", "♀"));
    let rows = labels.len();
    for (at, label) in labels.iter().enumerate() {
        // The oldest on top.
        let y = 17.0 * (rows - 1 - at) as f64 + 22.0;
        body.push_str(&text(middle, y + 11.0, "middle", label));
        for (value, side, fill) in [(men[at], -1.0, DARK), (women[at], 1.0, LIGHT)] {
            let foot = side * 34.0 + middle;
            let Some(value) = value else {
                body.push_str(&text(foot + side * 6.0, y + 12.0, "middle", "*"));
                continue;
            };
            let long = half * value / end;
            let left = if side < 0.0 { foot - long } else { foot };
            body.push_str(&format!(
                "<rect x=\"{left:.1}\" y=\"{y:.1}\" width=\"{long:.1}\" height=\"13\" fill=\"{fill}\" stroke=\"{INK}\" stroke-width=\"0.5\"/>"
            ));
            let anchor = if side < 0.0 { "end" } else { "start" };
            body.push_str(&text(
                side.mul_add(long + 4.0, foot),
                y + 11.0,
                anchor,
                &said(value),
            ));
        }
    }
    (17.0 * rows as f64 + 30.0, body)
}

fn intervals(
    labels: &[String],
    values: &[Option<f64>],
    low: &[Option<f64>],
    high: &[Option<f64>],
    target: Option<f64>,
) -> (f64, String) {
    let left = room(labels);
    let wide = WIDTH - left - 60.0;
    let all = || values.iter().chain(low).chain(high).flatten().copied();
    let top = all().chain(target).fold(0.0, f64::max).max(1e-9);
    let x = |value: f64| left + wide * value / top;
    let height = 26.0 * labels.len() as f64 + 30.0;
    let mut body = String::new();
    if let Some(target) = target {
        body.push_str(&rule(
            x(target),
            16.0,
            x(target),
            height - 8.0,
            "stroke=\"#1d2733\" stroke-width=\"1.5\" stroke-dasharray=\"5 4\"",
        ));
        body.push_str(&text(x(target), 12.0, "middle", &said(target)));
    }
    for (at, label) in labels.iter().enumerate() {
        let y = 26.0 * at as f64 + 32.0;
        body.push_str(&text(left - 8.0, y + 4.0, "end", label));
        body.push_str(&rule(left, y, left + wide, y, GRID));
        let Some(value) = values[at] else {
            body.push_str(&text(left + 6.0, y + 4.0, "start", "*"));
            continue;
        };
        if let (Some(low), Some(high)) = (low[at], high[at]) {
            body.push_str(&rule(
                x(low),
                y,
                x(high),
                y,
                &format!("stroke=\"{DARK}\" stroke-width=\"4\""),
            ));
        }
        body.push_str(&format!("<circle cx=\"{:.1}\" cy=\"{y:.1}\" r=\"6\" fill=\"#fff\" stroke=\"{DARK}\" stroke-width=\"3\"/>", x(value)));
        body.push_str(&text(left + wide + 8.0, y + 4.0, "start", &said(value)));
    }
    (height, body)
}

type Band = (Vec<Option<f64>>, Vec<Option<f64>>);

fn fan(labels: &[String], values: &[Option<f64>], bands: [Band; 2]) -> (f64, String) {
    let (left, top, height) = (64.0, 22.0, 220.0);
    let mut end = most(values);
    let mut start = values
        .iter()
        .flatten()
        .copied()
        .fold(f64::INFINITY, f64::min);
    for (low, high) in &bands {
        end = end.max(most(high));
        start = low.iter().flatten().copied().fold(start, f64::min);
    }
    let (_, step) = scale((end - start).max(1.0));
    let (from, end) = ((start / step).floor() * step, (end / step).ceil() * step);
    let mut body = ground(left, top, height, end, step, from);
    let wide = (WIDTH - left - 20.0) / labels.len().max(2) as f64;
    let x = |at: usize| wide.mul_add(at as f64 + 0.5, left);
    let y = |value: f64| top + height - height * (value - from) / (end - from).max(1e-9);
    for ((low, high), fill) in bands.iter().zip(["#dde6ef", LIGHT]) {
        let mut back: Vec<&str> = Vec::new();
        let lower = points(low, x, y);
        back.extend(lower.split(' ').rev());
        body.push_str(&format!(
            "<polygon points=\"{} {}\" fill=\"{fill}\" stroke=\"{INK}\" stroke-width=\"0.6\"/>",
            points(high, x, y),
            back.join(" ")
        ));
    }
    body.push_str(&format!(
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{DARK}\" stroke-width=\"2.5\"/>",
        points(values, x, y)
    ));
    for (at, label) in labels.iter().enumerate() {
        if at % 2 == 0 {
            body.push_str(&text(x(at), top + height + 18.0, "middle", label));
        }
    }
    (top + height + 28.0, body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_ends_round_and_at_or_above_the_largest_value() {
        for most in [0.7, 1.0, 9.0, 35.0, 88.0, 100.0, 404.5, 2170.0, 276_300.0] {
            let (end, step) = scale(most);
            assert!(end >= most && end - most < step, "{most}: {end} {step}");
            assert!((2.0..=7.0).contains(&(end / step)), "{most}: {end} {step}");
        }
    }
}
