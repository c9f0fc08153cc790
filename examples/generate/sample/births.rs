//! The health department's birth certificates, year by year and month by month.

use super::certificate_rows::{Style, cell, certificate, fill, issued, reissue};
use crate::dates::Day;
use crate::export::{Cell, Container, Encoding, Export, Line, Outcome, Role, Sheet};
use crate::identity;
use crate::sample::{GBK, export, headers, text};
use crate::spelling::{self, Days};
use crate::world::World;

const SOURCE: &str = "health/birth_certificates";

const ROSTER: [(&str, &str); 19] = [
    ("序号", "seq"),
    ("出生证编号", "no"),
    ("新生儿姓名", "name"),
    ("性别", "sex"),
    ("出生时间", "birth"),
    ("孕周", "weeks"),
    ("体重(g)", "weight"),
    ("身长(cm)", "length"),
    ("母亲姓名", "mother"),
    ("母亲年龄", "mother_age"),
    ("母亲身份证号", "mother_id"),
    ("母亲民族", "mother_ethnicity"),
    ("父亲姓名", "father"),
    ("父亲身份证号", "father_id"),
    ("家庭住址", "address"),
    ("联系电话", "phone"),
    ("接生机构", "hospital"),
    ("签发日期", "issue"),
    ("签发类型", "type"),
];

/// Every file of certificates.
pub fn exports(world: &mut World) -> Vec<Export> {
    let mut exports = vec![year_2016(world), year_2017(world)];
    exports.extend(months_2018(world));
    exports.push(first_half_2018(world));
    exports.push(second_half_2018(world));
    exports.extend(year_2019(world));
    exports.push(year_2020(world));
    exports
}

fn year_2016(world: &mut World) -> Export {
    let births = issued(world, Day::new(2016, 1, 1), Day::new(2016, 12, 31));
    let style = Style {
        days: Days::Dots,
        moments: Days::Chinese,
        sex: 0,
        ethnicity: 0,
        dirt: 0.05,
    };
    let mut sheet = Sheet::new("2016年");
    sheet.title("土默特左旗2016年出生医学证明签发花名册", ROSTER.len());
    sheet.around([
        "填报单位：土默特左旗妇幼保健所（公章）",
        "",
        "",
        "",
        "",
        "",
        "填报日期：2017年1月5日",
    ]);
    sheet.header(&headers(&ROSTER));
    sheet.around(
        ["甲", "乙"]
            .into_iter()
            .map(Cell::from)
            .chain((1..=17).map(Cell::from)),
    );
    fill(world, &mut sheet, &births, &ROSTER, style);
    let last = Cell::from(format!("共{}人", births.len()));
    reissue(&mut sheet, 12, "换发");
    reissue(&mut sheet, 40, "补发");
    sheet.repeat(20, "出生证编号");
    sheet.repeat(133, "出生证编号");
    sheet.reject(
        8,
        "母亲身份证号",
        identity::scientific("159921198803054321"),
        "lossy_id",
    );
    sheet.reject(64, "出生证编号", Cell::Blank, "required");
    sheet.reject(90, "出生时间", "2016年02月30日08时15分", "type");
    sheet.spoil(30, "父亲姓名", "不详");
    sheet.spoil(30, "父亲身份证号", "不详");
    sheet.spoil(51, "体重(g)", "-");
    sheet.spoil(52, "母亲身份证号", "护照E15990001");
    sheet.around([Cell::from("合计"), last]);
    sheet.blank();
    sheet.around([
        "填表人：",
        "",
        "",
        "审核人：",
        "",
        "",
        "联系电话：0471-0000000",
    ]);
    export(
        "卫健局/土默特左旗2016年出生医学证明签发花名册.xls",
        SOURCE,
        "2016",
        Container::Xls,
        vec![sheet],
    )
    .plant("BIFF8；两行标题；甲乙1 2 3 序号行；合计行与填表人页脚")
    .plant("出生时间写作 2016年03月05日14时30分，签发日期写作 2016.3.5")
    .plant("未取名、“某某之子”、空白姓名；单亲父亲栏为 /；2015年底出生的迟发证")
    .plant("换发、补发各1（重复同一儿童，接受）；证件栏1个护照号（接受，标记）")
    .plant("拒绝：编号重复2，科学计数法证件号1，缺编号1，2016年02月30日1")
}
const MERGED: [(&str, &str); 21] = [
    ("序号", "seq"),
    ("出生医学证明编号", "no"),
    ("新生儿/姓名", "name"),
    ("新生儿/性别", "sex"),
    ("新生儿/出生日期", "birth"),
    ("新生儿/体格/孕周(周)", "weeks"),
    ("新生儿/体格/出生体重（kg）", "weight_kg"),
    ("新生儿/体格/出生身长（cm）", "length"),
    ("新生儿/孩次", "order"),
    ("新生儿/胎数", "plurality"),
    ("母亲/姓名", "mother"),
    ("母亲/年龄", "mother_age"),
    ("母亲/民族", "mother_ethnicity"),
    ("母亲/身份证号", "mother_id"),
    ("父亲/姓名", "father"),
    ("父亲/身份证号", "father_id"),
    ("住址/乡镇", "town"),
    ("住址/村(居)", "village"),
    ("签发/助产机构", "hospital"),
    ("签发/签发日期", "issue"),
    ("签发/签发类型", "type"),
];

