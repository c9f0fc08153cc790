//! The rows of birth certificates: one cell per field, the way a file spells it.

use crate::dates::Day;
use crate::export::{Cell, Line, Role, Sheet};
use crate::spelling::{self, Days};
use crate::world::{Birth, HOSPITALS, World};

/// How one file spells its values.
#[derive(Clone, Copy)]
pub(super) struct Style {
    pub(super) days: Days,
    pub(super) moments: Days,
    pub(super) sex: u32,
    pub(super) ethnicity: u32,
    /// Share of ID numbers that are not clean.
    pub(super) dirt: f64,
}

/// The births whose certificate was issued from `first` to `last`, in order of issue.
pub(super) fn issued(world: &World, first: Day, last: Day) -> Vec<usize> {
    let mut found: Vec<(Day, usize)> = Vec::new();
    for (at, birth) in world.births.iter().enumerate() {
        if let Some((_, day)) = &birth.certificate
            && (first..=last).contains(day)
        {
            found.push((*day, at));
        }
    }
    found.sort_unstable();
    found.into_iter().map(|(_, at)| at).collect()
}

/// One cell of a certificate's row.
pub(super) fn cell(world: &mut World, at: usize, field: &str, style: Style) -> Cell {
    let birth: Birth = world.births[at].clone();
    let couple = &world.couples[birth.couple];
    let child = world.people[birth.child].clone();
    let mother = world.people[couple.wife].clone();
    let father = world.people[couple.husband].clone();
    // A few mothers are single: the father's columns carry a stroke.
    let single = birth.couple % 41 == 7;
    let outside = birth.couple % 37 == 3;
    let (number, issue) = certificate(&birth);
    let rng = &mut world.rng;
    match field {
        "no" => number.into(),
        "name" if !birth.named => match birth.minute % 3 {
            0 => "未取名".into(),
            1 => format!("{}之{}", mother.name, if child.male { "子" } else { "女" }).into(),
            _ => Cell::Blank,
        },
        "name" => spelling::name(&child.name, rng).into(),
        "sex" => spelling::sex(child.male, style.sex),
        "birth" => spelling::moment(child.birth, birth.minute, style.moments),
        "birth_day" => spelling::day(child.birth, style.days),
        "weeks" => birth.weeks.into(),
        "weeks_text" => format!("{}周", birth.weeks).into(),
        "weight" => birth.weight.into(),
        "weight_kg" => (f64::from(birth.weight) / 1000.0).into(),
        "weight_comma" if birth.weight >= 1000 => {
            format!("{},{:03}", birth.weight / 1000, birth.weight % 1000).into()
        }
        "weight_comma" => birth.weight.into(),
        "length" => birth.length.into(),
        "order" => birth.order.into(),
        "plurality" => birth.plurality.into(),
        "health" if birth.weight < 2000 => "一般".into(),
        "health" => "良好".into(),
        "mother" => spelling::name(&mother.name, rng).into(),
        "mother_id" => spelling::id(&mother.id, style.dirt, rng).into(),
        "mother_age" => mother.birth.age(child.birth).into(),
        "mother_ethnicity" => spelling::ethnicity(mother.ethnicity, style.ethnicity),
        "father" | "father_id" | "father_age" | "father_ethnicity" if single => "/".into(),
        "father" => spelling::name(&father.name, rng).into(),
        "father_id" => spelling::id(&father.id, style.dirt, rng).into(),
        "father_age" => father.birth.age(child.birth).into(),
        "father_ethnicity" => spelling::ethnicity(father.ethnicity, style.ethnicity),
        "address" if outside => {
            let place = ["包头市土默特右旗萨拉齐镇", "呼和浩特市托克托县双河镇"][birth.couple % 2];
            format!("内蒙古自治区{place}{}号", child.home.house).into()
        }
        "address" if birth.minute.is_multiple_of(2) => child.home.address().into(),
        "address" => child.home.county_address().into(),
        "town" => child.home.town_name().into(),
        "village" => child.home.village_name().into(),
        "division" => "150121".into(),
        "hospital" => HOSPITALS[birth.hospital].into(),
        "issue" => spelling::day(issue, style.days),
        "type" => "首次签发".into(),
        "phone" => mother.phone.into(),
        "country" => "中国".into(),
        "id_kind" => "居民身份证".into(),
        "blank" => Cell::Blank,
        other => panic!("no field {other}"),
    }
}

/// The number and day of a certificate; rows are drawn from births that have one.
pub(super) fn certificate(birth: &Birth) -> (String, Day) {
    birth
        .certificate
        .clone()
        .expect("the certificate was issued")
}

/// Adds the rows of `births`; a column `seq` counts them.
pub(super) fn fill(
    world: &mut World,
    sheet: &mut Sheet,
    births: &[usize],
    layout: &[(&str, &str)],
    style: Style,
) {
    for (row, &at) in births.iter().enumerate() {
        let cells = layout.iter().map(|(_, field)| match *field {
            "seq" => (row as i32 + 1).into(),
            field => cell(world, at, field, style),
        });
        let cells = cells.collect();
        sheet.accept(cells);
    }
}
/// Repeats the `n`th accepted row under a new number as a certificate of another kind.
pub(super) fn reissue(sheet: &mut Sheet, n: usize, kind: &str) {
    let row = sheet.accepted(n);
    let mut cells = sheet.lines[row].cells.clone();
    let number = sheet
        .headers
        .iter()
        .position(|h| h.contains("编号") || h == "出生证号")
        .expect("a number column");
    if let Cell::Text(text) = &mut cells[number] {
        // Numbers are handed out in steps of three, so the next one is free.
        let value: u32 = text[1..].parse().expect("nine digits");
        *text = format!("{}{}", &text[..1], value + 1);
    }
    let column = sheet.column("签发类型");
    cells[column] = kind.into();
    let last = sheet
        .lines
        .iter()
        .rposition(|l| l.role != Role::Around)
        .expect("a data row");
    sheet.lines.insert(
        last + 1,
        Line {
            cells,
            role: Role::Accepted,
        },
    );
}
