//! Civil affairs: weddings, divorces, and the counts of adoptions.

use crate::dates::Day;
use crate::export::{Cell, Container, Encoding, Export, Role, Sheet};
use crate::identity;
use crate::sample::{GBK, export, headers, text};
use crate::spelling::{self, Days};
use crate::world::World;

const MARRIAGES: &str = "civil_affairs/marriages";
const DIVORCES: &str = "civil_affairs/divorces";
const ADOPTIONS: &str = "civil_affairs/adoptions";

const FLAT: [(&str, &str); 14] = [
    ("结婚证字号", "no"),
    ("男方姓名", "husband"),
    ("男方身份证件号", "husband_id"),
    ("男方出生日期", "husband_birth"),
    ("男方民族", "husband_ethnicity"),
    ("男方常住户口所在地", "husband_address"),
    ("女方姓名", "wife"),
    ("女方身份证件号", "wife_id"),
    ("女方出生日期", "wife_birth"),
    ("女方民族", "wife_ethnicity"),
    ("女方常住户口所在地", "wife_address"),
    ("登记日期", "date"),
    ("登记机关", "office"),
    ("业务类型", "kind"),
];

const PAIRED: [(&str, &str); 12] = [
    ("序号", "seq"),
    ("结婚证字号", "no"),
    ("男方/姓名", "husband"),
    ("男方/身份证件号", "husband_id"),
    ("男方/出生日期", "husband_birth"),
    ("男方/民族", "husband_ethnicity"),
    ("女方/姓名", "wife"),
    ("女方/身份证件号", "wife_id"),
    ("女方/出生日期", "wife_birth"),
    ("女方/民族", "wife_ethnicity"),
    ("登记日期", "date"),
    ("业务类型", "kind"),
];

const SPLIT: [(&str, &str); 12] = [
    ("离婚证字号", "no"),
    ("男方姓名", "husband"),
    ("男方身份证件号", "husband_id"),
    ("男方出生日期", "husband_birth"),
    ("女方姓名", "wife"),
    ("女方身份证件号", "wife_id"),
    ("女方出生日期", "wife_birth"),
    ("原结婚登记日期", "married"),
    ("原结婚证字号", "wedding"),
    ("离婚登记日期", "date"),
    ("登记机关", "office"),
    ("离婚方式", "mode"),
];

/// What a row says besides the couple.
#[derive(Clone)]
struct Event {
    number: String,
    date: Day,
    kind: &'static str,
}

fn cell(world: &mut World, at: usize, event: &Event, field: &str, days: Days, dirt: f64) -> Cell {
    let couple = world.couples[at].clone();
    let husband = world.people[couple.husband].clone();
    let wife = world.people[couple.wife].clone();
    let rng = &mut world.rng;
    match field {
        "no" => event.number.as_str().into(),
        "husband" => spelling::name(&husband.name, rng).into(),
        "husband_id" => spelling::id(&husband.id, dirt, rng).into(),
        "husband_birth" => spelling::day(husband.birth, days),
        "husband_ethnicity" => spelling::ethnicity(husband.ethnicity, 0),
        "husband_address" => husband.home.address().into(),
        "wife" => spelling::name(&wife.name, rng).into(),
        "wife_id" => spelling::id(&wife.id, dirt, rng).into(),
        "wife_birth" => spelling::day(wife.birth, days),
        "wife_ethnicity" => spelling::ethnicity(wife.ethnicity, 0),
        "wife_address" => wife.home.address().into(),
        "date" => spelling::day(event.date, days),
        "married" => spelling::day(couple.married, days),
        "wedding" => couple.certificate.into(),
        "office" => "土默特左旗民政局婚姻登记处".into(),
        "kind" | "mode" => event.kind.into(),
        other => panic!("no field {other}"),
    }
}

fn weddings(world: &World, year: i32) -> Vec<usize> {
    let couples = 0..world.couples.len();
    let mut found: Vec<usize> = couples
        .filter(|&at| world.couples[at].married.year() == year)
        .collect();
    found.sort_by_key(|&at| world.couples[at].certificate.clone());
    found
}

