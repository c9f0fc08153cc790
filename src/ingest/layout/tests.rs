use super::super::rows::CellKind;
use super::*;

const KNOWN: [&str; 20] = [
    "姓名",
    "性别",
    "出生日期",
    "身份证号",
    "乡镇",
    "出生人口",
    "死亡人口",
    "男",
    "女",
    "合计",
    "母亲姓名",
    "户籍地/省",
    "户籍地/市",
    "民族",
    "人数",
    "编号",
    "体重",
    "单位名称",
    "登记日期",
    "年龄",
];

fn known(key: &str) -> bool {
    KNOWN.contains(&key)
}

/// Rows of a text: lines, `|` between the cells.
fn table(text: &str) -> Rows {
    let mut rows = Rows::default();
    for (line, number) in text.lines().zip(1..) {
        for cell in line.trim().split('|') {
            rows.push(&cell.replace('~', "\n"), CellKind::Text);
        }
        rows.end_row(number);
    }
    rows
}

fn headers(layout: &Layout) -> Vec<&str> {
    layout
        .headers
        .iter()
        .map(|header| header.as_ref().map_or("", |header| header.text.as_str()))
        .collect()
}

fn merge(first_row: usize, first_col: usize, last_row: usize, last_col: usize) -> Merge {
    Merge {
        first_row,
        first_col,
        last_row,
        last_col,
    }
}

#[test]
fn a_plain_table_starts_at_its_first_row() {
    let rows = table("姓名|性别|出生日期||\n甲某|女|1888-03-05||");
    let layout = find(&rows, &[], &known).unwrap();
    assert_eq!((layout.header_rows.clone(), layout.first_data), (0..1, 1));
    assert_eq!(headers(&layout), ["姓名", "性别", "出生日期"]);
    assert!(layout.titles.is_empty());
}

#[test]
fn titles_above_and_an_index_row_below_are_set_apart() {
    let rows = table(
        "\n土默特左旗2018年3月出生花名册||\n单位：人|察素齐镇卫生院|\n 姓 名 |出生~日期|体重（kg）|性别\n1|2|3|4\n甲某|1888-03-05|3.2|女",
    );
    let layout = find(&rows, &[], &known).unwrap();
    assert_eq!(
        layout.titles,
        [
            "土默特左旗2018年3月出生花名册",
            "单位：人",
            "察素齐镇卫生院"
        ]
    );
    assert_eq!((layout.header_rows.clone(), layout.first_data), (3..4, 5));
    assert_eq!(
        headers(&layout),
        ["姓 名", "出生日期", "体重（kg）", "性别"]
    );
    let weight = layout.headers[2].as_ref().unwrap();
    assert_eq!(
        (weight.key.as_str(), weight.unit.as_deref()),
        ("体重", Some("kg"))
    );
}

#[test]
fn two_merged_rows_are_joined() {
    let rows = table("2018年统计表\n序号|姓名|户籍地|||备注\n||省|市|县|\n1|甲某|某省|某市|某县|");
    let merges = [
        merge(0, 0, 0, 5),
        merge(1, 0, 2, 0),
        merge(1, 1, 2, 1),
        merge(1, 2, 1, 4),
        merge(1, 5, 2, 5),
    ];
    let known = |key: &str| matches!(key, "序号" | "姓名" | "备注");
    for merges in [&merges[..], &[]] {
        let layout = find(&rows, merges, &known).unwrap();
        assert_eq!(layout.header_rows, 1..3);
        assert_eq!(
            headers(&layout),
            [
                "序号",
                "姓名",
                "户籍地/省",
                "户籍地/市",
                "户籍地/县",
                "备注"
            ]
        );
        assert_eq!(layout.headers[2].as_ref().unwrap().last, "省");
        assert_eq!(layout.titles, ["2018年统计表"]);
    }
}

#[test]
fn groups_above_the_known_row_are_found() {
    let rows = table("乡镇|出生人口|||死亡人口||\n|合计|男|女|合计|男|女\n甲镇|3|1|2|4|2|2");
    let expected = [
        "乡镇",
        "出生人口/合计",
        "出生人口/男",
        "出生人口/女",
        "死亡人口/合计",
        "死亡人口/男",
        "死亡人口/女",
    ];
    let merges = [merge(0, 0, 1, 0), merge(0, 1, 0, 3), merge(0, 4, 0, 6)];
    for merges in [&merges[..], &[]] {
        let layout = find(&rows, merges, &known).unwrap();
        assert_eq!((layout.header_rows.clone(), layout.first_data), (0..2, 2));
        assert_eq!(headers(&layout), expected);
    }
    // The upper row alone says nothing known.
    let rows = table("地区|生|||亡||\n|合计|男|女|合计|男|女\n甲镇|3|1|2|4|2|2");
    let layout = find(&rows, &[], &known).unwrap();
    assert_eq!(headers(&layout)[..3], ["地区", "生/合计", "生/男"]);
}

#[test]
fn twin_headers_are_told_apart_by_their_groups() {
    let rows = table("母亲|||父亲||\n姓名|民族|年龄|姓名|民族|年龄\n甲某|汉|30|乙某|汉|31");
    let layout = find(&rows, &[], &known).unwrap();
    assert_eq!(layout.header_rows, 0..2);
    assert_eq!(headers(&layout)[2..4], ["母亲/年龄", "父亲/姓名"]);
}

