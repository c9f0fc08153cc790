//! The inputs of a forecast from the warehouse's own tables: who was registered at the end of each
//! year, of what age mothers were, how long people live. Entry point: [`Register::read`].

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray};
use arrow::datatypes::Int64Type;

use super::input::Inputs;
use super::project::Ages;
use crate::demography::{Infants, LifeTable, Sex};
use crate::error::{Error, Message, Result};
use crate::msg;
use crate::warehouse::Session;

/// What the registers say.
#[derive(Debug, Clone, PartialEq)]
pub struct Register {
    /// Inputs by township code; a single one with an empty name for the whole county.
    pub inputs: BTreeMap<String, Inputs>,
    /// The last complete year.
    pub last: i32,
    /// Life expectancy of both sexes, when there are enough deaths.
    pub expectancy: Option<f64>,
    /// Where the figures come from and what they lack.
    pub notes: Vec<Message>,
}

/// Single years of age to 95 and over: beyond, a county has too few people.
const AGES: Ages = Ages {
    width: 1,
    count: 96,
};

const PERSONS: &str = "
    SELECT coalesce(township_code, '') AS township, sex, birth_year,
           CASE WHEN registration_date IS NULL OR registration_reason = 'birth' THEN birth_year
                ELSE greatest(birth_year, CAST(date_part('year', registration_date) AS INT)) END AS entered,
           CASE WHEN status = 'active' THEN 9999
                ELSE CAST(date_part('year', cancel_date) AS INT) END AS gone,
           coalesce(cancel_reason = 'death', false) AS died,
           count(*) AS persons
    FROM household_register
    WHERE sex IN (1, 2) AND birth_year IS NOT NULL AND (status = 'active' OR cancel_date IS NOT NULL)
    GROUP BY 1, 2, 3, 4, 5, 6";

const LAST_YEAR: &str = "
    SELECT CAST(max(year) AS BIGINT) AS year FROM (
        SELECT date_part('year', max(registration_date) + INTERVAL '1 day') - 1 AS year FROM household_register
        UNION ALL SELECT date_part('year', max(cancel_date) + INTERVAL '1 day') - 1 FROM household_register)";

const MOTHERS: &str = "
    SELECT mother_age, count(DISTINCT child_key) AS births FROM birth_certificates
    WHERE mother_age BETWEEN 15 AND 49 GROUP BY 1";

/// People of the register alike in every respect that counts.
struct Person {
    township: String,
    sex: usize,
    born: i32,
    entered: i32,
    gone: i32,
    died: bool,
    count: f64,
}

impl Person {
    fn is_there(&self, year: i32) -> bool {
        self.entered <= year && self.gone > year
    }
}

impl Register {
    /// Reads the register as it stood at the end of each year up to `last`, else up to the last
    /// complete year.
    ///
    /// # Errors
    /// When the register is empty or a statement fails.
    pub async fn read(session: &Session, last: Option<i32>, by_township: bool) -> Result<Self> {
        let persons = persons(session).await?;
        let empty = || {
            Error::usage(msg!("the household register is empty", "户籍人口表为空")).hint(msg!(
                "load it, or give a population with `--population FILE`",
                "请先导入，或用 `--population 文件` 提供人口"
            ))
        };
        let last = match last {
            Some(last) => last,
            None => number(session, LAST_YEAR).await?.ok_or_else(empty)? as i32,
        };
        // Before the first recorded departure nobody knows who has left.
        let first = persons
            .iter()
            .map(|person| person.gone)
            .filter(|year| *year <= last)
            .min()
            .unwrap_or(last)
            .max(last - 15);
        let mut inputs: BTreeMap<String, Inputs> = BTreeMap::new();
        for person in persons
            .iter()
            .filter(|person| !by_township || !person.township.is_empty())
        {
            let name = if by_township {
                person.township.clone()
            } else {
                String::new()
            };
            let own = inputs.entry(name).or_insert_with(|| Inputs {
                ages: AGES,
                population: (first..=last)
                    .map(|year| (year, [vec![0.0; AGES.count], vec![0.0; AGES.count]]))
                    .collect(),
                fertility: None,
                survival: None,
                migration: None,
                pattern: None,
            });
            for (year, population) in &mut own.population {
                if let (true, Ok(age)) =
                    (person.is_there(*year), usize::try_from(year - person.born))
                {
                    population[person.sex][AGES.group(age)] += person.count;
                }
            }
        }
        inputs.retain(|_, own| {
            own.population
                .values()
                .all(|of| of.iter().flatten().sum::<f64>() > 0.0)
        });
        if inputs.is_empty() {
            return Err(empty());
        }
        let mut notes = vec![msg!(
            "population: the household register at the end of {first} to {last}, not residents",
            "人口口径：{first} 至 {last} 年末户籍人口，并非常住人口"
        )];
        let pattern = pattern(session, &mut notes).await?;
        for own in inputs.values_mut() {
            own.pattern.clone_from(&pattern);
        }
        let expectancy = expectancy(&persons, first, last, &mut notes);
        Ok(Self {
            inputs,
            last,
            expectancy,
            notes,
        })
    }
}

