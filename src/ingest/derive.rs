//! Table columns out of fields: the expressions of a source, evaluated block by block.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryBuilder, Date32Array, Int32Array, Int64Array, StringArray,
    new_null_array,
};
use arrow::compute::{cast, is_not_null, kernels::zip::zip};
use arrow::datatypes::{DataType, Date32Type};

use super::field::{Ids, Parsed};
use super::plan::SheetPlan;
use crate::catalog::{ContextItem, Expression, Function, KeyKind};
use crate::domain::citizen_id::IdStatus;
use crate::domain::region::{Place, RegionCode, Regions};
use crate::domain::{age, calendar, text};
use crate::error::{Error, Result};
use crate::msg;
use crate::vault::Pseudonymiser;

/// Everything an expression can look at.
pub(super) struct Scope<'a> {
    /// Fields of the source, of the rows of one block.
    pub(super) fields: &'a [Parsed],
    /// How many rows the block has.
    pub(super) rows: usize,
    /// Title, sheet and file name of the block.
    pub(super) sheet: &'a SheetPlan<'a>,
    /// Pseudonyms by kind.
    pub(super) pseudonyms: &'a HashMap<String, Pseudonymiser>,
    /// The county's divisions.
    pub(super) regions: &'a Regions,
    places: RefCell<HashMap<String, Places>>,
}

type Places = Rc<Vec<Option<Place>>>;

impl<'a> Scope<'a> {
    pub(super) fn new(
        fields: &'a [Parsed],
        rows: usize,
        sheet: &'a SheetPlan<'a>,
        pseudonyms: &'a HashMap<String, Pseudonymiser>,
        regions: &'a Regions,
    ) -> Self {
        Self {
            fields,
            rows,
            sheet,
            pseudonyms,
            regions,
            places: RefCell::default(),
        }
    }

    /// The values of `expression`, one per row, as `kind`.
    ///
    /// # Errors
    /// When the expression's type does not fit the column: a mistake in the catalog.
    pub(super) fn column(&self, expression: &Expression, kind: &DataType) -> Result<ArrayRef> {
        let values = self.eval(expression)?;
        if values.data_type() == kind {
            return Ok(values);
        }
        Ok(cast(&values, kind)?)
    }

    fn eval(&self, expression: &Expression) -> Result<ArrayRef> {
        match expression {
            Expression::Field(index) => Ok(self.field(*index)),
            Expression::Text(text) => {
                Ok(Arc::new(StringArray::from(vec![text.as_str(); self.rows])))
            }
            Expression::Integer(number) => Ok(Arc::new(Int64Array::from(vec![*number; self.rows]))),
            Expression::Call { function, args } => self.call(*function, args),
        }
    }

    fn field(&self, index: usize) -> ArrayRef {
        match self.fields.get(index) {
            Some(Parsed::Text(values)) => Arc::new(values.clone()),
            Some(Parsed::Integer(values)) => Arc::new(values.clone()),
            Some(Parsed::Decimal(values)) => Arc::new(values.clone()),
            Some(Parsed::Date(values)) => Arc::new(values.clone()),
            Some(Parsed::Sex(values)) => Arc::new(values.clone()),
            Some(Parsed::Flag(values)) => Arc::new(values.clone()),
            Some(Parsed::Ids(ids)) => Arc::new(ids.raw.clone()),
            None => new_null_array(&DataType::Utf8, self.rows),
        }
    }

    fn ids(&self, expression: Option<&Expression>) -> Option<&Ids> {
        match expression {
            Some(Expression::Field(index)) => match self.fields.get(*index) {
                Some(Parsed::Ids(ids)) => Some(ids),
                _ => None,
            },
            _ => None,
        }
    }

