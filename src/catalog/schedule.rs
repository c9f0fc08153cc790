//! Schedules: saved queries at set times (`schedules.yaml`).

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use chrono_tz::Tz;
use croner::Cron;
use croner::parser::{CronParser, Seconds};
use serde::Deserialize;
use serde::de::value::SeqAccessDeserializer;
use serde::de::{Deserializer, SeqAccess, Visitor};

use super::problem::Problem;
use super::yaml::{Entries, Located, Name, Place, read};
use crate::error::{Lang, Message};
use crate::msg;

/// Saved queries that run at set times and leave their results in the outbox.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// Its name: also the name of its folder in the outbox.
    pub name: String,
    /// The saved queries it runs, with their places in the file.
    pub queries: Vec<Word>,
    /// Values of their parameters; each goes to the queries that declare it.
    pub params: Vec<(Word, String)>,
    /// When it runs, in its time zone.
    pub cron: Cron,
    /// The time zone of `cron`.
    pub timezone: Tz,
    /// Formats of the results, such as `xlsx` or `csv-gb18030`.
    pub formats: Vec<Word>,
    /// Folder that its results go to instead of `outbox`, as `<name>/<slot>`; relative to the
    /// warehouse.
    pub to: Option<PathBuf>,
    /// Language of titles in the results.
    pub lang: Lang,
    /// For whom its results are: small counts are hidden accordingly.
    pub publish: Readers,
    /// Whether it runs when nothing changed.
    pub when: When,
    /// What to do about a slot that came while the run before was still going.
    pub overlap: Overlap,
    /// What to do about slots that passed while nobody looked.
    pub catch_up: CatchUp,
    /// How long a run may take.
    pub timeout: Option<Duration>,
    /// How many results to keep; all when `None`.
    pub keep: Option<usize>,
    /// After so many failures in a row it rests until it is run by name.
    pub max_consecutive_failures: Option<usize>,
    /// Command that tells of a failure; the facts are in its environment.
    pub on_failure: Option<String>,
    /// Slots before this time are none of its concern; from here a new schedule catches up.
    pub start: Option<DateTime<Utc>>,
    /// Where it stands in the file.
    pub place: (u32, u32),
}

/// A word of the file and where it stands: line and column from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The word.
    pub text: String,
    /// Where it stands.
    pub place: (u32, u32),
}

/// Whether a schedule runs when nothing changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// It runs at every slot.
    #[default]
    Always,
    /// Only if a table that its queries read, a parameter or a query changed.
    OnChange,
}

/// For whom results are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Readers {
    /// Everybody.
    #[default]
    Public,
    /// The departments of the county.
    Departments,
    /// The office itself: nothing is hidden.
    Internal,
}

/// What to do about a slot that came while the run before was still going.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overlap {
    /// It is left out.
    #[default]
    Skip,
    /// It runs afterwards.
    Queue,
    /// It counts as a failure.
    Forbid,
}

/// What to do about slots that passed while nobody looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CatchUp {
    /// They are left out.
    None,
    /// The newest of them runs.
    #[default]
    Last,
    /// Each of them runs, oldest first.
    All,
}

/// County time where the file does not say otherwise.
const TIMEZONE: &str = "Asia/Shanghai";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    timezone: Option<Name>,
    #[serde(default)]
    schedules: Entries<Raw>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    query: Located<Words>,
    #[serde(default)]
    params: Entries<String>,
    cron: Name,
    #[serde(default)]
    timezone: Option<Name>,
    #[serde(default)]
    format: Option<Located<Words>>,
    #[serde(default)]
    to: Option<PathBuf>,
    #[serde(default)]
    lang: Option<Name>,
    #[serde(default)]
    publish: Readers,
    #[serde(default)]
    when: When,
    #[serde(default)]
    overlap: Overlap,
    #[serde(default)]
    catch_up: CatchUp,
    #[serde(default)]
    timeout: Option<Name>,
    #[serde(default)]
    keep: Option<Located<usize>>,
    #[serde(default)]
    max_consecutive_failures: Option<Located<usize>>,
    #[serde(default)]
    on_failure: Option<String>,
    #[serde(default)]
    start: Option<Name>,
}

/// One word or a list of them.
enum Words {
    One(String),
    Many(Vec<Name>),
}

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany;

        impl<'de> Visitor<'de> for OneOrMany {
            type Value = Words;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name or a list of names")
            }

            fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<Words, E> {
                Ok(Words::One(word.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, words: A) -> Result<Words, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(words)).map(Words::Many)
            }
        }

        deserializer.deserialize_any(OneOrMany)
    }
}

