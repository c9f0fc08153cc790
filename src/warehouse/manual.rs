//! Help on the functions of a session: names, signatures, what they do.

use datafusion::logical_expr::Documentation;

use super::functions::SECTION;
use super::session::Session;

/// What kind of function it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FunctionKind {
    /// One value a row.
    Scalar,
    /// One value a group.
    Aggregate,
    /// One value a row, from the rows around it.
    Window,
}

impl FunctionKind {
    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Aggregate => "aggregate",
            Self::Window => "window",
        }
    }
}

/// The manual entry of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manual {
    /// Its name.
    pub name: String,
    /// What kind it is.
    pub kind: FunctionKind,
    /// How it is written: `age_at(birth_date, date)`.
    pub signature: String,
    /// What it does.
    pub summary: String,
    /// Argument and meaning.
    pub arguments: Vec<(String, String)>,
    /// A statement that uses it.
    pub example: Option<String>,
    /// Whether it is one of Renkou's own.
    pub own: bool,
}

impl Session {
    /// Every function, by name.
    #[must_use]
    pub fn manuals(&self) -> Vec<Manual> {
        let state = self.context.state();
        let scalar = state.scalar_functions().values().map(|function| {
            manual(
                function.name(),
                FunctionKind::Scalar,
                function.documentation(),
            )
        });
        let aggregate = state.aggregate_functions().values().map(|function| {
            manual(
                function.name(),
                FunctionKind::Aggregate,
                function.documentation(),
            )
        });
        let window = state.window_functions().values().map(|function| {
            manual(
                function.name(),
                FunctionKind::Window,
                function.documentation(),
            )
        });
        let mut manuals: Vec<Manual> = scalar.chain(aggregate).chain(window).collect();
        manuals.sort_by(|a, b| (&a.name, a.kind).cmp(&(&b.name, b.kind)));
        // Aliases lead to the same function.
        manuals.dedup_by(|a, b| a.name == b.name && a.kind == b.kind);
        manuals
    }
}

fn manual(name: &str, kind: FunctionKind, documentation: Option<&Documentation>) -> Manual {
    let name = name.to_owned();
    let Some(documentation) = documentation else {
        return Manual {
            signature: format!("{name}(…)"),
            name,
            kind,
            summary: String::new(),
            arguments: Vec::new(),
            example: None,
            own: false,
        };
    };
    Manual {
        name,
        kind,
        signature: documentation.syntax_example.clone(),
        summary: documentation.description.trim().to_owned(),
        arguments: documentation.arguments.clone().unwrap_or_default(),
        example: documentation.sql_example.as_deref().map(plain),
        own: documentation.doc_section.label == SECTION.label,
    }
}

/// An example without the marks of its documentation page.
fn plain(text: &str) -> String {
    text.lines()
        .filter(|line| !line.trim_start().starts_with("```"))
        .collect::<Vec<_>>()
        .join("\n")
        .trim()
        .to_owned()
}
