//! The inputs of a forecast, from CSV files or from the warehouse's own tables, brought to the
//! age groups of the population. Entry points: [`Inputs::read`], [`Files`].

use std::collections::{BTreeMap, BTreeSet};

use super::project::{Ages, Sexes};
use super::series::Series;
use super::sheet::{Cell, Sheet};
use crate::demography::{Infants, LifeTable, Sex};
use crate::error::{Error, Result};
use crate::msg;

/// Text of the input files with the names that messages use.
#[derive(Debug, Clone, Default)]
pub struct Files {
    /// `[region,][year,]sex,age,population`.
    pub population: (String, String),
    /// `[year,]age,rate`.
    pub fertility: Option<(String, String)>,
    /// `[year,]sex,age` and `mx` or `survival_ratio`.
    pub mortality: Option<(String, String)>,
    /// `[year,]sex,age,net`.
    pub migration: Option<(String, String)>,
    /// Years of a step; `None` = the width of the population's age groups.
    pub step: Option<usize>,
}

/// What is known of one population, in its own age groups.
#[derive(Debug, Clone, PartialEq)]
pub struct Inputs {
    /// The age groups.
    pub ages: Ages,
    /// The population by year.
    pub population: BTreeMap<i32, Sexes<Vec<f64>>>,
    /// Births per woman and year, by the year in which a step starts.
    pub fertility: Option<Series<Vec<f64>>>,
    /// Survival into each group.
    pub survival: Option<Series<Sexes<Vec<f64>>>>,
    /// Net migrants of a step.
    pub migration: Option<Series<Sexes<Vec<f64>>>>,
    /// Births per woman and year at a total fertility of 1, when only their age pattern is known.
    pub pattern: Option<Vec<f64>>,
}

impl Inputs {
    /// Reads the files, for one or several regions. `start` is the year of a population without
    /// a column `year`.
    ///
    /// # Errors
    /// A usage error with file, line and column.
    pub fn read(files: &Files, start: Option<i32>) -> Result<BTreeMap<String, Self>> {
        let (name, text) = &files.population;
        let sheet = Sheet::read(name, text)?;
        let cells = sheet.cells(POPULATION, true)?;
        let ages = groups(&sheet, &cells, files.step)?;
        let fertility = regional(&files.fertility, &[FERTILITY], |sheet, cells| {
            fertility(sheet, cells, ages)
        })?;
        let survival = regional(&files.mortality, &[RATIO, RATE], |sheet, cells| {
            survival(sheet, cells, ages)
        })?;
        let migration = regional(&files.migration, &[NET], |sheet, cells| {
            counts(sheet, cells, NET, ages, false)
        })?;
        let mut inputs = BTreeMap::new();
        for (region, cells) in by_region(cells) {
            let series = counts(&sheet, &cells, POPULATION, ages, true)?;
            let population = match (series.last_year(), start) {
                (Some(_), _) => series
                    .years()
                    .filter_map(|year| Some((year, series.known(year)?.clone())))
                    .collect(),
                (None, Some(start)) => series
                    .at(start)
                    .cloned()
                    .map(|all| (start, all))
                    .into_iter()
                    .collect(),
                (None, None) => {
                    return Err(sheet
                        .wrong_file(&msg!("there is no column `year`", "没有 `year` 列"))
                        .hint(msg!(
                            "say with `--start-year Y` of which year this population is",
                            "请用 `--start-year 年份` 说明这是哪一年的人口"
                        )));
                }
            };
            let own = Self {
                ages,
                population,
                fertility: of_region(&fertility, &region),
                survival: of_region(&survival, &region),
                migration: of_region(&migration, &region),
                pattern: None,
            };
            inputs.insert(region, own);
        }
        Ok(inputs)
    }
}

const POPULATION: &[&str] = &["population", "persons", "count", "人口", "人口数", "人数"];
const FERTILITY: &[&str] = &["rate", "asfr", "fertility", "生育率"];
const RATE: &[&str] = &["mx", "死亡率"];
const RATIO: &[&str] = &["survival_ratio", "存活比"];
const NET: &[&str] = &["net", "net_migration", "净迁移"];

