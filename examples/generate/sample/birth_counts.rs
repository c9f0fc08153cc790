//! The yearly counts of births by town that the health department shares with the others.

use crate::export::{Cell, Container, Export, Outcome, Sheet};
use crate::places::TOWNS;
use crate::sample::export;
use crate::world::World;

const SOURCE: &str = "health/birth_counts";

/// The counts by town that health shares, once with a total that does not add up.
pub fn exports(world: &World) -> Vec<Export> {
    let mut wrong = count_sheet(world, 2018);
    let total = wrong.lines.len() - 2;
    let column = 1;
    if let Cell::Number(value) = &mut wrong.lines[total].cells[column] {
        *value += 10.0;
    }
    wrong.wrong_total = Some((total, column));
    let path =
        |year: i32, end: &str| format!("卫健局/土默特左旗{year}年分乡镇出生人口数量统计表{end}");
    vec![
        export(
            &path(2017, ".xls"),
            SOURCE,
            "2017",
            Container::Xls,
            vec![count_sheet(world, 2017)],
        )
        .plant("BIFF8；两行合并表头；单位：人；合计行等于各行之和"),
        export(
            &path(2018, ".xls"),
            SOURCE,
            "2018",
            Container::Xls,
            vec![wrong],
        )
        .outcome(Outcome::Refused)
        .plant("合计行比各行之和多10：整个文件拒收"),
        export(
            &path(2018, "_更正.xlsx"),
            SOURCE,
            "2018",
            Container::Xlsx,
            vec![count_sheet(world, 2018)],
        )
        .plant("上一文件的更正：合计正确"),
        export(
            &path(2019, ".xlsb"),
            SOURCE,
            "2019",
            Container::Xlsb,
            vec![count_sheet(world, 2019)],
        )
        .plant("XLSB；合计正确"),
    ]
}

fn count_sheet(world: &World, year: i32) -> Sheet {
    let mut sheet = Sheet::new("出生数量");
    sheet.title(&format!("土默特左旗{year}年分乡镇出生人口数量统计表"), 7);
    sheet.around(["", "", "", "", "", "", "单位：人"]);
    let names = [
        "乡镇",
        "出生人口/合计",
        "出生人口/男",
        "出生人口/女",
        "孩次/一孩",
        "孩次/二孩",
        "孩次/多孩",
    ];
    sheet.merged_header(&names, 2);
    let mut total = [0; 6];
    for town in &TOWNS {
        let mut row = [0; 6];
        for birth in &world.births {
            let child = &world.people[birth.child];
            if child.birth.year() != year || child.home.town_name() != town.name {
                continue;
            }
            row[0] += 1;
            row[if child.male { 1 } else { 2 }] += 1;
            row[2 + birth.order.min(3) as usize] += 1;
        }
        for (sum, value) in total.iter_mut().zip(row) {
            *sum += value;
        }
        sheet.accept(
            std::iter::once(town.name.into())
                .chain(row.map(Cell::from))
                .collect(),
        );
    }
    sheet.around(std::iter::once("合  计".into()).chain(total.map(Cell::from)));
    sheet.around(["填表人：", "", "", "审核人：", "", "", "填报日期："]);
    sheet
}
