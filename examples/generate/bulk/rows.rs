//! The rows of each record source in bulk.

use super::Defect;
use super::people::{People, Person, number, padded};
use crate::dates::Day;

/// A source that can be had in bulk.
pub(super) struct Kind {
    source: &'static str,
    /// Header line.
    pub(super) header: &'static str,
    /// Writes one row without its line end.
    pub(super) row: fn(&mut People, u64, Defect, &mut Vec<u8>),
}

const KINDS: [Kind; 7] = [
    Kind {
        source: "police/household_register",
        header: "户号,公民身份号码,姓名,性别,民族,出生日期,与户主关系,户籍地址,区划代码,登记日期,变动原因",
        row: register,
    },
    Kind {
        source: "health/birth_certificates",
        header: "出生医学证明编号,新生儿姓名,性别,出生日期,孕周,体重(g),孩次,母亲姓名,母亲身份证号,父亲姓名,父亲身份证号,住址,签发日期,签发类型",
        row: certificate,
    },
    Kind {
        source: "police/death_cancellations",
        header: "姓名,性别,公民身份号码,出生日期,死亡日期,注销日期,注销原因,户籍地址,派出所",
        row: death,
    },
    Kind {
        source: "civil_affairs/marriages",
        header: "结婚证字号,男方姓名,男方身份证件号,男方出生日期,女方姓名,女方身份证件号,女方出生日期,登记日期,业务类型",
        row: marriage,
    },
    Kind {
        source: "social_security/maternity_insurance",
        header: "AAC002,AAC003,AAC004,AAC006,AAB001,AAB004,分娩日期,生育类别,生育津贴,支付日期",
        row: insurance,
    },
    Kind {
        source: "health/fertility_registrations",
        header: "登记编号,女方姓名,女方身份证号,男方姓名,男方身份证号,女方户籍地址,结婚日期,孩次,预产期,登记日期",
        row: fertility,
    },
    Kind {
        source: "townships/household_visits",
        header: "乡镇,村,儿童姓名,性别,出生日期,儿童身份证号,母亲姓名,母亲身份证号,联系电话,入户日期",
        row: visit,
    },
];

/// The kind of `source`.
pub(super) fn kind(source: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.source == source)
}

/// Every source.
pub(super) fn names() -> Vec<&'static str> {
    KINDS.iter().map(|kind| kind.source).collect()
}

fn id(person: &Person, defect: Defect, out: &mut Vec<u8>) {
    if defect == Defect::LossyId {
        out.push(person.id[0]);
        out.push(b'.');
        out.extend_from_slice(&person.id[1..6]);
        out.extend_from_slice(b"E+17");
    } else {
        out.extend_from_slice(&person.id);
    }
}

fn date(people: &People, day: Day, defect: Defect, out: &mut Vec<u8>) {
    match defect {
        Defect::BadDate => out.extend_from_slice(b"2018-02-30"),
        Defect::Future => out.extend_from_slice(b"2088-08-08"),
        Defect::None | Defect::LossyId => people.date(day, out),
    }
}

fn sex(people: &mut People, male: bool, out: &mut Vec<u8>) {
    people.word(if male { "男" } else { "女" }, out);
}

fn ethnicity(people: &mut People, out: &mut Vec<u8>) {
    let text = match people.rng.u32(..100) {
        0..=10 => "蒙古族",
        11 => "回族",
        12 => "满族",
        _ => "汉族",
    };
    people.word(text, out);
}

/// A day of 2016 to 2020.
fn event(people: &mut People) -> Day {
    Day::new(2016, 1, 1).plus(people.rng.i32(0..1827))
}

fn mother(people: &mut People, child: Day) -> Person {
    let age = people.rng.i32(0..4000) + people.rng.i32(0..4000) + 7000;
    people.person(child.plus(-age), false)
}

fn father(people: &mut People, child: Day) -> Person {
    let age = people.rng.i32(0..4000) + people.rng.i32(0..4000) + 7600;
    people.person(child.plus(-age), true)
}

fn register(people: &mut People, row: u64, defect: Defect, out: &mut Vec<u8>) {
    let place = people.place_of(row / 3);
    let birth = people.birth_day();
    let male = people.rng.bool();
    let person = people.person(birth, male);
    out.extend_from_slice(people.town_code(place).as_bytes());
    padded(row / 3, 8, out);
    out.push(b',');
    id(&person, defect, out);
    out.push(b',');
    people.name(male, out);
    out.push(b',');
    sex(people, male, out);
    out.push(b',');
    ethnicity(people, out);
    out.push(b',');
    date(people, birth, defect, out);
    out.push(b',');
    let relation = match (row % 3, male) {
        (0, _) => "户主",
        (1, true) => "夫",
        (1, false) => "妻",
        (_, true) => "子",
        (_, false) => "女",
    };
    people.word(relation, out);
    out.push(b',');
    people.address(place, out);
    out.push(b',');
    out.extend_from_slice(people.town_code(place).as_bytes());
    out.extend_from_slice(b"000,");
    let wait = people.rng.i32(3..60);
    people.date(person.birth.plus(wait), out);
    out.push(b',');
    people.word("出生", out);
}

