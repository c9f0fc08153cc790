//! What a comparison found, in words. Entry points: [`comparison`], [`finding`].

use crate::error::Message;
use crate::msg;

/// The name of comparison `at`, in the order of a vector's levels.
#[must_use]
pub(super) fn comparison(at: usize) -> Message {
    match at {
        0 => msg!("name", "姓名"),
        1 => msg!("date of birth", "出生日期"),
        2 => msg!("sex", "性别"),
        3 => msg!("parents", "父母"),
        4 => msg!("certificate number", "出生医学证明编号"),
        _ => msg!("township", "乡镇"),
    }
}

/// What level `level` of comparison `at` means.
#[must_use]
pub(super) fn finding(at: usize, level: usize) -> Message {
    match (at, level) {
        (_, 0) => msg!("missing on one side", "一方缺失"),
        (0, _) => name(level),
        (1, _) => date(level),
        (3, _) => parents(level),
        (4, 2) => msg!("one slip apart", "差一处笔误"),
        (_, 1) => msg!("the same", "一致"),
        _ => msg!("different", "不一致"),
    }
}

fn name(level: usize) -> Message {
    match level {
        1 => msg!("the same", "一致"),
        2 => msg!("sounds the same", "同音不同字"),
        3 => msg!("a character looks alike or is lost", "一字形近或缺失"),
        4 => msg!("one character differs", "一字不同"),
        5 => msg!("only the first character agrees", "仅首字相同"),
        6 => msg!("one side has no name yet", "一方尚未取名"),
        _ => msg!("different", "不一致"),
    }
}

fn date(level: usize) -> Message {
    match level {
        1 => msg!("the same", "一致"),
        2 => msg!("one day apart", "相差一天"),
        3 => msg!(
            "a digit, the month or the year slipped",
            "日、月、年中有一处笔误"
        ),
        4 => msg!("one is the lunar date", "一方为农历日期"),
        5 => msg!("within sixty days", "相差六十天以内"),
        _ => msg!("further apart", "相差更远"),
    }
}

fn parents(level: usize) -> Message {
    match level {
        1 => msg!("both are the same persons", "父母均为同一人"),
        2 => msg!(
            "the same mother, the father unknown",
            "母亲为同一人，父亲不详"
        ),
        3 => msg!("the same mother, another father", "母亲为同一人，父亲不同"),
        4 => msg!(
            "the same father, the mother unknown",
            "父亲为同一人，母亲不详"
        ),
        5 => msg!("the same father, another mother", "父亲为同一人，母亲不同"),
        6 => msg!("the same names of both", "父母姓名均一致"),
        7 => msg!("the same name of the mother", "母亲姓名一致"),
        8 => msg!("the same name of the father", "父亲姓名一致"),
        _ => msg!("other parents", "父母不同"),
    }
}
