//! Administrative divisions (统计用区划代码, 12 digits) and from codes, names or addresses to one of them.
//! Entry points: [`Regions::from_csv`], [`Regions::resolve`]. Never picks one of several places of the
//! same name: it answers with the place that holds them all.

use std::collections::HashMap;

use super::csv::Table;
use super::division;
use super::region_address::{Index, Located};
use super::text;
use crate::error::{Error, Result};
use crate::msg;

/// How high a division stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// 省, 自治区.
    Province,
    /// 市, 盟.
    Prefecture,
    /// 县, 旗, 区.
    County,
    /// 乡, 镇, 街道 and units like them.
    Township,
    /// 村, 嘎查, 社区.
    Village,
}

impl Level {
    /// Every level, highest first.
    pub const ALL: [Self; 5] = [
        Self::Province,
        Self::Prefecture,
        Self::County,
        Self::Township,
        Self::Village,
    ];

    /// The word in the `level` column.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Province => "province",
            Self::Prefecture => "prefecture",
            Self::County => "county",
            Self::Township => "township",
            Self::Village => "village",
        }
    }

    /// How many leading digits of a code name the division.
    fn digits(self) -> usize {
        match self {
            Self::Province => 2,
            Self::Prefecture => 4,
            Self::County => 6,
            Self::Township => 9,
            Self::Village => 12,
        }
    }
}

/// A division code of 12 digits, right-padded with zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegionCode([u8; 12]);

impl RegionCode {
    /// Reads a code of 2, 4, 6, 9 or 12 digits, or of 17 with the urban–rural class behind it.
    /// `None` for anything else, digits with an exponent (`1.50121E+11`) above all.
    #[must_use]
    pub fn parse(cell: &str) -> Option<Self> {
        let cleaned = text::clean(cell);
        let folded = text::nfkc(&cleaned);
        let digits = folded.strip_suffix(".0").unwrap_or(&folded).as_bytes();
        if !matches!(digits.len(), 2 | 4 | 6 | 9 | 12 | 17)
            || !digits.iter().all(u8::is_ascii_digit)
        {
            return None;
        }
        let mut code = [b'0'; 12];
        let length = digits.len().min(12);
        code[..length].copy_from_slice(&digits[..length]);
        let province = (code[0] - b'0') * 10 + (code[1] - b'0');
        division::is_known_prefix(province).then_some(Self(code))
    }

    /// The 12 digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The level that the zeros at the end tell.
    #[must_use]
    pub fn level(&self) -> Level {
        let filled = |level: Level, above: usize| {
            self.0[above..level.digits()]
                .iter()
                .any(|digit| *digit != b'0')
        };
        if filled(Level::Village, 9) {
            Level::Village
        } else if filled(Level::Township, 6) {
            Level::Township
        } else if filled(Level::County, 4) {
            Level::County
        } else if filled(Level::Prefecture, 2) {
            Level::Prefecture
        } else {
            Level::Province
        }
    }

    /// The division of a level that holds this one; itself when it stands as high or higher.
    #[must_use]
    pub fn at(&self, level: Level) -> Self {
        let mut code = self.0;
        code[level.digits()..].fill(b'0');
        Self(code)
    }

    /// The township-level unit, when the code reaches down to one.
    #[must_use]
    pub fn township(&self) -> Option<Self> {
        (self.level() >= Level::Township).then(|| self.at(Level::Township))
    }

    /// The division above; `None` of a province.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let above = match self.level() {
            Level::Province => return None,
            Level::Prefecture => Level::Province,
            Level::County => Level::Prefecture,
            Level::Township => Level::County,
            Level::Village => Level::Township,
        };
        Some(self.at(above))
    }

    /// Whether `other` is this division or lies in it.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        let digits = self.level().digits();
        self.0[..digits] == other.0[..digits]
    }
}

/// A division of the regions table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// Its code.
    pub code: RegionCode,
    /// Its name in the current edition.
    pub name: String,
    /// Its level.
    pub level: Level,
    /// The code above it in the table.
    pub parent: Option<RegionCode>,
    /// 城乡分类, three digits, when known.
    pub urban_rural_class: Option<String>,
    /// Former names, short names and other spellings.
    pub other_names: Vec<String>,
}

impl Region {
    /// Whether its urban–rural class is urban (first digit 1); `None` when unknown.
    #[must_use]
    pub fn is_urban(&self) -> Option<bool> {
        self.urban_rural_class
            .as_ref()
            .map(|class| class.starts_with('1'))
    }
}

/// Where a row belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The lowest division known.
    pub region_code: RegionCode,
    /// Its township-level unit, when known.
    pub township_code: Option<RegionCode>,
}

