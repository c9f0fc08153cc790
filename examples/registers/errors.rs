//! How clerks and programs spoil a row, field by field and independently of each other. The lists here
//! are the generator's own: what linking knows about names is not used.

use fastrand::Rng;

/// Error rates of a register: shares of rows, at scale 1.
#[derive(Debug, Clone, Copy)]
pub struct Rates {
    pub mother_id_missing: f64,
    pub father_id_missing: f64,
    pub id_digit: f64,
    pub id_swap: f64,
    pub id_excel: f64,
    pub id_other_parent: f64,
    pub mother_name_missing: f64,
    pub father_name_missing: f64,
    pub certificate_missing: f64,
    pub certificate_digit: f64,
    pub certificate_of_twin: f64,
    pub unnamed: f64,
    pub renamed: f64,
    pub name_sound: f64,
    pub name_shape: f64,
    pub name_traditional: f64,
    pub name_blank: f64,
    pub name_lost: f64,
    pub dot_lost: f64,
    pub transliteration: f64,
    pub day_off: f64,
    pub date_digit: f64,
    pub year_off: f64,
    pub date_swapped: f64,
    pub lunar: f64,
    pub sex_wrong: f64,
    pub other_town: f64,
    pub plurality_missing: f64,
    pub plurality_wrong: f64,
    pub weight_missing: f64,
    pub reissued: f64,
    pub reissue_cites: f64,
    pub twice: f64,
}

/// Birth certificates: the mother is there, the child often has no name yet.
pub const CERTIFICATES: Rates = Rates {
    mother_id_missing: 0.015,
    father_id_missing: 0.06,
    id_digit: 0.006,
    id_swap: 0.002,
    id_excel: 0.003,
    id_other_parent: 0.0015,
    mother_name_missing: 0.002,
    father_name_missing: 0.05,
    certificate_missing: 0.0,
    certificate_digit: 0.001,
    certificate_of_twin: 0.0,
    unnamed: 0.06,
    renamed: 0.0,
    name_sound: 0.006,
    name_shape: 0.004,
    name_traditional: 0.003,
    name_blank: 0.005,
    name_lost: 0.002,
    dot_lost: 0.10,
    transliteration: 0.03,
    day_off: 0.002,
    date_digit: 0.001,
    year_off: 0.0005,
    date_swapped: 0.0005,
    lunar: 0.0,
    sex_wrong: 0.001,
    other_town: 0.03,
    plurality_missing: 0.01,
    plurality_wrong: 0.003,
    weight_missing: 0.01,
    reissued: 0.012,
    reissue_cites: 0.5,
    twice: 0.002,
};

/// Household register: certificate numbers typed off paper, parents from the household.
pub const HOUSEHOLD: Rates = Rates {
    mother_id_missing: 0.05,
    father_id_missing: 0.08,
    id_digit: 0.004,
    id_swap: 0.001,
    id_excel: 0.003,
    id_other_parent: 0.002,
    mother_name_missing: 0.01,
    father_name_missing: 0.03,
    certificate_missing: 0.12,
    certificate_digit: 0.006,
    certificate_of_twin: 0.01,
    unnamed: 0.0,
    renamed: 0.015,
    name_sound: 0.004,
    name_shape: 0.004,
    name_traditional: 0.001,
    name_blank: 0.002,
    name_lost: 0.002,
    dot_lost: 0.10,
    transliteration: 0.04,
    day_off: 0.006,
    date_digit: 0.003,
    year_off: 0.0015,
    date_swapped: 0.001,
    lunar: 0.002,
    sex_wrong: 0.001,
    other_town: 0.12,
    plurality_missing: 1.0,
    plurality_wrong: 0.0,
    weight_missing: 1.0,
    reissued: 0.0,
    reissue_cites: 0.0,
    twice: 0.004,
};

/// Household visits: told at the door.
pub const VISITS: Rates = Rates {
    mother_id_missing: 0.04,
    father_id_missing: 0.5,
    certificate_missing: 0.25,
    certificate_digit: 0.008,
    unnamed: 0.02,
    renamed: 0.01,
    name_sound: 0.02,
    name_shape: 0.006,
    lunar: 0.006,
    day_off: 0.008,
    twice: 0.002,
    ..HOUSEHOLD
};

