//! Statistics: annual figures in 万人 and the census in persons, survey persons; and the plan
//! targets of development and reform.

use crate::dates::Day;
use crate::export::{Cell, Container, Encoding, Export, Sheet};
use crate::identity;
use crate::places::Home;
use crate::sample::{GBK, export, text};
use crate::spelling;
use crate::world::World;

const ANNUAL: &str = "statistics/annual_population";
const SURVEY: &str = "statistics/survey_persons";
const PLANS: &str = "development_reform/plan_targets";

/// Year-end figures before the census, in hundreds of persons so that 万人 with two digits is
/// exact: total, urban, male. Births and deaths in persons. Invented; only 2020 is published.
const YEARS: [(i32, [i32; 3], [i32; 2]); 4] = [
    (2016, [2836, 1002, 1467], [2260, 1640]),
    (2017, [2789, 1018, 1441], [2170, 1695]),
    (2018, [2738, 1032, 1413], [1930, 1720]),
    (2019, [2685, 1046, 1384], [1790, 1765]),
];

/// Annual figures of 2016 to 2019, and the census of 2020.
pub fn annual() -> Vec<Export> {
    let mut sheet = Sheet::new("主要人口数据");
    let names = [
        "年份",
        "常住人口（万人）",
        "城镇人口（万人）",
        "乡村人口（万人）",
        "男性人口（万人）",
        "女性人口（万人）",
        "出生人口（人）",
        "死亡人口（人）",
    ];
    sheet.title("土默特左旗2016-2019年主要人口数据", names.len());
    sheet.header(&names);
    for (year, [total, urban, male], [births, deaths]) in YEARS {
        let wan = |hundreds: i32| Cell::Number(f64::from(hundreds) / 100.0);
        sheet.accept(vec![
            format!("{year}年").into(),
            wan(total),
            wan(urban),
            wan(total - urban),
            wan(male),
            wan(total - male),
            format!("{},{:03}", births / 1000, births % 1000).into(),
            deaths.into(),
        ]);
    }
    sheet.around(["注：年末常住人口为推算数。"]);
    sheet.around(["数据来源：土默特左旗统计局"]);

    let mut census = Sheet::new("");
    census.around(["土默特左旗2020年人口普查主要数据"]);
    census.around(["", "", "", "", "", "", "", "", "", "", "单位：人"]);
    census.header(&[
        "地区",
        "年份",
        "常住人口",
        "男性人口",
        "女性人口",
        "城镇人口",
        "乡村人口",
        "出生人口",
        "死亡人口",
        "劳动年龄人口",
        "60周岁及以上人口",
        "65周岁及以上人口",
    ]);
    let figures = [
        263_131, 135_515, 127_616, 105_947, 157_184, 1_541, 1_812, 160_931, 71_451, 49_858,
    ];
    let cells = ["土默特左旗".into(), "2020".into()].into_iter();
    census.accept(cells.chain(figures.map(Cell::from)).collect());
    census.around(["注：普查标准时点为2020年11月1日零时；劳动年龄人口为15-59周岁人口。"]);
    vec![
        export("统计局/土默特左旗2016-2019年主要人口数据.xlsx", ANNUAL, "2016..2019", Container::Xlsx, vec![sheet])
            .plant("人口单位万人、出生死亡单位人（在表头）；千分号；注与数据来源页脚；四年四行"),
        export("统计局/土默特左旗2020年人口普查主要数据.csv", ANNUAL, "2020", text(',', Encoding::Utf8Bom), vec![census])
            .plant("普查年：另有劳动年龄、60+、65+；公布数 263131 = 135515 + 127616 = 105947 + 157184；出生、死亡与劳动年龄为虚构或推算"),
    ]
}

