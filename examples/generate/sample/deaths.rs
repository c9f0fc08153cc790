//! Deaths as the police cancel them, and as the disease-control centre's 146-column export of
//! death cards tells them.

use crate::dates::Day;
use crate::export::{Cell, Container, Export, Role, Sheet};
use crate::identity;
use crate::sample::{GBK, export, headers};
use crate::spelling::{self, Days};
use crate::world::{CAUSES, HOSPITALS, World};

const CANCELLATIONS: &str = "police/death_cancellations";
const CARDS: &str = "health/death_cards";

/// The columns of the export, one a line.
const CARD_COLUMNS: &str = include_str!("death_card_columns.txt");

const LIST: [(&str, &str); 11] = [
    ("序号", "seq"),
    ("姓名", "name"),
    ("性别", "sex"),
    ("民族", "ethnicity"),
    ("公民身份号码", "id"),
    ("出生日期", "birth"),
    ("死亡日期", "death"),
    ("注销日期", "cancelled"),
    ("注销原因", "reason"),
    ("户籍地址", "address"),
    ("派出所", "station"),
];

/// One file a year, in one archive.
pub fn cancellations(world: &mut World) -> Vec<Export> {
    let mut exports = Vec::new();
    for year in 2016..=2020 {
        let mut sheet = Sheet::new("");
        sheet.around([format!("土默特左旗{year}年死亡注销人员名单")]);
        sheet.header(&headers(&LIST));
        let mut seq = 0;
        for at in 0..world.deaths.len() {
            let death = world.deaths[at].clone();
            let Some(cancelled) = death.cancelled.filter(|day| day.year() == year) else {
                continue;
            };
            let person = world.people[death.person].clone();
            seq += 1;
            let days = if year % 2 == 0 {
                Days::Iso
            } else {
                Days::Chinese
            };
            let cells = LIST.iter().map(|(_, field)| match *field {
                "seq" => seq.into(),
                "name" => spelling::name(&person.name, &mut world.rng).into(),
                "sex" => spelling::sex(person.male, 0),
                "ethnicity" => spelling::ethnicity(person.ethnicity, 0),
                "id" => spelling::id(&person.id, 0.03, &mut world.rng).into(),
                "birth" => spelling::day(person.birth, days),
                "death" => spelling::day(death.day, days),
                "cancelled" => spelling::day(cancelled, days),
                "reason" => "死亡".into(),
                "address" => person.home.county_address().into(),
                _ => format!("{}派出所", person.home.town_name()).into(),
            });
            let cells = cells.collect();
            sheet.accept(cells);
        }
        let mut notes = vec!["GBK；标题行；往年死亡次年注销的迟报".to_owned()];
        match year {
            2017 => {
                let id = identity::scientific("159921194003031234");
                sheet.reject(22, "公民身份号码", id, "lossy_id");
                notes.push("拒绝：科学计数法号1".to_owned());
            }
            2018 => {
                sheet.reject(30, "死亡日期", "2018-02-30", "type");
                sheet.repeat(40, "公民身份号码");
                notes.push("拒绝：2018-02-30 1，同一人重复1".to_owned());
            }
            2020 => {
                sheet.reject(12, "死亡日期", "", "required");
                sheet.spoil(18, "出生日期", "2022-01-05");
                sheet.blame(18, "死亡日期", "order");
                notes.push("拒绝：缺死亡日期1，死亡早于出生1".to_owned());
            }
            _ => {}
        }
        let path = format!("公安局/2016-2020年死亡注销.zip/{year}年死亡注销人员名单.csv");
        let mut file = export(&path, CANCELLATIONS, &year.to_string(), GBK, vec![sheet]);
        file.planted = notes;
        exports.push(file);
    }
    exports
}

