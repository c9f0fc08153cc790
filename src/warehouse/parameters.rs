//! Binding `$name` parameters: each becomes a typed literal in the syntax tree, never text in the
//! statement.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use datafusion::scalar::ScalarValue;
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{
    CastKind, DataType, ExactNumberInfo, Expr, Value, visit_expressions_mut,
};

/// The name of a parameter without a value.
#[derive(Debug)]
pub(super) struct Missing(pub(super) String);

/// The statement with every `$name` replaced by its value.
///
/// # Errors
/// The first parameter, by name, that has no value.
pub(super) fn bind(
    statement: Statement,
    values: &[(String, ScalarValue)],
) -> Result<Statement, Missing> {
    let mut missing = BTreeSet::new();
    let bound = match statement {
        Statement::Statement(mut inner) => {
            replace(inner.as_mut(), values, &mut missing);
            Statement::Statement(inner)
        }
        Statement::Explain(mut explain) => {
            *explain.statement = bind(*explain.statement, values)?;
            Statement::Explain(explain)
        }
        other => other,
    };
    match missing.into_iter().next() {
        None => Ok(bound),
        Some(name) => Err(Missing(name)),
    }
}

fn replace(
    statement: &mut datafusion::sql::sqlparser::ast::Statement,
    values: &[(String, ScalarValue)],
    missing: &mut BTreeSet<String>,
) {
    let _: ControlFlow<()> = visit_expressions_mut(statement, |expression| {
        if let Expr::Value(value) = expression
            && let Value::Placeholder(name) = &value.value
        {
            let name = name.trim_start_matches(['$', ':']);
            match values.iter().find(|(known, _)| known == name) {
                Some((_, scalar)) => *expression = literal(scalar),
                None => {
                    missing.insert(name.to_owned());
                }
            }
        }
        ControlFlow::Continue(())
    });
}

fn literal(value: &ScalarValue) -> Expr {
    let (text, kind) = match value {
        ScalarValue::Int64(number) => (
            number.map(|number| number.to_string()),
            DataType::BigInt(None),
        ),
        ScalarValue::Int32(number) => {
            (number.map(|number| number.to_string()), DataType::Int(None))
        }
        ScalarValue::Float64(number) => (
            number.map(|number| number.to_string()),
            DataType::Double(ExactNumberInfo::None),
        ),
        ScalarValue::Boolean(flag) => (flag.map(|flag| flag.to_string()), DataType::Boolean),
        ScalarValue::Date32(days) => (
            days.map(|days| {
                chrono::DateTime::from_timestamp(i64::from(days) * 86_400, 0)
                    .map_or_else(String::new, |time| time.format("%Y-%m-%d").to_string())
            }),
            DataType::Date,
        ),
        ScalarValue::Utf8(text) => (text.clone(), DataType::Text),
        other => (Some(other.to_string()), DataType::Text),
    };
    let inner = match text {
        Some(text) => Value::SingleQuotedString(text),
        None => Value::Null,
    };
    Expr::Cast {
        kind: CastKind::Cast,
        expr: Box::new(Expr::Value(inner.into())),
        data_type: kind,
        array: false,
        format: None,
    }
}
