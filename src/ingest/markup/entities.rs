//! Character references of HTML and XML.

use std::borrow::Cow;

/// The named references that exports use.
const NAMED: [(&str, &str); 24] = [
    ("amp", "&"),
    ("lt", "<"),
    ("gt", ">"),
    ("quot", "\""),
    ("apos", "'"),
    ("nbsp", "\u{A0}"),
    ("ensp", "\u{2002}"),
    ("emsp", "\u{2003}"),
    ("thinsp", "\u{2009}"),
    ("middot", "·"),
    ("bull", "•"),
    ("hellip", "…"),
    ("mdash", "—"),
    ("ndash", "–"),
    ("times", "×"),
    ("divide", "÷"),
    ("deg", "°"),
    ("permil", "‰"),
    ("lsquo", "‘"),
    ("rsquo", "’"),
    ("ldquo", "“"),
    ("rdquo", "”"),
    ("copy", "©"),
    ("reg", "®"),
];

/// `text` with its references resolved; what is no reference stays as it is.
pub(super) fn resolve(text: &str) -> Cow<'_, str> {
    let Some(first) = memchr::memchr(b'&', text.as_bytes()) else {
        return Cow::Borrowed(text);
    };
    let mut resolved = String::with_capacity(text.len());
    let (before, mut rest) = text.split_at(first);
    resolved.push_str(before);
    while let Some(after) = rest.strip_prefix('&') {
        let length = after
            .bytes()
            .take(32)
            .take_while(|&byte| is_name(byte))
            .count();
        let (name, tail) = after.split_at(length);
        // HTML forgives a missing semicolon, except where the text may just be an ampersand.
        let closed = tail.starts_with(';');
        match character(name, closed) {
            Some(value) => {
                resolved.push_str(&value);
                rest = tail.strip_prefix(';').unwrap_or(tail);
            }
            None => {
                resolved.push('&');
                rest = after;
            }
        }
        let next = memchr::memchr(b'&', rest.as_bytes()).unwrap_or(rest.len());
        let (plain, more) = rest.split_at(next);
        resolved.push_str(plain);
        rest = more;
    }
    Cow::Owned(resolved)
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'#'
}

fn character(name: &str, closed: bool) -> Option<Cow<'static, str>> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return Some(Cow::Owned(char::from_u32(code)?.to_string()));
    }
    let (_, value) = NAMED.iter().find(|(known, _)| *known == name)?;
    (closed || name == "nbsp").then_some(Cow::Borrowed(*value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_resolved_and_ampersands_stay() {
        assert_eq!(resolve("&#20013;&#x56FD;&amp;&lt;b&gt;"), "中国&<b>");
        assert_eq!(resolve("阿木尔&middot;巴特尔"), "阿木尔·巴特尔");
        assert_eq!(
            resolve("A&B &unknown; & &#xZZ; R&D"),
            "A&B &unknown; & &#xZZ; R&D"
        );
        assert_eq!(resolve("&nbsp&nbsp;x"), "\u{A0}\u{A0}x");
        assert_eq!(resolve("a&"), "a&");
    }
}
