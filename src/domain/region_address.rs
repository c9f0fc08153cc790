//! Finds the division that an address, a town name or a village name means; behind
//! [`region`](super::region). Entry points: [`Index::of`], [`Index::locate`].
//!
//! An address is read from the left, level by level. Where it leaves a level out, township names are
//! looked for further on, and village names only where no other division stands in between.

use std::collections::HashMap;

use super::division;
use super::region::{Level, Region, RegionCode};
use super::region_name::{
    VillageKind, prepared, township_end, township_stem, village_end, village_stem,
};

/// Where a text points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Located {
    /// A division.
    At(RegionCode),
    /// Outside the table; the province when it is named.
    Elsewhere(Option<RegionCode>),
    /// The text names no place.
    Nowhere,
}

/// A name of a division above the village.
#[derive(Debug)]
struct UpperName {
    name: String,
    code: RegionCode,
}

/// A name of a village-level unit.
#[derive(Debug)]
struct VillageName {
    kind: VillageKind,
    code: RegionCode,
    /// The name of today, which wins over a former one.
    current: bool,
}

/// All names, prepared for look-ups.
#[derive(Debug)]
pub(super) struct Index {
    /// By first character; longer names first.
    upper: HashMap<char, Vec<UpperName>>,
    /// Full township names and long county names, to be found inside a text.
    inside: Vec<UpperName>,
    /// Township names without their suffix.
    township_stems: Vec<UpperName>,
    villages: Vec<VillageName>,
    /// Positions in `villages` by stem.
    by_stem: HashMap<String, Vec<usize>>,
    /// Characters of the longest stem.
    longest_stem: usize,
}

impl Index {
    /// Prepares the names of all regions.
    pub(super) fn of(regions: &[Region]) -> Self {
        let mut index = Self {
            upper: HashMap::new(),
            inside: Vec::new(),
            township_stems: Vec::new(),
            villages: Vec::new(),
            by_stem: HashMap::new(),
            longest_stem: 0,
        };
        for region in regions {
            let names = std::iter::once(&region.name).chain(&region.other_names);
            for (at, name) in names.enumerate() {
                let name = prepared(name);
                match region.level {
                    Level::Village => index.add_village(&name, region.code, at == 0),
                    _ => index.add_upper(&name, region, at == 0),
                }
            }
        }
        for names in index.upper.values_mut() {
            names.sort_by_key(|upper| std::cmp::Reverse(upper.name.len()));
        }
        index
            .township_stems
            .sort_by_key(|upper| std::cmp::Reverse(upper.name.len()));
        index
    }

    fn add_upper(&mut self, name: &str, region: &Region, current: bool) {
        let mut add = |name: &str| {
            if let Some(first) = name.chars().next() {
                let upper = UpperName {
                    name: name.to_owned(),
                    code: region.code,
                };
                self.upper.entry(first).or_default().push(upper);
            }
        };
        add(name);
        let short = match region.level {
            Level::Province => name
                .strip_suffix("自治区")
                .or_else(|| name.strip_suffix('省')),
            Level::Prefecture => name.strip_suffix(['市', '盟']),
            // 新城 alone may be a housing estate; three characters are a county.
            Level::County => name
                .strip_suffix(['旗', '县', '区'])
                .filter(|short| short.len() >= 9),
            Level::Township | Level::Village => None,
        };
        if let Some(short) = short {
            add(short);
        }
        let whole = || UpperName {
            name: name.to_owned(),
            code: region.code,
        };
        match region.level {
            Level::Township => {
                self.inside.push(whole());
                let stem = township_stem(name).to_owned();
                if current || stem.len() < name.len() {
                    self.township_stems.push(UpperName {
                        name: stem,
                        code: region.code,
                    });
                }
            }
            Level::County if name.len() >= 9 => self.inside.push(whole()),
            _ => {}
        }
    }