impl Located<Words> {
    fn words(self) -> Vec<Word> {
        match self.value {
            Words::One(text) => vec![Word {
                text,
                place: self.place,
            }],
            Words::Many(names) => names.into_iter().map(Word::from).collect(),
        }
    }
}

impl From<Name> for Word {
    fn from(name: Name) -> Self {
        Self {
            text: name.value,
            place: name.place,
        }
    }
}

/// Reads `schedules.yaml`, in its order.
pub(super) fn schedules(file: &str, text: &str, problems: &mut Vec<Problem>) -> Vec<Schedule> {
    let parsed = match read::<File>(file, text) {
        Ok(parsed) => parsed,
        Err(problem) => {
            problems.push(*problem);
            return Vec::new();
        }
    };
    let mut told = |place: Place, message: Message, hint: Option<Message>| {
        problems.push(Problem::new(file, place, message).hint(hint));
    };
    let common = parsed.timezone.as_ref();
    let common = common.map_or(TIMEZONE, |name| name.value.as_str());
    parsed
        .schedules
        .0
        .into_iter()
        .filter_map(|(name, raw)| schedule(name, raw, common, &mut told))
        .collect()
}

fn schedule(
    name: Name,
    raw: Raw,
    common: &str,
    told: &mut dyn FnMut(Place, Message, Option<Message>),
) -> Option<Schedule> {
    if !is_folder_name(&name.value) {
        told(
            name.place,
            msg!(
                "a schedule is named with letters, digits, `_` and `-`",
                "任务名只能使用字母、数字、`_` 和 `-`"
            ),
            None,
        );
    }
    let (zone, zone_place) = match &raw.timezone {
        Some(zone) => (zone.value.as_str(), zone.place),
        None => (common, (1, 1)),
    };
    let timezone = zone.parse::<Tz>().ok();
    if timezone.is_none() {
        told(
            zone_place,
            msg!("unknown time zone `{zone}`", "未知的时区 `{zone}`"),
            Some(msg!(
                "write a name such as Asia/Shanghai or Asia/Urumqi",
                "请写时区名称，如 Asia/Shanghai 或 Asia/Urumqi"
            )),
        );
    }
    let cron = cron(&raw.cron, told);
    let timeout = raw.timeout.and_then(|text| {
        let found = duration(&text.value);
        if found.is_none() {
            let wrong = text.value;
            told(
                text.place,
                msg!("`{wrong}` is not a duration", "`{wrong}` 不是时长"),
                Some(msg!(
                    "write seconds, or 90s, 10m, 2h",
                    "请写秒数，或 90s、10m、2h"
                )),
            );
        }
        found
    });
    let start = raw.start.and_then(|text| {
        let zone = timezone?;
        let found = NaiveDate::parse_from_str(&text.value, "%Y-%m-%d")
            .ok()
            .and_then(|day| day.and_hms_opt(0, 0, 0))
            .and_then(|midnight| zone.from_local_datetime(&midnight).earliest());
        if found.is_none() {
            let wrong = text.value;
            told(
                text.place,
                msg!("`{wrong}` is not a date", "`{wrong}` 不是日期"),
                Some(msg!("write it as 2020-12-31", "请写成 2020-12-31")),
            );
        }
        found.map(|time| time.to_utc())
    });
    let lang = match raw.lang.as_ref().map(|word| word.value.as_str()) {
        None | Some("zh") => Lang::Zh,
        Some("en") => Lang::En,
        Some(other) => {
            let place = raw.lang.as_ref().map_or((0, 0), |word| word.place);
            told(
                place,
                msg!("unknown language `{other}`", "未知的语言 `{other}`"),
                Some(msg!("expected one of: zh, en", "可用的有：zh, en")),
            );
            Lang::Zh
        }
    };
    for number in [&raw.keep, &raw.max_consecutive_failures]
        .into_iter()
        .flatten()
        .filter(|number| number.value == 0)
    {
        told(
            number.place,
            msg!("expected at least 1", "至少应为 1"),
            None,
        );
    }
    Some(Schedule {
        queries: raw.query.words(),
        params: raw
            .params
            .0
            .into_iter()
            .map(|(name, value)| (name.into(), value))
            .collect(),
        cron: cron?,
        timezone: timezone?,
        formats: raw.format.map_or_else(
            || {
                vec![Word {
                    text: "csv".to_owned(),
                    place: name.place,
                }]
            },
            Located::words,
        ),
        to: raw.to,
        lang,
        publish: raw.publish,
        when: raw.when,
        overlap: raw.overlap,
        catch_up: raw.catch_up,
        timeout,
        keep: raw.keep.map(|number| number.value),
        max_consecutive_failures: raw.max_consecutive_failures.map(|number| number.value),
        on_failure: raw.on_failure,
        start,
        place: name.place,
        name: name.value,
    })
}

