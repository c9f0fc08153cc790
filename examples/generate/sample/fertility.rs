//! The health department's fertility registrations (生育登记), one file a year.

use std::collections::BTreeMap;

use crate::dates::Day;
use crate::export::{Cell, Container, Encoding, Export, Sheet};
use crate::identity;
use crate::sample::{GBK, export, headers, text};
use crate::spelling::{self, Days};
use crate::world::World;

const SOURCE: &str = "health/fertility_registrations";

const LEDGER: [(&str, &str); 15] = [
    ("登记编号", "no"),
    ("女方姓名", "wife"),
    ("女方身份证号", "wife_id"),
    ("女方民族", "wife_ethnicity"),
    ("女方户籍地址", "address"),
    ("男方姓名", "husband"),
    ("男方身份证号", "husband_id"),
    ("结婚日期", "married"),
    ("结婚证号", "certificate"),
    ("现有子女数", "children"),
    ("孩次", "order"),
    ("预产期", "expected"),
    ("政策属性", "policy"),
    ("联系电话", "phone"),
    ("登记日期", "registered"),
];

const ONLINE: [(&str, &str); 12] = [
    ("登记编号", "no"),
    ("登记日期", "registered"),
    ("登记机构", "office"),
    ("登记方式", "channel"),
    ("女方姓名", "wife"),
    ("女方身份证号", "wife_id"),
    ("女方现居住地", "address"),
    ("男方姓名", "husband"),
    ("男方身份证号", "husband_id"),
    ("结婚(再婚)日期", "married"),
    ("怀孕孩次", "order"),
    ("预产期", "expected"),
];

/// One registration: the birth that shows it and its day.
type Registered = (Day, usize);

/// Every file.
pub fn exports(world: &mut World) -> Vec<Export> {
    let mut years: BTreeMap<i32, Vec<Registered>> = BTreeMap::new();
    let mut last = String::new();
    for (at, birth) in world.births.iter().enumerate() {
        if let Some((number, day)) = &birth.fertility
            && *number != last
        {
            last.clone_from(number);
            years.entry(day.year()).or_default().push((*day, at));
        }
    }
    for rows in years.values_mut() {
        rows.sort_unstable();
    }
    let mut of = |year: i32| years.remove(&year).unwrap_or_default();
    let (y2016, y2017, y2018, y2019, y2020) = (of(2016), of(2017), of(2018), of(2019), of(2020));
    vec![
        unicode_text(world, &y2016),
        by_month(world, &y2017),
        gbk(world, &y2018),
        excel(world, &y2019),
        online(world, &y2020),
    ]
}

fn cell(world: &mut World, (day, at): Registered, field: &str, days: Days, dirt: f64) -> Cell {
    let birth = world.births[at].clone();
    let couple = world.couples[birth.couple].clone();
    let wife = world.people[couple.wife].clone();
    let husband = world.people[couple.husband].clone();
    let due = world.people[birth.child]
        .birth
        .plus((40 - birth.weeks as i32) * 7);
    let rng = &mut world.rng;
    match field {
        "no" => birth
            .fertility
            .map_or(Cell::Blank, |(number, _)| number.into()),
        "wife" => spelling::name(&wife.name, rng).into(),
        "wife_id" => spelling::id(&wife.id, dirt, rng).into(),
        "wife_ethnicity" => spelling::ethnicity(wife.ethnicity, 0),
        "husband" => spelling::name(&husband.name, rng).into(),
        "husband_id" => spelling::id(&husband.id, dirt, rng).into(),
        "address" => wife.home.address().into(),
        "married" => spelling::day(couple.married, days),
        "certificate" => couple.certificate.into(),
        "children" => (birth.order - 1).into(),
        "order" => birth.order.into(),
        "expected" => spelling::day(due, days),
        "policy" => "政策内".into(),
        "phone" => wife.phone.into(),
        "registered" => spelling::day(day, days),
        "office" => format!("{}卫生院计生服务站", wife.home.town_name()).into(),
        "channel" => if birth.minute.is_multiple_of(4) {
            "窗口"
        } else {
            "网上"
        }
        .into(),
        other => panic!("no field {other}"),
    }
}

fn fill(
    world: &mut World,
    sheet: &mut Sheet,
    rows: &[Registered],
    layout: &[(&str, &str)],
    days: Days,
    dirt: f64,
) {
    for row in rows {
        let cells = layout
            .iter()
            .map(|(_, field)| cell(world, *row, field, days, dirt));
        let cells = cells.collect();
        sheet.accept(cells);
    }
}

