//! First two digits of GB/T 2260 division codes and the provinces they name.
//! Entry point: [`is_known_prefix`]. Holds provinces only: counties live in the regions table.

/// Two-digit code, full name and short name of every province-level division.
pub const PROVINCES: [(&str, &str, &str); 34] = [
    ("11", "北京市", "北京"),
    ("12", "天津市", "天津"),
    ("13", "河北省", "河北"),
    ("14", "山西省", "山西"),
    ("15", "内蒙古自治区", "内蒙古"),
    ("21", "辽宁省", "辽宁"),
    ("22", "吉林省", "吉林"),
    ("23", "黑龙江省", "黑龙江"),
    ("31", "上海市", "上海"),
    ("32", "江苏省", "江苏"),
    ("33", "浙江省", "浙江"),
    ("34", "安徽省", "安徽"),
    ("35", "福建省", "福建"),
    ("36", "江西省", "江西"),
    ("37", "山东省", "山东"),
    ("41", "河南省", "河南"),
    ("42", "湖北省", "湖北"),
    ("43", "湖南省", "湖南"),
    ("44", "广东省", "广东"),
    ("45", "广西壮族自治区", "广西"),
    ("46", "海南省", "海南"),
    ("50", "重庆市", "重庆"),
    ("51", "四川省", "四川"),
    ("52", "贵州省", "贵州"),
    ("53", "云南省", "云南"),
    ("54", "西藏自治区", "西藏"),
    ("61", "陕西省", "陕西"),
    ("62", "甘肃省", "甘肃"),
    ("63", "青海省", "青海"),
    ("64", "宁夏回族自治区", "宁夏"),
    ("65", "新疆维吾尔自治区", "新疆"),
    ("71", "台湾省", "台湾"),
    ("81", "香港特别行政区", "香港"),
    ("82", "澳门特别行政区", "澳门"),
];

/// Whether two digits begin the division code of a province.
#[must_use]
pub fn is_known_prefix(prefix: u8) -> bool {
    matches!(prefix,
        11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81 | 82)
}

/// The two-digit code of the province whose name begins `text`, and how many bytes the name takes.
#[must_use]
pub fn province_at_start(text: &str) -> Option<(&'static str, usize)> {
    PROVINCES.iter().find_map(|(code, full, short)| {
        let name = [full, short]
            .into_iter()
            .find(|name| text.starts_with(**name))?;
        Some((*code, name.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefixes_are_those_of_the_provinces() {
        let known: Vec<u8> = (0..100).filter(|prefix| is_known_prefix(*prefix)).collect();
        let listed: Vec<u8> = PROVINCES
            .iter()
            .map(|(code, ..)| code.parse().unwrap())
            .collect();
        assert_eq!(known, listed);
    }

    #[test]
    fn a_province_is_read_in_full_or_short() {
        assert_eq!(
            province_at_start("内蒙古自治区呼和浩特市"),
            Some(("15", 18))
        );
        assert_eq!(province_at_start("河北张家口"), Some(("13", 6)));
        assert_eq!(province_at_start("察素齐镇"), None);
    }
}
