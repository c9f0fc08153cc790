//! Codes of code lists.

use super::*;

#[test]
fn codes_come_inside_quotes_for_columns_with_a_list() {
    are(&[
        (
            "select 1 from deaths where sex = '|",
            &["0'", "1'", "2'", "9'"],
        ),
        (
            "select 1 from deaths where sex = '|'",
            &["0", "1", "2", "9"],
        ),
        (
            "select 1 from deaths d where d.sex <> '|",
            &["0'", "1'", "2'", "9'"],
        ),
        (
            "select 1 from deaths where township_code = '晋熙|",
            &["150121101'"],
        ),
        (
            "select 1 from deaths where township_code = '15012110|'",
            &["150121100", "150121101"],
        ),
        (
            "select 1 from deaths where township_code in ('150121100', '晋|')",
            &["150121101"],
        ),
        (
            "select 1 from deaths where township_code not in ('晋|",
            &["150121101'"],
        ),
        (
            "select 1 from deaths where township_code like '晋|",
            &["150121101'"],
        ),
        (
            "select 1 from deaths where township_code not like '晋|",
            &["150121101'"],
        ),
        (
            "select 1 from deaths where township_code is distinct from '晋|",
            &["150121101'"],
        ),
        (
            "select case when township_code = '晋| then 1 end from deaths where sex = 'x'",
            &["150121101'"],
        ),
        (
            "select case sex when '1' then 2 when '女| end from deaths",
            &["2'"],
        ),
        ("select 1 from 出生医学证明 where 性别 = '男|", &["1'"]),
        (
            "select 1 from birth_certificates where issue_type = fir|",
            &["'first'"],
        ),
        ("select 1 from birth_certificates where sex = 男|", &["1"]),
        (
            "select 1 from birth_certificates where sex in (1, 女|",
            &["2"],
        ),
        ("select 1 from birth_certificates where sex = 2|", &["2"]),
        ("select 1 from deaths where death_date = '|", &[]),
        ("select 1 from deaths where foo = '|", &[]),
        ("select '|", &[]),
        ("select code_name('s|', sex) from deaths", &["sex"]),
        ("select code_name('sex', '男|", &["1'"]),
    ]);
    begin(&[(
        "select 1 from deaths where sex = |",
        &["0", "1", "2", "9", "sex"],
    )]);
    let (_, shown) = completed("select 1 from deaths where sex = '1|");
    assert_eq!(shown.candidates[0].display, "1  男");
}
