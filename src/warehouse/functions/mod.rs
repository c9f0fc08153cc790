//! SQL functions of the field, with help text: ages and groups, intervals, names of codes and
//! regions, what an ID number says.

mod ages;
mod identity;
mod intervals;
mod names;
mod populations;

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use datafusion::error::{DataFusionError, Result as EngineResult};
use datafusion::execution::context::SessionContext;
use datafusion::logical_expr::{
    AggregateUDF, ColumnarValue, DocSection, Documentation, ScalarFunctionArgs, ScalarUDF,
    ScalarUDFImpl, Signature, TypeSignature, Volatility,
};

use super::Warehouse;
use crate::error::Result;

/// Where the manual puts Renkou's own functions.
pub(super) const SECTION: DocSection = DocSection {
    include: true,
    label: "Population Functions",
    description: None,
};

/// What a function does with its arguments: as many values as the arguments have.
type Body = Arc<dyn Fn(&[ArrayRef], usize) -> EngineResult<ArrayRef> + Send + Sync>;

/// Registers every function with a session.
pub(super) fn register(context: &SessionContext, warehouse: &Warehouse) -> Result<()> {
    for function in ages::functions()
        .into_iter()
        .chain(intervals::functions())
        .chain(identity::functions())
        .chain(names::functions(warehouse.catalog())?)
    {
        context.register_udf(ScalarUDF::new_from_impl(function));
    }
    for aggregate in populations::aggregates() {
        context.register_udaf(AggregateUDF::new_from_impl(aggregate));
    }
    Ok(())
}

/// A function: its name, the types it takes, the type it gives, its help and its body.
pub(super) struct Function {
    name: &'static str,
    takes: Vec<DataType>,
    gives: DataType,
    signature: Signature,
    documentation: Documentation,
    body: Body,
}

impl Function {
    fn new(
        name: &'static str,
        takes: &[(&'static str, DataType, &'static str)],
        gives: DataType,
        help: &'static str,
        example: &'static str,
        body: impl Fn(&[ArrayRef], usize) -> EngineResult<ArrayRef> + Send + Sync + 'static,
    ) -> Self {
        let names: Vec<&str> = takes.iter().map(|(name, _, _)| *name).collect();
        let mut documentation =
            Documentation::builder(SECTION, help, format!("{name}({})", names.join(", ")))
                .with_sql_example(example);
        for (name, _, what) in takes {
            documentation = documentation.with_argument(*name, *what);
        }
        Self {
            name,
            takes: takes.iter().map(|(_, kind, _)| kind.clone()).collect(),
            gives,
            signature: Signature::new(
                if takes.is_empty() {
                    TypeSignature::Nullary
                } else {
                    TypeSignature::Any(takes.len())
                },
                Volatility::Immutable,
            ),
            documentation: documentation.build(),
            body: Arc::new(body),
        }
    }
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Function")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Function {}

impl Hash for Function {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl ScalarUDFImpl for Function {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> EngineResult<DataType> {
        Ok(self.gives.clone())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> EngineResult<ColumnarValue> {
        let constant = args
            .args
            .iter()
            .all(|argument| matches!(argument, ColumnarValue::Scalar(_)));
        let rows = if constant { 1 } else { args.number_rows };
        let arrays = args
            .args
            .iter()
            .zip(&self.takes)
            .map(|(argument, kind)| {
                let array = argument.to_array(rows)?;
                if array.data_type() == kind {
                    return Ok(array);
                }
                let (name, found) = (self.name, array.data_type().clone());
                cast(&array, kind).map_err(|_| {
                    DataFusionError::Plan(format!("{name}() takes {kind} here, not {found}"))
                })
            })
            .collect::<EngineResult<Vec<ArrayRef>>>()?;
        let result = (self.body)(&arrays, rows)?;
        if constant {
            return Ok(ColumnarValue::Scalar(
                datafusion::scalar::ScalarValue::try_from_array(&result, 0)?,
            ));
        }
        Ok(ColumnarValue::Array(result))
    }

    fn documentation(&self) -> Option<&Documentation> {
        Some(&self.documentation)
    }
}
