//! Expressions as written -> expressions bound to fields, or what is wrong at which character.
//! Entry point: [`parse`]. A recursive descent over characters; names, numbers of arguments and
//! types are checked on the way.

use super::expression::{ContextItem, Expression, Function, KeyKind};
use super::field::{Field, FieldType};
use super::nearest::suggestion;
use super::table::ColumnType;
use super::value::{Value, ValueType};
use crate::error::Message;
use crate::msg;

/// What is wrong in an expression, at which character from its start.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) offset: usize,
    pub(super) message: Message,
    pub(super) hint: Option<Message>,
}

fn fault<T>(offset: usize, message: Message, hint: Option<Message>) -> Result<T, Fault> {
    Err(Fault {
        offset,
        message,
        hint,
    })
}

/// Parses an expression and checks that it can fill a column of type `column`.
pub(super) fn parse(text: &str, fields: &[Field], column: ColumnType) -> Result<Expression, Fault> {
    let mut parser = Parser {
        text: text.chars().collect(),
        at: 0,
        fields,
    };
    let (expression, value) = parser.expression()?;
    parser.space();
    if parser.at < parser.text.len() {
        let rest: String = parser.text[parser.at..].iter().collect();
        return fault(
            parser.at,
            msg!("`{rest}` is too much", "`{rest}` 多余"),
            None,
        );
    }
    if value.sealed {
        return fault(
            0,
            msg!("an identity cannot fill a column", "身份信息不能写入数据列"),
            Some(msg!("write `key(person, …)`", "请写 `key(person, …)`")),
        );
    }
    if !value.kind.fits(column) {
        let (found, wanted) = (value.kind.name(), column.name());
        return fault(
            0,
            msg!(
                "this is {found}, the column is {wanted}",
                "此处为 {found}，该列为 {wanted}"
            ),
            None,
        );
    }
    Ok(expression)
}

struct Parser<'a> {
    text: Vec<char>,
    at: usize,
    fields: &'a [Field],
}

