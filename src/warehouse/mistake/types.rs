//! Types in the words of people: the engine says `Utf8View`, an analyst says text.

use crate::error::Message;
use crate::msg;

/// A type as the engine writes it, such as `Int64` or `Timestamp(µs, "UTC")`.
pub(super) fn words(engine: &str) -> Message {
    match class(engine) {
        Class::Text => msg!("text", "文本"),
        Class::Whole => msg!("whole number", "整数"),
        Class::Decimal => msg!("decimal number", "小数"),
        Class::Flag => msg!("true/false", "是/否值"),
        Class::Date => msg!("date", "日期"),
        Class::Timestamp => msg!("timestamp", "时间戳"),
        Class::Time => msg!("time of day", "时刻"),
        Class::Interval => msg!("interval", "时间间隔"),
        Class::Key => msg!("key (binary)", "标识（二进制）"),
        Class::Null => msg!("NULL", "NULL"),
        Class::List => msg!("list", "列表"),
        Class::Other => {
            let engine = engine.trim();
            msg!("{engine}", "{engine}")
        }
    }
}

/// The name of the type in SQL, for `cast(… AS …)`.
pub(super) fn sql(engine: &str) -> &'static str {
    match class(engine) {
        Class::Whole if engine.contains("64") => "bigint",
        Class::Whole => "int",
        Class::Decimal => "double",
        Class::Flag => "boolean",
        Class::Date => "date",
        Class::Timestamp => "timestamp",
        Class::Time => "time",
        Class::Interval => "interval",
        _ => "text",
    }
}

/// Whether a type as written in SQL is this type of the engine.
pub(super) fn is_sql_name(written: &str, engine: &str) -> bool {
    let written = written.to_lowercase();
    let names: &[&str] = match class(engine) {
        Class::Text => &["text", "varchar", "char", "string"],
        Class::Whole => &[
            "int", "integer", "bigint", "smallint", "tinyint", "int2", "int4", "int8",
        ],
        Class::Decimal => &[
            "double", "float", "real", "decimal", "numeric", "float4", "float8",
        ],
        Class::Flag => &["boolean", "bool"],
        Class::Date => &["date"],
        Class::Timestamp => &["timestamp", "timestamptz", "datetime"],
        Class::Time => &["time"],
        Class::Interval => &["interval"],
        _ => &[],
    };
    names.contains(&written.as_str())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Text,
    Whole,
    Decimal,
    Flag,
    Date,
    Timestamp,
    Time,
    Interval,
    Key,
    Null,
    List,
    Other,
}

pub(super) fn class(engine: &str) -> Class {
    let engine = engine.trim();
    let name: String = engine
        .chars()
        .take_while(|character| character.is_ascii_alphabetic())
        .collect();
    match name.as_str() {
        "Utf" | "LargeUtf" | "String" => Class::Text,
        "Int" | "UInt" | "Integer" => Class::Whole,
        "Float" | "Decimal" | "Numeric" => Class::Decimal,
        "Boolean" => Class::Flag,
        "Date" => Class::Date,
        "Timestamp" => Class::Timestamp,
        "Time" => Class::Time,
        "Interval" | "Duration" => Class::Interval,
        "Binary" | "BinaryView" | "LargeBinary" | "FixedSizeBinary" => Class::Key,
        "Null" => Class::Null,
        "List" | "LargeList" | "FixedSizeList" => Class::List,
        _ => Class::Other,
    }
}

/// Splits `Int64, Timestamp(µs, "UTC")` at the commas between types.
pub(super) fn split(list: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0_usize, 0);
    for (at, character) in list.char_indices() {
        match character {
            '(' | '[' | '<' => depth += 1,
            ')' | ']' | '>' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(list[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    let last = list[start..].trim();
    if !last.is_empty() {
        parts.push(last);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_the_engine_are_said_in_words() {
        for (engine, english) in [
            ("Utf8View", "text"),
            ("LargeUtf8", "text"),
            ("Int8", "whole number"),
            ("Decimal128(10, 2)", "decimal number"),
            ("Date32", "date"),
            ("Timestamp(µs, \"UTC\")", "timestamp"),
            ("BinaryView", "key (binary)"),
            ("Interval(MonthDayNano)", "interval"),
        ] {
            assert_eq!(words(engine).en, english, "{engine}");
        }
        assert_eq!(sql("Int64"), "bigint");
    }

    #[test]
    fn lists_of_types_are_split_between_types() {
        assert_eq!(
            split("Int64, Timestamp(µs, \"UTC\"), Utf8"),
            ["Int64", "Timestamp(µs, \"UTC\")", "Utf8"]
        );
        assert!(split("").is_empty());
    }
}
