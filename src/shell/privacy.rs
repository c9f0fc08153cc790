//! Whether what was typed tells who somebody is, so that it must not be stored.
//! Entry point: [`is_private`]. Doubt counts as yes: a statement that is typed again costs less
//! than a name in a file.

use std::borrow::Cow;

use crate::domain::text as wording;

use super::token::{self, Kind, Token};

/// Digits that may be an identity: a mobile number has 11, citizen numbers 15 or 18.
const DIGITS: usize = 11;

/// Whether `text` must not be stored: it starts with a blank, opens identities, holds a number long
/// enough for an identity, or compares a person's name or address with a value.
#[must_use]
pub fn is_private(text: &str) -> bool {
    let folded = wording::nfkc(text);
    text.starts_with(char::is_whitespace)
        || folded.lines().any(opens_identities)
        || holds_number(&folded)
        || holds_certificate(&folded)
        || folded.lines().any(gives_person_to_command)
        || compares_person(text)
        || matches!(folded, Cow::Owned(ref folded) if compares_person(folded))
}

fn opens_identities(line: &str) -> bool {
    let line = line.trim_start();
    let name = line.strip_prefix(['.', '\\']).unwrap_or_default();
    name.get(..6)
        .is_some_and(|name| name.eq_ignore_ascii_case("unseal"))
}

/// Digits in a row; single blanks and dashes between them, as people write telephone numbers, and
/// the stars of a masked number do not end the row. Dates do not count.
fn holds_number(text: &str) -> bool {
    let characters: Vec<char> = text.chars().collect();
    let mut at = 0;
    while at < characters.len() {
        if !characters[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let start = at;
        let (mut digits, mut solid, mut longest, mut stars) = (0, 0, 0, 0);
        while at < characters.len() {
            let c = characters[at];
            let is_before_digit = characters.get(at + 1).is_some_and(char::is_ascii_digit);
            if c.is_ascii_digit() {
                digits += 1;
                solid += 1;
                longest = longest.max(solid);
            } else if matches!(c, '*' | 'x' | 'X') && is_mask(&characters[at..]) {
                stars += 1;
                solid = 0;
            } else if stars > 0 && matches!(c, '*' | 'x' | 'X') && stars < 12 {
                stars += 1;
            } else if matches!(c, ' ' | '-') && is_before_digit {
                solid = 0;
            } else {
                break;
            }
            at += 1;
        }
        let row: String = characters[start..at].iter().collect();
        if longest >= DIGITS || (digits >= DIGITS && !is_dates(&row)) || (stars >= 4 && digits >= 3)
        {
            return true;
        }
    }
    false
}

/// Four stars or more: the hidden middle of a number.
fn is_mask(rest: &[char]) -> bool {
    rest.len() >= 4 && rest[..4].iter().all(|c| matches!(c, '*' | 'x' | 'X'))
}

/// Whether a row of digits is made of dates and times of day alone.
fn is_dates(row: &str) -> bool {
    row.split(' ').all(|part| {
        let pieces: Vec<usize> = part.split('-').map(str::len).collect();
        matches!(pieces[..], [4, 1 | 2, 1 | 2] | [4, 1 | 2] | [1 | 2])
    })
}

/// A quoted capital letter with eight digits or more: passports, birth certificates.
fn holds_certificate(text: &str) -> bool {
    token::all(text).iter().any(|token| {
        let inside = text[token.start..token.end].trim_matches('\'');
        let mut characters = inside.chars();
        token.kind == Kind::Text
            && characters.next().is_some_and(|c| c.is_ascii_alphabetic())
            && characters.clone().count() >= 8
            && characters.all(|c| c.is_ascii_digit())
    })
}

/// `.run lookup name=…`: values are not quoted in commands.
fn gives_person_to_command(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with(['.', '\\'])
        && line.split_whitespace().skip(1).any(|argument| {
            argument
                .split_once('=')
                .is_some_and(|(name, value)| !value.is_empty() && column(name) == Column::Person)
        })
}

/// Whether a column tells who somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    /// It does.
    Person,
    /// A name of somebody or something: the value decides.
    Name,
    /// It does not.
    Other,
}

