//! The townships' household visits: children found at home, with whatever the clerk wrote down.

use crate::dates::Day;
use crate::export::{Cell, Container, Export, Line, Role, Sheet};
use crate::places::TOWNS;
use crate::sample::{GBK, export, headers};
use crate::spelling::{self, Days};
use crate::world::World;

const SOURCE: &str = "townships/household_visits";

const FORM: [(&str, &str); 11] = [
    ("序号", "seq"),
    ("村(居)", "village"),
    ("儿童姓名", "name"),
    ("性别", "sex"),
    ("出生日期", "birth"),
    ("儿童身份证号", "id"),
    ("母亲姓名", "mother"),
    ("母亲身份证号", "mother_id"),
    ("家庭住址", "address"),
    ("联系电话", "phone"),
    ("入户日期", "visited"),
];

const LIST: [(&str, &str); 9] = [
    ("乡镇", "town"),
    ("村", "village"),
    ("儿童姓名", "name"),
    ("性别", "sex"),
    ("出生年月日", "birth"),
    ("母亲姓名", "mother"),
    ("母亲身份证号", "mother_id"),
    ("联系电话", "phone"),
    ("走访日期", "visited"),
];

fn cell(world: &mut World, at: usize, field: &str, visited: Day) -> Cell {
    let birth = world.births[at].clone();
    let child = world.people[birth.child].clone();
    let mother = world.people[world.couples[birth.couple].wife].clone();
    let rng = &mut world.rng;
    let days = [Days::Dots, Days::Slashes, Days::Chinese, Days::Iso][rng.usize(..4)];
    match field {
        "town" => child.home.town_name().into(),
        "village" => {
            let name = child.home.village_name();
            // Clerks drop the ending, or write the older long form.
            match birth.minute % 3 {
                0 => name.trim_end_matches("村委会").into(),
                1 => name.replace("村委会", "村").into(),
                _ => name.into(),
            }
        }
        "name" if birth.minute.is_multiple_of(29) => "未起名".into(),
        "name" => spelling::name(&child.name, rng).into(),
        "sex" => spelling::sex(child.male, 0),
        "birth" => spelling::day(child.birth, days),
        "id" if birth.registered.is_none_or(|day| day > visited) => {
            ["未上户", "待补录", "", "无"][birth.minute as usize % 4].into()
        }
        "id" => spelling::id(&child.id, 0.05, rng).into(),
        "mother" => spelling::name(&mother.name, rng).into(),
        "mother_id" if birth.minute.is_multiple_of(13) => {
            format!("{}********{}", &mother.id[..6], &mother.id[14..]).into()
        }
        "mother_id" => spelling::id(&mother.id, 0.06, rng).into(),
        "address" => child.home.county_address().into(),
        "phone" => mother.phone.into(),
        "visited" => spelling::day(visited, days),
        other => panic!("no field {other}"),
    }
}

/// The children that visitors of `town` found, born from `first` to `last`.
fn found(world: &World, town: usize, first: Day, last: Day) -> Vec<usize> {
    let births = 0..world.births.len();
    let at_home = births.filter(|&at| {
        let child = &world.people[world.births[at].child];
        let seen = world.births[at].minute % 20 < 13;
        seen && child.home.town == town && (first..=last).contains(&child.birth)
    });
    at_home.collect()
}

/// Every file.
pub fn exports(world: &mut World) -> Vec<Export> {
    let mut sheets = Vec::new();
    for (town, unit) in TOWNS.iter().enumerate() {
        let mut sheet = Sheet::new(unit.name);
        sheet.title(
            &format!("{}2018年出生人口入户核查登记表", unit.name),
            FORM.len(),
        );
        sheet.header(&headers(&FORM));
        let children = found(world, town, Day::new(2017, 6, 1), Day::new(2018, 10, 31));
        for (row, at) in children.into_iter().enumerate() {
            let visited = Day::new(2018, 11, 1 + row as u32 % 28);
            let cells = FORM.iter().map(|(_, field)| match *field {
                "seq" => (row as i32 + 1).into(),
                field => cell(world, at, field, visited),
            });
            let cells = cells.collect();
            sheet.accept(cells);
        }
        sheet.blank();
        sheet.around(["填表人：", "", "", "包村干部：", "", "", "填报日期："]);
        sheets.push(sheet);
    }
    for row in 6..9 {
        sheets[0].spoil(row, "村(居)", "同上");
    }
    sheets[0].reject(20, "出生日期", "2018.2.30", "type");
    sheets[1].reject(5, "出生日期", "农历二月初三", "type");
    sheets[2].reject(2, "性别", "不男", "code");
    sheets[3].reject(4, "出生日期", "2081.3.5", "future_date");

    let mut list = Sheet::new("");
    list.around(["2020年0-3岁儿童入户走访明细表"]);
    list.header(&headers(&LIST));
    for town in 0..TOWNS.len() {
        let children = found(world, town, Day::new(2018, 11, 1), Day::new(2020, 9, 30));
        for (row, at) in children.into_iter().enumerate() {
            let visited = Day::new(2020, 10, 1 + row as u32 % 28);
            let cells = LIST
                .iter()
                .map(|(_, field)| cell(world, at, field, visited));
            let cells = cells.collect();
            list.accept(cells);
        }
    }
    list.reject(12, "出生年月日", "", "required");
    list.reject(40, "出生年月日", "2020.13.1", "type");
    let repeated: Line = list.lines[1].clone();
    assert_eq!(repeated.role, Role::Around);
    list.page_breaks(50, &[repeated]);
    vec![
        export("乡镇/2018年出生人口入户核查登记表（分乡镇）.xlsx", SOURCE, "2018", Container::Xlsx, sheets)
            .plant("每乡镇一张表，共10张；日期写法逐行不同；村名去后缀；同上3处；打码证件号；未上户、待补录；未起名")
            .plant("拒绝：2018.2.30 1，农历二月初三1，2081.3.5 1，性别“不男”1"),
        export("乡镇/2020年0-3岁儿童入户走访明细表.csv", SOURCE, "2020", GBK, vec![list])
            .plant("GBK；标题行；每50行重复表头")
            .plant("拒绝：缺出生日期1，2020.13.1 1"),
    ]
}
