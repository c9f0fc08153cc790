//! Units that follow a number or stand in brackets behind a header: one spelling for each.
//! Entry point: [`canonical`]. Never converts a value by itself.

/// Spellings and the unit they mean; compared after NFKC, in lower case, without spaces.
const UNITS: [(&str, &[&str]); 33] = [
    ("g", &["g", "克", "gram", "grams"]),
    ("kg", &["kg", "千克", "公斤"]),
    ("mg", &["mg", "毫克"]),
    ("斤", &["斤", "市斤"]),
    ("cm", &["cm", "厘米", "公分"]),
    ("mm", &["mm", "毫米"]),
    ("m", &["m", "米"]),
    ("km2", &["km2", "平方公里", "平方千米"]),
    ("人/km2", &["人/km2", "人/平方公里", "人/平方千米"]),
    ("周", &["周", "w", "week", "weeks", "周+天"]),
    ("天", &["天", "日", "day", "days"]),
    ("月", &["月", "个月", "month", "months"]),
    ("岁", &["岁", "周岁"]),
    ("年", &["年"]),
    ("小时", &["小时", "时", "h"]),
    ("分钟", &["分钟", "分", "min"]),
    (
        "人",
        &["人", "名", "口", "个", "位", "人数", "person", "persons"],
    ),
    ("千人", &["千人"]),
    ("万人", &["万人", "万"]),
    ("亿人", &["亿人", "亿"]),
    ("户", &["户", "家"]),
    ("万户", &["万户"]),
    ("对", &["对"]),
    ("万对", &["万对"]),
    ("件", &["件", "例", "份", "张", "起", "本", "宗"]),
    ("次", &["次", "人次", "胎", "孩"]),
    ("%", &["%", "百分比", "百分点"]),
    ("‰", &["‰", "千分比"]),
    ("元", &["元", "rmb"]),
    ("千元", &["千元"]),
    ("万元", &["万元"]),
    ("亿元", &["亿元"]),
    ("女=100", &["女=100", "女性=100"]),
];

/// The one spelling of a unit (`kg` for 公斤 and KG, `人` for 名), or `None` for anything else.
///
/// `spelling` has gone through NFKC; `单位:` before it and spaces in it do not matter.
#[must_use]
pub fn canonical(spelling: &str) -> Option<&'static str> {
    let spelling = spelling.trim();
    let spelling = spelling.strip_prefix("单位").unwrap_or(spelling);
    let spelling = spelling.trim_start_matches([':', '：']).trim();
    UNITS.iter().find_map(|(unit, spellings)| {
        spellings
            .iter()
            .any(|known| known.eq_ignore_ascii_case(spelling))
            .then_some(*unit)
    })
}

/// How many units of one a value in `unit` stands for: 10 000 for 万人 and 万元, else 1.
#[must_use]
pub fn factor(unit: &str) -> i64 {
    match unit.chars().next() {
        Some('千') => 1_000,
        Some('万') => 10_000,
        Some('亿') => 100_000_000,
        _ => 1,
    }
}

/// Whether a value in `unit` is smaller or larger than the column it stands in can know of:
/// the reader must be told the column's own unit before it may take the number.
#[must_use]
pub fn needs_scale(unit: &str) -> bool {
    matches!(unit, "kg" | "mg" | "斤" | "mm" | "m")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_a_unit_become_one() {
        assert_eq!(canonical("KG"), Some("kg"));
        assert_eq!(canonical("公斤"), Some("kg"));
        assert_eq!(canonical("单位:万人"), Some("万人"));
        assert_eq!(canonical(" 例 "), Some("件"));
        assert_eq!(canonical("镇"), None);
        assert_eq!(canonical(""), None);
    }

    #[test]
    fn factors_follow_the_first_character() {
        assert_eq!(factor("万人"), 10_000);
        assert_eq!(factor("亿元"), 100_000_000);
        assert_eq!(factor("人"), 1);
        assert_eq!(factor("kg"), 1);
    }
}
