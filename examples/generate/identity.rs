//! Made-up identities that cannot belong to anybody: citizen ID numbers under division codes
//! 1599xx, which were never allocated, and telephone numbers under the unused prefix 129.

use std::collections::HashMap;

use fastrand::Rng;

use crate::dates::Day;

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS: &[u8; 11] = b"10X98765432";

/// The check character of the first 17 digits of a citizen ID (GB 11643-1999, MOD 11-2).
pub fn check_digit(digits: &[u8]) -> u8 {
    let sum: u32 = digits
        .iter()
        .zip(WEIGHTS)
        .map(|(d, w)| u32::from(d - b'0') * w)
        .sum();
    CHECKS[(sum % 11) as usize]
}

/// A citizen ID number with a right check digit.
pub fn citizen_id(division: u32, birth: Day, order: u32) -> String {
    let (y, m, d) = birth.parts();
    let mut id = format!("{division:06}{y:04}{m:02}{d:02}{order:03}");
    id.push(char::from(check_digit(id.as_bytes())));
    id
}

/// The 15-digit number that the same person held before 1999 (births of the 1900s only).
pub fn legacy_id(id: &str) -> String {
    format!("{}{}", &id[..6], &id[8..17])
}

/// The same number with a wrong check digit.
pub fn wrong_check(id: &str) -> String {
    let last = id.as_bytes()[17];
    let wrong = if last == b'X' {
        '5'
    } else {
        char::from(b'0' + (last - b'0' + 3) % 10)
    };
    format!("{}{wrong}", &id[..17])
}

/// What is left of the number after Excel read it as a number and showed it short.
pub fn scientific(id: &str) -> String {
    format!("{}.{}E+17", &id[..1], &id[1..6])
}

/// What is left after Excel kept 15 digits; the check digit `0` is wrong by choice of the caller.
pub fn fifteen_kept(id: &str) -> String {
    format!("{}000", &id[..15])
}

/// Hands out numbers, never the same twice.
#[derive(Debug, Default)]
pub struct Identities {
    orders: HashMap<(u32, Day, bool), u32>,
    certificates: HashMap<char, u32>,
    serials: HashMap<String, u32>,
}

impl Identities {
    /// A citizen ID number; the parity of its order digits tells the sex.
    pub fn citizen(&mut self, division: u32, birth: Day, male: bool, rng: &mut Rng) -> String {
        let start = rng.u32(0..40);
        let next = self.orders.entry((division, birth, male)).or_insert(start);
        *next += 1;
        citizen_id(division, birth, *next * 2 + u32::from(male))
    }

    /// A birth certificate number: letter of the edition, then 1599, never a printed range.
    pub fn birth_certificate(&mut self, edition: char) -> String {
        let next = self.certificates.entry(edition).or_insert(1_370);
        *next += 3;
        format!("{edition}1599{:05}", *next)
    }

    /// The next number of a yearly series such as `J150121-2018-`.
    pub fn serial(&mut self, series: &str) -> u32 {
        let next = self.serials.entry(series.to_owned()).or_insert(0);
        *next += 1;
        *next
    }
}

/// A telephone number that no operator issues.
pub fn phone(rng: &mut Rng) -> String {
    format!("129{:08}", rng.u32(10_000_000..100_000_000))
}

const SURNAMES: &str = "云云王王王张张张李李李刘刘赵赵郭郭贾高武白康荣杨杨陈陈韩任任周吕温段邢\
                        乔苗侯薛樊闫史蔺郝孟梁亢菅";
const MALE: &str = "磊鑫浩鹏勇伟涛宇斌峻旭昊凯晨泽瑞飞刚祥栋俊锋亮睿轩哲楠彬钧";
const FEMALE: &str = "娜婷婧娟艳莉颖倩慧敏琴媛蓉霞燕雅妍瑶琪萱彤珊桃菲蕾馨悦洁";
const BABY_MALE: &str = "宸睿梓铭轩熠泽奕佑昱霖煜诚翊";
const BABY_FEMALE: &str = "妍萱瑶琪彤汐沐诺蕊淇玥晗嫣绮";
const MONGOL_MALE: [&str; 16] = [
    "巴图巴雅尔",
    "呼格吉勒",
    "阿拉坦仓",
    "额尔登泰",
    "那日苏",
    "孟克巴雅尔",
    "哈斯巴根",
    "朝克图巴雅尔",
    "布仁巴雅尔",
    "苏和巴特",
    "赛罕巴雅尔",
    "特木尔",
    "宝音德力格尔",
    "达布希拉图",
    "格日勒图",
    "吉日嘎拉",
];
const MONGOL_FEMALE: [&str; 16] = [
    "萨仁高娃",
    "娜仁花",
    "乌云其木格",
    "斯琴格日乐",
    "苏日娜",
    "通拉嘎",
    "阿茹娜",
    "其其格玛",
    "萨仁图雅",
    "托娅",
    "格根塔娜",
    "琪琪格",
    "乌日汗",
    "娜布其",
    "敖登格日乐",
    "塔娜",
];

fn pick(pool: &str, rng: &mut Rng) -> char {
    let chars: Vec<char> = pool.chars().collect();
    chars[rng.usize(..chars.len())]
}

/// A surname.
pub fn surname(rng: &mut Rng) -> char {
    pick(SURNAMES, rng)
}

/// A Han-style name, or for some Mongols a Mongolian one: single, or father's name and own name
/// with the middle dot U+00B7 between them.
pub fn name(family: char, male: bool, mongol: bool, baby: bool, rng: &mut Rng) -> String {
    if mongol && rng.f64() < 0.45 {
        let own = if male { MONGOL_MALE } else { MONGOL_FEMALE };
        let own = own[rng.usize(..own.len())];
        if rng.f64() < 0.6 {
            let father = MONGOL_MALE[rng.usize(..MONGOL_MALE.len())];
            return format!("{father}·{own}");
        }
        return own.to_owned();
    }
    let pool = match (baby, male) {
        (true, true) => BABY_MALE,
        (true, false) => BABY_FEMALE,
        (false, true) => MALE,
        (false, false) => FEMALE,
    };
    let first = pick(pool, rng);
    if rng.f64() < 0.25 {
        return format!("{family}{first}");
    }
    // Three rare characters exercise every part of GB18030: two-byte, four-byte, outside the BMP.
    let second = match rng.u32(..400) {
        0 => '䶮',
        1 => '㛃',
        2 => '𬀩',
        _ => pick(pool, rng),
    };
    format!("{family}{first}{second}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_digit_of_the_official_examples_comes_out() {
        assert_eq!(
            citizen_id(110_105, Day::new(1949, 12, 31), 2),
            "11010519491231002X"
        );
        assert_eq!(
            citizen_id(440_524, Day::new(1880, 1, 1), 1),
            "440524188001010014"
        );
    }
}
