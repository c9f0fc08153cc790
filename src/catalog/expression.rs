//! Expressions of source files: what fills a column of a table.
//!
//! `first(birth_date, birth_date_of(child_id))`: a field by its name, a function of expressions,
//! `'text'` or a whole number. `parser` reads them and binds them to the fields of the
//! source in one go.

/// An expression over the fields of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expression {
    /// The value of a field: its position in [`super::Source::fields`].
    Field(usize),
    /// A function of expressions.
    Call {
        /// Which function.
        function: Function,
        /// What it is applied to; as many as the function takes.
        args: Vec<Self>,
    },
    /// A constant text.
    Text(String),
    /// A constant number.
    Integer(i64),
}

/// Kinds of pseudonyms; the same value under another kind is another pseudonym.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// A person, by ID number.
    Person,
    /// A certificate, by its number.
    Certificate,
    /// A police household, by its number.
    Household,
    /// A registration, by its number.
    Registration,
    /// A child, by the number of its first birth certificate, or its ID number.
    Child,
}

impl KeyKind {
    /// Every kind, by its name in source files.
    pub const NAMES: [(&'static str, Self); 5] = [
        ("person", Self::Person),
        ("certificate", Self::Certificate),
        ("household", Self::Household),
        ("registration", Self::Registration),
        ("child", Self::Child),
    ];

    /// Its name in source files.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES
            .iter()
            .find(|(_, kind)| *kind == self)
            .map_or("", |(name, _)| name)
    }
}

/// What the title, the sheet name and the file name tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ContextItem {
    /// The year of the period.
    Year,
    /// The month of the period; NULL for a year or a quarter.
    Month,
    /// The period as written: `2018`, `2018Q1`, `2018-03`.
    Period,
    /// The name of the town.
    Town,
    /// The code of the town, 12 digits.
    Township,
    /// The code of the most specific division named, 12 digits.
    Region,
    /// The title above the header.
    Title,
}

impl ContextItem {
    /// Every item, by its name in source files.
    pub const NAMES: [(&'static str, Self); 7] = [
        ("year", Self::Year),
        ("month", Self::Month),
        ("period", Self::Period),
        ("town", Self::Town),
        ("township", Self::Township),
        ("region", Self::Region),
        ("title", Self::Title),
    ];
}

/// Functions of expressions. NULL in gives NULL out unless said otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Function {
    /// `key(kind, identity)`: the pseudonym.
    Key(KeyKind),
    /// `first(a, b, …)`: the first that is not NULL.
    First,
    /// `year(date)`, also written `birth_year(date)`.
    Year,
    /// `month(date)`, 1–12; a year and month will do for both.
    Month,
    /// `sex_of(id)`: the sex an ID number tells.
    SexOf,
    /// `birth_date_of(id)`: the birth date an ID number tells.
    BirthDateOf,
    /// `id_status(id)`: `valid`, `bad_check_digit`, … `null_token` when empty.
    IdStatus,
    /// `age(birth_date, at_date)`: full years.
    Age,
    /// `years(value, unit)`: full years of an age given in 岁, 月, 天, 小时 or 分钟.
    Years,
    /// `township(…)`: code of the town, from any codes, names and addresses, else the context.
    Township,
    /// `region(…)`: code of the most specific division, from the same.
    Region,
    /// `context(item)`.
    Context(ContextItem),
    /// `header_year(field)`: the year its header captured by `{year}`.
    HeaderYear,
    /// `word('普查', 'census')`: the second when title, sheet or file name has the first.
    Word,
    /// `present(field, 'x')`: the second when the first is not NULL.
    Present,
}

impl Function {
    /// The functions, as typed in source files.
    pub const NAMES: [&'static str; 16] = [
        "key",
        "first",
        "year",
        "birth_year",
        "month",
        "sex_of",
        "birth_date_of",
        "id_status",
        "age",
        "years",
        "township",
        "region",
        "context",
        "header_year",
        "word",
        "present",
    ];

    /// Least and most arguments, not counting the word that picks a kind or an item.
    pub(super) fn arity(self) -> (usize, usize) {
        match self {
            Self::First | Self::Township | Self::Region => (1, usize::MAX),
            Self::Age | Self::Years | Self::Word | Self::Present => (2, 2),
            Self::Context(_) => (0, 0),
            _ => (1, 1),
        }
    }
}

impl Expression {
    /// The fields it reads, in order of first use.
    #[must_use]
    pub fn fields(&self) -> Vec<usize> {
        let mut fields = Vec::new();
        self.collect(&mut fields);
        fields
    }

    fn collect(&self, fields: &mut Vec<usize>) {
        match self {
            Self::Field(index) if !fields.contains(index) => fields.push(*index),
            Self::Call { args, .. } => {
                for arg in args {
                    arg.collect(fields);
                }
            }
            _ => {}
        }
    }
}