fn year_2017(world: &mut World) -> Export {
    let births = issued(world, Day::new(2017, 1, 1), Day::new(2017, 12, 31));
    let style = Style {
        days: Days::Serial,
        moments: Days::Excel,
        sex: 4,
        ethnicity: 1,
        dirt: 0.04,
    };
    let mut sheets = Vec::new();
    for quarter in 0..4 {
        let months = [quarter * 3 + 1, quarter * 3 + 3];
        let mut sheet = Sheet::new(&format!("{}-{}月", months[0], months[1]));
        sheet.title("土默特左旗2017年出生医学证明签发情况登记表", MERGED.len());
        sheet.merged_header(&headers(&MERGED), 3);
        let of_quarter: Vec<usize> = births
            .iter()
            .copied()
            .filter(|&at| {
                let (_, day) = certificate(&world.births[at]);
                (months[0]..=months[1]).contains(&day.month())
            })
            .collect();
        fill(world, &mut sheet, &of_quarter, &MERGED, style);
        sheets.push(sheet);
    }
    let first = &mut sheets[0];
    first.reject(
        10,
        "母亲/身份证号",
        identity::scientific("159921199001011234"),
        "lossy_id",
    );
    first.reject(
        14,
        "母亲/身份证号",
        Cell::Number(159_921_198_802_030_000.0),
        "lossy_id",
    );
    for row in 21..24 {
        first.spoil(row, "住址/乡镇", "同上");
    }
    sheets[1].repeat(3, "出生医学证明编号");
    sheets[1].skip(7, "签发/签发类型", "作废");
    sheets[2].reject(5, "新生儿/性别", "男女", "code");
    let day = Day::new(2017, 7, 18);
    sheets[2].spoil(9, "新生儿/出生日期", spelling::day(day, Days::Numerals));
    sheets[3].reject(11, "新生儿/出生日期", "2099-12-01", "future_date");
    sheets[3].skip(2, "签发/签发类型", "作废");
    export(
        "卫健局/土默特左旗2017年出生医学证明签发登记表.xlsx",
        SOURCE,
        "2017",
        Container::Xlsx,
        sheets,
    )
    .plant("四张季度表，三行合并表头（新生儿/体格/孕周…，母亲/姓名…）")
    .plant("体重单位 kg；出生日期为 Excel 日期时间，签发日期为无格式序列数；一个中文数字日期")
    .plant("乡镇栏 同上 3处；民族写简称；作废证2张（跳过）")
    .plant("拒绝：科学计数法证件号1，存成数值的证件号（末三位000）1，编号重复1，性别“男女”1，出生日期2099年1")
}

