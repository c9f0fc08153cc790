//! The scorecard as tables: for people section by section, for programs row by row.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};

use super::examine::day;
use super::history::Finding;
use super::questions::RATE;
use super::run::Outcome;
use super::score::{ALL, Cell, Score};
use super::words::Words;
use crate::catalog::{Catalog, Check, Heading};
use crate::domain::calendar;
use crate::domain::region::{RegionCode, Regions};
use crate::error::{Error, Lang, Message, Result};
use crate::msg;

/// What a page is about.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// Only this department.
    pub owner: Option<String>,
    /// Only this town, see [`town_code`].
    pub town: Option<String>,
}

impl Scope {
    fn holds(&self, owner: &str, town: &str) -> bool {
        self.owner.as_deref().is_none_or(|wanted| wanted == owner)
            && self.town.as_deref().is_none_or(|wanted| wanted == town)
    }
}

/// The code of a town that somebody names: its code of 9 or more digits, or its name.
///
/// # Errors
/// When there is no such town.
pub fn town_code(catalog: &Catalog, text: &str) -> Result<String> {
    let regions = Regions::from_csv(&catalog.regions_csv)?;
    let code = RegionCode::parse(text)
        .and_then(|code| code.township())
        .filter(|code| regions.get(code).is_some())
        .or_else(|| {
            let is_name = !text.is_ascii();
            is_name.then(|| regions.find_township(text)).flatten()
        });
    code.map(|code| code.as_str().to_owned()).ok_or_else(|| {
        Error::usage(msg!("there is no town `{text}`", "没有乡镇 `{text}`")).hint(msg!(
            "a town is named by its code of 9 digits or its name; table `regions` has them all",
            "请用 9 位区划代码或乡镇名称指定；表 `regions`（行政区划）中列有全部乡镇"
        ))
    })
}

/// A part of a page: what it tells, a table, remarks.
#[derive(Debug)]
pub struct Section {
    /// Its headline.
    pub title: String,
    /// Its table.
    pub rows: RecordBatch,
    /// What stands below it.
    pub notes: Vec<String>,
}

/// One decimal, as printed.
fn percent(score: Option<f64>) -> Option<f64> {
    score.map(|score| (score * 1000.0).round() / 10.0)
}

fn texts<'a>(values: impl IntoIterator<Item = impl Into<Option<&'a str>>>) -> ArrayRef {
    Arc::new(values.into_iter().map(Into::into).collect::<StringArray>())
}

fn numbers(values: impl IntoIterator<Item = Option<f64>>) -> ArrayRef {
    Arc::new(values.into_iter().collect::<Float64Array>())
}

fn counts(values: impl IntoIterator<Item = u64>) -> ArrayRef {
    let values = values.into_iter();
    Arc::new(Int64Array::from_iter_values(
        values.map(|value| i64::try_from(value).unwrap_or(i64::MAX)),
    ))
}

/// Owner, check, what it found.
type Line<'a> = (&'a str, &'a Check, Vec<&'a Finding>);

/// A table whose columns are called as people call them.
struct Grid<'a> {
    lang: Lang,
    columns: Vec<(String, ArrayRef)>,
    words: &'a Words<'a>,
}

impl<'a> Grid<'a> {
    fn new(words: &'a Words<'a>) -> Self {
        Self {
            lang: words.lang,
            columns: Vec::new(),
            words,
        }
    }

    fn with(mut self, name: &Message, column: ArrayRef) -> Self {
        self.columns.push((name.text(self.lang).to_owned(), column));
        self
    }

    /// The scores of some lines under each heading and altogether.
    fn with_scores(mut self, lines: &[(&str, &str)], outcome: &Outcome) -> Self {
        for heading in Heading::ALL.map(Some).into_iter().chain([None]) {
            let name = heading.map_or_else(|| msg!("overall", "总体"), Heading::title);
            let scores = lines.iter().map(|(owner, town)| {
                let score = outcome.score(owner, town, heading)?;
                percent(score.cell.score())
            });
            self = self.with(&name, numbers(scores));
        }
        self.with_standing(lines, outcome)
    }

