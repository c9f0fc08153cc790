//! What is wrong with schedules that only the queries can tell.

use chrono::NaiveDate;

use crate::catalog::{Problem, Schedule, Word, nearest};
use crate::error::Message;
use crate::export::FileFormat;
use crate::msg;
use crate::query::{Facts, Library, SavedQuery};

const FILE: &str = "schedules.yaml";

/// Queries, parameters and formats that are not there, with their places in `schedules.yaml`.
#[must_use]
pub fn check(schedules: &[Schedule], library: &Library) -> Vec<Problem> {
    schedules
        .iter()
        .flat_map(|schedule| problems(schedule, library))
        .collect()
}

fn problems(schedule: &Schedule, library: &Library) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut queries: Vec<&SavedQuery> = Vec::new();
    for word in &schedule.queries {
        match library.get(&word.text) {
            Ok(query) => queries.push(query),
            Err(error) => problems.push(
                Problem::new(FILE, word.place, error.message().clone())
                    .hint(error.hint_text().cloned()),
            ),
        }
    }
    let told = |word: &Word, message: Message| Problem::new(FILE, word.place, message);
    if schedule.queries.is_empty() {
        let name = &schedule.name;
        problems.push(Problem::new(
            FILE,
            schedule.place,
            msg!("`{name}` runs no query", "`{name}` 没有查询"),
        ));
    }
    // With a query missing, whose parameters are whose cannot be told.
    if queries.len() == schedule.queries.len() {
        let facts = Facts {
            latest_complete_year: Some(2000),
            today: NaiveDate::default(),
        };
        for (word, value) in &schedule.params {
            let name = &word.text;
            let declared: Vec<_> = queries
                .iter()
                .flat_map(|query| query.params.iter())
                .filter(|parameter| parameter.name == *name)
                .collect();
            if declared.is_empty() {
                let names = queries
                    .iter()
                    .flat_map(|query| query.params.iter().map(|one| one.name.as_str()));
                let hint = nearest(name, names)
                    .map(|near| msg!("did you mean `{near}`?", "是否为 `{near}`？"));
                let message = msg!(
                    "no query of this schedule has a parameter `{name}`",
                    "该任务的查询都没有参数 `{name}`"
                );
                problems.push(told(word, message).hint(hint));
            }
            for parameter in declared {
                if let Err(error) = parameter.value(Some(value), &facts) {
                    problems
                        .push(told(word, error.message().clone()).hint(error.hint_text().cloned()));
                }
            }
        }
    }
    for word in &schedule.formats {
        if let Err(error) = word.text.parse::<FileFormat>() {
            problems.push(told(word, error.message().clone()).hint(error.hint_text().cloned()));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn library() -> Library {
        let text = "/* {title: Births, params: {year: {type: year}, by: {type: choice, choices: [none, month]}}} */\nSELECT $year, $by";
        Library::from_files(&[("indicators/births.sql".to_owned(), text.to_owned())]).unwrap()
    }

    #[test]
    fn names_that_are_not_there_are_told_with_place_and_nearest() {
        let text = concat!(
            "schedules:\n",
            "  a: {query: brths, cron: '0 0 * * *', params: {yera: 2018}}\n",
            "  b: {query: births, cron: '0 0 * * *', params: {yera: 2018}, format: [csv, xslx]}\n",
            "  c: {query: births, cron: '0 0 * * *', params: {year: soon, by: month}}\n",
        );
        let schedules = crate::catalog::schedules_of(text).unwrap();
        let told: Vec<String> = check(&schedules, &library())
            .iter()
            .map(|problem| {
                let hint = problem.hint.as_ref().map_or("", |hint| hint.en.as_str());
                format!("{} {} ({hint})", problem.place(), problem.message.en)
            })
            .collect();
        let starts = [
            "schedules.yaml:2:14 there is no saved query `brths` (did you mean `births`?)",
            "schedules.yaml:3:50 no query of this schedule has a parameter `yera` (did you mean `year`?)",
            "schedules.yaml:3:77 unknown format `xslx` (did you mean `xlsx`?",
            "schedules.yaml:4:50 ",
        ];
        assert_eq!(told.len(), starts.len(), "{told:#?}");
        for (problem, start) in told.iter().zip(starts) {
            assert!(problem.starts_with(start), "{problem}\n{start}");
        }
    }

    #[test]
    fn the_shipped_schedules_fit_the_shipped_queries() {
        let catalog = crate::catalog::Catalog::builtin().unwrap();
        let library = Library::from_files(&crate::catalog::queries()).unwrap();
        assert!(catalog.schedules.len() >= 3);
        assert_eq!(check(&catalog.schedules, &library), []);
    }
}
