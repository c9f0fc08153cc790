//! Small CSV files of numbers by year, sex and age, with every problem told by file, line and
//! column. Entry point: [`Sheet::read`].
//!
//! A cell is never quoted in a message: somebody may hand in the wrong file.

use crate::error::{Error, Message, Result};
use crate::msg;

/// A CSV file in memory.
#[derive(Debug, Clone)]
pub(crate) struct Sheet {
    name: String,
    columns: Vec<String>,
    rows: Vec<(usize, Vec<String>)>,
}

/// Where a number stands and what it belongs to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cell {
    pub(crate) line: usize,
    /// Empty when the file has no such column.
    pub(crate) region: String,
    pub(crate) year: Option<i32>,
    /// 0 male, 1 female; `None` when the file has no such column.
    pub(crate) sex: Option<usize>,
    pub(crate) age: usize,
    pub(crate) value: f64,
}

const REGION: &[&str] = &[
    "region",
    "region_code",
    "township_code",
    "area",
    "地区",
    "区划代码",
    "乡镇代码",
];
const YEAR: &[&str] = &["year", "年份", "年"];
const SEX: &[&str] = &["sex", "性别"];
const AGE: &[&str] = &["age", "age_start", "年龄"];

impl Sheet {
    /// Reads a file's text; `name` is how messages call the file. Lines that begin with `#` are
    /// comments.
    pub(crate) fn read(name: &str, text: &str) -> Result<Self> {
        let mut lines = text
            .trim_start_matches('\u{feff}')
            .lines()
            .enumerate()
            .map(|(at, line)| (at + 1, line))
            .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
        let Some((_, header)) = lines.next() else {
            return Err(Error::usage(msg!("`{name}` is empty", "`{name}` 是空文件")));
        };
        let separator = [',', '\t', ';']
            .into_iter()
            .max_by_key(|separator| (header.matches(*separator).count(), *separator == ','))
            .unwrap_or(',');
        let split = |line: &str| -> Vec<String> {
            let cell = |cell: &str| cell.trim().trim_matches('"').trim().to_owned();
            line.split(separator).map(cell).collect()
        };
        let columns: Vec<String> = split(header)
            .iter()
            .map(|name| name.to_lowercase())
            .collect();
        let mut rows = Vec::new();
        for (line, text) in lines {
            let cells = split(text);
            if cells.len() != columns.len() {
                let (found, expected) = (cells.len(), columns.len());
                return Err(Error::usage(msg!(
                    "`{name}` line {line}: expected {expected} columns, found {found}",
                    "`{name}` 第 {line} 行：应有 {expected} 列，实有 {found} 列"
                )));
            }
            rows.push((line, cells));
        }
        Ok(Self {
            name: name.to_owned(),
            columns,
            rows,
        })
    }

    /// Whether one of these columns is there.
    pub(crate) fn has(&self, names: &[&str]) -> bool {
        self.find(names).is_some()
    }

    /// The numbers of a column, `names` being its possible names.
    pub(crate) fn cells(&self, names: &[&str], by_sex: bool) -> Result<Vec<Cell>> {
        let value = self.required(names)?;
        let age = self.required(AGE)?;
        let sex = if by_sex {
            Some(self.required(SEX)?)
        } else {
            None
        };
        let (region, year) = (self.find(REGION), self.find(YEAR));
        if self.rows.is_empty() {
            let name = &self.name;
            return Err(Error::usage(msg!(
                "`{name}` has no rows",
                "`{name}` 没有数据行"
            )));
        }
        let mut cells = Vec::with_capacity(self.rows.len());
        for (line, row) in &self.rows {
            let line = *line;
            cells.push(Cell {
                line,
                region: region.map_or_else(String::new, |at| row[at].clone()),
                year: match year {
                    Some(at) => Some(row[at].parse().map_err(|_| {
                        self.problem(line, at, &msg!("expected a year", "应为年份"))
                    })?),
                    None => None,
                },
                sex: match sex {
                    Some(at) => Some(read_sex(&row[at]).ok_or_else(|| {
                        self.problem(
                            line,
                            at,
                            &msg!("expected 1, 2, male or female", "应为 1、2、男或女"),
                        )
                    })?),
                    None => None,
                },
                age: read_age(&row[age]).ok_or_else(|| {
                    self.problem(
                        line,
                        age,
                        &msg!(
                            "expected an age, the youngest of its group",
                            "应为年龄（年龄组的起始年龄）"
                        ),
                    )
                })?,
                value: row[value]
                    .parse()
                    .ok()
                    .filter(|value: &f64| value.is_finite())
                    .ok_or_else(|| {
                        self.problem(line, value, &msg!("expected a number", "应为数字"))
                    })?,
            });
        }
        Ok(cells)
    }

