//! Social security: people who drew maternity benefits.

use crate::export::{Cell, Container, Encoding, Export, Sheet};
use crate::identity;
use crate::sample::{GBK, export, headers, text};
use crate::spelling::{self, Days};
use crate::world::World;

const SOURCE: &str = "social_security/maternity_insurance";
const EMPLOYERS: [&str; 8] = [
    "敕勒川样例乳业有限公司",
    "金山样例热电有限责任公司",
    "土默特左旗第九十九中学",
    "哈素海样例旅游开发公司",
    "察素齐样例粮油有限公司",
    "土默特左旗样例供热公司",
    "白塔样例物流有限公司",
    "土默特左旗样例幼儿园",
];

const CODED: [(&str, &str); 11] = [
    ("AAC002", "id"),
    ("AAC003", "name"),
    ("AAC004", "sex"),
    ("AAC006", "birth"),
    ("AAB001", "employer_no"),
    ("AAB004", "employer"),
    ("AAE140", "insurance"),
    ("分娩日期", "delivery"),
    ("生育类别", "kind"),
    ("生育津贴", "benefit"),
    ("支付日期", "paid"),
];

const LIST: [(&str, &str); 9] = [
    ("序号", "seq"),
    ("职工姓名", "name"),
    ("性别", "sex"),
    ("公民身份号码", "id"),
    ("参保单位", "employer"),
    ("分娩日期", "delivery"),
    ("生育类别", "kind"),
    ("生育津贴", "benefit"),
    ("支付日期", "paid"),
];

fn cell(world: &mut World, at: usize, field: &str, days: Days, dirt: f64) -> Cell {
    let birth = world.births[at].clone();
    let couple = &world.couples[birth.couple];
    // Some fathers claim for wives without insurance.
    let person = if birth.couple % 12 == 5 {
        couple.husband
    } else {
        couple.wife
    };
    let person = world.people[person].clone();
    let child = world.people[birth.child].birth;
    let rng = &mut world.rng;
    match field {
        "id" => spelling::id(&person.id, dirt, rng).into(),
        "name" => spelling::name(&person.name, rng).into(),
        "sex" => spelling::sex(person.male, if days == Days::Compact { 1 } else { 0 }),
        "birth" => spelling::day(person.birth, days),
        "employer_no" => format!("15992100{:04}", birth.couple % 8 * 37 + 11).into(),
        "employer" => EMPLOYERS[birth.couple % 8].into(),
        "insurance" => "510".into(),
        "delivery" => spelling::day(child, days),
        "kind" => if birth.minute % 5 < 2 {
            "剖宫产"
        } else {
            "顺产"
        }
        .into(),
        "benefit" => (f64::from(9_000 + birth.minute * 7) + 0.5).into(),
        "paid" => birth
            .insured
            .map_or(Cell::Blank, |day| spelling::day(day, days)),
        other => panic!("no field {other}"),
    }
}

fn fill(
    world: &mut World,
    sheet: &mut Sheet,
    year: i32,
    layout: &[(&str, &str)],
    days: Days,
    dirt: f64,
) {
    let mut paid = Vec::new();
    let mut last = None;
    for (at, birth) in world.births.iter().enumerate() {
        // Twins are one delivery.
        let delivery = Some((birth.couple, world.people[birth.child].birth));
        if let Some(day) = birth.insured
            && day.year() == year
            && delivery != last
        {
            paid.push((day, at));
        }
        last = delivery;
    }
    paid.sort_unstable();
    for (row, (_, at)) in paid.into_iter().enumerate() {
        let cells = layout.iter().map(|(_, field)| match *field {
            "seq" => (row as i32 + 1).into(),
            field => cell(world, at, field, days, dirt),
        });
        let cells = cells.collect();
        sheet.accept(cells);
    }
}

/// Every file.
pub fn exports(world: &mut World) -> Vec<Export> {
    let mut coded = Sheet::new("");
    coded.header(&headers(&CODED));
    fill(world, &mut coded, 2017, &CODED, Days::Compact, 0.0);
    let id = coded.column("AAC002");
    for line in coded.lines.iter_mut().skip(1) {
        line.cells[id] = format!("\t{}", line.cells[id].text()).into();
    }
    coded.reject(
        13,
        "AAC002",
        identity::scientific("159921199001021234"),
        "lossy_id",
    );

    let mut list = Sheet::new("生育保险");
    list.title("2018年生育保险待遇支付人员花名册", LIST.len());
    list.header(&headers(&LIST));
    fill(world, &mut list, 2018, &LIST, Days::Slashes, 0.05);
    list.spoil(8, "生育津贴", "12,345.50");
    list.spoil(9, "参保单位", "同上");
    list.reject(21, "公民身份号码", "", "required");
    list.around(["合计"]);
    list.around(["填表人：", "", "审核人："]);

    let mut newer = Sheet::new("Sheet1");
    newer.title("生育保险待遇人员信息（2019年）", LIST.len());
    newer.header(&headers(&LIST));
    fill(world, &mut newer, 2019, &LIST, Days::Excel, 0.02);
    newer.reject(15, "分娩日期", "2019-04-31", "type");

    let mut last = Sheet::new("");
    last.header(&headers(&LIST));
    fill(world, &mut last, 2020, &LIST, Days::Iso, 0.04);
    vec![
        export(
            "人社局/AC07_生育保险待遇_2017.csv",
            SOURCE,
            "2017",
            GBK,
            vec![coded],
        )
        .plant("GBK；金保代码表头 AAC002…；证件号前有制表符；部分为男职工申领")
        .plant("拒绝：科学计数法号1"),
        export(
            "人社局/2018年生育保险待遇支付花名册.xls",
            SOURCE,
            "2018",
            Container::Html,
            vec![list],
        )
        .plant("网页另存为 .xls；千分号金额；参保单位 同上；合计行、页脚")
        .plant("拒绝：缺公民身份号码1"),
        export(
            "人社局/2019年生育保险待遇人员信息.xlsx",
            SOURCE,
            "2019",
            Container::Xlsx,
            vec![newer],
        )
        .plant("拒绝：分娩日期2019-04-31 1"),
        export(
            "人社局/2020年生育保险待遇人员.txt",
            SOURCE,
            "2020",
            text('|', Encoding::Utf8),
            vec![last],
        )
        .plant("UTF-8 无 BOM；竖线分隔"),
    ]
}