    /// Trend and rank of some lines altogether.
    fn with_standing(self, lines: &[(&str, &str)], outcome: &Outcome) -> Self {
        let overall: Vec<Option<&Score>> = lines
            .iter()
            .map(|(owner, town)| outcome.score(owner, town, None))
            .collect();
        let change = overall.iter().map(|score| score.and_then(Score::change));
        let ranks: Vec<Option<String>> = overall
            .iter()
            .map(|score| score.and_then(|score| score.rank).map(rank))
            .collect();
        self.with(&msg!("change", "较上次"), numbers(change)).with(
            &msg!("rank", "排名"),
            texts(ranks.iter().map(Option::as_deref)),
        )
    }

    fn section(self, title: &Message, notes: &[Message]) -> Result<Section> {
        Ok(Section {
            title: title.text(self.words.lang).to_owned(),
            rows: RecordBatch::try_from_iter(self.columns)?,
            notes: notes
                .iter()
                .map(|note| note.text(self.words.lang).to_owned())
                .collect(),
        })
    }
}

fn rank((place, of): (usize, usize)) -> String {
    format!("{place}/{of}")
}

impl Score {
    /// Percentage points since the run before.
    #[must_use]
    pub fn change(&self) -> Option<f64> {
        let (now, before) = (percent(self.cell.score())?, percent(self.before)?);
        Some(((now - before) * 10.0).round() / 10.0)
    }
}

impl Outcome {
    fn score(&self, owner: &str, town: &str, heading: Option<Heading>) -> Option<&Score> {
        self.scores
            .iter()
            .find(|score| score.owner == owner && score.town == town && score.heading == heading)
    }

    /// The scorecard for people: the whole county, one department, one region, or a department in one.
    ///
    /// # Errors
    /// When the catalog's lists cannot be read.
    pub fn page(&self, catalog: &Catalog, scope: &Scope, lang: Lang) -> Result<Vec<Section>> {
        let words = Words::of(catalog, lang)?;
        let mut sections = Vec::new();
        let owners: Vec<&str> = catalog
            .departments
            .iter()
            .map(|department| department.id.as_str())
            .filter(|owner| self.scores.iter().any(|score| score.owner == **owner))
            .filter(|owner| scope.owner.as_deref().is_none_or(|wanted| wanted == *owner))
            .collect();
        let towns: BTreeSet<&str> = self
            .scores
            .iter()
            .filter(|score| score.town != ALL && scope.holds(&score.owner, &score.town))
            .map(|score| score.town.as_str())
            .collect();
        let place = scope.town.as_deref().unwrap_or(ALL);
        if let ([owner], true) = (&owners[..], scope.owner.is_some()) {
            sections.push(self.headings(&words, owner, place)?);
            if place == ALL {
                sections.push(self.towns(&words, owner, &towns)?);
            }
        } else {
            sections.push(self.departments(&words, &owners, place)?);
            if place == ALL {
                sections.push(self.matrix(&words, &owners, &towns)?);
            }
        }
        sections.push(self.to_mend(catalog, &words, scope)?);
        sections.extend(self.asked(catalog, &words, scope)?);
        Ok(sections)
    }

    /// Departments by headings.
    fn departments(&self, words: &Words<'_>, owners: &[&str], place: &str) -> Result<Section> {
        let lines: Vec<(&str, &str)> = owners.iter().map(|owner| (*owner, place)).collect();
        let names: Vec<String> = owners.iter().map(|owner| words.department(owner)).collect();
        let overall = |of: fn(Cell) -> u64| {
            counts(lines.iter().map(|(owner, town)| {
                let score = self.score(owner, town, None);
                score.map_or(0, |score| of(score.cell))
            }))
        };
        let town = words.town(place);
        Grid::new(words)
            .with(
                &msg!("department", "部门"),
                texts(names.iter().map(String::as_str)),
            )
            .with_scores(&lines, self)
            .with(
                &msg!("with findings", "有问题记录"),
                overall(|cell| cell.flagged),
            )
            .with(&msg!("records", "检查记录"), overall(|cell| cell.records))
            .section(
                &if place == ALL {
                    msg!("Scores by department", "各部门得分")
                } else {
                    msg!("Scores by department: {town}", "各部门得分：{town}")
                },
                &[
                    msg!(
                        "Score = records without a finding / records checked × 100. The overall score counts a record once, whatever is wrong with it. Change: percentage points since the run before. Rank 1 is the best; fewer than 30 records are not ranked.",
                        "得分 = 无问题记录数 ÷ 检查记录数 × 100；总体得分中每条记录只计一次。“较上次”为与上次检查相差的百分点；排名 1 为最好，不足 30 条记录不参加排名。"
                    ),
                    msg!(
                        "Empty: no check of that heading looks at this department's records.",
                        "空白：该维度没有针对该部门数据的检查项。"
                    ),
                ],
            )
    }

