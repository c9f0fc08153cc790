//! Towns of the banner with some of their villages, as they were called in 2016 to 2020.

use fastrand::Rng;

/// A town-level unit.
#[derive(Debug)]
pub struct Town {
    /// Nine-digit code.
    pub code: &'static str,
    /// Name.
    pub name: &'static str,
    /// Share of the sample's families, out of the sum of all.
    pub weight: u32,
    /// Villages and neighbourhoods.
    pub villages: &'static [&'static str],
}

/// Every town-level unit of the 2020 edition.
pub const TOWNS: [Town; 10] = [
    Town {
        code: "150121100",
        name: "察素齐镇",
        weight: 30,
        villages: &[
            "大众路居委会",
            "西园西居委会",
            "西园东居委会",
            "中山路西居委会",
            "中山路东居委会",
            "西园村委会",
            "瓦窑村委会",
            "东王毕克齐村委会",
            "尔胜村委会",
            "山盖村委会",
            "古城村委会",
            "多尔计村委会",
            "五里坡村委会",
            "参将村委会",
            "二十家村委会",
        ],
    },
    Town {
        code: "150121101",
        name: "毕克齐镇",
        weight: 14,
        villages: &[
            "毕克齐居委会",
            "银匠房村委会",
            "官保村委会",
            "五道村委会",
            "马王庙村委会",
            "小古城村委会",
            "董家营村委会",
            "大毕克齐村委会",
            "老道沟村委会",
            "忽尔格气村委会",
            "阎桂房村委会",
        ],
    },
    Town {
        code: "150121102",
        name: "善岱镇",
        weight: 8,
        villages: &[
            "北淖村委会",
            "五里桥村委会",
            "保同河村委会",
            "召上村委会",
            "安民村委会",
            "什拉村委会",
            "沙梁村委会",
            "南董家营村委会",
            "大岱村委会",
            "独立坝村委会",
        ],
    },
    Town {
        code: "150121103",
        name: "台阁牧镇",
        weight: 13,
        villages: &[
            "沙家营村委会",
            "台阁牧村委会",
            "三间房村委会",
            "达尔架大东营村委会",
            "达尔架小东营村委会",
            "达尔架大西营村委会",
            "栽生村委会",
            "小瓦窑圪沁村委会",
            "大瓦窑圪沁村委会",
            "霍寨村委会",
        ],
    },
    Town {
        code: "150121104",
        name: "白庙子镇",
        weight: 10,
        villages: &[
            "瓦房院村委会",
            "东坝什村委会",
            "刘家营村委会",
            "浑津桥村委会",
            "赵庄村委会",
            "四得堡村委会",
            "南双树村委会",
            "吉牙图村委会",
            "阿林召村委会",
            "大图利村委会",
        ],
    },
    Town {
        code: "150121105",
        name: "沙尔沁镇",
        weight: 6,
        villages: &[
            "沙尔沁村委会",
            "大西平村委会",
            "板定板村委会",
            "一间房村委会",
            "南此老村委会",
            "西此老村委会",
            "色令板村委会",
            "牛牛营村委会",
            "小阿哥村委会",
            "西水泉村委会",
        ],
    },
    Town {
        code: "150121106",
        name: "敕勒川镇",
        weight: 10,
        villages: &[
            "枳几梁村委会",
            "小崞县村委会",
            "小八犋牛营村委会",
            "北官地村委会",
            "刘保圪旦村委会",
            "饭铺营村委会",
            "七股地村委会",
            "古雁村委会",
            "站村村委会",
            "上达赖村委会",
        ],
    },
    Town {
        code: "150121207",
        name: "北什轴乡",
        weight: 5,
        villages: &[
            "北什轴村委会",
            "西南什轴村委会",
            "赵家营村委会",
            "西红岱村委会",
            "刘家营村委会",
            "圪什贵村委会",
            "大圪贲村委会",
            "出彦村委会",
            "三两村委会",
            "东厂克村委会",
        ],
    },
    Town {
        code: "150121208",
        name: "塔布赛乡",
        weight: 3,
        villages: &[
            "塔布赛村委会",
            "口肯板村委会",
            "北园子村委会",
            "铁旦板村委会",
            "南恼木汉村委会",
            "七炭板村委会",
            "小铁帽村委会",
            "波勒圪沁村委会",
            "锁号村委会",
            "白庙子村委会",
        ],
    },
    Town {
        code: "150121401",
        name: "呼和浩特金山经济技术开发区",
        weight: 2,
        villages: &["金山区虚拟居委会"],
    },
];

/// Where a family lives: a place in [`TOWNS`] and a house number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Home {
    /// Index into [`TOWNS`].
    pub town: usize,
    /// Index into the town's villages.
    pub village: usize,
    /// House number.
    pub house: u32,
}

impl Home {
    /// A home, more often in the larger towns.
    pub fn random(rng: &mut Rng) -> Self {
        let total: u32 = TOWNS.iter().map(|town| town.weight).sum();
        let mut at = rng.u32(..total);
        let mut town = 0;
        while at >= TOWNS[town].weight {
            at -= TOWNS[town].weight;
            town += 1;
        }
        Self {
            town,
            village: rng.usize(..TOWNS[town].villages.len()),
            house: rng.u32(1..420),
        }
    }

    /// The town's name.
    pub fn town_name(&self) -> &'static str {
        TOWNS[self.town].name
    }

    /// The village's name.
    pub fn village_name(&self) -> &'static str {
        TOWNS[self.town].villages[self.village]
    }

    /// The whole address with the house number.
    pub fn address(&self) -> String {
        format!("内蒙古自治区呼和浩特市{}", self.county_address())
    }

    /// The address from the banner down.
    pub fn county_address(&self) -> String {
        format!(
            "土默特左旗{}{}{}号",
            self.town_name(),
            self.village_name(),
            self.house
        )
    }
}
