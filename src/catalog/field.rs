//! Fields: what a source reads from a file, and what kind of value each is.

use regex::Regex;

/// The kind of value a field holds, which decides how a cell is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FieldType {
    /// Any text that identifies nobody.
    Text,
    /// A person's name. Sealed.
    Name,
    /// An address below the village. Sealed.
    Address,
    /// A telephone number. Sealed.
    Phone,
    /// A certificate or card number. Sealed.
    Certificate,
    /// A police household number. Sealed.
    HouseholdNo,
    /// A citizen ID number or what stands in its column. Sealed.
    CitizenId,
    /// A calendar date.
    Date,
    /// A date with a time of day.
    DateTime,
    /// A month of a year, 1–12.
    Month,
    /// A year and month, as the first day of it.
    YearMonth,
    /// A whole number.
    Integer,
    /// A number with a fraction.
    Decimal,
    /// A number of persons or events, multiplied by the unit of header or title (万).
    Count,
    /// A sex, by code or word.
    Sex,
    /// A code, by the field's value map or its code list.
    Code,
    /// A year.
    Year,
    /// Yes or no.
    Flag,
    /// A division: code or name, any level.
    Region,
    /// The name of a town.
    Town,
    /// The name of a village.
    Village,
    /// Recognised, then forgotten: neither in the lake nor in the vault.
    Discard,
}

impl FieldType {
    /// Every type, by its name in source files.
    pub const NAMES: [(&'static str, Self); 22] = [
        ("text", Self::Text),
        ("name", Self::Name),
        ("address", Self::Address),
        ("phone", Self::Phone),
        ("certificate", Self::Certificate),
        ("household_no", Self::HouseholdNo),
        ("citizen_id", Self::CitizenId),
        ("date", Self::Date),
        ("datetime", Self::DateTime),
        ("month", Self::Month),
        ("year_month", Self::YearMonth),
        ("integer", Self::Integer),
        ("decimal", Self::Decimal),
        ("count", Self::Count),
        ("sex", Self::Sex),
        ("code", Self::Code),
        ("year", Self::Year),
        ("flag", Self::Flag),
        ("region", Self::Region),
        ("town", Self::Town),
        ("village", Self::Village),
        ("discard", Self::Discard),
    ];

    /// Its name in source files.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES
            .iter()
            .find(|(_, kind)| *kind == self)
            .map_or("", |(name, _)| name)
    }

    /// Whether values of this type are identities whatever the file says.
    #[must_use]
    pub fn is_identity(self) -> bool {
        matches!(
            self,
            Self::Name
                | Self::Address
                | Self::Phone
                | Self::Certificate
                | Self::HouseholdNo
                | Self::CitizenId
        )
    }

    /// Whether values of this type are numbers.
    #[must_use]
    pub fn is_number(self) -> bool {
        matches!(
            self,
            Self::Integer | Self::Decimal | Self::Count | Self::Year | Self::Month
        )
    }

    /// Whether values of this type are dates.
    #[must_use]
    pub fn is_date(self) -> bool {
        matches!(self, Self::Date | Self::DateTime)
    }
}

/// What happens to a value that is in neither the value map nor the code list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unmapped {
    /// The cell is in error; the field's `type` rule says whether the row goes.
    #[default]
    Reject,
    /// The value stays as it is.
    Keep,
    /// The value becomes NULL without a word.
    Null,
}

/// A field of a source.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name within the source.
    pub name: String,
    /// Headers it goes by, as written in the source file (not normalised). `{year}` stands for a
    /// four-digit year.
    pub headers: Vec<String>,
    /// What its values are.
    pub kind: FieldType,
    /// Whether its values go to the vault, under the field's name, and nowhere else.
    pub identity: bool,
    /// Code list whose codes, names and aliases it understands.
    pub list: Option<String>,
    /// Words of the file and what they stand for, before anything else is tried; for any type.
    pub map: Vec<(String, String)>,
    /// What becomes of other words.
    pub unmapped: Unmapped,
    /// Units in header brackets and what a number in them is multiplied by.
    pub scale: Vec<(String, f64)>,
    /// What to take of a cell: where it matches, its group replaces the normalised text before the
    /// value is read (`39+2` weeks -> `39`).
    pub extract: Option<Regex>,
}

impl Field {
    /// Whether a header of this field captures a year (`{year}年目标`).
    #[must_use]
    pub fn captures_year(&self) -> bool {
        self.headers.iter().any(|header| header.contains("{year}"))
    }
}