const SRB: &[&str] = &["srb", "ratio", "出生性别比", "出生人口性别比"];

type Regional<T> = Option<BTreeMap<String, Series<T>>>;

fn of_region<T: Clone>(all: &Regional<T>, region: &str) -> Option<Series<T>> {
    let all = all.as_ref()?;
    all.get(region).or_else(|| all.get("")).cloned()
}

fn by_region(cells: Vec<Cell>) -> BTreeMap<String, Vec<Cell>> {
    let mut regions: BTreeMap<String, Vec<Cell>> = BTreeMap::new();
    for cell in cells {
        regions.entry(cell.region.clone()).or_default().push(cell);
    }
    regions
}

/// Reads an optional file whose value column has the first of `columns` that is there.
fn regional<T>(
    file: &Option<(String, String)>,
    columns: &[&'static [&'static str]],
    read: impl Fn(&Sheet, &[Cell]) -> Result<Series<T>>,
) -> Result<Regional<T>> {
    let Some((name, text)) = file else {
        return Ok(None);
    };
    let sheet = Sheet::read(name, text)?;
    let there = columns.iter().find(|names| sheet.has(names));
    let Some(names) = there.or_else(|| columns.last()) else {
        return Ok(None);
    };
    let cells = sheet.cells(names, *names != FERTILITY)?;
    let each = by_region(cells)
        .into_iter()
        .map(|(region, cells)| Ok((region, read(&sheet, &cells)?)));
    Ok(Some(each.collect::<Result<_>>()?))
}

/// The age groups of the population: their width is the step.
fn groups(sheet: &Sheet, cells: &[Cell], step: Option<usize>) -> Result<Ages> {
    let ages: Vec<usize> = cells
        .iter()
        .map(|cell| cell.age)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let widths: Vec<usize> = ages.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let widest = widths.iter().copied().max().unwrap_or(0);
    let width = step.unwrap_or(widest);
    let last = ages.last().copied().unwrap_or(0);
    if ages.first() != Some(&0) || ages.len() < 3 {
        return Err(sheet.wrong_file(&msg!(
            "the age groups must begin at 0 and be at least three",
            "年龄组必须从 0 岁开始，且不少于三组"
        )));
    }
    let starts: Vec<usize> = (0..=last).step_by(width.max(1)).collect();
    let missing = starts.iter().find(|start| !ages.contains(start));
    if width == 0 || widest > width || missing.is_some() || last % width != 0 {
        let gap = missing.map_or_else(String::new, |age| format!(": {age}"));
        return Err(sheet
            .wrong_file(&msg!(
                "a step of {width} years needs age groups of {width} years without gaps{gap}",
                "步长 {width} 年需要连续的 {width} 岁年龄组{gap}"
            ))
            .hint(msg!(
                "the widest group here covers {widest} years: try `--step {widest}`",
                "此文件最宽的年龄组为 {widest} 岁，可试 `--step {widest}`"
            )));
    }
    Ok(Ages {
        width,
        count: starts.len(),
    })
}

/// Persons by year, sex and group; finer ages are added up. With `all`, every group must be there.
fn counts(
    sheet: &Sheet,
    cells: &[Cell],
    names: &[&str],
    ages: Ages,
    all: bool,
) -> Result<Series<Sexes<Vec<f64>>>> {
    let empty = || [vec![0.0; ages.count], vec![0.0; ages.count]];
    let mut seen = BTreeSet::new();
    let mut found: BTreeMap<Option<i32>, Sexes<Vec<f64>>> = BTreeMap::new();
    for cell in cells {
        let Some(sex) = cell.sex else { continue };
        if all && cell.value < 0.0 {
            return Err(sheet.wrong(cell.line, names, &msg!("cannot be negative", "不能为负数")));
        }
        if !seen.insert((cell.year, sex, cell.age)) {
            return Err(sheet.wrong_line(
                cell.line,
                &msg!(
                    "this year, sex and age stands there twice",
                    "同一年份、性别、年龄重复出现"
                ),
            ));
        }
        found.entry(cell.year).or_insert_with(empty)[sex][ages.group(cell.age)] += cell.value;
    }
    if all {
        for year in found.keys() {
            for (sex, word) in ["male", "female"].into_iter().enumerate() {
                let gap = (0..ages.count)
                    .map(|group| ages.from(group))
                    .find(|age| !seen.contains(&(*year, sex, *age)));
                if let Some(age) = gap {
                    let year = year.map_or_else(String::new, |year| format!("{year} "));
                    return Err(sheet.wrong_file(&msg!(
                        "a row is missing: {year}{word}, age {age}",
                        "缺少一行：{year}{word}，{age} 岁"
                    )));
                }
            }
        }
    }
    Ok(series(found))
}