    /// The numbers of a column by line and year.
    pub(crate) fn by_year(&self, names: &[&str]) -> Result<Vec<(usize, i32, f64)>> {
        let (year, value) = (self.required(YEAR)?, self.required(names)?);
        let cells = self.rows.iter().map(|(line, row)| {
            let wrong = |at: usize, what: Message| self.problem(*line, at, &what);
            Ok((
                *line,
                row[year]
                    .parse()
                    .map_err(|_| wrong(year, msg!("expected a year", "应为年份")))?,
                row[value]
                    .parse()
                    .map_err(|_| wrong(value, msg!("expected a number", "应为数字")))?,
            ))
        });
        cells.collect()
    }

    /// A problem with a number.
    pub(crate) fn wrong(&self, line: usize, names: &[&str], what: &Message) -> Error {
        self.problem(line, self.find(names).unwrap_or(0), what)
    }

    /// A problem with a line.
    pub(crate) fn wrong_line(&self, line: usize, what: &Message) -> Error {
        let (name, en, zh) = (&self.name, &what.en, &what.zh);
        Error::usage(msg!(
            "`{name}` line {line}: {en}",
            "`{name}` 第 {line} 行：{zh}"
        ))
    }

    /// A problem with the whole file.
    pub(crate) fn wrong_file(&self, what: &Message) -> Error {
        let (name, en, zh) = (&self.name, &what.en, &what.zh);
        Error::usage(msg!("`{name}`: {en}", "`{name}`：{zh}"))
    }

    fn problem(&self, line: usize, column: usize, what: &Message) -> Error {
        let name = &self.name;
        let column = self.columns.get(column).map_or("", String::as_str);
        let (en, zh) = (&what.en, &what.zh);
        Error::usage(msg!(
            "`{name}` line {line}, column `{column}`: {en}",
            "`{name}` 第 {line} 行 `{column}` 列：{zh}"
        ))
    }

    fn find(&self, names: &[&str]) -> Option<usize> {
        names
            .iter()
            .find_map(|name| self.columns.iter().position(|column| column == name))
    }

    fn required(&self, names: &[&str]) -> Result<usize> {
        self.find(names).ok_or_else(|| {
            let (file, wanted) = (&self.name, names.first().copied().unwrap_or_default());
            let found = self.columns.join("`, `");
            Error::usage(msg!(
                "`{file}`: column `{wanted}` is missing",
                "`{file}`：缺少列 `{wanted}`"
            ))
            .hint(msg!("its columns are `{found}`", "现有的列为 `{found}`"))
        })
    }
}

fn read_sex(text: &str) -> Option<usize> {
    match text.to_lowercase().as_str() {
        "1" | "m" | "male" | "males" | "男" => Some(0),
        "2" | "f" | "female" | "females" | "女" => Some(1),
        _ => None,
    }
}

/// `85`, `85+`, `85-89`, `85岁及以上`: the youngest age.
fn read_age(text: &str) -> Option<usize> {
    let end = text
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(text.len());
    let rest = text[end..].trim();
    let is_group =
        rest.is_empty() || rest.starts_with(['+', '-', '–', '—', '~', '岁']) || rest == ".0";
    let age: usize = text[..end].parse().ok()?;
    (is_group && age <= 130).then_some(age)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        let sheet = Sheet::read("p.csv", text);
        let cells = sheet.and_then(|sheet| sheet.cells(&["population"], true));
        cells.unwrap_err().to_string()
    }

    #[test]
    fn ages_and_sexes_are_read_as_people_write_them() {
        let text = "\u{feff}# note\nSex,Age,Population\n1,0-4,10\n女,85+,2.5\nfemale,5,1e3\n";
        let cells = Sheet::read("p.csv", text)
            .unwrap()
            .cells(&["population"], true)
            .unwrap();
        let found: Vec<_> = cells
            .iter()
            .map(|cell| (cell.line, cell.sex, cell.age, cell.value))
            .collect();
        assert_eq!(
            found,
            [
                (3, Some(0), 0, 10.0),
                (4, Some(1), 85, 2.5),
                (5, Some(1), 5, 1000.0)
            ]
        );
    }

    #[test]
    fn problems_name_file_line_and_column_but_no_cell() {
        assert_eq!(
            problem("sex,age,population\n1,0,5\n3,0,5\n"),
            "`p.csv` line 3, column `sex`: expected 1, 2, male or female"
        );
        assert_eq!(
            problem("sex,age,population\n1,x,5\n"),
            "`p.csv` line 2, column `age`: expected an age, the youngest of its group"
        );
        assert_eq!(
            problem("sex,age,population\n1,0,many\n"),
            "`p.csv` line 2, column `population`: expected a number"
        );
        assert_eq!(
            problem("sex,age,population\n1,0\n"),
            "`p.csv` line 2: expected 3 columns, found 2"
        );
        assert_eq!(
            problem("sex,age\n1,0\n"),
            "`p.csv`: column `population` is missing"
        );
        assert_eq!(problem("\n"), "`p.csv` is empty");
    }
}