fn unicode_text(world: &mut World, rows: &[Registered]) -> Export {
    let mut sheet = Sheet::new("");
    sheet.header(&headers(&LEDGER));
    fill(world, &mut sheet, rows, &LEDGER, Days::Slashes, 0.04);
    sheet.reject(
        9,
        "女方身份证号",
        identity::scientific("159921198909091234"),
        "lossy_id",
    );
    sheet.reject(70, "登记日期", Cell::Blank, "required");
    sheet.reject(71, "登记编号", Cell::Blank, "required");
    for row in 30..34 {
        let missing = spelling::missing(&mut world.rng);
        sheet.spoil(row, "结婚证号", missing);
    }
    let path = "卫健局/2016年生育登记信息.txt";
    export(
        path,
        SOURCE,
        "2016",
        text('\t', Encoding::Utf16Le),
        vec![sheet],
    )
    .plant("Excel“Unicode 文本”：UTF-16LE、制表符；结婚证号缺失4种写法")
    .plant("拒绝：科学计数法证件号1，缺登记日期1，缺登记编号1")
}

fn by_month(world: &mut World, rows: &[Registered]) -> Export {
    let mut sheets = Vec::new();
    for month in 1..=12 {
        let of_month: Vec<Registered> = rows
            .iter()
            .copied()
            .filter(|(day, _)| day.month() == month)
            .collect();
        let mut sheet = Sheet::new(&format!("{month}月"));
        sheet.title("2017年生育登记服务证发放台账", LEDGER.len());
        sheet.header(&headers(&LEDGER));
        fill(world, &mut sheet, &of_month, &LEDGER, Days::Excel, 0.03);
        sheets.push(sheet);
    }
    sheets[4].repeat(2, "登记编号");
    sheets[7].reject(1, "登记日期", "2017-08-32", "type");
    export(
        "卫健局/2017年生育登记服务证发放台账.xlsx",
        SOURCE,
        "2017",
        Container::Xlsx,
        sheets,
    )
    .plant("十二张月表")
    .plant("拒绝：登记编号重复1，日期2017-08-32 1")
}

fn gbk(world: &mut World, rows: &[Registered]) -> Export {
    let mut sheet = Sheet::new("");
    sheet.header(&headers(&LEDGER));
    fill(world, &mut sheet, rows, &LEDGER, Days::Iso, 0.1);
    sheet.reject(
        11,
        "女方身份证号",
        identity::scientific("159921199110101234"),
        "lossy_id",
    );
    sheet.reject(12, "女方身份证号", "159921198703030000", "lossy_id");
    sheet.around(["制表人：", "", "", "复核："]);
    export(
        "卫健局/土默特左旗2018年生育登记明细表.csv",
        SOURCE,
        "2018",
        GBK,
        vec![sheet],
    )
    .plant("GBK；证件号各种包装（' = 全角 空格 制表符，X 的形近字）；页脚")
    .plant("拒绝：科学计数法证件号1，末三位000且校验位错1")
}

fn excel(world: &mut World, rows: &[Registered]) -> Export {
    let mut sheet = Sheet::new("生育登记");
    sheet.title("土默特左旗卫生健康委员会", LEDGER.len());
    sheet.title("2019年生育登记花名册", LEDGER.len());
    sheet.header(&headers(&LEDGER));
    fill(world, &mut sheet, rows, &LEDGER, Days::Excel, 0.03);
    sheet.spoil(20, "预产期", "2020-02-30");
    let repeated = sheet.lines[2].clone();
    sheet.page_breaks(35, &[repeated]);
    export(
        "卫健局/2019年生育登记花名册.xls",
        SOURCE,
        "2019",
        Container::Xls,
        vec![sheet],
    )
    .plant("BIFF8；两行标题；每35行重复表头；预产期2020-02-30（接受，警告）")
}

fn online(world: &mut World, rows: &[Registered]) -> Export {
    let mut sheet = Sheet::new("");
    sheet.header(&headers(&ONLINE));
    fill(world, &mut sheet, rows, &ONLINE, Days::DotNet, 0.0);
    sheet.repeat(31, "登记编号");
    let path = "卫健局/shengyudengji_2020.csv";
    export(path, SOURCE, "2020", text(',', Encoding::Utf8), vec![sheet])
        .plant("网上办事系统导出：UTF-8 无 BOM，日期写作 2020-3-5 0:00:00，期间只能从登记日期得知或从文件名 2020")
        .plant("拒绝：登记编号重复1")
}