/// The cards, each year in another container.
pub fn cards(world: &mut World) -> Vec<Export> {
    let names: Vec<&str> = CARD_COLUMNS.lines().collect();
    let mut exports = Vec::new();
    for year in 2016..=2020 {
        let (container, end) = match year {
            2016 | 2018 => (Container::Xls, ".xls"),
            2017 | 2019 => (Container::Xlsx, ".xlsx"),
            _ => (GBK, ".csv"),
        };
        let mut sheet = Sheet::new(if end == ".csv" { "" } else { "死亡报告卡" });
        sheet.header(&names);
        for at in 0..world.deaths.len() {
            let death = &world.deaths[at];
            if death.card.is_some() && death.day.year() == year {
                let cells = card(world, at, &names, year);
                sheet.accept(cells);
            }
        }
        let total = sheet.lines.len() - 1;
        let deleted = sheet.column("是否删除");
        // A card that was entered twice: the first was deleted in the system, not in the export.
        for n in [7, 31, total - 12] {
            let row = sheet.accepted(n);
            let mut copy = sheet.lines[row].clone();
            copy.cells[deleted] = if year >= 2019 { "1" } else { "是" }.into();
            let number = copy.cells[0].text();
            copy.cells[0] = format!("{}9{}", &number[..11], &number[12..]).into();
            copy.role = Role::Skipped;
            sheet.lines.insert(row, copy);
        }
        let mut notes = vec![
            "疾控 146 列导出；编码与名称并列；户籍地拆成 7 列；年龄 + 单位（岁/月/天）".to_owned(),
            "是否删除=是 的卡 3 张：跳过".to_owned(),
        ];
        match year {
            2017 => {
                let id = identity::scientific("159921193502021234");
                sheet.reject(14, "证件号码", id, "lossy_id");
                sheet.repeat(25, "死亡证编号");
                notes.push("拒绝：科学计数法号1，死亡证编号重复1".to_owned());
            }
            2018 => {
                sheet.reject(19, "死亡日期", "2018-13-05", "type");
                sheet.spoil(44, "根本死因代码", "不详");
                notes.push("拒绝：2018-13-05 1；死因不详1（接受）".to_owned());
            }
            2019 => {
                sheet.spoil(12, "证件号码", "无");
                sheet.spoil(13, "证件号码", "159921********0014");
                notes.push("证件号 无、打码各1（接受，标记）".to_owned());
            }
            2020 => {
                sheet.reject(27, "死亡日期", "", "required");
                notes.push("GBK CSV；拒绝：缺死亡日期1".to_owned());
            }
            _ => {}
        }
        let path = format!("疾控中心/死亡报告卡一览列表（{year}年）{end}");
        let mut file = export(&path, CARDS, &year.to_string(), container, vec![sheet]);
        file.planted = notes;
        exports.push(file);
    }
    exports
}

fn card(world: &mut World, at: usize, names: &[&str], year: i32) -> Vec<Cell> {
    let death = world.deaths[at].clone();
    let person = world.people[death.person].clone();
    let home = person.home;
    let (number, reported) = death.card.unwrap_or((String::new(), Day(0)));
    let days = if year == 2020 { Days::Iso } else { Days::Excel };
    let age = person.birth.age(death.day);
    let lived = death.day.0 - person.birth.0;
    let (age, unit) = match (age, lived) {
        (1.., _) => (age, "岁"),
        (_, 28..) => (lived / 30, "月"),
        _ => (lived, "天"),
    };
    let (code, cause) = CAUSES[death.cause];
    let widowed = at.is_multiple_of(4);
    let cells = names.iter().map(|name| match *name {
        "死亡证编号" => number.as_str().into(),
        "报卡编号" => format!("{}{}", &number[..7], &number[11..]).into(),
        "报卡类型编码" => 1.into(),
        "报卡类型" => "死亡报告卡".into(),
        "姓名" => spelling::name(&person.name, &mut world.rng).into(),
        "性别编码" => spelling::sex(person.male, 1),
        "性别" => spelling::sex(person.male, 0),
        "民族编码" => spelling::ethnicity(person.ethnicity, 3),
        "民族" => spelling::ethnicity(person.ethnicity, 0),
        "证件类型" => "身份证".into(),
        "证件号码" => spelling::id(&person.id, 0.03, &mut world.rng).into(),
        "婚姻状况编码" => if widowed { 3 } else { 2 }.into(),
        "婚姻状况" => if widowed { "丧偶" } else { "已婚" }.into(),
        "国籍" => "中国".into(),
        "主要职业" => "农民".into(),
        "出生日期" => spelling::day(person.birth, days),
        "死亡日期" => spelling::day(death.day, days),
        "实足年龄" => age.into(),
        "年龄单位" => unit.into(),
        "死亡地点类别名称" => if at.is_multiple_of(5) {
            "医疗卫生机构"
        } else {
            "家中"
        }
        .into(),
        "联系人电话" => person.phone.as_str().into(),
        "户籍地-省（自治区、直辖市）" | "居住地-省（自治区、直辖市）" => {
            "内蒙古自治区".into()
        }
        "户籍地-市（地区）" | "居住地-市（地区）" => "呼和浩特市".into(),
        "户籍地-县（区）" | "居住地-县（区）" => "土默特左旗".into(),
        "户籍地-乡（镇、街道）" | "居住地-乡（镇、街道）" => {
            home.town_name().into()
        }
        "户籍地-居委会、村" => home.village_name().into(),
        "户籍地址" | "居住地址" => home.address().into(),
        "直接死亡原因名称a" | "根本死因名称" => cause.into(),
        "直接死亡原因编码a" | "根本死因代码" => code.into(),
        "报告单位" => HOSPITALS[at % HOSPITALS.len()].into(),
        "报告日期" | "录入日期" => spelling::day(reported, days),
        "核重标志" => "未核重".into(),
        "是否删除" => if year >= 2019 { "0" } else { "否" }.into(),
        "户籍区分" => "本地".into(),
        "审核区县" => "土默特左旗".into(),
        _ => Cell::Blank,
    });
    cells.collect()
}