fn fill(
    world: &mut World,
    sheet: &mut Sheet,
    year: i32,
    layout: &[(&str, &str)],
    days: Days,
    dirt: f64,
) {
    for (row, at) in weddings(world, year).into_iter().enumerate() {
        let couple = &world.couples[at];
        let event = Event {
            number: couple.certificate.clone(),
            date: couple.married,
            kind: if year >= 2019 {
                "结婚登记"
            } else {
                "结婚"
            },
        };
        let cells = |event: &Event, world: &mut World| -> Vec<Cell> {
            let cells = layout.iter().map(|(_, field)| match *field {
                "seq" => (row as i32 + 1).into(),
                field => cell(world, at, event, field, days, dirt),
            });
            cells.collect()
        };
        let line = cells(&event, world);
        sheet.accept(line);
        // A lost certificate is issued again: the event was counted in its own year.
        if row % 23 == 11 {
            let again = Event {
                number: format!("B{}", event.number),
                date: event.date.plus(1),
                kind: if year >= 2019 {
                    "补领结婚证"
                } else {
                    "补领"
                },
            };
            let line = cells(&again, world);
            sheet.data(line, Role::Skipped);
        }
    }
}

/// One file a year, each in another container.
pub fn marriages(world: &mut World) -> Vec<Export> {
    let mut exports = Vec::new();

    let mut sheet = Sheet::new("结婚登记");
    sheet.title("土默特左旗2016年结婚登记花名册", PAIRED.len());
    sheet.merged_header(&headers(&PAIRED), 2);
    fill(world, &mut sheet, 2016, &PAIRED, Days::Dots, 0.04);
    sheet.reject(
        10,
        "男方/身份证件号",
        identity::scientific("159921198805051234"),
        "lossy_id",
    );
    sheet.around(["制表人：", "", "", "", "负责人："]);
    exports.push(
        export(
            "民政局/2016年结婚登记花名册.xls",
            MARRIAGES,
            "2016",
            Container::Xls,
            vec![sheet],
        )
        .plant("BIFF8；两行合并表头（男方/姓名…）；补领跳过；页脚")
        .plant("拒绝：科学计数法证件号1"),
    );

    let mut sheet = Sheet::new("2017");
    sheet.title("土默特左旗民政局婚姻登记处", PAIRED.len());
    sheet.title("2017年结婚登记情况统计表", PAIRED.len());
    sheet.merged_header(&headers(&PAIRED), 2);
    fill(world, &mut sheet, 2017, &PAIRED, Days::Excel, 0.03);
    sheet.reject(20, "登记日期", "2017-02-29", "type");
    sheet.repeat(45, "结婚证字号");
    exports.push(
        export(
            "民政局/2017年结婚登记情况.xlsx",
            MARRIAGES,
            "2017",
            Container::Xlsx,
            vec![sheet],
        )
        .plant("两行标题，两行合并表头；补领跳过")
        .plant("拒绝：2017-02-29 1，结婚证字号重复1"),
    );

    let mut sheet = Sheet::new("");
    sheet.header(&headers(&FLAT));
    fill(world, &mut sheet, 2018, &FLAT, Days::Iso, 0.05);
    sheet.spoil(5, "男方出生日期", "不详");
    sheet.reject(
        17,
        "女方身份证件号",
        identity::scientific("159921199401011234"),
        "lossy_id",
    );
    sheet.reject(60, "登记日期", "", "required");
    sheet.reject(61, "结婚证字号", "", "required");
    exports.push(
        export(
            "民政局/婚姻登记信息_结婚_2018年.csv",
            MARRIAGES,
            "2018",
            text(',', Encoding::Utf8Bom),
            vec![sheet],
        )
        .plant("UTF-8 BOM；补领跳过；男方出生日期不详1（接受）")
        .plant("拒绝：科学计数法证件号1，缺登记日期1，缺结婚证字号1"),
    );

    let mut sheet = Sheet::new("");
    sheet.header(&headers(&FLAT));
    fill(world, &mut sheet, 2019, &FLAT, Days::FullWidth, 0.08);
    sheet.repeat(33, "结婚证字号");
    exports.push(
        export(
            "民政局/2019年婚姻登记（结婚）.csv",
            MARRIAGES,
            "2019",
            text(';', Encoding::Gb18030),
            vec![sheet],
        )
        .plant("GBK；分号分隔；全角日期；补领跳过")
        .plant("拒绝：结婚证字号重复1"),
    );

    let mut sheet = Sheet::new("结婚");
    sheet.title("土默特左旗2020年结婚登记一览表", FLAT.len());
    sheet.header(&headers(&FLAT));
    fill(world, &mut sheet, 2020, &FLAT, Days::Excel, 0.02);
    sheet.spoil(6, "登记日期", "二〇二〇年二月二十日");
    exports.push(
        export(
            "民政局/2020年结婚登记一览表.ods",
            MARRIAGES,
            "2020",
            Container::Ods,
            vec![sheet],
        )
        .plant("ODS；一个中文数字日期；补领跳过"),
    );
    exports
}