/// The persons of a sample survey; nothing links them to anybody.
pub fn survey(world: &mut World) -> Vec<Export> {
    let names = [
        "户编号",
        "人序",
        "R1姓名",
        "R2与户主关系",
        "R3性别",
        "R4出生年月",
        "R5民族",
        "R6现居住地",
        "R9户口性质",
        "权数",
    ];
    let mut sheet = Sheet::new("调查表");
    sheet.title(
        "2018年人口变动情况抽样调查个人记录（土默特左旗）",
        names.len(),
    );
    sheet.header(&names);
    for household in 1..=110_u32 {
        let home = Home::random(&mut world.rng);
        let size = world.rng.u32(1..5);
        for person in 1..=size {
            let rng = &mut world.rng;
            let male = rng.bool();
            let age = match person {
                1 | 2 => rng.i32(24..86),
                _ => rng.i32(0..24),
            };
            let born = Day::new(2018 - age, rng.u32(1..11), 1);
            let family = identity::surname(rng);
            let name = identity::name(family, male, false, false, rng);
            let (y, m, _) = born.parts();
            let month: Cell = match household % 3 {
                0 => format!("{y}年{m}月").into(),
                1 => format!("{y}{m:02}").into(),
                _ => format!("{y}-{m:02}").into(),
            };
            sheet.accept(vec![
                format!("{:06}{household:03}", home.town * 1000 + home.village).into(),
                person.into(),
                name.into(),
                match (person, male) {
                    (1, _) => "户主",
                    (2, _) => "配偶",
                    (_, true) => "子",
                    (_, false) => "女",
                }
                .into(),
                if male { 1 } else { 2 }.into(),
                month,
                spelling::ethnicity("01", 3),
                home.county_address().into(),
                if home.village < 3 { 1 } else { 2 }.into(),
                (f64::from(9_200 + household * 3) / 10.0).into(),
            ]);
        }
    }
    sheet.reject(33, "R4出生年月", "2018-13", "type");
    vec![
        export(
            "统计局/2018年人口变动抽样调查个人记录.xlsx",
            SURVEY,
            "2018",
            Container::Xlsx,
            vec![sheet],
        )
        .plant("R1–R9 表头；出生年月三种写法；姓名、地址封存，不与任何个人连接")
        .plant("拒绝：2018-13 1"),
    ]
}

/// The five-year plan and one annual plan.
pub fn plans() -> Vec<Export> {
    let mut sheet = Sheet::new("主要指标");
    let names = [
        "序号",
        "指标名称",
        "计量单位",
        "基期年份",
        "基期值",
        "目标年份",
        "目标值",
        "年均增长(%)",
        "属性",
    ];
    sheet.title("土默特左旗人口发展规划（2016-2020年）主要指标", names.len());
    sheet.header(&names);
    let targets: [(&str, &str, f64, f64, &str, &str); 6] = [
        ("常住人口", "万人", 28.8, 27.5, "-0.92", "预期性"),
        ("常住人口城镇化率", "%", 34.8, 40.0, "", "预期性"),
        ("人口自然增长率", "‰", 2.4, 3.0, "", "预期性"),
        ("出生人口性别比", "女=100", 108.2, 107.0, "", "约束性"),
        ("出生人口信息数据库覆盖率", "%", 82.0, 95.0, "", "约束性"),
        ("0-3岁组人口信息准确率", "%", 80.5, 95.0, "", "预期性"),
    ];
    for (row, (name, unit, base, target, growth, nature)) in targets.into_iter().enumerate() {
        sheet.accept(vec![
            (row as i32 + 1).into(),
            name.into(),
            unit.into(),
            2015.into(),
            base.into(),
            2020.into(),
            target.into(),
            growth.into(),
            nature.into(),
        ]);
    }
    sheet.around(["注：年均增长为五年平均；城镇化率为累计百分点。"]);

    let mut year = Sheet::new("");
    year.around(["土默特左旗2018年国民经济和社会发展计划（人口部分）"]);
    year.header(&["指标名称", "计量单位", "2017年实际", "2018年目标", "属性"]);
    for (name, unit, base, target, nature) in [
        ("常住人口", "万人", "27.89", "27.6", "预期性"),
        ("出生人口", "人", "2,170", "2,200", "预期性"),
        ("人口自然增长率", "‰", "1.7", "2.0", "预期性"),
        ("生育登记实名率", "%", "90", "94", "约束性"),
    ] {
        year.accept([name, unit, base, target, nature].map(Cell::from).to_vec());
    }
    vec![
        export(
            "发改局/土默特左旗人口发展规划(2016-2020年)主要指标.xls",
            PLANS,
            "2016..2020",
            Container::Xls,
            vec![sheet],
        )
        .plant("BIFF8；预期性/约束性；空白年均增长"),
        export(
            "发改局/2018年国民经济和社会发展计划（人口部分）.csv",
            PLANS,
            "2018",
            GBK,
            vec![year],
        )
        .plant("GBK；年份写在表头（2017年实际、2018年目标）"),
    ]
}