fn column(name: &str) -> Column {
    let name = name.trim_matches(['"', '`', '$']).to_lowercase();
    let things = [
        "town",
        "village",
        "county",
        "city",
        "region",
        "province",
        "street",
        "table",
        "column",
        "file",
        "schema",
        "source",
        "query",
        "department",
        "hospital",
        "unit",
        "code",
        "list",
        "indicator",
        "sheet",
        "function",
        "index",
        "setting",
        "community",
        "district",
        "school",
        "disease",
        "cause",
        "ethnic",
        "measure",
        "policy",
        "project",
    ];
    let ends = [
        "姓名",
        "名字",
        "住址",
        "地址",
        "address",
        "fullname",
        "full_name",
        "phone",
        "电话",
    ];
    if name == "name" || ends.iter().any(|end| name.ends_with(end)) {
        Column::Person
    } else if (name.ends_with("_name") || name.ends_with("名"))
        && !things.iter().any(|thing| name.contains(thing))
    {
        Column::Name
    } else {
        Column::Other
    }
}

/// Whether a literal stands against a column that tells who somebody is.
fn compares_person(text: &str) -> bool {
    let tokens: Vec<Token> = token::all(text)
        .into_iter()
        .filter(|token| !matches!(token.kind, Kind::Space | Kind::Comment))
        .collect();
    (0..tokens.len()).any(|place| {
        let token = tokens[place];
        if token.kind != Kind::Text {
            return false;
        }
        let literal = &text[token.start..token.end];
        let against = [
            column_before(text, &tokens, place),
            column_behind(text, &tokens, place),
        ];
        against
            .into_iter()
            .flatten()
            .any(|name| match column(name) {
                Column::Person => true,
                Column::Name => looks_like_person(literal),
                Column::Other => false,
            })
    })
}

/// The column that the literal at `place` is compared with, when it stands before it:
/// `name = '…'`, `name in ('…', '…')`, `lower(name) like '…'`, `starts_with(name, '…')`.
fn column_before<'a>(text: &'a str, tokens: &[Token], place: usize) -> Option<&'a str> {
    let word = |at: usize| tokens.get(at).map(|token| &text[token.start..token.end]);
    let mut compares = false;
    for at in (0..place).rev().take(400) {
        let token = tokens[at];
        let here = word(at)?;
        match token.kind {
            Kind::Sign if !matches!(here, "," | ".") => compares = true,
            Kind::Sign | Kind::Text | Kind::Number | Kind::Open | Kind::Close => {}
            Kind::Word if is_comparison(here) => compares = true,
            // A function around the literal or the column.
            Kind::Word
                if tokens
                    .get(at + 1)
                    .is_some_and(|next| next.kind == Kind::Open) => {}
            Kind::Word | Kind::Quoted => {
                // `p.name`: what stands before the dot is of no interest.
                let mut before = at;
                while before >= 2 && word(before - 1) == Some(".") {
                    before -= 2;
                }
                let is_argument = before > 0 && tokens[before - 1].kind == Kind::Open;
                return (compares || is_argument).then_some(here);
            }
            _ => return None,
        }
    }
    None
}

/// `'…' = name`.
fn column_behind<'a>(text: &'a str, tokens: &[Token], place: usize) -> Option<&'a str> {
    let mut compares = false;
    let mut behind = tokens[place + 1..].iter().peekable();
    while let Some(token) = behind.next() {
        let here = &text[token.start..token.end];
        match token.kind {
            Kind::Sign if here == "," => return None,
            Kind::Sign => compares = true,
            Kind::Word if is_comparison(here) && !here.eq_ignore_ascii_case("and") => {
                compares = true;
            }
            Kind::Open => {}
            Kind::Word if behind.peek().is_some_and(|next| next.kind == Kind::Open) => {}
            Kind::Word | Kind::Quoted if compares => {
                let is_qualifier = behind
                    .peek()
                    .is_some_and(|next| &text[next.start..next.end] == ".");
                if !is_qualifier {
                    return Some(here);
                }
            }
            _ => return None,
        }
    }
    None
}

