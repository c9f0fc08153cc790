//! Personal names in the form in which they are compared and pseudonymised, and the signs that a
//! name is not one. Entry points: [`normalise`], [`is_unnamed`]. The name as typed stays with the caller.

use std::borrow::Cow;

use super::text::{self, is_han};

/// The comparable form: NFKC, upper case, no blanks beside a Chinese character, every middle dot
/// U+00B7, no trailing counter (`王芳1`) or remark in brackets.
#[must_use]
pub fn normalise(name: &str) -> Cow<'_, str> {
    if name.chars().all(|c| matches!(c, '\u{4e00}'..='\u{9fff}')) {
        return Cow::Borrowed(name);
    }
    let cleaned = text::clean(name);
    let folded = text::nfkc(&cleaned);
    let folded = without_tail(&folded);
    let characters: Vec<char> = folded.chars().flat_map(char::to_uppercase).collect();
    let mut normal = String::with_capacity(folded.len());
    for (at, c) in characters.iter().copied().enumerate() {
        if !c.is_whitespace() && !is_dot(c) && !is_dash(c) {
            normal.push(c);
            continue;
        }
        // A run of blanks, dots and dashes is one separator: decided where the run begins.
        let is_separator = |c: &char| c.is_whitespace() || is_dot(*c) || is_dash(*c);
        if at > 0 && is_separator(&characters[at - 1]) {
            continue;
        }
        let end = characters[at..]
            .iter()
            .position(|c| !is_separator(c))
            .map(|n| at + n);
        let before = at.checked_sub(1).map(|before| characters[before]);
        if let (Some(before), Some(end)) = (before, end) {
            normal.extend(separator(before, &characters[at..end], characters[end]));
        }
    }
    Cow::Owned(normal)
}

/// Whether the cell stands for a baby without a name yet (某某之子, 王某之女, 张某婴, 未取名) or hides
/// the name (王某某): such a name proves nothing about who it is.
#[must_use]
pub fn is_unnamed(name: &str) -> bool {
    let normal = normalise(name);
    // Most names hold none of the characters that every sign below has.
    let signs = ['某', '未', '待', '无', '之', '婴', '新', '宝', '双', 'B'];
    if !normal.contains(signs) {
        return normal.is_empty() || text::is_null(&normal);
    }
    if normal.ends_with("BB") && normal.starts_with(is_han) {
        return true;
    }
    // Twins are told apart by a letter.
    let name = normal.trim_end_matches(['甲', '乙', 'A', 'B']);
    let length = name.chars().count();
    length == 0
        || text::is_null(name)
        || [
            "未取名",
            "未命名",
            "未起名",
            "待取名",
            "待定",
            "无名",
            "未定名",
            "暂无名",
            "某",
        ]
        .iter()
        .any(|sign| name.contains(sign))
        || (length >= 3
            && [
                "之子",
                "之女",
                "之婴",
                "之男",
                "之儿",
                "之宝",
                "之子女",
                "之长子",
                "之次子",
                "之长女",
                "之次女",
            ]
            .iter()
            .any(|ending| name.ends_with(ending)))
        || [
            "男婴",
            "女婴",
            "新生儿",
            "婴儿",
            "之男婴",
            "之女婴",
            "宝贝",
            "大双",
            "小双",
            "双胞胎",
        ]
        .iter()
        .any(|ending| name.ends_with(ending))
        || (length >= 3 && name.ends_with('婴'))
}

/// Whether a character was lost on the way (`?`, `□`, U+FFFD) or lies in the private use area of an
/// old police font: the name cannot be compared exactly.
#[must_use]
pub fn has_lost_character(name: &str) -> bool {
    name.chars().any(|c| {
        matches!(
            c,
            '?' | '？' | '□' | '■' | '\u{fffd}' | '\u{e000}'..='\u{f8ff}' | '〓'
        )
    })
}

/// What stands between two characters of a name.
fn separator(before: char, run: &[char], after: char) -> Option<char> {
    let dotted = run.iter().any(|c| is_dot(*c));
    let dashed = run.iter().any(|c| is_dash(*c));
    let letters = before.is_alphabetic() && after.is_alphabetic();
    let han = is_han(before) && is_han(after);
    if (dotted && letters) || (dashed && han) {
        Some('\u{b7}')
    } else if dashed && letters {
        Some('-')
    } else if is_han(before) || is_han(after) || dotted {
        None
    } else {
        Some(' ')
    }
}

fn is_dot(c: char) -> bool {
    matches!(
        c,
        '·' | '.'
            | '•'
            | '・'
            | '･'
            | '‧'
            | '⋅'
            | '∙'
            | '。'
            | '﹒'
            | '●'
            | '˙'
            | '᛫'
            | '⸱'
    )
}

fn is_dash(c: char) -> bool {
    matches!(c, '-' | '—' | '–' | '―' | '−' | '‐' | '‑' | '_')
}

/// Cuts digits and a bracket with a remark off the end, unless nothing else is left.
fn without_tail(name: &str) -> &str {
    let mut rest = name.trim_end_matches(|c: char| {
        c.is_ascii_digit() || c.is_whitespace() || is_dot(c) || is_dash(c)
    });
    if let Some(start) = rest.strip_suffix(')').and_then(|inner| inner.rfind('(')) {
        rest = rest[..start].trim_end();
    }
    if rest.is_empty() { name } else { rest }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_a_name_become_one() {
        for spelling in [
            "王芳",
            "王 芳",
            "王　芳",
            "\u{feff}王芳 ",
            "王芳1",
            "王芳（已故）",
            "'王芳",
        ] {
            assert_eq!(normalise(spelling), "王芳", "{spelling}");
        }
        assert!(matches!(normalise("王芳"), Cow::Borrowed(_)));
    }

    #[test]
    fn every_middle_dot_is_the_same() {
        for dot in [
            "·", ".", "•", "・", "－", "‧", "⋅", "∙", "。", "．", " · ", "-", "･", "—",
        ] {
            let name = format!("阿木尔{dot}巴特尔");
            assert_eq!(normalise(&name), "阿木尔·巴特尔", "{dot}");
        }
    }

    #[test]
    fn names_in_letters_keep_their_words() {
        assert_eq!(normalise("Bat  Erdene"), "BAT ERDENE");
        assert_eq!(normalise("Jean-Luc"), "JEAN-LUC");
        assert_eq!(normalise("Бат"), "БАТ");
        assert_eq!(normalise(""), "");
        assert_eq!(normalise(" . "), "");
        assert_eq!(normalise("123"), "123");
        assert_eq!(normalise("王芳2."), "王芳");
    }

    #[test]
    fn babies_without_a_name_are_seen() {
        for name in [
            "王某之子",
            "张某之女",
            "某某婴",
            "未取名",
            "王芳之子",
            "王芳之女2",
            "王芳之子A",
            "李娜男婴",
            "无",
            "刘洋BB",
            "王某某",
        ] {
            assert!(is_unnamed(name), "{name}");
        }
        for name in [
            "王芳",
            "阿木尔·巴特尔",
            "王子",
            "乌云其其格",
            "赵婴",
            "Baatar",
        ] {
            assert!(!is_unnamed(name), "{name}");
        }
    }

    #[test]
    fn lost_characters_are_seen() {
        assert!(has_lost_character("王?") && has_lost_character("李\u{e001}"));
        assert!(!has_lost_character("䶮"));
    }
}