    fn call(&self, function: Function, arguments: &[Expression]) -> Result<ArrayRef> {
        let first = arguments.first();
        match function {
            Function::Key(kind) => self.key(kind, first),
            Function::First => {
                let mut values = arguments.iter().map(|argument| self.eval(argument));
                let mut result = values
                    .next()
                    .transpose()?
                    .unwrap_or_else(|| new_null_array(&DataType::Utf8, self.rows));
                for next in values {
                    let next = cast(&next?, result.data_type())?;
                    result = zip(&is_not_null(&result)?, &result, &next)?;
                }
                Ok(result)
            }
            Function::Year => {
                let dates = self.dates(first)?;
                Ok(Arc::new(
                    dates
                        .iter()
                        .map(|days| days.map(calendar::year))
                        .collect::<Int32Array>(),
                ))
            }
            Function::Month => {
                let dates = self.dates(first)?;
                let month = |days: i32| calendar::civil(days).1 as i32;
                Ok(Arc::new(
                    dates
                        .iter()
                        .map(|days| days.map(month))
                        .collect::<Int32Array>(),
                ))
            }
            Function::Age => {
                let (birth, at) = (self.dates(first)?, self.dates(arguments.get(1))?);
                let ages = birth.iter().zip(at.iter()).map(|pair| match pair {
                    (Some(birth), Some(at)) if at >= birth => Some(age::age_at(birth, at)),
                    _ => None,
                });
                Ok(Arc::new(ages.collect::<Int32Array>()))
            }
            Function::SexOf => {
                let sexes = self
                    .ids(first)
                    .map(|ids| ids.sex.iter().map(|sex| sex.map(|sex| sex as i8)).collect());
                Ok(Arc::new(sexes.unwrap_or_else(|| {
                    arrow::array::Int8Array::new_null(self.rows)
                })))
            }
            Function::BirthDateOf => {
                let dates = self
                    .ids(first)
                    .map(|ids| Date32Array::from(ids.birth.clone()));
                Ok(Arc::new(
                    dates.unwrap_or_else(|| Date32Array::new_null(self.rows)),
                ))
            }
            Function::IdStatus => {
                let words = self.ids(first).map(|ids| {
                    ids.status
                        .iter()
                        .map(|status| Some(status.as_str()))
                        .collect::<StringArray>()
                });
                Ok(Arc::new(
                    words.unwrap_or_else(|| StringArray::new_null(self.rows)),
                ))
            }
            Function::Township => {
                let places = self.places(arguments)?;
                Ok(Arc::new(
                    places
                        .iter()
                        .map(|place| {
                            place
                                .as_ref()
                                .and_then(|place| place.township_code.as_ref())
                                .map(|code| code.as_str())
                        })
                        .collect::<StringArray>(),
                ))
            }
            Function::Region => {
                let places = self.places(arguments)?;
                Ok(Arc::new(
                    places
                        .iter()
                        .map(|place| place.as_ref().map(|place| place.region_code.as_str()))
                        .collect::<StringArray>(),
                ))
            }
            Function::Context(item) => Ok(self.context(item)),
            Function::HeaderYear => {
                let year = match first {
                    Some(Expression::Field(index)) => {
                        self.sheet.fields.get(*index).and_then(|field| field.year)
                    }
                    _ => None,
                };
                Ok(Arc::new(Int64Array::from(vec![
                    year.map(i64::from);
                    self.rows
                ])))
            }
            Function::Years => self.years(first, arguments.get(1)),
            Function::Word => {
                let said = match (first, arguments.get(1)) {
                    (Some(Expression::Text(word)), Some(Expression::Text(value))) => self
                        .sheet
                        .words
                        .contains(word.as_str())
                        .then_some(value.as_str()),
                    _ => None,
                };
                Ok(Arc::new(StringArray::from(vec![said; self.rows])))
            }
            Function::Present => {
                let present = match first {
                    Some(expression) => self.eval(expression)?,
                    None => new_null_array(&DataType::Utf8, self.rows),
                };
                let value = match arguments.get(1) {
                    Some(expression) => self.eval(expression)?,
                    None => new_null_array(&DataType::Utf8, self.rows),
                };
                Ok(zip(
                    &is_not_null(&present)?,
                    &value,
                    &new_null_array(value.data_type(), self.rows),
                )?)
            }
        }
    }

    fn dates(&self, expression: Option<&Expression>) -> Result<Date32Array> {
        let values = match expression {
            Some(expression) => self.eval(expression)?,
            None => new_null_array(&DataType::Date32, self.rows),
        };
        let values = if values.data_type() == &DataType::Date32 {
            values
        } else {
            cast(&values, &DataType::Date32)?
        };
        Ok(values.as_primitive::<Date32Type>().clone())
    }

    /// Full years of an age whose unit stands beside it: what is counted in months or less is 0.
    fn years(&self, value: Option<&Expression>, unit: Option<&Expression>) -> Result<ArrayRef> {
        let column = |expression: Option<&Expression>, kind: &DataType| -> Result<ArrayRef> {
            match expression {
                Some(expression) => Ok(cast(&self.eval(expression)?, kind)?),
                None => Ok(new_null_array(kind, self.rows)),
            }
        };
        let (values, units) = (
            column(value, &DataType::Float64)?,
            column(unit, &DataType::Utf8)?,
        );
        let values = values.as_primitive::<arrow::datatypes::Float64Type>();
        let years = values
            .iter()
            .zip(units.as_string::<i32>().iter())
            .map(|(value, unit)| {
                let value = value?;
                Some(match unit.unwrap_or("岁") {
                    unit if unit.contains('月') => (value / 12.0).floor() as i32,
                    unit if unit.contains('天') || unit.contains('日') => {
                        (value / 365.25).floor() as i32
                    }
                    unit if unit.contains('时') || unit.contains('分') => 0,
                    _ => value.floor() as i32,
                })
            });
        Ok(Arc::new(years.collect::<Int32Array>()))
    }