fn cron(pattern: &Name, told: &mut dyn FnMut(Place, Message, Option<Message>)) -> Option<Cron> {
    let text = &pattern.value;
    let parsed = CronParser::builder()
        .seconds(Seconds::Disallowed)
        .build()
        .parse(text);
    let hint = || {
        Some(msg!(
            "minute hour day month weekday, such as `30 2 1 * *` for half past two on the first of each month",
            "依次为分 时 日 月 星期，如 `30 2 1 * *` 表示每月 1 日 2 时 30 分"
        ))
    };
    match parsed {
        Err(error) => {
            let error = error.to_string();
            told(
                pattern.place,
                msg!(
                    "`{text}` is not a cron pattern: {error}",
                    "`{text}` 不是有效的 cron 表达式：{error}"
                ),
                hint(),
            );
            None
        }
        // Some day of every pattern that has one comes within a leap year cycle of any century.
        Ok(cron)
            if cron
                .find_next_occurrence(&DateTime::<Utc>::UNIX_EPOCH, true)
                .is_err() =>
        {
            told(
                pattern.place,
                msg!("`{text}` never comes", "`{text}` 永远不会到来"),
                hint(),
            );
            None
        }
        Ok(cron) => Some(cron),
    }
}

fn is_folder_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '-'))
}

fn duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return None,
    };
    let number: u64 = digits.trim().parse().ok()?;
    Some(Duration::from_secs(number.checked_mul(unit)?)).filter(|time| !time.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(text: &str) -> (Vec<Schedule>, Vec<String>) {
        let mut problems = Vec::new();
        let found = schedules("schedules.yaml", text, &mut problems);
        let told = |problem: &Problem| format!("{}: {}", problem.place(), problem.message.en);
        (found, problems.iter().map(told).collect())
    }

    #[test]
    fn a_schedule_is_read_with_its_defaults() {
        let (found, problems) = read_all(
            "schedules:\n  monthly:\n    query: [births, deaths]\n    params: {year: 2018}\n    cron: '30 2 1 * *'\n    timeout: 10m\n",
        );
        assert_eq!(problems, [""; 0]);
        let [monthly] = &found[..] else {
            panic!("one schedule")
        };
        assert_eq!(monthly.timezone, chrono_tz::Asia::Shanghai);
        assert_eq!(monthly.queries[1].text, "deaths");
        assert_eq!(monthly.queries[1].place, (3, 21));
        assert_eq!(monthly.params[0].1, "2018");
        assert_eq!(monthly.timeout, Some(Duration::from_secs(600)));
        assert_eq!(monthly.formats[0].text, "csv");
        assert_eq!(
            (monthly.when, monthly.overlap, monthly.catch_up),
            (When::Always, Overlap::Skip, CatchUp::Last)
        );
    }

    #[test]
    fn everything_wrong_is_told_with_its_place() {
        let (_, problems) = read_all(concat!(
            "schedules:\n",
            "  a:\n    query: births\n    cron: '61 * * * *'\n    timezone: Asia/Shangai\n",
            "  b/c:\n    query: births\n    cron: '0 0 30 2 *'\n    timeout: 3 days\n    keep: 0\n    start: soon\n    lang: fr\n",
        ));
        let starts = [
            "schedules.yaml:5:15: unknown time zone `Asia/Shangai`",
            "schedules.yaml:4:11: `61 * * * *` is not a cron pattern",
            "schedules.yaml:6:3: a schedule is named with",
            "schedules.yaml:8:11: `0 0 30 2 *` never comes",
            "schedules.yaml:9:14: `3 days` is not a duration",
            "schedules.yaml:11:12: `soon` is not a date",
            "schedules.yaml:12:11: unknown language `fr`",
            "schedules.yaml:10:11: expected at least 1",
        ];
        assert_eq!(problems.len(), starts.len(), "{problems:#?}");
        for (problem, start) in problems.iter().zip(starts) {
            assert!(problem.starts_with(start), "{problem}\n{start}");
        }
        let (_, problems) = read_all(
            "schedules:\n  a:\n    query: births\n    cron: '0 0 * * *'\n    owerlap: skip\n",
        );
        assert_eq!(problems, ["schedules.yaml:5:5: unknown key `owerlap`"]);
    }
}