const MONTHLY: [(&str, &str); 15] = [
    ("序号", "seq"),
    ("出生医学证明编号", "no"),
    ("婴儿姓名", "name"),
    ("婴儿性别", "sex"),
    ("出生日期", "birth"),
    ("孕周", "weeks"),
    ("出生体重（g）", "weight"),
    ("孩次", "order"),
    ("产妇姓名", "mother"),
    ("产妇年龄", "mother_age"),
    ("产妇身份证号", "mother_id"),
    ("民族", "mother_ethnicity"),
    ("现住址", "address"),
    ("助产机构名称", "hospital"),
    ("签发日期", "issue"),
];

fn month_of(world: &mut World, month: u32, style: Style) -> Sheet {
    let last = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month as usize - 1];
    let births = issued(world, Day::new(2018, month, 1), Day::new(2018, month, last));
    let mut sheet = Sheet::new("Sheet1");
    sheet.title(
        &format!("土默特左旗2018年{month}月出生医学证明签发花名册"),
        MONTHLY.len(),
    );
    sheet.header(&headers(&MONTHLY));
    fill(world, &mut sheet, &births, &MONTHLY, style);
    sheet
}

fn months_2018(world: &mut World) -> Vec<Export> {
    let path = |month| format!("卫健局/土默特左旗2018年{month}月出生医学证明签发花名册.xls");
    let style = Style {
        days: Days::Slashes,
        moments: Days::Slashes,
        sex: 0,
        ethnicity: 0,
        dirt: 0.08,
    };
    let mut january = month_of(world, 1, style);
    january.reject(
        6,
        "产妇身份证号",
        identity::scientific("159921199312120011"),
        "lossy_id",
    );
    january.around(["填表人：", "", "", "", "审核人："]);
    let january = export(&path(1), SOURCE, "2018-01", Container::Html, vec![january])
        .outcome(Outcome::Superseded)
        .plant("网页另存为 .xls（GBK）；空格为 &nbsp;；被1-6月累计文件替代")
        .plant("拒绝：科学计数法证件号1");

    let style = Style {
        days: Days::Iso,
        moments: Days::Excel,
        sex: 0,
        ethnicity: 0,
        dirt: 0.03,
    };
    let mut february = month_of(world, 2, style);
    february.repeat(4, "出生医学证明编号");
    let february = export(
        &path(2),
        SOURCE,
        "2018-02",
        Container::SpreadsheetMl,
        vec![february],
    )
    .outcome(Outcome::Superseded)
    .plant("Excel 2003 XML（SpreadsheetML）另存为 .xls；跳格用 ss:Index；被1-6月累计文件替代")
    .plant("拒绝：编号重复1");

    let style = Style {
        days: Days::Chinese,
        moments: Days::Chinese,
        sex: 0,
        ethnicity: 0,
        dirt: 0.05,
    };
    let mut march = month_of(world, 3, style);
    march.reject(3, "出生日期", "2018-02-30", "type");
    march.around(["小计", "", "", "", ""]);
    march.around(["填表人：", "", "", "", "填报日期：2018年4月2日"]);
    let march = export(&path(3), SOURCE, "2018-03", Container::Xls, vec![march])
        .outcome(Outcome::Superseded)
        .plant("BIFF8；小计行与页脚；被1-6月累计文件替代")
        .plant("拒绝：2018-02-30 1");
    vec![january, february, march]
}

