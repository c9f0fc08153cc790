//! The registers as files that departments would hand in.

use std::fmt::Write as _;

use renkou::domain::calendar::civil;
use renkou::linkage::births::Register;

use super::world::Row;

const CERTIFICATES: &str = "出生医学证明编号,原出生医学证明编号,新生儿姓名,新生儿性别,新生儿出生日期,胎数,孩次,出生体重(g),母亲姓名,母亲身份证号,父亲姓名,父亲身份证号,签发日期,签发类型";
const HOUSEHOLD: &str = "公民身份号码,姓名,性别,出生日期,户号,与户主关系,母亲姓名,母亲身份证号,父亲姓名,父亲身份证号,出生证编号,登记日期,登记原因";
const VISITS: &str =
    "儿童姓名,性别,出生日期,出生证编号,母亲姓名,母亲身份证号,父亲姓名,父亲身份证号,入户日期";

/// A name by which the source is known.
pub fn name(register: Register) -> &'static str {
    match register {
        Register::Certificates => "出生医学证明签发",
        Register::Household => "新生儿入户登记",
        Register::Visits => "入户核查登记",
    }
}

/// The rows of one register as CSV.
pub fn csv<'a>(register: Register, rows: impl IntoIterator<Item = &'a Row>) -> String {
    let mut text = match register {
        Register::Certificates => CERTIFICATES,
        Register::Household => HOUSEHOLD,
        Register::Visits => VISITS,
    }
    .to_owned();
    text.push('\n');
    for row in rows.into_iter().filter(|row| row.register == register) {
        line(&mut text, row);
    }
    text
}

fn line(text: &mut String, row: &Row) {
    let day = |day: i32| {
        let (year, month, day) = civil(day);
        format!("{year}-{month:02}-{day:02}")
    };
    let some = |number: u32| {
        if number == 0 {
            String::new()
        } else {
            number.to_string()
        }
    };
    let sex = ["未知", "男", "女"][usize::from(row.sex.min(2))];
    let (birth, entered) = (day(row.birth), day(row.entered));
    let parents = [
        &*row.mother.name,
        &row.mother.id,
        &row.father.name,
        &row.father.id,
    ]
    .join(",");
    let (name, certificate) = (&row.name, &row.certificate);
    let written = match row.register {
        Register::Certificates => {
            let (plurality, order) = (some(row.plurality.into()), some(row.order.into()));
            let weight = some(row.weight.into());
            let first = &row.first_certificate;
            let kind = if row.reissue {
                "补发"
            } else {
                "首次签发"
            };
            writeln!(
                text,
                "{certificate},{first},{name},{sex},{birth},{plurality},{order},{weight},{parents},{entered},{kind}"
            )
        }
        Register::Household => {
            let own = &row.own_id;
            writeln!(
                text,
                "{own},{name},{sex},{birth},{},子女,{parents},{certificate},{entered},出生",
                row.delivery
            )
        }
        Register::Visits => writeln!(
            text,
            "{name},{sex},{birth},{certificate},{parents},{entered}"
        ),
    };
    // Writing into a text cannot fail.
    debug_assert!(written.is_ok());
}