    fn add_village(&mut self, name: &str, code: RegionCode, current: bool) {
        let (stem, kind) = village_stem(name);
        let kind = kind.unwrap_or_else(|| kind_of_code(&code));
        self.longest_stem = self.longest_stem.max(stem.chars().count());
        self.by_stem
            .entry(stem.to_owned())
            .or_default()
            .push(self.villages.len());
        self.villages.push(VillageName {
            kind,
            code,
            current,
        });
    }

    /// The division that `text` means. `within` is a township-level place already known: a village
    /// name alone is looked for there first.
    pub(super) fn locate(&self, text: &str, within: Option<RegionCode>) -> Located {
        let prepared = prepared(text);
        let mut rest = prepared.as_ref();
        if rest.is_empty() {
            return Located::Nowhere;
        }
        let (mut current, after) = self.descend(rest, None);
        rest = after;
        if current.is_none()
            && let Some((province, length)) = division::province_at_start(rest)
        {
            // Without 省 the two characters may begin another name, such as a street.
            let code = RegionCode::parse(province);
            if rest[..length].ends_with(['省', '市', '区']) || has_marker(&rest[length..]) {
                return Located::Elsewhere(code);
            }
        }
        if current.is_none_or(|code| code.level() < Level::Township) {
            let scope = current;
            let near = within.filter(|within| scope.is_none_or(|scope| scope.contains(within)));
            match self.below_county(rest, scope, near) {
                Step::To(code, after) => (current, rest) = (Some(code), after),
                Step::Stay => {}
                Step::Out => return current.map_or(Located::Elsewhere(None), Located::At),
            }
        }
        if let Some(township) = current.filter(|code| code.level() == Level::Township)
            && let Some(village) = self.village_at(rest, Some(township))
        {
            current = Some(village);
        }
        current.map_or(Located::Nowhere, Located::At)
    }