async fn persons(session: &Session) -> Result<Vec<Person>> {
    let mut persons = Vec::new();
    for batch in session.rows(PERSONS, &[]).await? {
        let whole =
            |at: usize| arrow::compute::cast(batch.column(at), &arrow::datatypes::DataType::Int64);
        let text = arrow::compute::cast(batch.column(0), &arrow::datatypes::DataType::Utf8)?;
        let [sex, born, entered, gone, died, count] = [
            whole(1)?,
            whole(2)?,
            whole(3)?,
            whole(4)?,
            whole(5)?,
            whole(6)?,
        ];
        let value = |column: &arrow::array::ArrayRef, row: usize| {
            column.as_primitive::<Int64Type>().value(row)
        };
        for row in 0..batch.num_rows() {
            persons.push(Person {
                township: text.as_string::<i32>().value(row).to_owned(),
                sex: usize::from(value(&sex, row) == 2),
                born: value(&born, row) as i32,
                entered: value(&entered, row) as i32,
                gone: value(&gone, row) as i32,
                died: value(&died, row) == 1,
                count: value(&count, row) as f64,
            });
        }
    }
    Ok(persons)
}

async fn number(session: &Session, sql: &str) -> Result<Option<i64>> {
    let batches = session.rows(sql, &[]).await?;
    let batch = batches.iter().find(|batch| batch.num_rows() > 0);
    let column = batch.map(|batch| batch.column(0).as_primitive::<Int64Type>());
    Ok(column
        .filter(|column| column.is_valid(0))
        .map(|column| column.value(0)))
}

/// The age pattern of mothers, smoothed over five years; `None` with too few births.
async fn pattern(session: &Session, notes: &mut Vec<Message>) -> Result<Option<Vec<f64>>> {
    let mut births = vec![0.0; AGES.count];
    for batch in session.rows(MOTHERS, &[]).await? {
        let cast =
            |at: usize| arrow::compute::cast(batch.column(at), &arrow::datatypes::DataType::Int64);
        let (age, count) = (cast(0)?, cast(1)?);
        for row in 0..batch.num_rows() {
            let age = age.as_primitive::<Int64Type>().value(row) as usize;
            births[AGES.group(age)] += count.as_primitive::<Int64Type>().value(row) as f64;
        }
    }
    let total: f64 = births.iter().sum();
    if total < 300.0 {
        return Ok(None);
    }
    let smooth = |age: usize| {
        let around = age.saturating_sub(2)..=(age + 2).min(AGES.count - 1);
        births[around].iter().sum::<f64>() / 5.0
    };
    notes.push(msg!(
        "age pattern of fertility: {total} birth certificates; its level follows the youngest of the register",
        "生育年龄模式取自 {total} 份出生医学证明，水平由户籍低龄人口推算"
    ));
    Ok(Some(
        (0..AGES.count).map(|age| smooth(age) / total).collect(),
    ))
}

/// Life expectancy from the deaths in the register, both sexes together, by five-year groups.
fn expectancy(persons: &[Person], first: i32, last: i32, notes: &mut Vec<Message>) -> Option<f64> {
    const GROUPS: usize = 19;
    let group = |age: i32| match age {
        0 => 0,
        1..=4 => 1,
        age => (age / 5 + 1).clamp(1, GROUPS as i32 - 1) as usize,
    };
    let (mut deaths, mut lived) = ([0.0; GROUPS], [0.0; GROUPS]);
    for person in persons {
        for year in (first + 1)..=last {
            if person.died && person.gone == year {
                deaths[group(year - person.born)] += person.count;
            }
            for of in [year - 1, year] {
                if person.is_there(of) && of >= person.born {
                    lived[group(of - person.born)] += person.count / 2.0;
                }
            }
        }
    }
    let (dead, years): (f64, f64) = (deaths.iter().sum(), lived.iter().sum());
    if dead < 100.0 || years < 5000.0 {
        return None;
    }
    let rates: Vec<f64> = deaths
        .iter()
        .zip(lived)
        .map(|(dead, years)| if years > 0.0 { dead / years } else { 0.0 })
        .collect();
    let starts: Vec<f64> = (0..GROUPS)
        .map(|at| match at {
            0 => 0.0,
            1 => 1.0,
            at => (at as f64 - 1.0) * 5.0,
        })
        .collect();
    let found = LifeTable::from_rates(&starts, &rates, Sex::Male, Infants::default())?.expectancy();
    if !(60.0..=90.0).contains(&found) {
        notes.push(msg!(
            "the register's {dead} deaths give a life expectancy of {found:.1} years, which cannot be: not used",
            "按户籍死亡 {dead} 人推算的平均预期寿命为 {found:.1} 岁，明显不实，未采用"
        ));
        return None;
    }
    notes.push(msg!(
        "life expectancy {found:.1} years from {dead} deaths in the register",
        "平均预期寿命 {found:.1} 岁，由户籍死亡 {dead} 人推算"
    ));
    Some((found * 10.0).round() / 10.0)
}
