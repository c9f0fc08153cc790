//! The police's household register as of the end of 2020: a zip with one file a town, and one
//! town sent again.

use crate::dates::Day;
use crate::export::{Cell, Export, Outcome, Role, Sheet};
use crate::identity;
use crate::places::TOWNS;
use crate::sample::{GBK, export, headers};
use crate::spelling::{self, Days};
use crate::world::{PersonId, World};

const SOURCE: &str = "police/household_register";

/// A row of the register.
#[derive(Clone)]
struct Registered {
    person: PersonId,
    household: u32,
    relation: &'static str,
    birth: Option<usize>,
    date: Option<Day>,
    reason: &'static str,
    cancelled: Option<Day>,
}

const PINYIN: [(&str, &str); 19] = [
    ("HH", "household"),
    ("GMSFHM", "id"),
    ("XM", "name"),
    ("XB", "sex"),
    ("MZ", "ethnicity"),
    ("CSRQ", "birth"),
    ("YHZGX", "relation"),
    ("HKSZD", "address"),
    ("HJQH", "division"),
    ("PCS", "station"),
    ("MQXM", "mother"),
    ("MQSFHM", "mother_id"),
    ("FQXM", "father"),
    ("FQSFHM", "father_id"),
    ("CSZBH", "certificate"),
    ("DJRQ", "date"),
    ("BDYY", "reason"),
    ("ZXRQ", "cancelled"),
    ("ZXYY", "cancel_reason"),
];

const CHINESE: [(&str, &str); 19] = [
    ("户号", "household"),
    ("公民身份号码", "id"),
    ("姓名", "name"),
    ("性别", "sex"),
    ("民族", "ethnicity"),
    ("出生日期", "birth"),
    ("与户主关系", "relation"),
    ("户籍地址", "address"),
    ("户籍地区划", "division"),
    ("派出所", "station"),
    ("母亲姓名", "mother"),
    ("母亲公民身份号码", "mother_id"),
    ("父亲姓名", "father"),
    ("父亲公民身份号码", "father_id"),
    ("出生证编号", "certificate"),
    ("登记日期", "date"),
    ("变动原因", "reason"),
    ("注销日期", "cancelled"),
    ("注销原因", "cancel_reason"),
];

fn rows(world: &mut World) -> Vec<Registered> {
    let mut rows = Vec::new();
    let plain = |person, household, relation| Registered {
        person,
        household,
        relation,
        birth: None,
        date: None,
        reason: "",
        cancelled: None,
    };
    for at in 0..world.couples.len() {
        let couple = world.couples[at].clone();
        let children: Vec<usize> = (0..world.births.len())
            .filter(|&b| world.births[b].couple == at)
            .collect();
        // Children of couples registered elsewhere may still be registered here, at a relative's.
        let household = match couple.household {
            Some(household) => {
                rows.push(plain(couple.husband, household, "户主"));
                rows.push(plain(couple.wife, household, "妻"));
                household
            }
            None if at % 3 == 0 => world.identities.serial("household"),
            None => continue,
        };
        let mut seen = [0, 0];
        for b in children {
            let birth = &world.births[b];
            let male = world.people[birth.child].male;
            let nth = &mut seen[usize::from(!male)];
            *nth += 1;
            let relation = match (couple.household.is_some(), male, *nth) {
                (false, true, _) => "孙子",
                (false, false, _) => "孙女",
                (_, true, 1) => "长子",
                (_, true, _) => "次子",
                (_, false, 1) => "长女",
                (_, false, _) => "次女",
            };
            let Some(date) = birth.registered else {
                continue;
            };
            rows.push(Registered {
                birth: Some(b),
                date: Some(date),
                reason: "出生",
                ..plain(birth.child, household, relation)
            });
        }
    }
    for (person, household) in &world.elders {
        rows.push(plain(*person, *household, "户主"));
    }
    for death in &world.deaths {
        if let Some(household) = death.household {
            // A death that the police never heard of leaves the person in the register.
            rows.push(Registered {
                cancelled: death.cancelled.filter(|day| day.year() <= 2020),
                ..plain(death.person, household, "户主")
            });
        }
    }
    rows.sort_by_key(|row| row.household);
    rows
}

