//! Values for the parameters of a query that depend on the data.

use chrono::NaiveDate;
use datafusion::scalar::ScalarValue;

use super::facts::facts;
use super::header::SavedQuery;
use super::parameter::Parameter;
use crate::catalog::nearest;
use crate::error::{Error, Result};
use crate::msg;
use crate::output::Column;
use crate::warehouse::Session;

/// How many choices a message lists.
const LISTED: usize = 12;

impl SavedQuery {
    /// As [`Self::bind`], with what the warehouse knows: the latest complete year, and the choices
    /// of `choices_sql`, which the values given must be among.
    ///
    /// # Errors
    /// As [`Self::bind`], and when the warehouse cannot be asked.
    pub async fn values(
        &self,
        session: &Session,
        given: &[(String, String)],
        today: NaiveDate,
    ) -> Result<Vec<(String, ScalarValue)>> {
        let values = self.bind(given, &facts(session, today).await?)?;
        for (name, text) in given {
            let declared = self.params.iter().find(|parameter| parameter.name == *name);
            let (Some(parameter), false) = (declared, matches!(text.trim(), "" | "null")) else {
                continue;
            };
            let Some(choices) = parameter.choices_of(session).await? else {
                continue;
            };
            // As it is bound: a code without the zeros of lower levels is the same division.
            let bound = values.iter().find(|(bound, _)| bound == name);
            let bound = bound
                .map(|(_, value)| value.to_string())
                .unwrap_or_default();
            let same = |choice: &&String| {
                choice.as_str() == text.trim()
                    || parameter
                        .check(choice)
                        .is_ok_and(|value| value.to_string() == bound)
            };
            if choices.iter().find(same).is_none() {
                return Err(self.not_a_choice(parameter, text.trim(), &choices));
            }
        }
        Ok(values)
    }

    fn not_a_choice(&self, parameter: &Parameter, text: &str, choices: &[String]) -> Error {
        let (query, name) = (&self.name, &parameter.name);
        let first: Vec<&str> = choices.iter().take(LISTED).map(String::as_str).collect();
        let list = first.join(", ");
        let more = if choices.len() > LISTED { " …" } else { "" };
        let error = Error::usage(msg!(
            "value of parameter `{name}`: expected one of {list}{more}",
            "参数 `{name}` 的取值：应为以下之一：{list}{more}"
        ))
        .context(msg!("cannot run `{query}`", "无法运行 `{query}`"));
        match nearest(text, choices.iter().map(String::as_str)) {
            Some(near) => error.hint(msg!("did you mean `{near}`?", "是否为 `{near}`？")),
            None => error,
        }
    }
}

impl Parameter {
    /// The values that its `choices_sql` lists; `None` when it has none.
    ///
    /// # Errors
    /// When the statement fails.
    pub async fn choices_of(&self, session: &Session) -> Result<Option<Vec<String>>> {
        let Some(sql) = &self.choices_sql else {
            return Ok(None);
        };
        let mut choices = Vec::new();
        let name = &self.name;
        let batches = session.rows(sql, &[]).await.map_err(|error| {
            error.context(msg!(
                "`choices_sql` of parameter `{name}` fails",
                "参数 `{name}` 的 `choices_sql` 出错"
            ))
        })?;
        for batch in batches.iter().filter(|batch| batch.num_columns() > 0) {
            let column = Column::new(batch.column(0))?;
            for row in 0..batch.num_rows() {
                let mut text = String::new();
                column.value(row)?.write(&mut text)?;
                choices.push(text);
            }
        }
        Ok(Some(choices))
    }
}