fn series<T>(mut found: BTreeMap<Option<i32>, T>) -> Series<T> {
    match found.remove(&None) {
        Some(constant) => Series::constant(constant),
        None => Series::by_year(
            found
                .into_iter()
                .filter_map(|(year, value)| Some((year?, value)))
                .collect(),
        ),
    }
}

/// Values by age of one year and sex, youngest first.
type ByAge = BTreeMap<usize, (usize, f64)>;

fn by_year_and_sex(sheet: &Sheet, cells: &[Cell]) -> Result<BTreeMap<(Option<i32>, usize), ByAge>> {
    let mut found: BTreeMap<(Option<i32>, usize), ByAge> = BTreeMap::new();
    for cell in cells {
        let ages = found.entry((cell.year, cell.sex.unwrap_or(0))).or_default();
        if ages.insert(cell.age, (cell.line, cell.value)).is_some() {
            return Err(sheet.wrong_line(
                cell.line,
                &msg!(
                    "this year, sex and age stands there twice",
                    "同一年份、性别、年龄重复出现"
                ),
            ));
        }
    }
    Ok(found)
}

/// Births per woman by group: the mean of the rates at its single ages.
fn fertility(sheet: &Sheet, cells: &[Cell], ages: Ages) -> Result<Series<Vec<f64>>> {
    for cell in cells {
        if !(0.0..=1.0).contains(&cell.value) {
            return Err(sheet
                .wrong(
                    cell.line,
                    FERTILITY,
                    &msg!(
                        "expected births per woman and year, 0 to 1",
                        "应为每名妇女每年的生育数，0 到 1"
                    ),
                )
                .hint(msg!(
                    "rates per thousand women must be divided by 1000",
                    "千分率须除以 1000"
                )));
        }
    }
    let mut found = BTreeMap::new();
    for ((year, _), by_age) in by_year_and_sex(sheet, cells)? {
        let starts: Vec<usize> = by_age.keys().copied().collect();
        // The last group is as wide as the one before.
        let last = starts
            .windows(2)
            .last()
            .map_or(ages.width, |pair| pair[1] - pair[0]);
        let end = starts.last().map_or(0, |start| start + last);
        let at = |age: usize| match by_age.range(..=age).next_back() {
            Some((_, (_, rate))) if age < end => *rate,
            _ => 0.0,
        };
        let mut rates: Vec<f64> = (0..ages.count - 1)
            .map(|group| {
                let from = ages.from(group);
                (from..from + ages.width).map(at).sum::<f64>() / ages.width as f64
            })
            .collect();
        rates.push(0.0);
        found.insert(year, rates);
    }
    Ok(series(found))
}

/// Survival into each group, given or from death rates.
fn survival(sheet: &Sheet, cells: &[Cell], ages: Ages) -> Result<Series<Sexes<Vec<f64>>>> {
    let is_ratio = sheet.has(RATIO);
    let mut found: BTreeMap<Option<i32>, [Option<Vec<f64>>; 2]> = BTreeMap::new();
    for ((year, sex), by_age) in by_year_and_sex(sheet, cells)? {
        let ratios = if is_ratio {
            given_ratios(sheet, &by_age, ages)?
        } else {
            ratios_of_rates(sheet, &by_age, sex, ages)?
        };
        found.entry(year).or_default()[sex] = Some(ratios);
    }
    let mut both = BTreeMap::new();
    for (year, sexes) in found {
        let [Some(males), Some(females)] = sexes else {
            return Err(sheet.wrong_file(&msg!(
                "every year needs rows of both sexes",
                "每一年都需要两种性别的数据"
            )));
        };
        both.insert(year, [males, females]);
    }
    Ok(series(both))
}