    /// Towns by departments, overall.
    fn matrix(
        &self,
        words: &Words<'_>,
        owners: &[&str],
        towns: &BTreeSet<&str>,
    ) -> Result<Section> {
        let names: Vec<String> = towns.iter().map(|town| words.town(town)).collect();
        let mut grid = Grid::new(words).with(
            &msg!("place", "所在乡镇"),
            texts(names.iter().map(String::as_str)),
        );
        for owner in owners {
            let by_town = towns.iter().map(|town| {
                let score = self.score(owner, town, None)?;
                percent(score.cell.score())
            });
            let name = words.department(owner);
            grid = grid.with(&msg!("{name}", "{name}"), numbers(by_town));
        }
        grid.section(&msg!("Overall scores by town", "各乡镇总体得分"), &[])
    }

    /// The headings of one department, one by one.
    fn headings(&self, words: &Words<'_>, owner: &str, place: &str) -> Result<Section> {
        let mut scores = Vec::new();
        for heading in Heading::ALL.map(Some).into_iter().chain([None]) {
            scores.extend(self.score(owner, place, heading));
        }
        let names: Vec<String> = scores
            .iter()
            .map(|score| {
                let title = score
                    .heading
                    .map_or_else(|| msg!("overall", "总体"), Heading::title);
                title.text(words.lang).to_owned()
            })
            .collect();
        let interval: Vec<Option<String>> = scores
            .iter()
            .map(|score| {
                let (low, high) = score.cell.limits()?;
                Some(format!("{:.1}–{:.1}", low * 100.0, high * 100.0))
            })
            .collect();
        let ranks: Vec<Option<String>> = scores.iter().map(|score| score.rank.map(rank)).collect();
        let (department, town) = (words.department(owner), words.town(place));
        Grid::new(words)
            .with(
                &msg!("heading", "维度"),
                texts(names.iter().map(String::as_str)),
            )
            .with(
                &msg!("score", "得分"),
                numbers(scores.iter().map(|score| percent(score.cell.score()))),
            )
            .with(
                &msg!("without findings", "无问题记录"),
                counts(scores.iter().map(|s| s.cell.records - s.cell.flagged)),
            )
            .with(
                &msg!("records", "检查记录"),
                counts(scores.iter().map(|score| score.cell.records)),
            )
            .with(
                &msg!("95 % interval", "95% 区间"),
                texts(interval.iter().map(Option::as_deref)),
            )
            .with(
                &msg!("last time", "上次"),
                numbers(scores.iter().map(|score| percent(score.before))),
            )
            .with(
                &msg!("change", "较上次"),
                numbers(scores.iter().map(|score| score.change())),
            )
            .with(
                &msg!("rank", "排名"),
                texts(ranks.iter().map(Option::as_deref)),
            )
            .section(
                &if place == ALL {
                    msg!("Scorecard: {department}", "质量记分卡：{department}")
                } else {
                    msg!("Scorecard: {department}, {town}", "质量记分卡：{department}，{town}")
                },
                &[msg!(
                    "Score = records without a finding / records checked × 100, with its Wilson interval. The overall score counts a record once, whatever is wrong with it. Rank among departments, or among the towns of the department; 1 is the best.",
                    "得分 = 无问题记录数 ÷ 检查记录数 × 100，区间为 Wilson 区间；总体得分中每条记录只计一次。排名为部门之间的名次，分乡镇时为本部门各乡镇之间的名次，1 为最好。"
                )],
            )
    }

    /// The towns of one department by headings.
    fn towns(&self, words: &Words<'_>, owner: &str, towns: &BTreeSet<&str>) -> Result<Section> {
        let lines: Vec<(&str, &str)> = towns.iter().map(|town| (owner, *town)).collect();
        let names: Vec<String> = towns.iter().map(|town| words.town(town)).collect();
        Grid::new(words)
            .with(
                &msg!("place", "所在乡镇"),
                texts(names.iter().map(String::as_str)),
            )
            .with_scores(&lines, self)
            .section(&msg!("Scores by town", "各乡镇得分"), &[])
    }