fn first_half_2018(world: &mut World) -> Export {
    let births = issued(world, Day::new(2018, 1, 1), Day::new(2018, 6, 30));
    let style = Style {
        days: Days::Compact,
        moments: Days::Compact,
        sex: 1,
        ethnicity: 2,
        dirt: 0.1,
    };
    let mut sheet = Sheet::new("");
    sheet.around(["土默特左旗2018年1-6月出生医学证明签发花名册（累计）"]);
    sheet.header(&headers(&ROSTER));
    fill(world, &mut sheet, &births, &ROSTER, style);
    sheet.reject(
        5,
        "母亲身份证号",
        identity::scientific("159921199507071234"),
        "lossy_id",
    );
    sheet.reject(
        25,
        "母亲身份证号",
        identity::scientific("159921198611020022"),
        "lossy_id",
    );
    sheet.reject(45, "母亲身份证号", "159921198904180000", "lossy_id");
    sheet.reject(59, "签发日期", "20181301", "type");
    sheet.reject(60, "出生时间", "20180230101500", "type");
    sheet.spoil(61, "父亲身份证号", "待补");
    sheet.spoil(62, "母亲民族", "蒙族");
    sheet.spoil(63, "孕周", "39周");
    export(
        "卫健局/土默特左旗2018年上半年(1-6月)出生医学证明签发累计.csv",
        SOURCE,
        "2018-01..2018-06",
        GBK,
        vec![sheet],
    )
    .plant("GBK；标题行在表头之上；1-6月累计，替代1、2、3月的文件")
    .plant("日期为 8 位、时间为 14 位数字；性别 1/2；民族代码")
    .plant("拒绝：科学计数法证件号2，末三位000且校验位错1，出生时间20180230101500 1，签发日期20181301 1")
}

const QUOTED: [(&str, &str); 16] = [
    ("出生证号", "no"),
    ("儿童姓名", "name"),
    ("性别", "sex"),
    ("出生日期时间", "birth"),
    ("出生孕周", "weeks"),
    ("出生体重", "weight_comma"),
    ("胎次", "order"),
    ("胎数", "plurality"),
    ("母亲姓名", "mother"),
    ("母亲身份证号码", "mother_id"),
    ("父亲姓名", "father"),
    ("父亲身份证号码", "father_id"),
    ("户籍地址", "address"),
    ("分娩医院", "hospital"),
    ("发证日期", "issue"),
    ("签发类型", "type"),
];

fn second_half_2018(world: &mut World) -> Export {
    let births = issued(world, Day::new(2018, 7, 1), Day::new(2018, 12, 31));
    let style = Style {
        days: Days::Iso,
        moments: Days::Iso,
        sex: 2,
        ethnicity: 0,
        dirt: 0.0,
    };
    let mut sheet = Sheet::new("");
    sheet.header(&headers(&QUOTED));
    for at in births {
        let cells = QUOTED
            .iter()
            .map(|(_, field)| match (cell(world, at, field, style), *field) {
                // The system wraps long numbers so that Excel keeps them.
                (Cell::Text(id), "mother_id" | "father_id") if id.len() == 18 => {
                    format!("=\"{id}\"").into()
                }
                (cell, _) => cell,
            });
        let cells = cells.collect();
        sheet.accept(cells);
    }
    reissue(&mut sheet, 17, "换发");
    sheet.skip(33, "签发类型", "作废");
    sheet.reject(14, "出生日期时间", "2018-02-30 10:20:00", "type");
    sheet.repeat(71, "出生证号");
    export(
        "卫健局/土默特左旗2018年下半年(7-12月)出生医学证明签发.csv",
        SOURCE,
        "2018-07..2018-12",
        text(',', Encoding::Utf8Bom),
        vec![sheet],
    )
    .plant("UTF-8 BOM；证件号写作 =\"…\"；体重带千分号（需引号）；换发1（接受），作废1（跳过）")
    .plant("拒绝：2018-02-30 1，编号重复1")
}

