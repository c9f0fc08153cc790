//! What is wrong in a catalog file, and where.

use crate::domain::wording::counted;
use crate::error::{Error, Message};
use crate::msg;

/// One thing wrong in one catalog file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file, relative to the catalog folder, with `/` between parts.
    pub file: String,
    /// Line, from 1; 0 when the problem is the file as a whole.
    pub line: u32,
    /// Column in characters, from 1; 0 when the problem is the file as a whole.
    pub column: u32,
    /// What is wrong and what was expected.
    pub message: Message,
    /// What to write instead.
    pub hint: Option<Message>,
}

impl Problem {
    /// A problem at a place in a file.
    #[must_use]
    pub fn new(file: &str, (line, column): (u32, u32), message: Message) -> Self {
        Self {
            file: file.to_owned(),
            line,
            column,
            message,
            hint: None,
        }
    }

    /// A problem of a file as a whole.
    #[must_use]
    pub fn of_file(file: &str, message: Message) -> Self {
        Self::new(file, (0, 0), message)
    }

    /// Adds what to write instead.
    #[must_use]
    pub fn hint(mut self, hint: Option<Message>) -> Self {
        self.hint = hint;
        self
    }

    /// `file:line:column`, or the file alone.
    #[must_use]
    pub fn place(&self) -> String {
        if self.line == 0 {
            self.file.clone()
        } else {
            format!("{}:{}:{}", self.file, self.line, self.column)
        }
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        vec![problem].into()
    }
}

impl From<Vec<Problem>> for Error {
    fn from(problems: Vec<Problem>) -> Self {
        let count = problems.len();
        let found = counted(count as u64, "problem", "problems");
        let mut error = Self::usage(msg!("the catalog has {found}", "目录有 {count} 处问题"));
        for problem in problems {
            let place = problem.place();
            let Message { en, zh } = problem.message;
            let (hint_en, hint_zh) = match problem.hint {
                Some(hint) => (format!(" ({})", hint.en), format!("（{}）", hint.zh)),
                None => Default::default(),
            };
            error = error.caused_by(msg!("{place}: {en}{hint_en}", "{place}：{zh}{hint_zh}"));
        }
        error
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Lang;

    #[test]
    fn problems_become_one_usage_error_with_a_line_each() {
        let problems = vec![
            Problem::new(
                "tables/a.yaml",
                (3, 5),
                msg!("unknown key `titel`", "未知的键 `titel`"),
            )
            .hint(Some(msg!("did you mean `title`?", "是否为 `title`？"))),
            Problem::of_file("regions.csv", msg!("the file is missing", "缺少该文件")),
        ];
        let error = Error::from(problems);
        assert_eq!(error.kind().exit_code(), 2);
        assert_eq!(
            error.render(Lang::En),
            "error: the catalog has 2 problems\n  \
             caused by: tables/a.yaml:3:5: unknown key `titel` (did you mean `title`?)\n  \
             caused by: regions.csv: the file is missing\n"
        );
    }
}