fn given_ratios(sheet: &Sheet, by_age: &ByAge, ages: Ages) -> Result<Vec<f64>> {
    for (line, value) in by_age.values() {
        if !(0.0..=1.0 + 1e-9).contains(value) {
            return Err(sheet.wrong(
                *line,
                RATIO,
                &msg!("expected a share, 0 to 1", "应为 0 到 1 的比例"),
            ));
        }
    }
    (0..ages.count)
        .map(|group| {
            let age = ages.from(group);
            by_age.get(&age).map(|(_, value)| *value).ok_or_else(|| {
                sheet.wrong_file(&msg!(
                    "survival ratios need the population's age groups; age {age} is missing",
                    "存活比须与人口使用相同的年龄组，缺少 {age} 岁"
                ))
            })
        })
        .collect()
}

fn ratios_of_rates(sheet: &Sheet, by_age: &ByAge, sex: usize, ages: Ages) -> Result<Vec<f64>> {
    for (line, value) in by_age.values() {
        if *value < 0.0 {
            return Err(sheet.wrong(*line, RATE, &msg!("cannot be negative", "不能为负数")));
        }
    }
    let starts: Vec<usize> = by_age.keys().copied().collect();
    let rates: Vec<f64> = by_age.values().map(|(_, rate)| *rate).collect();
    survival_of_rates(&starts, &rates, sex, ages).ok_or_else(|| {
        let open = ages.from(ages.count - 1);
        sheet.wrong_file(&msg!(
            "death rates must begin at age 0, reach the population's open age {open}, and be above 0 in the last group",
            "死亡率须从 0 岁开始，覆盖到人口的最高年龄组 {open} 岁，且最后一组大于 0"
        ))
    })
}

/// Survival into the population's groups from death rates in groups of any width.
#[must_use]
pub fn survival_of_rates(
    starts: &[usize],
    rates: &[f64],
    sex: usize,
    ages: Ages,
) -> Option<Vec<f64>> {
    let sex = if sex == 0 { Sex::Male } else { Sex::Female };
    let table = |starts: &[usize], rates: &[f64]| {
        let starts: Vec<f64> = starts.iter().map(|age| *age as f64).collect();
        LifeTable::from_rates(&starts, rates, sex, Infants::default())
    };
    if let Some(ratios) = table(starts, rates)?.survival(ages.width, ages.count) {
        return Some(ratios);
    }
    // Groups that do not nest: the rate of a group holds at each of its single ages.
    let open = *starts.last()?;
    let single: Vec<usize> = (0..=open).collect();
    let at = |age: &usize| {
        starts
            .partition_point(|start| start <= age)
            .checked_sub(1)
            .and_then(|group| rates.get(group))
            .copied()
    };
    let rates: Vec<f64> = single.iter().map(at).collect::<Option<_>>()?;
    table(&single, &rates)?.survival(ages.width, ages.count)
}

/// The sex ratio at birth of every year: CSV text with the columns `year,srb`.
///
/// # Errors
/// A usage error with file and line.
pub fn ratios(name: &str, text: &str) -> Result<Series<f64>> {
    let sheet = Sheet::read(name, text)?;
    let found = sheet.by_year(SRB)?.into_iter().map(|(line, year, ratio)| {
        let ratio =
            boys_per_girl(ratio).map_err(|error| sheet.wrong(line, SRB, error.message()))?;
        Ok((year, ratio))
    });
    Ok(Series::by_year(found.collect::<Result<_>>()?))
}