fn is_comparison(word: &str) -> bool {
    [
        "like", "ilike", "in", "not", "similar", "to", "any", "all", "between", "and", "is",
        "distinct", "from", "regexp", "rlike", "escape",
    ]
    .iter()
    .any(|known| known.eq_ignore_ascii_case(word))
}

/// Two to four Chinese characters (or parts around a middle dot) that name no place or office.
fn looks_like_person(literal: &str) -> bool {
    let name = literal.trim_matches(['\'', '%', '_', '^', '$', ' ']);
    let length = name.chars().count();
    let places = [
        '乡', '镇', '村', '县', '区', '市', '省', '旗', '盟', '州', '所', '局', '院', '委', '办',
        '道', '路', '厅', '站', '室', '族', '岁', '组',
    ];
    (1..=20).contains(&length)
        && name
            .chars()
            .all(|c| wording::is_han(c) || matches!(c, '·' | '•' | '.'))
        && (length <= 4 || name.contains(['·', '•', '.']))
        && !name.ends_with(places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_are_private() {
        for text in [
            "select '150121188801010015'",
            "select '15012118880101001X'",
            "select '１５０１２１１８８８０１０１００１Ｘ'",
            "select '150121880101001'",
            "select 13800138000",
            "select '138 0013 8000'",
            "select '+86-138-0013-8000'",
            "select '150121 1888 0101 0015'",
            "where id like '15012118880101%'",
            "select '150121********0015'",
            "select '138****8000'",
            "select 'Q150121888'",
            "select 'E12345678'",
            " select 1",
            "\u{3000}select 1",
            ".unseal checking a certificate",
            ".UNSEAL off",
            "select 1;\n  .unseal x",
        ] {
            assert!(is_private(text), "{text}");
        }
    }

    #[test]
    fn comparing_a_name_is_private() {
        for text in [
            "select * from v where name = '某某'",
            "select * from v where p.\"姓名\" <> '某某'",
            "select * from v where 母亲姓名 like '某%'",
            "select * from v where lower(trim(name)) in ('a', '某某')",
            "select * from v where '某某' = p.name",
            "select * from v where starts_with(name, '某')",
            "select * from v where mother_name = upper('某某某')",
            "select * from v where father_name in ('无名氏', '某·某')",
            "select * from v where address like '%幸福路1号%'",
            "select * from v where name between '某' and '某某'",
            ".run lookup year=2018 name=某某",
            ".param 姓名=某某",
            "select * from v where ＮＡＭＥ = '某某'",
        ] {
            assert!(is_private(text), "{text}");
        }
    }

    #[test]
    fn everyday_statements_are_kept() {
        for text in [
            "select * from births where birth_date between '2018-01-01' and '2018-12-31'",
            "select timestamp '2018-01-01 12:30:00'",
            "select * from births where township_code = '150121101'",
            "select * from v where township_name = '察素齐镇'",
            "select * from v where village_name = '白庙子'",
            "select * from v where region_name = '察素齐'",
            "select 户籍地, 姓名 is null from v",
            "select name, 'births' as label from v",
            "select name from v where sex = '男'",
            "select count(*) from births where sex = '男' and birth_year = 2018 group by 乡镇",
            "select 1 * 1000 * 1000 - 1 -- 2018-01-01 2018-02-01",
            "select 0.5, 1234567.89, '2018-01-01 2019-01-01'",
            ".run births year=2018 township=察素齐镇",
            ".export births out/births.csv",
            "select xxxx, x1xxxx from t",
            "select * from v where hospital_name = '旗医院'",
        ] {
            assert!(!is_private(text), "{text}");
        }
    }
}