fn cell(world: &mut World, row: &Registered, field: &str, chinese: bool) -> Cell {
    let person = world.people[row.person].clone();
    let days = if chinese { Days::Iso } else { Days::Compact };
    let parents = row.birth.map(|at| {
        let couple = &world.couples[world.births[at].couple];
        (
            world.people[couple.wife].clone(),
            world.people[couple.husband].clone(),
        )
    });
    let rng = &mut world.rng;
    match field {
        "household" => format!("{}{:05}", TOWNS[person.home.town].code, row.household).into(),
        "id" => spelling::id(&person.id, 0.02, rng).into(),
        "name" => spelling::name(&person.name, rng).into(),
        "sex" => spelling::sex(person.male, u32::from(!chinese)),
        "ethnicity" => spelling::ethnicity(person.ethnicity, if chinese { 0 } else { 2 }),
        "birth" => spelling::day(person.birth, days),
        "relation" => row.relation.into(),
        "address" => person.home.address().into(),
        "division" => "150121".into(),
        "station" => format!("{}派出所", person.home.town_name()).into(),
        "mother" => parents.map_or(Cell::Blank, |(mother, _)| mother.name.into()),
        "mother_id" => parents.map_or(Cell::Blank, |(mother, _)| mother.id.into()),
        "father" => parents.map_or(Cell::Blank, |(_, father)| father.name.into()),
        "father_id" => parents.map_or(Cell::Blank, |(_, father)| father.id.into()),
        "certificate" => {
            let birth = row.birth.map(|at| &world.births[at]);
            // Two in three clerks copy the number of the birth certificate.
            birth
                .filter(|birth| birth.minute % 3 != 0)
                .and_then(|birth| birth.certificate.clone())
                .map_or(Cell::Blank, |(number, _)| number.into())
        }
        "date" => row.date.map_or(Cell::Blank, |day| spelling::day(day, days)),
        "reason" => row.reason.into(),
        "cancelled" => row
            .cancelled
            .map_or(Cell::Blank, |day| spelling::day(day, days)),
        "cancel_reason" => if row.cancelled.is_some() {
            "死亡"
        } else {
            ""
        }
        .into(),
        other => panic!("no field {other}"),
    }
}

/// The archive's members and the file sent again.
pub fn register(world: &mut World) -> Vec<Export> {
    let rows = rows(world);
    let mut exports = Vec::new();
    for (at, town) in TOWNS.iter().enumerate() {
        let of_town: Vec<Registered> = rows
            .iter()
            .filter(|row| world.people[row.person].home.town == at)
            .cloned()
            .collect();
        let chinese = at % 2 == 1;
        let layout = if chinese { &CHINESE } else { &PINYIN };
        let mut sheet = Sheet::new("");
        sheet.header(&headers(layout));
        for row in &of_town {
            let cells = layout
                .iter()
                .map(|(_, field)| cell(world, row, field, chinese));
            let cells = cells.collect();
            sheet.accept(cells);
        }
        let mut planted = plant(world, &mut sheet, &of_town, at, chinese);
        let path = format!(
            "公安局/户籍人口信息_2020年12月.zip/{}户籍人口_2020年12月.csv",
            town.name
        );
        let mut file = export(&path, SOURCE, "2020-12", GBK, vec![sheet]);
        if at == 5 {
            let mut again = file.clone();
            again.path = format!("公安局/{}户籍人口_2020年12月_更正.csv", town.name);
            correct(&mut again.sheets[0]);
            again.planted = vec![
                "zip 中同一乡镇、同一期间的更正件（字节不同）：替代前一份".to_owned(),
                "前一份拒绝的行已补正".to_owned(),
            ];
            file.outcome = Outcome::Superseded;
            planted.push("被更正件替代".to_owned());
            exports.push(again);
        }
        file.planted = planted;
        exports.push(file);
    }
    exports
}