impl From<RegionCode> for Place {
    fn from(code: RegionCode) -> Self {
        Self {
            region_code: code,
            township_code: code.township(),
        }
    }
}

/// The regions table, prepared for look-ups.
#[derive(Debug)]
pub struct Regions {
    regions: Vec<Region>,
    by_code: HashMap<RegionCode, usize>,
    /// Counties whose townships are in the table.
    detailed: Vec<RegionCode>,
    index: Index,
}

impl Regions {
    /// Builds the table from CSV with the columns `code`, `name`, `level`, `parent_code`,
    /// `urban_rural_class` and `former_names` (by `|`, an edition behind `@` is dropped).
    ///
    /// # Errors
    /// A column is missing, a code is malformed or occurs twice, a level does not fit its code, or
    /// a parent is not in the table.
    pub fn from_csv(text: &str) -> Result<Self> {
        let table = Table::read(text)?;
        let (code, name) = (Some(table.required("code")?), Some(table.required("name")?));
        let (level, parent) = (table.column("level"), table.column("parent_code"));
        let (class, former) = (
            table.column("urban_rural_class"),
            table.column("former_names"),
        );
        let mut regions = Vec::new();
        for row in table.rows() {
            let written = row.get(code);
            let code = region_code(written)?;
            let written_level = row.get(level);
            if !written_level.is_empty() && code.level().as_str() != written_level {
                let fits = code.level().as_str();
                return Err(Error::usage(msg!(
                    "region `{written}`: level `{written_level}` does not fit the code (`{fits}`)",
                    "区划 `{written}`：级别 `{written_level}` 与代码不符（应为 `{fits}`）"
                )));
            }
            let parent = match row.get(parent) {
                "" => None,
                parent => Some(region_code(parent)?),
            };
            let class = row.get(class);
            regions.push(Region {
                code,
                name: row.get(name).to_owned(),
                level: code.level(),
                parent,
                urban_rural_class: (!class.is_empty()).then(|| class.to_owned()),
                other_names: row
                    .get(former)
                    .split('|')
                    .map(|name| name.split('@').next().unwrap_or_default().trim().to_owned())
                    .filter(|name| !name.is_empty())
                    .collect(),
            });
        }
        Self::new(regions)
    }

    /// Builds the table from its rows.
    ///
    /// # Errors
    /// A code occurs twice, or a parent is not in the table.
    pub fn new(regions: Vec<Region>) -> Result<Self> {
        let mut by_code = HashMap::with_capacity(regions.len());
        for (at, region) in regions.iter().enumerate() {
            if by_code.insert(region.code, at).is_some() {
                let code = region.code.as_str();
                return Err(Error::usage(msg!(
                    "region `{code}` occurs twice",
                    "区划 `{code}` 重复"
                )));
            }
        }
        for region in &regions {
            if let Some(parent) = region.parent.filter(|parent| !by_code.contains_key(parent)) {
                let (code, parent) = (region.code.as_str(), parent.as_str());
                return Err(Error::usage(msg!(
                    "region `{code}`: its parent `{parent}` is not in the table",
                    "区划 `{code}`：表中没有其上级 `{parent}`"
                )));
            }
        }
        let mut detailed: Vec<RegionCode> = regions
            .iter()
            .filter(|region| region.level == Level::Township)
            .map(|region| region.code.at(Level::County))
            .collect();
        detailed.dedup();
        let index = Index::of(&regions);
        Ok(Self {
            regions,
            by_code,
            detailed,
            index,
        })
    }

    /// The rows in file order.
    #[must_use]
    pub fn rows(&self) -> &[Region] {
        &self.regions
    }

    /// The division of a code.
    #[must_use]
    pub fn get(&self, code: &RegionCode) -> Option<&Region> {
        self.by_code.get(code).and_then(|at| self.regions.get(*at))
    }

    /// The name of the division with a code of 6, 9 or 12 digits.
    #[must_use]
    pub fn name(&self, code: &str) -> Option<&str> {
        self.get(&RegionCode::parse(code)?)
            .map(|region| region.name.as_str())
    }

    /// The township-level unit that a sheet name, a title or a file name speaks of.
    #[must_use]
    pub fn find_township(&self, text: &str) -> Option<RegionCode> {
        match self.index.locate(text, None) {
            Located::At(code) => code.township(),
            Located::Elsewhere(_) | Located::Nowhere => None,
        }
    }

