//! Texts and cursors nobody would type.

use super::*;

#[test]
fn no_text_and_no_cursor_is_too_odd() {
    const PIECES: &[&str] = &[
        "select ",
        "from ",
        "where ",
        "(",
        ")",
        "'",
        "\"",
        ".",
        ",",
        "*",
        "=",
        "--",
        "/*",
        "*/",
        ";",
        "\n",
        "\\d ",
        ".run ",
        "births ",
        "by=",
        "birth_certificates",
        " b",
        "出生",
        "性别",
        "with ",
        " as ",
        "$",
        "$$",
        "in ",
        "case ",
        "when ",
        "é",
        "𠮷",
        "1",
        "::",
        "\t",
        " on ",
        "join ",
        "union ",
        "code_name(",
        "not ",
        "is distinct from ",
        "recursive ",
        "（",
        "over(",
        "extract(",
        ".export ",
        ".set ",
        "deaths",
        "x",
        "\u{0}",
        "\u{301}",
        "İ",
        "values ",
        "]",
        "[",
    ];
    let knowledge = knowledge();
    let mut random = fastrand::Rng::with_seed(3);
    for _ in 0..20_000 {
        let text: String = (0..random.usize(0..24))
            .map(|_| PIECES[random.usize(0..PIECES.len())])
            .collect();
        let at = random.usize(0..text.len() + 3);
        let completion = complete(&knowledge, &text, at, &files);
        assert!(completion.start <= at.min(text.len()), "{text:?} {at}");
        assert!(text.is_char_boundary(completion.start), "{text:?} {at}");
        let _ = hint(&knowledge, &text, at);
    }
}

#[test]
fn very_long_and_deep_texts_are_no_trouble() {
    let knowledge = knowledge();
    for text in [
        format!("select 1 from {}", "(".repeat(20_000)),
        format!("select {}", "(select ".repeat(5_000)),
        format!("select {}", ")".repeat(20_000)),
        format!(
            "select 1 from deaths where sex in ({}",
            "1, ".repeat(20_000)
        ),
        format!("{}select ", "select 1 from deaths;\n".repeat(2_000)),
    ] {
        let _ = complete(&knowledge, &text, text.len(), &files);
        let _ = hint(&knowledge, &text, text.len());
    }
}
