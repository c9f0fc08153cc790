//! What to compare in two files: `link.yaml`. Entry points: [`Config::read`], [`Config::to_yaml`].

use serde::{Deserialize, Serialize};

use super::compare::Kind;

/// Two files' linkage, as the user edits it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Column of the left file that names its rows.
    pub left_id: String,
    /// The same of the right file.
    pub right_id: String,
    /// Each row has at most one partner.
    #[serde(default = "yes")]
    pub one_to_one: bool,
    /// Pairs with a lower probability are not written.
    #[serde(default = "half")]
    pub threshold: f64,
    /// Columns that are compared.
    pub compare: Vec<Column>,
    /// Rows are compared when they agree in all columns of one of these lists.
    pub block: Vec<Vec<String>>,
}

/// A column that is compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its name in the left file; also in the right one unless `right` says otherwise.
    pub column: String,
    /// Its name in the right file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right: Option<String>,
    /// How values are compared.
    #[serde(rename = "as")]
    pub kind: Kind,
    /// A column with which people mix it up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub swapped_with: Option<String>,
}

impl Column {
    /// Its name in the right file.
    #[must_use]
    pub fn right_name(&self) -> &str {
        self.right.as_deref().unwrap_or(&self.column)
    }
}

fn yes() -> bool {
    true
}

fn half() -> f64 {
    0.5
}

impl Config {
    /// Reads the YAML and checks that its names refer to compared columns.
    ///
    /// # Errors
    /// What is wrong, in the words of the YAML reader or in one sentence.
    pub fn read(yaml: &str) -> Result<Self, String> {
        let config: Self = serde_yaml::from_str(yaml).map_err(|error| error.to_string())?;
        let known = |name: &String| config.compare.iter().any(|column| &column.column == name);
        let named = config.block.iter().flatten().chain(
            config
                .compare
                .iter()
                .filter_map(|c| c.swapped_with.as_ref()),
        );
        for name in named {
            if !known(name) {
                return Err(format!("`{name}` is not among the columns under `compare`"));
            }
        }
        if config.compare.is_empty() || config.compare.len() > 16 {
            return Err("`compare` needs 1 to 16 columns".to_owned());
        }
        if config.block.is_empty() || config.block.iter().any(Vec::is_empty) {
            return Err("`block` needs at least one list of columns".to_owned());
        }
        Ok(config)
    }

    /// The YAML of it, for the user to edit.
    #[must_use]
    pub fn to_yaml(&self) -> String {
        let mut text = format!(
            "left_id: {}\nright_id: {}\none_to_one: {}\nthreshold: {}   # pairs less probable than this are not written\n\ncompare:   # as: text, number, date or category\n",
            quoted(&self.left_id),
            quoted(&self.right_id),
            self.one_to_one,
            self.threshold
        );
        for column in &self.compare {
            text += &format!("  - {{column: {}", quoted(&column.column));
            if let Some(right) = &column.right {
                text += &format!(", right: {}", quoted(right));
            }
            text += &format!(", as: {}", format!("{:?}", column.kind).to_lowercase());
            if let Some(other) = &column.swapped_with {
                text += &format!(", swapped_with: {}", quoted(other));
            }
            text += "}\n";
        }
        text += "\nblock:   # rows that agree in every column of a list are compared\n";
        for rule in &self.block {
            let names: Vec<String> = rule.iter().map(|name| quoted(name)).collect();
            text += &format!("  - [{}]\n", names.join(", "));
        }
        text
    }
}

/// A column's name as YAML text, whatever characters it has.
fn quoted(name: &str) -> String {
    let plain = name.chars().all(|c| c.is_alphanumeric() || c == '_');
    let starts = name.chars().next().is_some_and(char::is_alphabetic);
    let word = matches!(
        name,
        "yes" | "no" | "true" | "false" | "null" | "on" | "off" | "y" | "n"
    );
    if plain && starts && !word {
        name.to_owned()
    } else {
        format!("'{}'", name.replace('\'', "''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let config = Config {
            left_id: "编号".into(),
            right_id: "id: 2".into(),
            one_to_one: true,
            threshold: 0.5,
            compare: vec![
                Column {
                    column: "姓名".into(),
                    right: Some("it's".into()),
                    kind: Kind::Text,
                    swapped_with: None,
                },
                Column {
                    column: "no".into(),
                    right: None,
                    kind: Kind::Number,
                    swapped_with: Some("姓名".into()),
                },
            ],
            block: vec![vec!["姓名".into(), "no".into()]],
        };
        assert_eq!(Config::read(&config.to_yaml()).unwrap(), config);
    }

    #[test]
    fn a_block_on_an_unknown_column_is_told() {
        let yaml = "left_id: a\nright_id: a\ncompare: [{column: b, as: text}]\nblock: [[c]]\n";
        assert!(Config::read(yaml).unwrap_err().contains("`c`"));
    }
}