fn certificate(people: &mut People, row: u64, defect: Defect, out: &mut Vec<u8>) {
    let birth = event(people);
    let male = people.rng.bool();
    let mother = mother(people, birth);
    let father = father(people, birth);
    let place = people.place();
    out.push(b'A' + (row / 1_000_000 % 26) as u8);
    out.extend_from_slice(b"159");
    padded(row % 1_000_000, 6, out);
    out.push(b',');
    people.name(male, out);
    out.push(b',');
    sex(people, male, out);
    out.push(b',');
    date(people, birth, defect, out);
    out.push(b',');
    number(36 + people.rng.u64(..6), out);
    out.push(b',');
    number(2500 + people.rng.u64(..170) * 10, out);
    out.push(b',');
    number(1 + people.rng.u64(..2), out);
    out.push(b',');
    people.name(false, out);
    out.push(b',');
    id(&mother, defect, out);
    out.push(b',');
    people.name(true, out);
    out.push(b',');
    id(&father, Defect::None, out);
    out.push(b',');
    people.address(place, out);
    out.push(b',');
    let wait = people.rng.i32(1..25);
    people.date(birth.plus(wait), out);
    out.push(b',');
    people.word("首次签发", out);
}

fn death(people: &mut People, _row: u64, defect: Defect, out: &mut Vec<u8>) {
    let day = event(people);
    let age = people.rng.i32(20_000..33_000);
    let male = people.rng.bool();
    let person = people.person(day.plus(-age), male);
    let place = people.place();
    people.name(person.male, out);
    out.push(b',');
    sex(people, male, out);
    out.push(b',');
    id(&person, defect, out);
    out.push(b',');
    people.date(person.birth, out);
    out.push(b',');
    date(people, day, defect, out);
    out.push(b',');
    let wait = people.rng.i32(1..40);
    people.date(day.plus(wait), out);
    out.push(b',');
    people.word("死亡", out);
    out.push(b',');
    people.address(place, out);
    out.push(b',');
    people.word("第九派出所", out);
}

fn marriage(people: &mut People, row: u64, defect: Defect, out: &mut Vec<u8>) {
    let day = event(people);
    let ages = [people.rng.i32(8100..13_000), people.rng.i32(7400..12_500)];
    let husband = people.person(day.plus(-ages[0]), true);
    let wife = people.person(day.plus(-ages[1]), false);
    // A block of a million to each made-up office.
    out.extend_from_slice(b"J1599");
    padded(row / 1_000_000 % 100, 2, out);
    out.push(b'-');
    number(day.year() as u64, out);
    out.push(b'-');
    padded(row % 1_000_000, 6, out);
    for (person, defect) in [(husband, defect), (wife, Defect::None)] {
        out.push(b',');
        people.name(person.male, out);
        out.push(b',');
        id(&person, defect, out);
        out.push(b',');
        people.date(person.birth, out);
    }
    out.push(b',');
    date(people, day, defect, out);
    out.push(b',');
    people.word("结婚登记", out);
}

fn insurance(people: &mut People, _row: u64, defect: Defect, out: &mut Vec<u8>) {
    let day = event(people);
    let person = mother(people, day);
    id(&person, defect, out);
    out.push(b',');
    people.name(false, out);
    out.push(b',');
    sex(people, false, out);
    out.push(b',');
    people.date(person.birth, out);
    out.push(b',');
    padded(159_900_000_000 + people.rng.u64(..9000), 12, out);
    out.push(b',');
    people.word("敕勒川样例乳业有限公司", out);
    out.push(b',');
    date(people, day, defect, out);
    out.push(b',');
    people.word("顺产", out);
    out.push(b',');
    number(8000 + people.rng.u64(..20_000), out);
    out.extend_from_slice(b".50,");
    let wait = people.rng.i32(40..200);
    people.date(day.plus(wait), out);
}

fn fertility(people: &mut People, row: u64, defect: Defect, out: &mut Vec<u8>) {
    let due = event(people);
    let wife = mother(people, due);
    let husband = father(people, due);
    let place = people.place();
    out.extend_from_slice(b"1599");
    padded(row, 9, out);
    out.push(b',');
    people.name(false, out);
    out.push(b',');
    id(&wife, defect, out);
    out.push(b',');
    people.name(true, out);
    out.push(b',');
    id(&husband, Defect::None, out);
    out.push(b',');
    people.address(place, out);
    out.push(b',');
    let since = people.rng.i32(300..2500);
    people.date(due.plus(-since), out);
    out.push(b',');
    number(1 + people.rng.u64(..2), out);
    out.push(b',');
    people.date(due, out);
    out.push(b',');
    let before = people.rng.i32(5..240);
    date(people, due.plus(-before), defect, out);
}

fn visit(people: &mut People, _row: u64, defect: Defect, out: &mut Vec<u8>) {
    let birth = event(people);
    let male = people.rng.bool();
    let child = people.person(birth, male);
    let mother = mother(people, birth);
    let place = people.place();
    people.town_and_village(place, out);
    out.push(b',');
    people.name(male, out);
    out.push(b',');
    sex(people, male, out);
    out.push(b',');
    date(people, birth, defect, out);
    out.push(b',');
    id(&child, defect, out);
    out.push(b',');
    people.name(false, out);
    out.push(b',');
    id(&mother, Defect::None, out);
    out.extend_from_slice(b",129");
    padded(people.rng.u64(..100_000_000), 8, out);
    out.push(b',');
    let wait = people.rng.i32(10..400);
    people.date(birth.plus(wait), out);
}
