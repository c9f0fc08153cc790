//! Sex by GB/T 2261.1: 0 unknown, 1 male, 2 female, 9 not stated.
//! Entry point: [`read`]. Some systems export 0 for female: a source that does maps its own values.

use super::text;

/// Sex unknown.
pub const UNKNOWN: u8 = 0;
/// Male.
pub const MALE: u8 = 1;
/// Female.
pub const FEMALE: u8 = 2;
/// Sex not stated.
pub const NOT_STATED: u8 = 9;

/// The code of a spelling, or `None` for a blank or anything else.
///
/// Ask this before [`text::is_null`]: 不详 and 未知 are codes here.
#[must_use]
pub fn read(cell: &str) -> Option<u8> {
    match cell {
        "男" | "1" => Some(MALE),
        "女" | "2" => Some(FEMALE),
        _ => {
            let cleaned = text::clean(cell);
            spelled(&text::nfkc(&cleaned))
        }
    }
}

fn spelled(text: &str) -> Option<u8> {
    Some(match text {
        "男" | "男性" | "男婴" | "男孩" | "男童" | "1" | "01" | "1.0" | "M" | "m" | "♂" => {
            MALE
        }
        "女" | "女性" | "女婴" | "女孩" | "女童" | "2" | "02" | "2.0" | "F" | "f" | "♀" => {
            FEMALE
        }
        "0" | "00" | "0.0" | "未知" | "不详" | "未知的性别" | "未知性别" | "不明" => {
            UNKNOWN
        }
        "9" | "09" | "9.0" | "未说明" | "未说明性别" | "未说明的性别" | "性别不明" | "两性畸形"
        | "两性" => NOT_STATED,
        _ if text.eq_ignore_ascii_case("male") => MALE,
        _ if text.eq_ignore_ascii_case("female") => FEMALE,
        _ => return coded(text),
    })
}

/// `1男`, `1-男性`, `男(1)`: code and name side by side, which must agree.
fn coded(text: &str) -> Option<u8> {
    let mut code = None;
    let mut name = None;
    for c in text.chars() {
        match c {
            '0' | '1' | '2' | '9' if code.is_none() => code = Some(c as u8 - b'0'),
            '男' if name.is_none() => name = Some(MALE),
            '女' if name.is_none() => name = Some(FEMALE),
            '性' | '婴' | '-' | '.' | ' ' | '(' | ')' | ':' | '、' | '_' | '—' => {}
            _ => return None,
        }
    }
    if code == name { code } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_the_standard_list_is_read() {
        for (code, spellings) in [
            (0, "0|未知|不详"),
            (1, "男|男性|M|m|Male|1|男婴|男孩|♂| 男 |１|1.0|1-男|男性(1)"),
            (2, "女|女性|F|f|Female|2|女婴|女孩|♀|'2|2女"),
            (9, "未说明|未说明性别|性别不明|两性畸形|9"),
        ] {
            for spelling in spellings.split('|') {
                assert_eq!(read(spelling), Some(code), "{spelling}");
            }
        }
    }

    #[test]
    fn anything_else_is_none() {
        for spelling in ["", "-", "3", "男女", "1女", "人", "11"] {
            assert_eq!(read(spelling), None, "{spelling}");
        }
    }
}