    /// Follows names of provinces, prefectures, counties and townships from the left.
    fn descend<'a>(
        &self,
        text: &'a str,
        from: Option<RegionCode>,
    ) -> (Option<RegionCode>, &'a str) {
        let mut current = from;
        let mut rest = text;
        while let Some((code, length)) = self.upper_at_start(rest, current) {
            current = Some(code);
            rest = rest[length..]
                .trim_start_matches(|c: char| c.is_ascii_punctuation() || matches!(c, '、' | '。'));
            if code.level() == Level::Township {
                break;
            }
        }
        (current, rest)
    }

    /// The longest name at the start of `text` that lies in `scope`, if only one division has it.
    fn upper_at_start(&self, text: &str, scope: Option<RegionCode>) -> Option<(RegionCode, usize)> {
        let names = self.upper.get(&text.chars().next()?)?;
        let fits = |upper: &&UpperName| {
            text.starts_with(&upper.name) && scope.is_none_or(|scope| scope.contains(&upper.code))
        };
        let first = names.iter().find(fits)?;
        let same = names
            .iter()
            .filter(fits)
            .filter(|upper| upper.name.len() == first.name.len());
        same.clone()
            .all(|upper| upper.code == first.code)
            .then_some((first.code, first.name.len()))
    }

    /// Goes on where no township name follows: a village, a former township, a township further on.
    fn below_county<'a>(
        &self,
        text: &'a str,
        scope: Option<RegionCode>,
        near: Option<RegionCode>,
    ) -> Step<'a> {
        if text.is_empty() {
            return Step::Stay;
        }
        if let Some(village) = near.and_then(|near| self.village_at(text, near.township())) {
            return Step::To(village, "");
        }
        if let Some((township, after)) = self.former_township(text, scope) {
            return Step::To(township, after);
        }
        if let Some(village) = self.village_at(text, scope) {
            return Step::To(village, "");
        }
        let named_village = self.is_village_name(text);
        if let Some((at, upper)) = self.first_inside(text, scope)
            && (scope.is_some_and(|scope| scope.level() == Level::County)
                || !has_marker(&text[..at]))
        {
            let (code, after) = self.descend(&text[at + upper.name.len()..], Some(upper.code));
            return Step::To(code.unwrap_or(upper.code), after);
        }
        let county = scope.is_some_and(|scope| scope.level() >= Level::County);
        if !county && !named_village && has_marker(text) {
            return Step::Out;
        }
        if !named_village && let Some(township) = self.stem_at_start(text, scope) {
            return Step::To(township.code, &text[township.name.len()..]);
        }
        Step::Stay
    }

    /// The first full name of a township or county inside the text.
    fn first_inside(&self, text: &str, scope: Option<RegionCode>) -> Option<(usize, &UpperName)> {
        self.inside
            .iter()
            .filter(|upper| scope.is_none_or(|scope| scope.contains(&upper.code)))
            .filter_map(|upper| Some((text.find(&upper.name)?, upper)))
            .min_by_key(|(at, upper)| (*at, std::cmp::Reverse(upper.name.len())))
    }

    /// A township under another suffix (台阁牧乡), or one since merged that had the name of a village
    /// which still exists (只几梁乡): the township that village lies in.
    fn former_township<'a>(
        &self,
        text: &'a str,
        scope: Option<RegionCode>,
    ) -> Option<(RegionCode, &'a str)> {
        let in_scope = |code: &RegionCode| scope.is_none_or(|scope| scope.contains(code));
        for upper in self
            .township_stems
            .iter()
            .filter(|upper| in_scope(&upper.code))
        {
            if let Some(after) = text.strip_prefix(&upper.name)
                && let Some(length) = township_end(after)
            {
                return Some((upper.code, &after[length..]));
            }
        }
        let (stem, villages) = self
            .stems_at_start(text)
            .find(|(stem, _)| township_end(&text[stem.len()..]).is_some())?;
        let mut townships = villages
            .iter()
            .map(|at| &self.villages[*at])
            .filter(|village| village.current && in_scope(&village.code))
            .map(|village| village.code.at(Level::Township));
        let township = townships
            .next()
            .filter(|first| townships.all(|other| other == *first))?;
        let after = &text[stem.len()..];
        Some((township, &after[township_end(after)?..]))
    }

    /// A township name without its suffix at the start: all of the text, or before a street.
    fn stem_at_start(&self, text: &str, scope: Option<RegionCode>) -> Option<&UpperName> {
        self.township_stems
            .iter()
            .filter(|upper| scope.is_none_or(|scope| scope.contains(&upper.code)))
            .find(|upper| text.starts_with(&upper.name))
    }

    /// Whether the text starts with a village name and a suffix that says so.
    fn is_village_name(&self, text: &str) -> bool {
        self.stems_at_start(text)
            .any(|(stem, _)| village_end(&text[stem.len()..]).is_some_and(|kind| kind.is_some()))
    }

    /// Known village stems with which the text starts, longest first.
    fn stems_at_start<'a>(&self, text: &'a str) -> impl Iterator<Item = (&'a str, &Vec<usize>)> {
        let mut ends: Vec<usize> = text
            .char_indices()
            .map(|(at, c)| at + c.len_utf8())
            .take(self.longest_stem)
            .collect();
        ends.reverse();
        ends.into_iter().filter_map(move |end| {
            let stem = &text[..end];
            self.by_stem.get(stem).map(|villages| (stem, villages))
        })
    }

    /// The one village in `scope` whose name starts the text and ends where a name may end.
    fn village_at(&self, text: &str, scope: Option<RegionCode>) -> Option<RegionCode> {
        for (stem, villages) in self.stems_at_start(text) {
            let Some(kind) = village_end(&text[stem.len()..]) else {
                continue;
            };
            // The name of a township alone (塔布赛) is that township rather than a village.
            let township = scope.is_none_or(|scope| scope.level() < Level::Township);
            if township
                && kind.is_none()
                && self.township_stems.iter().any(|upper| upper.name == stem)
            {
                return None;
            }
            let candidates = || {
                villages
                    .iter()
                    .map(|at| &self.villages[*at])
                    .filter(|village| scope.is_none_or(|scope| scope.contains(&village.code)))
                    .filter(|village| kind.is_none_or(|kind| kind == village.kind))
            };
            let one = |current: bool| {
                let mut codes = candidates()
                    .filter(|v| v.current == current)
                    .map(|v| v.code);
                let first = codes.next()?;
                Some(codes.all(|code| code == first).then_some(first))
            };
            // A name of today wins over a former one even when it is not unique.
            if let Some(answer) = one(true).or_else(|| one(false)) {
                return answer;
            }
        }
        None
    }
}