/// Plants the defects of the town's file and tells what they are.
fn plant(
    world: &World,
    sheet: &mut Sheet,
    rows: &[Registered],
    town: usize,
    chinese: bool,
) -> Vec<String> {
    let (id, birth) = if chinese {
        ("公民身份号码", "出生日期")
    } else {
        ("GMSFHM", "CSRQ")
    };
    let number = |at: usize| world.people[rows[at].person].id.clone();
    let mut notes = vec![
        if chinese {
            "GBK；中文表头"
        } else {
            "GBK；拼音缩写表头，代码"
        }
        .to_owned(),
    ];
    // Wrong check digits and 15-digit numbers are real: the rows stay. Nothing is spoilt in the
    // rows of children, whose numbers other departments know.
    let adults: Vec<usize> = (0..rows.len())
        .filter(|&at| rows[at].birth.is_none())
        .collect();
    for &at in adults.iter().skip(4).step_by(97) {
        sheet.spoil(at, id, identity::wrong_check(&number(at)));
    }
    let old: Vec<usize> = adults
        .iter()
        .copied()
        .filter(|&at| world.people[rows[at].person].birth < Day::new(1960, 1, 1))
        .collect();
    for &at in old.iter().skip(2).step_by(41) {
        let cell = identity::legacy_id(&number(at));
        sheet.spoil(at, id, cell);
    }
    notes.push("错误校验位、15位旧号（保留，标记 id_status）".to_owned());
    // From the end of the file, so that earlier places keep their meaning.
    let last = sheet.lines.len() - 2;
    match town {
        0 => {
            sheet.reject(
                last - 40,
                id,
                identity::scientific(&number(last - 40)),
                "lossy_id",
            );
            sheet.reject(last - 90, id, lossy(&number(last - 90)), "lossy_id");
            sheet.reject(last - 120, birth, "20180230", "type");
            notes.push("拒绝：科学计数法号1，末三位000且校验位错1，20180230 1".to_owned());
        }
        1 => {
            sheet.reject(
                last - 33,
                id,
                identity::scientific(&number(last - 33)),
                "lossy_id",
            );
            sheet.reject(last - 60, birth, "1980-13-01", "type");
            sheet.reject(last - 70, "性别", "丁", "code");
            notes.push("拒绝：科学计数法号1，1980-13-01 1，性别“丁”1".to_owned());
        }
        3 => {
            sheet.reject(last - 20, birth, "2088-08-08", "future_date");
            notes.push("拒绝：未来出生日期1".to_owned());
        }
        4 => {
            sheet.reject(last - 50, "MZ", "77", "code");
            sheet.repeat(last - 60, id);
            notes.push("拒绝：不存在的民族代码77 1，同一行重复1".to_owned());
        }
        5 => {
            sheet.reject(
                last - 10,
                id,
                identity::scientific(&number(last - 10)),
                "lossy_id",
            );
            sheet.spoil(last - 30, birth, "");
            sheet.repeat(last - 50, id);
            notes
                .push("缺出生日期1（接受，取自号码）；拒绝：科学计数法号1，同一行重复1".to_owned());
        }
        _ => {}
    }
    notes
}

/// The number with three zeros at its end; the day is moved until the check digit is wrong.
fn lossy(id: &str) -> String {
    let kept = identity::fifteen_kept(id);
    assert_ne!(
        identity::check_digit(&kept.as_bytes()[..17]),
        b'0',
        "choose another row"
    );
    kept
}

/// Mends what was rejected: repeated rows go, the cut number is looked up again.
fn correct(sheet: &mut Sheet) {
    let (birth, id) = (sheet.column("出生日期"), sheet.column("公民身份号码"));
    let sex = sheet.column("性别");
    sheet
        .lines
        .retain(|line| !matches!(line.role, Role::Rejected { rule: "unique", .. }));
    for line in &mut sheet.lines {
        if line.role
            != (Role::Rejected {
                column: id,
                rule: "lossy_id",
            })
        {
            continue;
        }
        let date = line.cells[birth].text();
        let parts: Vec<u32> = date
            .split('-')
            .filter_map(|part| part.parse().ok())
            .collect();
        let day = Day::new(parts[0] as i32, parts[1], parts[2]);
        let male = line.cells[sex].text() == "男";
        line.cells[id] = identity::citizen_id(159_921, day, 900 + u32::from(male)).into();
        line.role = Role::Accepted;
    }
}