    /// What is to be mended, by check, most first.
    fn to_mend(&self, catalog: &Catalog, words: &Words<'_>, scope: &Scope) -> Result<Section> {
        let today = day(self.run_at.date_naive());
        let mut groups: BTreeMap<(&str, &str), Vec<&Finding>> = BTreeMap::new();
        for finding in &self.open {
            if scope.holds(
                &finding.owner,
                finding.township.as_deref().unwrap_or_default(),
            ) {
                groups
                    .entry((&finding.owner, &finding.check))
                    .or_default()
                    .push(finding);
            }
        }
        let mut lines: Vec<Line<'_>> = groups
            .into_iter()
            .filter_map(|((owner, check), found)| Some((owner, catalog.check(check)?, found)))
            .collect();
        let place = |owner: &str| {
            let mut departments = catalog.departments.iter();
            departments.position(|department| department.id == owner)
        };
        // Questions have a section of their own.
        lines.retain(|(_, check, _)| check.test.is_none());
        lines.sort_by_key(|(owner, check, found)| {
            let most_first = usize::MAX - found.len();
            (place(owner), check.severity, most_first, check.name.clone())
        });
        let text = |of: &dyn Fn(&Line<'_>) -> String| -> ArrayRef {
            Arc::new(StringArray::from_iter_values(lines.iter().map(of)))
        };
        let number = |of: &dyn Fn(&Finding) -> bool| {
            counts(
                lines
                    .iter()
                    .map(|(_, _, found)| found.iter().filter(|finding| of(finding)).count() as u64),
            )
        };
        let lang = words.lang;
        let now = super::history::micros(self.run_at);
        let mut grid = Grid::new(words);
        let one = scope.owner.is_some();
        if !one {
            grid = grid.with(
                &msg!("who", "责任部门"),
                text(&|(owner, ..)| words.department(owner)),
            );
        }
        grid = grid
            .with(
                &msg!("what", "问题"),
                text(&|(_, check, _)| check.title_in(lang).to_owned()),
            )
            .with(&msg!("open", "待整改"), number(&|_| true))
            .with(
                &msg!("new", "新增"),
                number(&|finding| finding.first_seen == now),
            )
            .with(
                &msg!("overdue", "逾期"),
                number(&|finding| finding.due.is_some_and(|due| due < today)),
            )
            .with(
                &msg!("due first", "最早期限"),
                text(&|(_, _, found)| {
                    let due = found.iter().filter_map(|finding| finding.due).min();
                    due.map(calendar::format).unwrap_or_default()
                }),
            );
        if one {
            grid = grid.with(
                &msg!("to do", "处理办法"),
                text(&|(_, check, _)| check.message.text(lang).to_owned()),
            );
        }
        let mut notes = vec![msg!(
            "Without a date: nothing can be mended any more; it counts in the score and is on no work list. Record by record: `renkou check worklist --owner DEPARTMENT -o FILE.xlsx`",
            "没有期限的已无法更正，只计入得分，不列入整改清单。逐条清单：`renkou check worklist --owner 部门 -o 文件.xlsx`"
        )];
        if one {
            notes.push(msg!("Legal basis:", "依据："));
            notes.extend(lines.iter().map(|(_, check, _)| {
                let (title, basis) = (&check.title, &check.legal_basis);
                let (en, zh) = (&title.en, &title.zh);
                msg!("- {en}: {basis}", "- {zh}：{basis}")
            }));
        }
        grid.section(&msg!("To be mended", "待整改事项"), &notes)
    }