    fn key(&self, kind: KeyKind, value: Option<&Expression>) -> Result<ArrayRef> {
        let name = kind.name();
        let pseudonym = self.pseudonyms.get(name).ok_or_else(|| {
            Error::usage(msg!(
                "unknown kind of key `{name}`",
                "未知的标识类型 `{name}`"
            ))
        })?;
        let mut keys = BinaryBuilder::with_capacity(self.rows, self.rows * 16);
        if let Some(ids) = self.ids(value) {
            for row in 0..self.rows {
                match (ids.number[row], ids.status[row]) {
                    (
                        _,
                        IdStatus::NullToken
                        | IdStatus::Masked
                        | IdStatus::LossyScientific
                        | IdStatus::LossySuspect,
                    ) => {
                        keys.append_null();
                    }
                    (Some(number), _) => keys.append_value(pseudonym.of_bytes(&number)),
                    (None, _) if ids.raw.is_valid(row) => {
                        keys.append_value(pseudonym.of(&document_number(ids.raw.value(row))));
                    }
                    (None, _) => keys.append_null(),
                }
            }
            return Ok(Arc::new(keys.finish()));
        }
        let values = match value {
            Some(expression) => cast(&self.eval(expression)?, &DataType::Utf8)?,
            None => new_null_array(&DataType::Utf8, self.rows),
        };
        // Members of a household stand together: the last pseudonym is often the next.
        let mut last: Option<(&str, [u8; 16])> = None;
        for value in values.as_string::<i32>() {
            let Some(value) = value else {
                keys.append_null();
                continue;
            };
            let key = match last {
                Some((before, key)) if before == value => key,
                _ => pseudonym.of(&document_number(value)),
            };
            keys.append_value(key);
            last = Some((value, key));
        }
        Ok(Arc::new(keys.finish()))
    }

    fn places(&self, arguments: &[Expression]) -> Result<Places> {
        let name = format!("{arguments:?}");
        if let Some(places) = self.places.borrow().get(&name) {
            return Ok(Rc::clone(places));
        }
        let columns = arguments
            .iter()
            .map(|argument| Ok(cast(&self.eval(argument)?, &DataType::Utf8)?))
            .collect::<Result<Vec<ArrayRef>>>()?;
        let columns: Vec<&StringArray> = columns
            .iter()
            .map(|column| column.as_string::<i32>())
            .collect();
        let mut seen: HashMap<String, Option<Place>> = HashMap::new();
        let mut places = Vec::with_capacity(self.rows);
        let mut parts: Vec<&str> = Vec::new();
        let town = self.sheet.town_name.as_deref();
        let county = self
            .sheet
            .county
            .as_deref()
            .and_then(RegionCode::parse)
            .map(Place::from);
        for row in 0..self.rows {
            parts.clear();
            parts.extend(
                columns
                    .iter()
                    .filter(|column| column.is_valid(row))
                    .map(|column| column.value(row)),
            );
            if parts.is_empty() && town.is_none() {
                // A row that says nothing of its place is about the county that sent it.
                places.push(county);
                continue;
            }
            // Codes and names repeat; full addresses with house numbers do not.
            let short = parts.iter().map(|part| part.len()).sum::<usize>() <= 48;
            if short {
                let joined = parts.join("\u{1f}");
                let place = seen
                    .entry(joined)
                    .or_insert_with(|| self.regions.resolve(&parts, town));
                places.push(*place);
            } else {
                places.push(self.regions.resolve(&parts, town));
            }
        }
        let places = Rc::new(places);
        self.places.borrow_mut().insert(name, Rc::clone(&places));
        Ok(places)
    }

    fn context(&self, item: ContextItem) -> ArrayRef {
        let sheet = self.sheet;
        let period = sheet.period;
        let number =
            |value: Option<i64>| -> ArrayRef { Arc::new(Int64Array::from(vec![value; self.rows])) };
        let words = |value: Option<&str>| -> ArrayRef {
            Arc::new(StringArray::from(vec![value; self.rows]))
        };
        match item {
            ContextItem::Year => number(period.and_then(|period| period.year()).map(i64::from)),
            ContextItem::Month => number(
                period
                    .filter(|period| period.months() == 1)
                    .map(|period| i64::from(period.from.month)),
            ),
            ContextItem::Period => words(period.map(|period| period.to_string()).as_deref()),
            ContextItem::Town | ContextItem::Township => words(sheet.town.as_deref()),
            ContextItem::Region => words(sheet.town.as_deref().or(sheet.county.as_deref())),
            ContextItem::Title => words(sheet.layout.titles.first().map(String::as_str)),
        }
    }
}

/// A document number as it is compared: half-width, upper-case, without spaces.
pub(super) fn document_number(raw: &str) -> Cow<'_, str> {
    let as_it_is = |byte: u8| match byte {
        b'!'..=b'~' => !byte.is_ascii_lowercase(),
        // Everyday Chinese, see `text::is_plain`.
        0x80..=0xbf | 0xe4..=0xe9 => true,
        _ => false,
    };
    if raw.bytes().all(as_it_is) {
        return Cow::Borrowed(raw);
    }
    text::nfkc(raw)
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .flat_map(char::to_uppercase)
        .collect()
}
