//! Ages in full years (周岁) and the age groups that reports use.
//! Entry points: [`age_at`], [`age_group`].

use super::calendar::civil;

/// Age in full years at a day; negative before birth. Someone born on 29 February has the birthday
/// on 1 March in common years.
#[must_use]
pub fn age_at(birth: i32, at: i32) -> i32 {
    let (birth_year, birth_month, birth_day) = civil(birth);
    let (year, month, day) = civil(at);
    year - birth_year - i32::from((month, day) < (birth_month, birth_day))
}

/// A way to group ages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// `5y`: 0, 1–4, 5–9 … 85+.
    FiveYears,
    /// `5y0`: 0–4, 5–9 … 85+.
    FiveYearsFromZero,
    /// `10y`: 0–9, 10–19 … 80+.
    TenYears,
    /// `broad`: 0–14, 15–64, 65+ (United Nations, dependency ratios).
    Broad,
    /// `working`: 0–14, 15–59, 60+.
    Working,
    /// `im`: 0–15, 16–59, 60+ (bulletins of Inner Mongolia).
    InnerMongolia,
    /// `police`: 0–17, 18–34, 35–59, 60+ (household statistics).
    Police,
    /// `school`: 0–2, 3–5, 6–11, 12–14, 15–17, 18+.
    School,
}

/// An age group of a scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgeGroup {
    /// Its label, such as `15-64`.
    pub label: &'static str,
    /// The youngest age in it.
    pub from: i32,
    /// The oldest age in it; `None` in the open group.
    pub to: Option<i32>,
}

impl Scheme {
    /// Every scheme.
    pub const ALL: [Self; 8] = [
        Self::FiveYears,
        Self::FiveYearsFromZero,
        Self::TenYears,
        Self::Broad,
        Self::Working,
        Self::InnerMongolia,
        Self::Police,
        Self::School,
    ];

    /// The word by which SQL names the scheme.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FiveYears => "5y",
            Self::FiveYearsFromZero => "5y0",
            Self::TenYears => "10y",
            Self::Broad => "broad",
            Self::Working => "working",
            Self::InnerMongolia => "im",
            Self::Police => "police",
            Self::School => "school",
        }
    }

    /// The scheme of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scheme| scheme.as_str() == word)
    }

    /// The groups, youngest first.
    #[must_use]
    pub fn groups(self) -> &'static [AgeGroup] {
        match self {
            Self::FiveYears => &FIVE_YEARS,
            Self::FiveYearsFromZero => &FIVE_YEARS_FROM_ZERO,
            Self::TenYears => &TEN_YEARS,
            Self::Broad => &BROAD,
            Self::Working => &WORKING,
            Self::InnerMongolia => &INNER_MONGOLIA,
            Self::Police => &POLICE,
            Self::School => &SCHOOL,
        }
    }
}

/// The label of the group that holds an age; `None` below 0.
#[must_use]
pub fn age_group(age: i32, scheme: Scheme) -> Option<&'static str> {
    let groups = scheme.groups();
    let end = groups.partition_point(|group| group.from <= age);
    groups.get(end.checked_sub(1)?).map(|group| group.label)
}

const fn group(label: &'static str, from: i32, to: i32) -> AgeGroup {
    AgeGroup {
        label,
        from,
        to: Some(to),
    }
}

const fn open(label: &'static str, from: i32) -> AgeGroup {
    AgeGroup {
        label,
        from,
        to: None,
    }
}

const FIVE_YEARS: [AgeGroup; 19] = [
    group("0", 0, 0),
    group("1-4", 1, 4),
    group("5-9", 5, 9),
    group("10-14", 10, 14),
    group("15-19", 15, 19),
    group("20-24", 20, 24),
    group("25-29", 25, 29),
    group("30-34", 30, 34),
    group("35-39", 35, 39),
    group("40-44", 40, 44),
    group("45-49", 45, 49),
    group("50-54", 50, 54),
    group("55-59", 55, 59),
    group("60-64", 60, 64),
    group("65-69", 65, 69),
    group("70-74", 70, 74),
    group("75-79", 75, 79),
    group("80-84", 80, 84),
    open("85+", 85),
];

const FIVE_YEARS_FROM_ZERO: [AgeGroup; 18] = {
    let mut groups = [group("0-4", 0, 4); 18];
    let mut at = 1;
    while at < groups.len() {
        groups[at] = FIVE_YEARS[at + 1];
        at += 1;
    }
    groups
};

const TEN_YEARS: [AgeGroup; 9] = [
    group("0-9", 0, 9),
    group("10-19", 10, 19),
    group("20-29", 20, 29),
    group("30-39", 30, 39),
    group("40-49", 40, 49),
    group("50-59", 50, 59),
    group("60-69", 60, 69),
    group("70-79", 70, 79),
    open("80+", 80),
];

const BROAD: [AgeGroup; 3] = [
    group("0-14", 0, 14),
    group("15-64", 15, 64),
    open("65+", 65),
];

const WORKING: [AgeGroup; 3] = [
    group("0-14", 0, 14),
    group("15-59", 15, 59),
    open("60+", 60),
];

const INNER_MONGOLIA: [AgeGroup; 3] = [
    group("0-15", 0, 15),
    group("16-59", 16, 59),
    open("60+", 60),
];

const POLICE: [AgeGroup; 4] = [
    group("0-17", 0, 17),
    group("18-34", 18, 34),
    group("35-59", 35, 59),
    open("60+", 60),
];

const SCHOOL: [AgeGroup; 6] = [
    group("0-2", 0, 2),
    group("3-5", 3, 5),
    group("6-11", 6, 11),
    group("12-14", 12, 14),
    group("15-17", 15, 17),
    open("18+", 18),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::calendar::days;

    #[test]
    fn age_counts_full_years() {
        let age = |birth: (i32, u32, u32), at: (i32, u32, u32)| {
            age_at(
                days(birth.0, birth.1, birth.2).unwrap(),
                days(at.0, at.1, at.2).unwrap(),
            )
        };
        assert_eq!(age((2010, 11, 1), (2020, 11, 1)), 10);
        assert_eq!(age((2010, 11, 2), (2020, 11, 1)), 9);
        assert_eq!(age((2016, 2, 29), (2017, 2, 28)), 0);
        assert_eq!(age((2016, 2, 29), (2017, 3, 1)), 1);
        assert_eq!(age((2016, 2, 29), (2020, 2, 29)), 4);
        assert_eq!(age((2018, 3, 5), (2018, 3, 5)), 0);
        assert_eq!(age((2018, 3, 5), (2018, 3, 4)), -1);
    }

    #[test]
    fn every_age_falls_in_the_group_that_its_label_says() {
        for scheme in Scheme::ALL {
            let groups = scheme.groups();
            assert_eq!(groups[0].from, 0);
            assert!(
                groups
                    .windows(2)
                    .all(|pair| pair[0].to == Some(pair[1].from - 1))
            );
            for found in groups {
                let (from, to) = (found.from, found.to.unwrap_or(130));
                assert!(found.label.starts_with(&from.to_string()));
                assert_eq!(age_group(from, scheme), Some(found.label));
                assert_eq!(age_group(to, scheme), Some(found.label));
            }
            assert_eq!(age_group(-1, scheme), None);
            assert_eq!(Scheme::parse(scheme.as_str()), Some(scheme));
        }
        assert_eq!(age_group(0, Scheme::FiveYears), Some("0"));
        assert_eq!(age_group(0, Scheme::FiveYearsFromZero), Some("0-4"));
        assert_eq!(age_group(100, Scheme::FiveYears), Some("85+"));
    }
}