/// One file a year, in one archive.
pub fn divorces(world: &mut World) -> Vec<Export> {
    let mut exports = Vec::new();
    for year in 2016..=2020 {
        let mut sheet = Sheet::new("");
        sheet.header(&headers(&SPLIT));
        let mut found: Vec<(String, Day, usize)> = Vec::new();
        for (at, couple) in world.couples.iter().enumerate() {
            if let Some((date, number)) = &couple.divorced
                && date.year() == year
            {
                found.push((number.clone(), *date, at));
            }
        }
        found.sort_unstable();
        for (number, date, at) in found {
            let event = Event {
                number,
                date,
                kind: "登记离婚",
            };
            let days = Days::Slashes;
            let cells = SPLIT
                .iter()
                .map(|(_, field)| cell(world, at, &event, field, days, 0.04));
            let cells = cells.collect();
            sheet.accept(cells);
        }
        let mut note = "GBK".to_owned();
        if year == 2018 {
            sheet.reject(4, "离婚登记日期", "2018/2/30", "type");
            note.push_str("；拒绝：2018/2/30 1");
        }
        let path = format!("民政局/离婚登记2016-2020.zip/{year}年离婚登记.csv");
        exports.push(export(&path, DIVORCES, &year.to_string(), GBK, vec![sheet]).plant(&note));
    }
    exports
}

/// The monthly counts of one year.
pub fn adoptions() -> Vec<Export> {
    let mut sheet = Sheet::new("收养");
    sheet.title("土默特左旗2018年收养登记数量统计表", 5);
    sheet.around(["", "", "", "", "单位：人"]);
    sheet.header(&["年", "月份", "合计", "男", "女"]);
    let counts = [
        [0, 1],
        [1, 0],
        [0, 0],
        [1, 2],
        [0, 1],
        [1, 1],
        [0, 0],
        [2, 1],
        [0, 1],
        [1, 0],
        [0, 2],
        [1, 1],
    ];
    let mut sums = [0, 0];
    for (month, [male, female]) in counts.into_iter().enumerate() {
        let month = month as i32 + 1;
        sheet.accept(vec![
            2018.into(),
            format!("{month}月").into(),
            (male + female).into(),
            male.into(),
            female.into(),
        ]);
        sums = [sums[0] + male, sums[1] + female];
    }
    let [male, female] = sums;
    sheet.around([
        Cell::from("合计"),
        Cell::Blank,
        (male + female).into(),
        male.into(),
        female.into(),
    ]);
    sheet.around(["填表人：", "", "审核人："]);
    vec![
        export(
            "民政局/2018年收养登记数量统计表.xlsx",
            ADOPTIONS,
            "2018",
            Container::Xlsx,
            vec![sheet],
        )
        .plant("按月计数；合计行等于各行之和；单位：人"),
    ]
}