const SOUNDS: &[&str] = &[
    "佳嘉家",
    "怡宜仪",
    "轩萱宣",
    "涵晗韩",
    "子紫梓",
    "宇雨羽",
    "浩皓昊",
    "泽择则",
    "欣心新",
    "雅娅亚",
    "婷亭庭",
    "丽莉力",
    "伟玮炜",
    "强墙蔷",
    "静靖敬",
    "芳方坊",
    "磊蕾垒",
    "鹏朋彭",
    "燕艳雁",
    "娟捐涓",
    "敏闽悯",
    "杰洁捷",
    "瑞锐睿",
    "诗施师",
    "琪淇奇",
    "梦孟萌",
    "俊军君",
    "博伯勃",
    "思丝斯",
    "文闻雯",
    "晨辰宸",
    "明鸣铭",
    "慧惠会",
    "志智至",
    "林琳霖",
    "国果帼",
];
const SHAPES: &[&str] = &[
    "己已巳",
    "未末",
    "晴睛",
    "清请情",
    "辰晨",
    "浩洁",
    "宇字",
    "泽译",
    "瑞端",
    "妍研",
    "婷停",
    "俊竣",
    "涵函",
    "欣颀",
    "丽两",
    "敏敃",
    "伟讳",
    "鹏鹅",
    "静净",
    "强弱",
    "芳劳",
    "慧彗",
    "娟绢",
    "博傅",
    "诗持",
    "梦婪",
    "思恩",
    "明朋",
    "志忘",
    "林杯",
];
const TRADITIONAL: &[&str] = &[
    "伟偉", "丽麗", "泽澤", "梦夢", "诗詩", "国國", "静靜", "鹏鵬", "轩軒", "张張", "刘劉", "陈陳",
    "赵趙", "韩韓", "杨楊", "郑鄭", "吴吳", "马馬", "龙龍", "凤鳳", "莹瑩", "艳豔", "兰蘭", "东東",
];
const TRANSLITERATIONS: &[&str] = &[
    "日尔如",
    "其琪齐",
    "格戈",
    "图托",
    "和赫",
    "达塔",
    "巴拔",
    "勒乐",
    "斯苏",
    "娜那",
    "嘎噶",
    "吉及",
    "布卜",
    "特忒",
];

/// Whether an error of this rate happens now.
pub fn happens(rate: f64, rng: &mut Rng) -> bool {
    rng.f64() < rate
}

fn one_replaced(name: &str, groups: &[&str], rng: &mut Rng) -> String {
    let mut characters: Vec<char> = name.chars().collect();
    let mut places: Vec<usize> = (0..characters.len()).collect();
    rng.shuffle(&mut places);
    for at in places {
        if let Some(group) = groups.iter().find(|group| group.contains(characters[at])) {
            let others: Vec<char> = group.chars().filter(|c| *c != characters[at]).collect();
            characters[at] = others[rng.usize(..others.len())];
            break;
        }
    }
    characters.into_iter().collect()
}

/// A name as it is typed.
pub fn name(name: &str, rates: &Rates, scale: f64, rng: &mut Rng) -> String {
    let mut name = name.to_owned();
    if name.chars().count() >= 4 && happens(rates.transliteration * scale, rng) {
        name = one_replaced(&name, TRANSLITERATIONS, rng);
    }
    if name.contains('·') && happens(rates.dot_lost * scale, rng) {
        name = name.replace('·', if rng.bool() { "" } else { "." });
    }
    if happens(rates.name_sound * scale, rng) {
        name = one_replaced(&name, SOUNDS, rng);
    }
    if happens(rates.name_shape * scale, rng) {
        name = one_replaced(&name, SHAPES, rng);
    }
    if happens(rates.name_traditional * scale, rng) {
        name = one_replaced(&name, TRADITIONAL, rng);
    }
    if happens(rates.name_blank * scale, rng) {
        name = name.chars().map(String::from).collect::<Vec<_>>().join(" ");
    }
    if happens(rates.name_lost * scale, rng) {
        let at = rng.usize(..name.chars().count());
        name = name
            .chars()
            .enumerate()
            .map(|(i, c)| if i == at { '?' } else { c })
            .collect();
    }
    name
}

/// An ID number as it is typed; `missing` comes on top.
pub fn id(id: &str, missing: f64, rates: &Rates, scale: f64, rng: &mut Rng) -> String {
    if happens(missing * scale, rng) {
        return String::new();
    }
    let mut digits = id.as_bytes().to_vec();
    if happens(rates.id_digit * scale, rng) {
        let at = rng.usize(..17);
        digits[at] = b'0' + (digits[at] - b'0' + rng.u8(1..10)) % 10;
    }
    if happens(rates.id_swap * scale, rng) {
        let at = rng.usize(..16);
        digits.swap(at, at + 1);
    }
    if happens(rates.id_excel * scale, rng) {
        digits[15..].fill(b'0');
    }
    String::from_utf8(digits).expect("digits")
}

/// A certificate number as it is typed.
pub fn certificate(number: &str, rates: &Rates, scale: f64, rng: &mut Rng) -> String {
    if happens(rates.certificate_missing * scale, rng) {
        return String::new();
    }
    let mut digits = number.as_bytes().to_vec();
    if happens(rates.certificate_digit * scale, rng) {
        let at = rng.usize(1..10);
        digits[at] = b'0' + (digits[at] - b'0' + rng.u8(1..10)) % 10;
    }
    String::from_utf8(digits).expect("digits")
}