#[test]
fn three_levels_are_joined() {
    let rows = table(
        "乡镇|人口变动|||||\n|出生人口|||死亡人口||\n|合计|男|女|合计|男|女\n甲|乙|1|2|3|4|5\n甲镇|3|1|2|4|2|2",
    );
    let layout = find(&rows, &[], &known).unwrap();
    assert_eq!((layout.header_rows.clone(), layout.first_data), (0..3, 4));
    assert_eq!(headers(&layout)[..2], ["乡镇", "人口变动/出生人口/合计"]);
    assert_eq!(headers(&layout)[6], "人口变动/死亡人口/女");
}

#[test]
fn a_line_of_particulars_is_no_header() {
    let rows = table(
        "单位名称|甲院|登记日期|2018-03-05\n姓名|性别|出生日期|民族\n甲某|女|1888-03-05|汉族",
    );
    let layout = find(&rows, &[], &known).unwrap();
    assert_eq!(layout.header_rows, 1..2);
    assert_eq!(layout.titles.len(), 4);
    let rows = table("卫生院名称：甲院|||填表日期：2018-03-05\n姓名|性别|出生日期|民族");
    assert_eq!(find(&rows, &[], &known).unwrap().header_rows, 1..2);
}

#[test]
fn a_title_merged_over_part_of_the_table_is_no_group() {
    let rows = table("花名|||截至三月\n姓名|性别|出生日期|民族");
    let merges = [merge(0, 0, 0, 2)];
    assert_eq!(find(&rows, &merges, &known).unwrap().header_rows, 1..2);
}

#[test]
fn a_date_beside_the_title_is_no_group() {
    let rows = table("甲旗出生情况|||2018年3月\n姓名|性别|出生日期||");
    let layout = find(&rows, &[], &known).unwrap();
    assert_eq!((layout.header_rows.clone(), layout.titles.len()), (1..2, 2));
}

#[test]
fn an_unnamed_column_does_not_take_its_neighbours_name() {
    let rows = table("编号|姓名||性别\n1|甲某|x|女");
    let layout = find(&rows, &[], &known).unwrap();
    assert_eq!(headers(&layout), ["编号", "姓名", "", "性别"]);
    assert_eq!(layout.header_rows, 0..1);
}

#[test]
fn narrow_tables_need_two_known_headers() {
    assert!(find(&table("乡镇|人数\n甲镇|3"), &[], &known).is_some());
    assert!(find(&table("乡镇|a|b|c|d|人数\n甲镇|3"), &[], &known).is_none());
    assert!(find(&table("说明\n本表由甲填报"), &[], &known).is_none());
    assert!(find(&Rows::default(), &[], &known).is_none());
}

#[test]
fn rows_below_the_header_are_told_apart() {
    let rows = table(
        "2018年3月花名册\n编号|姓名|性别|出生日期|民族|备注\n1|甲某|女|1888-03-05|汉族|\n |　|\n\
         合　计||3|||\n|小计：|3\n2018 年3月花名册\n编号|姓名|性别|出生日期|民族|备注\n1|2|3|4|5|6\n\
         填表人：甲|||审核人：乙||\n第 1 页 共 3 页\n2|乙某|男|1889-01-01|汉族|说明\n\
         说明书厂|丙某|男|1889-01-01|汉族|x\n注：本表不含外地人口\n单位负责人：|统计负责人：|填表人：|联系电话：|报出日期：|\n\
         2018年4月察素齐镇花名册",
    );
    let layout = find(&rows, &[], &known).unwrap();
    let kinds: Vec<RowKind> = (2..rows.len())
        .map(|row| layout.classify(&rows, row))
        .collect();
    let total = |label: &str| RowKind::Total {
        label: label.to_owned(),
    };
    assert_eq!(
        kinds,
        [
            RowKind::Data,
            RowKind::Blank,
            total("合计"),
            total("小计"),
            RowKind::PageTitle,
            RowKind::RepeatedHeader,
            RowKind::IndexRow,
            RowKind::Footer,
            RowKind::Footer,
            RowKind::Data,
            RowKind::Data,
            RowKind::Footer,
            RowKind::Footer,
            RowKind::PageTitle,
        ]
    );
}

#[test]
fn both_rows_of_a_merged_header_are_recognised_again() {
    let rows = table(
        "乡镇|出生人口|||死亡人口||\n|合计|男|女|合计|男|女\n甲镇|3|1|2|4|2|2\n乡镇|出生人口|||死亡人口||\n|合计|男|女|合计|男|女\n全旗|3|1|2|4|2|2",
    );
    let layout = find(&rows, &[], &known).unwrap();
    assert_eq!(layout.classify(&rows, 3), RowKind::RepeatedHeader);
    assert_eq!(layout.classify(&rows, 4), RowKind::RepeatedHeader);
    assert_eq!(
        layout.classify(&rows, 5),
        RowKind::Total {
            label: "全旗".into()
        }
    );
}

#[test]
fn a_place_that_is_also_the_title_is_data() {
    let rows = table("甲镇\n乡镇|性别|人数\n甲镇|男|12");
    let layout = find(&rows, &[], &known).unwrap();
    assert_eq!(layout.classify(&rows, 2), RowKind::Data);
}