    /// What the tests of groups of records ask.
    fn asked(
        &self,
        catalog: &Catalog,
        words: &Words<'_>,
        scope: &Scope,
    ) -> Result<Option<Section>> {
        let asked: Vec<(&Finding, &Check)> = self
            .open
            .iter()
            .filter(|finding| {
                let town = finding.township.as_deref().unwrap_or(ALL);
                scope.holds(&finding.owner, town)
            })
            .filter_map(|finding| Some((finding, catalog.check(&finding.check)?)))
            .filter(|(_, check)| check.test.is_some())
            .collect();
        if asked.is_empty() {
            return Ok(None);
        }
        let text = |of: &dyn Fn(&Finding, &Check) -> String| -> ArrayRef {
            let values = asked.iter().map(|(finding, check)| of(finding, check));
            Arc::new(StringArray::from_iter_values(values))
        };
        let percent = RATE * 100.0;
        Grid::new(words)
            .with(
                &msg!("who", "责任部门"),
                text(&|finding, _| words.department(&finding.owner)),
            )
            .with(
                &msg!("place", "所在乡镇"),
                text(&|finding, _| words.town(finding.township.as_deref().unwrap_or(ALL))),
            )
            .with(
                &msg!("question", "请予说明"),
                text(&|_, check| check.message.text(words.lang).to_owned()),
            )
            .with(
                &msg!("seen", "所见"),
                text(&|finding, check| words.evidence(Some(check), &finding.detail)),
            )
            .section(
                &msg!("Questions", "请予说明的情况"),
                &[msg!(
                    "These are questions, not findings of fault: chance, a campaign or a holiday can be the answer. All tests of the run together are told at a rate of {percent} % (Benjamini and Hochberg): on data without anything odd at most {percent} of 100 runs ask anything. Under truthfulness the scorecard counts groups of records tested.",
                    "以上仅为询问，不是认定有误：偶然、集中办理或节假日都可能是原因。全部检验合并控制误报率为 {percent}%（Benjamini–Hochberg 法）：数据毫无异常时，100 次检查中至多 {percent} 次会提出询问。记分卡“真实性”一栏按检验的分组计数。"
                )],
            )
            .map(Some)
    }

    /// The scorecard for programs: one row per department, town and heading.
    ///
    /// # Errors
    /// When the catalog's lists cannot be read.
    pub fn rows(&self, catalog: &Catalog, scope: &Scope) -> Result<RecordBatch> {
        let words = Words::of(catalog, Lang::Zh)?;
        let scores: Vec<&Score> = self
            .scores
            .iter()
            .filter(|score| scope.holds(&score.owner, &score.town))
            .collect();
        let text = |of: &dyn Fn(&Score) -> String| -> ArrayRef {
            Arc::new(StringArray::from_iter_values(
                scores.iter().map(|score| of(score)),
            ))
        };
        let number =
            |of: &dyn Fn(&Score) -> Option<f64>| numbers(scores.iter().map(|score| of(score)));
        let limit = |score: &Score, of: fn((f64, f64)) -> f64| score.cell.limits().map(of);
        let places = |of: fn((usize, usize)) -> usize| -> ArrayRef {
            let values = scores.iter().map(|score| {
                let rank = score.rank.map(of)?;
                i64::try_from(rank).ok()
            });
            Arc::new(values.collect::<Int64Array>())
        };
        Ok(RecordBatch::try_from_iter([
            ("owner", text(&|score| score.owner.clone())),
            ("owner_name", text(&|score| words.department(&score.owner))),
            ("township_code", text(&|score| score.town.clone())),
            ("township_name", text(&|score| words.town(&score.town))),
            (
                "heading",
                text(&|score| score.heading.map_or(ALL, Heading::as_str).to_owned()),
            ),
            (
                "heading_name",
                text(&|score| {
                    score
                        .heading
                        .map_or_else(|| "总体".to_owned(), |h| h.title().zh)
                }),
            ),
            (
                "records",
                counts(scores.iter().map(|score| score.cell.records)),
            ),
            (
                "records_with_findings",
                counts(scores.iter().map(|score| score.cell.flagged)),
            ),
            (
                "records_without_findings",
                counts(scores.iter().map(|s| s.cell.records - s.cell.flagged)),
            ),
            ("score_pct", number(&|score| rounded(score.cell.score()))),
            (
                "score_low",
                number(&|score| rounded(limit(score, |limits| limits.0))),
            ),
            (
                "score_high",
                number(&|score| rounded(limit(score, |limits| limits.1))),
            ),
            ("previous_pct", number(&|score| rounded(score.before))),
            (
                "change_points",
                number(&|score| {
                    Some(
                        ((rounded(score.cell.score())? - rounded(score.before)?) * 100.0).round()
                            / 100.0,
                    )
                }),
            ),
            ("rank", places(|rank| rank.0)),
            ("ranked", places(|rank| rank.1)),
        ])?)
    }
}

/// Per cent with two decimals.
fn rounded(share: Option<f64>) -> Option<f64> {
    share.map(|share| (share * 10_000.0).round() / 100.0)
}