/// Boys born per girl, as `1.05` or as `105` boys per 100 girls.
///
/// # Errors
/// When it is neither.
pub fn boys_per_girl(ratio: f64) -> Result<f64> {
    match ratio {
        ratio if (0.8..=1.5).contains(&ratio) => Ok(ratio),
        ratio if (80.0..=150.0).contains(&ratio) => Ok(ratio / 100.0),
        _ => Err(Error::usage(msg!(
            "the sex ratio at birth is boys per girl, such as 1.05 or 105",
            "出生人口性别比应如 1.05 或 105"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(population: &str) -> Files {
        Files {
            population: ("p.csv".to_owned(), population.to_owned()),
            ..Files::default()
        }
    }

    fn problem(files: &Files) -> String {
        Inputs::read(files, Some(2000)).unwrap_err().to_string()
    }

    fn people() -> String {
        let mut text = "sex,age,population\n".to_owned();
        for sex in ["male", "female"] {
            for age in (0..=80).step_by(5) {
                text += &format!("{sex},{age},{}\n", 100 + age);
            }
        }
        text
    }

    #[test]
    fn the_step_follows_the_age_groups() {
        let inputs = Inputs::read(&files(&people()), Some(2000)).unwrap();
        let own = &inputs[""];
        assert_eq!(
            own.ages,
            Ages {
                width: 5,
                count: 17
            }
        );
        assert_eq!(own.population[&2000][1][16], 180.0);
        let single = Files {
            step: Some(1),
            ..files(&people())
        };
        assert_eq!(
            problem(&single),
            "`p.csv`: a step of 1 years needs age groups of 1 years without gaps: 1"
        );
    }

    #[test]
    fn gaps_and_doubles_are_told() {
        let without = people()
            .replace("\nmale,40,140\n", "\n")
            .replace("\nfemale,40,140\n", "\n");
        let gap = problem(&files(&without));
        assert!(
            gap.starts_with("`p.csv`: a step of 10 years needs"),
            "{gap}"
        );
        let twice = people() + "1,40,1\n";
        assert_eq!(
            problem(&files(&twice)),
            "`p.csv` line 36: this year, sex and age stands there twice"
        );
        let negative = people().replace("male,40,140", "male,40,-1");
        assert_eq!(
            problem(&files(&negative)),
            "`p.csv` line 10, column `population`: cannot be negative"
        );
        let one = people().replacen("female,40,140\n", "", 1);
        assert_eq!(
            problem(&files(&one)),
            "`p.csv`: a row is missing: female, age 40"
        );
    }

    #[test]
    fn rates_are_brought_to_the_groups_of_the_population() {
        let mut all = files(&people());
        let mut rates = "age,rate\n".to_owned();
        for age in 15..50 {
            rates += &format!("{age},{}\n", if age < 20 { 0.02 } else { 0.1 });
        }
        all.fertility = Some(("f.csv".to_owned(), rates));
        let mut deaths = "year,sex,age,mx\n".to_owned();
        for sex in [1, 2] {
            for age in [0, 1, 5, 20, 50, 80, 90] {
                deaths += &format!("2000,{sex},{age},{}\n", 0.001 + f64::from(age) / 1000.0);
            }
        }
        all.mortality = Some(("m.csv".to_owned(), deaths));
        let inputs = Inputs::read(&all, Some(2000)).unwrap();
        let own = &inputs[""];
        let rates = own.fertility.as_ref().unwrap().at(2020).unwrap();
        assert!((rates[3] - 0.02).abs() < 1e-12 && (rates[9] - 0.1).abs() < 1e-12);
        assert_eq!((rates[2], rates[10]), (0.0, 0.0));
        let survival = &own.survival.as_ref().unwrap().at(2020).unwrap()[0];
        assert!(
            (survival[6] - (-0.021_f64 * 5.0).exp()).abs() < 1e-3,
            "{survival:?}"
        );
        all.fertility = Some(("f.csv".to_owned(), "age,rate\n15,20\n".to_owned()));
        assert_eq!(
            problem(&all),
            "`f.csv` line 2, column `rate`: expected births per woman and year, 0 to 1"
        );
    }

    #[test]
    fn the_sex_ratio_is_read_both_ways() {
        assert_eq!(boys_per_girl(1.06).unwrap(), 1.06);
        assert_eq!(boys_per_girl(106.0).unwrap(), 1.06);
        assert!(boys_per_girl(0.51).is_err());
    }
}