impl Parser<'_> {
    fn space(&mut self) {
        while self.text.get(self.at).is_some_and(|c| c.is_whitespace()) {
            self.at += 1;
        }
    }

    fn take(&mut self, wanted: char) -> bool {
        self.space();
        let found = self.text.get(self.at) == Some(&wanted);
        self.at += usize::from(found);
        found
    }

    fn run(&mut self, belongs: impl Fn(char) -> bool) -> String {
        let start = self.at;
        while self.text.get(self.at).is_some_and(|c| belongs(*c)) {
            self.at += 1;
        }
        self.text[start..self.at].iter().collect()
    }

    fn expression(&mut self) -> Result<(Expression, Value), Fault> {
        self.space();
        let start = self.at;
        match self.text.get(start) {
            Some('\'') => {
                self.at += 1;
                let text = self.run(|c| c != '\'');
                if !self.take('\'') {
                    return fault(
                        start,
                        msg!("the text does not end", "文本缺少结尾引号"),
                        None,
                    );
                }
                let value = Value {
                    kind: ValueType::Literal,
                    sealed: false,
                };
                Ok((Expression::Text(text), value))
            }
            Some(first) if first.is_ascii_digit() => {
                let digits = self.run(|c| c.is_ascii_digit());
                let Ok(number) = digits.parse() else {
                    return fault(
                        start,
                        msg!("`{digits}` is too large", "`{digits}` 过大"),
                        None,
                    );
                };
                let value = Value {
                    kind: ValueType::Integer,
                    sealed: false,
                };
                Ok((Expression::Integer(number), value))
            }
            Some(first) if is_word(*first) => {
                let name = self.run(is_word);
                if self.take('(') {
                    self.call(&name, start)
                } else {
                    self.field(&name, start)
                }
            }
            Some(other) => fault(
                start,
                msg!(
                    "`{other}` cannot begin an expression",
                    "表达式不能以 `{other}` 开头"
                ),
                Some(msg!(
                    "write a field, a function, 'text' or a number",
                    "可写字段、函数、'文本' 或整数"
                )),
            ),
            None => fault(start, msg!("an expression is missing", "缺少表达式"), None),
        }
    }

    fn field(&self, name: &str, start: usize) -> Result<(Expression, Value), Fault> {
        let Some(index) = self.fields.iter().position(|field| field.name == name) else {
            return fault(
                start,
                msg!("unknown field `{name}`", "未知的字段 `{name}`"),
                suggestion(name, self.fields.iter().map(|field| field.name.as_str())),
            );
        };
        let field = &self.fields[index];
        if field.kind == FieldType::Discard {
            return fault(
                start,
                msg!("`{name}` is discarded", "`{name}` 为丢弃字段，不可使用"),
                None,
            );
        }
        let value = Value {
            kind: ValueType::of_field(field.kind),
            sealed: field.identity,
        };
        Ok((Expression::Field(index), value))
    }

    /// A call whose name and opening bracket are read.
    fn call(&mut self, name: &str, start: usize) -> Result<(Expression, Value), Fault> {
        let function = match name {
            "key" => {
                let kind = self.word("kind", "类别", &KeyKind::NAMES)?;
                if !self.take(',') {
                    return fault(
                        self.at,
                        msg!("expected `,` and an identity", "此处应为 `,` 和身份字段"),
                        None,
                    );
                }
                Function::Key(kind)
            }
            "context" => Function::Context(self.word("item", "项目", &ContextItem::NAMES)?),
            "first" => Function::First,
            "year" | "birth_year" => Function::Year,
            "month" => Function::Month,
            "sex_of" => Function::SexOf,
            "birth_date_of" => Function::BirthDateOf,
            "id_status" => Function::IdStatus,
            "age" => Function::Age,
            "years" => Function::Years,
            "township" => Function::Township,
            "region" => Function::Region,
            "header_year" => Function::HeaderYear,
            "word" => Function::Word,
            "present" => Function::Present,
            _ => {
                return fault(
                    start,
                    msg!("unknown function `{name}`", "未知的函数 `{name}`"),
                    suggestion(name, Function::NAMES),
                );
            }
        };
        let (mut args, mut values, mut starts) = (Vec::new(), Vec::new(), Vec::new());
        if !self.take(')') {
            loop {
                self.space();
                starts.push(self.at);
                let (arg, value) = self.expression()?;
                args.push(arg);
                values.push(value);
                if self.take(')') {
                    break;
                }
                if !self.take(',') {
                    return fault(
                        self.at,
                        msg!("expected `,` or `)`", "此处应为 `,` 或 `)`"),
                        None,
                    );
                }
            }
        }
        let (least, most) = function.arity();
        let count = args.len();
        if count < least || count > most {
            let wanted = if most == usize::MAX {
                format!("{least}…")
            } else {
                least.to_string()
            };
            let noun = if most == 1 { "argument" } else { "arguments" };
            return fault(
                start,
                msg!(
                    "`{name}` takes {wanted} {noun}, found {count}",
                    "`{name}` 需要 {wanted} 个参数，实为 {count} 个"
                ),
                None,
            );
        }
        let value = self.value(function, &args, &values, &starts)?;
        Ok((Expression::Call { function, args }, value))
    }

    /// The bare word that picks a kind or an item.
    fn word<T: Copy>(
        &mut self,
        en: &str,
        zh: &str,
        names: &[(&'static str, T)],
    ) -> Result<T, Fault> {
        self.space();
        let start = self.at;
        let word = self.run(is_word);
        match names.iter().find(|(name, _)| *name == word) {
            Some((_, value)) => Ok(*value),
            None => fault(
                start,
                msg!("unknown {en} `{word}`", "未知的{zh} `{word}`"),
                suggestion(&word, names.iter().map(|(name, _)| *name)),
            ),
        }
    }

    /// The type of a call, after checking its arguments.
    fn value(
        &self,
        function: Function,
        args: &[Expression],
        values: &[Value],
        starts: &[usize],
    ) -> Result<Value, Fault> {
        let open = |kind| {
            Ok(Value {
                kind,
                sealed: false,
            })
        };
        let check = |index: usize, fits: fn(ValueType) -> bool, en: &str, zh: &str| {
            if fits(values[index].kind) {
                Ok(())
            } else {
                let found = values[index].kind.name();
                let start = starts[index];
                fault(
                    start,
                    msg!("this is {found}, not {en}", "此处为 {found}，应为{zh}"),
                    None,
                )
            }
        };
        let literal =
            |index: usize| check(index, |v| v == ValueType::Literal, "a 'text'", "'文本'");
        match function {
            Function::Key(_) => {
                if values[0].sealed {
                    open(ValueType::Key)
                } else {
                    fault(
                        starts[0],
                        msg!("a key is made of identities only", "标识只能由身份字段生成"),
                        None,
                    )
                }
            }
            Function::First => self.common(values, starts),
            Function::Year | Function::Month => {
                let dated = |v: ValueType| v.is_dated() || v == ValueType::YearMonth;
                check(0, dated, "a date", "日期")?;
                open(ValueType::Integer)
            }
            Function::SexOf | Function::BirthDateOf | Function::IdStatus => {
                for index in args.iter().flat_map(Expression::fields) {
                    if self.fields[index].kind != FieldType::CitizenId {
                        let name = &self.fields[index].name;
                        return fault(
                            starts[0],
                            msg!("`{name}` is no citizen ID", "`{name}` 不是公民身份号码字段"),
                            None,
                        );
                    }
                }
                open(match function {
                    Function::SexOf => ValueType::Sex,
                    Function::BirthDateOf => ValueType::Date,
                    _ => ValueType::Code,
                })
            }
            Function::Age => {
                check(0, ValueType::is_dated, "a date", "日期")?;
                check(1, ValueType::is_dated, "a date", "日期")?;
                open(ValueType::Integer)
            }
            Function::Years => {
                check(0, |v| v == ValueType::Integer, "an integer", "整数")?;
                if values[1].sealed {
                    return fault(
                        starts[1],
                        msg!("a unit is no identity", "单位不能是身份字段"),
                        None,
                    );
                }
                open(ValueType::Integer)
            }
            Function::Township | Function::Region => open(ValueType::Code),
            Function::Context(item) => open(match item {
                ContextItem::Year | ContextItem::Month => ValueType::Integer,
                ContextItem::Township | ContextItem::Region => ValueType::Code,
                ContextItem::Period | ContextItem::Town | ContextItem::Title => ValueType::Text,
            }),
            Function::HeaderYear => match &args[0] {
                Expression::Field(index) if self.fields[*index].captures_year() => {
                    open(ValueType::Integer)
                }
                Expression::Field(_) => fault(
                    starts[0],
                    msg!(
                        "no header of this field has `{{year}}`",
                        "该字段的表头均无 `{{year}}`"
                    ),
                    None,
                ),
                _ => fault(
                    starts[0],
                    msg!("a field is needed here", "此处应为字段"),
                    None,
                ),
            },
            Function::Word => {
                literal(0)?;
                literal(1)?;
                open(ValueType::Literal)
            }
            Function::Present => {
                literal(1)?;
                open(ValueType::Literal)
            }
        }
    }

    /// The type that all arguments of `first` share.
    fn common(&self, values: &[Value], starts: &[usize]) -> Result<Value, Fault> {
        let mut kind = values[0].kind;
        for (value, start) in values.iter().zip(starts) {
            kind = match (kind, value.kind) {
                (a, b) if a == b => a,
                (ValueType::Literal, b @ (ValueType::Text | ValueType::Code)) => b,
                (a @ (ValueType::Text | ValueType::Code), ValueType::Literal) => a,
                (ValueType::Code, ValueType::Text) | (ValueType::Text, ValueType::Code) => {
                    ValueType::Text
                }
                (a, b) if a.is_dated() && b.is_dated() => ValueType::Date,
                (ValueType::Integer, ValueType::Decimal)
                | (ValueType::Decimal, ValueType::Integer) => ValueType::Decimal,
                (a, b) => {
                    let (a, b) = (a.name(), b.name());
                    return fault(
                        *start,
                        msg!(
                            "this is {b}, before it stands {a}",
                            "此处为 {b}，前面为 {a}"
                        ),
                        None,
                    );
                }
            };
        }
        Ok(Value {
            kind,
            sealed: values.iter().any(|value| value.sealed),
        })
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::field::Unmapped;

    fn fields() -> Vec<Field> {
        let field = |name: &str, kind: FieldType| Field {
            name: name.into(),
            headers: vec![format!("{{year}}年{name}")],
            kind,
            identity: kind.is_identity(),
            list: None,
            map: Vec::new(),
            unmapped: Unmapped::Reject,
            scale: Vec::new(),
            extract: None,
        };
        vec![
            field("child_id", FieldType::CitizenId),
            field("birth_date", FieldType::Date),
            field("sex", FieldType::Sex),
            field("target", FieldType::Decimal),
            field("child_name", FieldType::Name),
        ]
    }

    fn fails(text: &str, column: ColumnType) -> (usize, String, String) {
        let fault = parse(text, &fields(), column).unwrap_err();
        (
            fault.offset,
            fault.message.en,
            fault.hint.map(|hint| hint.en).unwrap_or_default(),
        )
    }

    #[test]
    fn parses_fields_calls_texts_and_numbers() {
        let of_id = Expression::Call {
            function: Function::BirthDateOf,
            args: vec![Expression::Field(0)],
        };
        assert_eq!(
            parse(
                " first( birth_date ,birth_date_of(child_id)) ",
                &fields(),
                ColumnType::Date
            )
            .unwrap(),
            Expression::Call {
                function: Function::First,
                args: vec![Expression::Field(1), of_id]
            }
        );
        assert_eq!(
            parse("'health'", &fields(), ColumnType::Code).unwrap(),
            Expression::Text("health".into())
        );
        let key = parse("key(person, child_id)", &fields(), ColumnType::Key).unwrap();
        assert_eq!(key.fields(), [0]);
        assert!(parse("header_year(target)", &fields(), ColumnType::Integer).is_ok());
        assert!(parse("context(year)", &fields(), ColumnType::Integer).is_ok());
    }

    #[test]
    fn faults_are_located_with_the_nearest_name() {
        assert_eq!(
            fails("first(birth_dat, birth_date)", ColumnType::Date),
            (
                6,
                "unknown field `birth_dat`".into(),
                "did you mean `birth_date`?".into()
            )
        );
        assert_eq!(
            fails("frist(birth_date)", ColumnType::Date),
            (
                0,
                "unknown function `frist`".into(),
                "did you mean `first`?".into()
            )
        );
        assert_eq!(fails("key(persn, child_id)", ColumnType::Key).0, 4);
        assert_eq!(fails("year(birth_date", ColumnType::Integer).0, 15);
        assert_eq!(
            fails("age(birth_date)", ColumnType::Integer).1,
            "`age` takes 2 arguments, found 1"
        );
        assert_eq!(
            fails("sex sex", ColumnType::Sex),
            (4, "`sex` is too much".into(), String::new())
        );
        assert_eq!(
            fails("year(sex)", ColumnType::Integer).1,
            "this is sex, not a date"
        );
        assert_eq!(
            fails("sex", ColumnType::Date).1,
            "this is sex, the column is date"
        );
    }

    #[test]
    fn an_identity_cannot_reach_a_column() {
        for text in ["child_name", "first(child_name, 'x')"] {
            assert_eq!(
                fails(text, ColumnType::Text).1,
                "an identity cannot fill a column"
            );
        }
        assert_eq!(
            fails("key(person, sex)", ColumnType::Key).1,
            "a key is made of identities only"
        );
        assert_eq!(
            fails("id_status(child_name)", ColumnType::Code).1,
            "`child_name` is no citizen ID"
        );
    }
}