    /// The place that the cells of a row tell together: codes, names of towns and villages, addresses,
    /// in the order in which they are to be trusted. A later cell refines an earlier one and never
    /// contradicts it. `context_town`, from the sheet or the title, settles which of several villages
    /// is meant, and counts by itself when the cells tell no township and no other place.
    #[must_use]
    pub fn resolve(&self, parts: &[&str], context_town: Option<&str>) -> Option<Place> {
        let context = context_town.and_then(|town| self.find_township(town));
        let mut best: Option<RegionCode> = None;
        let mut elsewhere = false;
        for part in parts {
            let found = if let Some(code) = RegionCode::parse(part) {
                self.nearest(code)
            } else if part.is_ascii() {
                None
            } else {
                match self
                    .index
                    .locate(part, best.filter(has_township).or(context))
                {
                    Located::At(code) => Some(code),
                    Located::Elsewhere(code) => {
                        elsewhere |= best.is_none();
                        code
                    }
                    Located::Nowhere => None,
                }
            };
            best = match (best, found) {
                (Some(best), Some(found)) if best.contains(&found) => Some(found),
                (Some(best), _) => Some(best),
                (None, found) => found,
            };
        }
        match (best, context) {
            (Some(best), Some(context)) if best.contains(&context) && !elsewhere => Some(context),
            (None, Some(context)) if !elsewhere => Some(context),
            (best, _) => best,
        }
        .map(Place::from)
    }

    /// The division of a code; if the table lacks it, the lowest one above it that the table or,
    /// outside the counties it details, the code itself tells.
    fn nearest(&self, code: RegionCode) -> Option<RegionCode> {
        let known = Level::ALL
            .into_iter()
            .rev()
            .map(|level| code.at(level))
            .find(|ancestor| self.by_code.contains_key(ancestor));
        match known {
            Some(known) if known == code || known.level() >= Level::Township => Some(known),
            Some(known) if self.detailed.contains(&known) => Some(known),
            Some(known) if known.level() == Level::County => Some(code.at(Level::Township)),
            _ => Some(code.at(Level::County)),
        }
    }
}

fn has_township(code: &RegionCode) -> bool {
    code.level() >= Level::Township
}

fn region_code(written: &str) -> Result<RegionCode> {
    RegionCode::parse(written).ok_or_else(|| {
        Error::usage(msg!(
            "`{written}` is not a division code of 6, 9 or 12 digits",
            "`{written}` 不是 6、9 或 12 位区划代码"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipped() -> Regions {
        Regions::from_csv(include_str!("../../catalog/regions.csv")).unwrap()
    }

    #[test]
    fn every_shipped_village_is_found_by_its_township_and_name() {
        let regions = shipped();
        let villages = regions
            .rows()
            .iter()
            .filter(|region| region.level == Level::Village);
        assert_eq!(villages.clone().count(), 360);
        for village in villages {
            let town = regions.get(&village.code.at(Level::Township)).unwrap();
            let address = format!(
                "内蒙古自治区呼和浩特市土默特左旗{}{}12号",
                town.name, village.name
            );
            for parts in [
                &[town.name.as_str(), village.name.as_str()][..],
                &[address.as_str()],
            ] {
                let place = regions.resolve(parts, None).unwrap();
                assert_eq!(place.region_code, village.code, "{parts:?}");
                assert_eq!(place.township_code, Some(town.code));
            }
        }
    }

    #[test]
    fn every_shipped_name_above_the_village_finds_its_own_code() {
        let regions = shipped();
        for region in regions
            .rows()
            .iter()
            .filter(|region| region.level < Level::Village)
        {
            for name in std::iter::once(&region.name).chain(&region.other_names) {
                let place = regions.resolve(&[name], None).unwrap();
                assert_eq!(place.region_code, region.code, "{name}");
            }
            assert_eq!(
                regions.name(region.code.as_str()),
                Some(region.name.as_str())
            );
        }
    }

    #[test]
    fn no_urban_rural_class_is_made_up() {
        assert!(
            shipped()
                .rows()
                .iter()
                .all(|region| region.is_urban().is_none())
        );
    }

    #[test]
    fn codes_know_their_level_and_what_they_lie_in() {
        let village = RegionCode::parse("150121101202").unwrap();
        let town = RegionCode::parse("150121101").unwrap();
        assert_eq!(
            (village.level(), town.level()),
            (Level::Village, Level::Township)
        );
        assert_eq!(village.parent(), Some(town));
        assert_eq!(village.township(), Some(town));
        assert!(town.contains(&village) && !village.contains(&town));
        assert_eq!(RegionCode::parse("15").unwrap().parent(), None);
        assert_eq!(RegionCode::parse("1.50121E+11"), None);
    }
}