fn year_2019(world: &mut World) -> Vec<Export> {
    let births = issued(world, Day::new(2019, 1, 1), Day::new(2019, 12, 31));
    let style = Style {
        days: Days::Excel,
        moments: Days::Excel,
        sex: 0,
        ethnicity: 0,
        dirt: 0.05,
    };
    let mut sheet = Sheet::new("出生证2019");
    sheet.title("土默特左旗2019年出生医学证明签发花名册", ROSTER.len());
    sheet.header(&headers(&ROSTER));
    fill(world, &mut sheet, &births, &ROSTER, style);
    reissue(&mut sheet, 77, "换发");
    sheet.reject(
        15,
        "母亲身份证号",
        identity::scientific("159921199204051234"),
        "lossy_id",
    );
    sheet.spoil(100, "出生证编号", "S15990");
    sheet.spoil(101, "体重(g)", 32_500);
    sheet.spoil(102, "体重(g)", 32);
    sheet.reject(120, "出生时间", "2091-03-05 09:30:00", "future_date");
    let path = "卫健局/土默特左旗2019年出生医学证明签发花名册.ods";
    let first = export(path, SOURCE, "2019", Container::Ods, vec![sheet])
        .plant("ODS；日期为表格日期；尾部 900 多个空列")
        .plant("编号少位1、体重 32500 克与 32 克各1（接受，警告）")
        .plant("拒绝：科学计数法证件号1，2091年1");
    let mut again = first.clone();
    again.path = "卫健局/土默特左旗2019年出生医学证明签发花名册_重报.ods".to_owned();
    again.outcome = Outcome::NothingNew;
    again.planted = vec!["与上一文件逐字节相同：没有新内容".to_owned()];
    vec![first, again]
}

const STANDARD: [(&str, &str); 24] = [
    ("出生医学证明编号", "no"),
    ("新生儿姓名", "name"),
    ("新生儿性别代码", "sex"),
    ("新生儿出生日期时间", "birth"),
    ("行政区划代码", "division"),
    ("地址-乡（镇、街道办事处）", "town"),
    ("地址-村（街、路、弄等）", "village"),
    ("新生儿健康状况", "health"),
    ("出生孕周", "weeks"),
    ("出生身长（cm）", "length"),
    ("出生体重（g）", "weight"),
    ("母亲姓名", "mother"),
    ("母亲国籍", "country"),
    ("母亲民族代码", "mother_ethnicity"),
    ("母亲身份证件-类别", "id_kind"),
    ("母亲身份证件-号码", "mother_id"),
    ("父亲姓名", "father"),
    ("父亲民族代码", "father_ethnicity"),
    ("父亲身份证件-号码", "father_id"),
    ("助产机构名称", "hospital"),
    ("签发日期", "issue"),
    ("签证机构名称", "hospital"),
    ("签发类型", "type"),
    ("", "blank"),
];

fn year_2020(world: &mut World) -> Export {
    let births = issued(world, Day::new(2020, 1, 1), Day::new(2020, 12, 31));
    let style = Style {
        days: Days::Number,
        moments: Days::Compact,
        sex: 1,
        ethnicity: 2,
        dirt: 0.03,
    };
    let mut sheet = Sheet::new("出生医学证明");
    sheet.header(&headers(&STANDARD));
    fill(world, &mut sheet, &births, &STANDARD, style);
    sheet.skip(44, "签发类型", "作废");
    sheet.reject(33, "出生医学证明编号", Cell::Blank, "required");
    sheet.reject(
        55,
        "母亲身份证件-号码",
        identity::scientific("159921199612240033"),
        "lossy_id",
    );
    sheet.repeat(60, "出生医学证明编号");
    let repeated = vec![
        Line {
            cells: Vec::new(),
            role: Role::Around,
        },
        Line {
            cells: headers(&STANDARD).into_iter().map(Cell::from).collect(),
            role: Role::Around,
        },
    ];
    sheet.page_breaks(40, &repeated);
    export(
        "卫健局/150121_出生医学证明_2020年.xlsx",
        SOURCE,
        "2020",
        Container::Xlsx,
        vec![sheet],
    )
    .plant("按 WS 376.1 数据元命名的表头；每40行重复表头并空一行；尾部空列")
    .plant("签发日期为数值 20200305；性别、民族为代码；作废1（跳过）")
    .plant("拒绝：缺编号1，科学计数法证件号1，编号重复1")
}