/// What follows from the part of an address below the county.
enum Step<'a> {
    /// A division, and the text behind its name.
    To(RegionCode, &'a str),
    /// Nothing more is known.
    Stay,
    /// The address lies outside the table.
    Out,
}

/// Whether a name of a county or a higher division seems to stand in the text.
fn has_marker(text: &str) -> bool {
    let marker = |c: char| matches!(c, '省' | '市' | '盟' | '县' | '旗' | '州');
    text.char_indices().skip(1).any(|(_, c)| marker(c))
}

fn kind_of_code(code: &RegionCode) -> VillageKind {
    match code.as_str().as_bytes().get(9) {
        Some(b'0' | b'1' | b'4') => VillageKind::Community,
        _ => VillageKind::Committee,
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::region::Regions;

    const CSV: &str = "code,name,level,parent_code,urban_rural_class,former_names\n\
        150000,内蒙古自治区,province,,,内蒙\n\
        150100,呼和浩特市,prefecture,150000,,呼市\n\
        150102,新城区,county,150100,,\n\
        150121,土默特左旗,county,150100,,土左旗\n\
        150121100,察素齐镇,township,150121,,\n\
        150121100001,敕勒川社区,village,150121100,,大众路居委会@2016\n\
        150121100006,大众路社区,village,150121100,,影院路居委会@2016\n\
        150121100007,西园社区,village,150121100,,\n\
        150121100200,西园村委会,village,150121100,,\n\
        150121100215,讨合气村委会,village,150121100,,\n\
        150121100219,把什村委会,village,150121100,,\n\
        150121100221,沙尔沁村委会,village,150121100,,\n\
        150121101,毕克齐镇,township,150121,,\n\
        150121101202,流水村委会,village,150121101,,\n\
        150121101241,讨合气村委会,village,150121101,,\n\
        150121105,沙尔沁镇,township,150121,,\n\
        150121105200,沙尔沁村委会,village,150121105,,\n\
        150121106,敕勒川镇,township,150121,,\n\
        150121106200,只几梁村委会,village,150121106,,枳几梁村委会@2016\n\
        150121106240,站村村委会,village,150121106,,\n\
        150121407,金浩区域服务中心,township,150121,,\n\
        150121407001,阳光社区,village,150121407,,\n";

    fn resolve(parts: &[&str], town: Option<&str>) -> String {
        let regions = Regions::from_csv(CSV).unwrap();
        regions
            .resolve(parts, town)
            .map(|place| place.region_code.as_str().trim_end_matches('0').to_owned())
            .unwrap_or_default()
    }

    #[test]
    fn addresses_are_read_level_by_level() {
        for (address, code) in [
            (
                "内蒙古自治区呼和浩特市土默特左旗察素齐镇讨合气村12号",
                "150121100215",
            ),
            ("内蒙古呼和浩特土左旗毕克齐镇讨合气村委会", "150121101241"),
            ("呼市土默特左旗毕克齐镇流水村3组", "150121101202"),
            ("土默特左旗察素齐镇", "1501211"),
            ("土默特左旗察素齐镇西园社区5号楼", "150121100007"),
            ("土默特左旗察素齐镇西园村5号", "1501211002"),
            ("土默特左旗察素齐镇西园路5号", "1501211"),
            ("土默特左旗敕勒川镇站村", "15012110624"),
            ("土默特左旗只几梁乡站村", "15012110624"),
            ("土默特左旗敕勒川镇枳几梁村", "1501211062"),
            ("土默特左旗流水村", "150121101202"),
            ("土默特左旗讨合气村", "150121"),
            ("土默特左旗沙尔沁村", "150121"),
            ("土默特左旗沙尔沁乡沙尔沁村", "1501211052"),
            ("土默特左旗把什乡", "1501211"),
            (
                "内蒙古自治区 呼和浩特市　土默特左旗 金浩区域服务中心 阳光社区",
                "150121407001",
            ),
            ("呼和浩特市新城区海拉尔东路", "150102"),
            ("内蒙古自治区人民医院", "15"),
            ("内蒙古自治区包头市土默特右旗流水村", "15"),
            ("河北省张家口市流水村", "13"),
            ("大同市察素齐镇", ""),
            ("流水村", "150121101202"),
            ("2018年土默特左旗察素齐镇花名册", "1501211"),
            ("察素齐", "1501211"),
            ("沙尔沁", "150121105"),
            ("某某小区", ""),
        ] {
            assert_eq!(resolve(&[address], None), code, "{address}");
        }
    }

    #[test]
    fn cells_refine_each_other_and_the_context_settles_the_rest() {
        for (parts, town, code) in [
            (&["150121", "毕克齐镇", "讨合气"][..], None, "150121101241"),
            (
                &["", "毕克齐", "讨合气村村民委员会", ""],
                None,
                "150121101241",
            ),
            (&["讨合气村"], Some("察素齐镇"), "150121100215"),
            (&["150121"], Some("察素齐镇3月"), "1501211"),
            (&["不详"], Some("毕克齐镇"), "150121101"),
            (&["山西省大同市"], Some("察素齐镇"), "14"),
            (&["150102"], Some("察素齐镇"), "150102"),
            (&["150121101", "察素齐镇西园社区"], None, "150121101"),
            (&["沙尔沁镇", "沙尔沁"], None, "1501211052"),
            (&["察素齐镇", "大众路居委会"], None, "150121100006"),
            (&["察素齐镇", "影院路居委会"], None, "150121100006"),
            (&["察素齐镇", "西园"], None, "1501211"),
        ] {
            assert_eq!(resolve(parts, town), code, "{parts:?} {town:?}");
        }
    }

    #[test]
    fn codes_of_any_length_are_padded_and_lossy_ones_refused() {
        for (code, expected) in [
            ("150121", "150121"),
            ("150121101", "150121101"),
            ("150121101202", "150121101202"),
            ("'150121101202", "150121101202"),
            ("150121101999", "150121101"),
            ("150121999", "150121"),
            ("150102001", "150102001"),
            ("150221100", "150221"),
            ("420106", "420106"),
            ("1.50121E+11", ""),
            ("990101", ""),
            ("15012110", ""),
        ] {
            assert_eq!(resolve(&[code], None), expected, "{code}");
        }
    }

    #[test]
    fn the_township_of_a_place_is_given_with_it() {
        let regions = Regions::from_csv(CSV).unwrap();
        let place = regions.resolve(&["毕克齐镇流水村"], None).unwrap();
        assert_eq!(place.township_code.unwrap().as_str(), "150121101000");
        assert_eq!(
            regions.resolve(&["150121"], None).unwrap().township_code,
            None
        );
        assert_eq!(regions.name("150121101"), Some("毕克齐镇"));
        assert_eq!(
            regions.find_township("敕勒川镇（3月）").unwrap().as_str(),
            "150121106000"
        );
    }

    #[test]
    fn problems_of_the_table_are_named() {
        let problem = |rows: &str| {
            let csv = format!("code,name,level,parent_code\n{rows}\n");
            Regions::from_csv(&csv).err().unwrap().to_string()
        };
        assert!(problem("1501,x,county,").contains("does not fit"));
        assert!(problem("150121,x,county,150100").contains("is not in the table"));
        assert!(problem("15012,x,county,").contains("not a division code"));
    }
}
