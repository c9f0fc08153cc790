//! The reasons for which two rows are linked, in words. Entry points: [`Pass`], [`Link`].

use super::model::Vector;
use crate::error::Message;
use crate::msg;

/// A rule of the cascade, or the score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pass {
    /// The same certificate number twice in one register.
    SameCertificate,
    /// A certificate and its reissue.
    Reissued,
    /// One child keyed twice.
    Twice,
    /// Two entries of one child in one register.
    TwoEntries,
    /// Certificate number and a parent, date or name.
    Certificate,
    /// Mother, date, sex and name.
    MotherDateSexName,
    /// Mother, date, sex and the name's sound.
    MotherDateSexSound,
    /// Mother, date and sex.
    MotherDateSex,
    /// Mother and name, the date a slip away.
    MotherName,
    /// Father, date, sex and name.
    FatherDateSexName,
    /// Father, date and sex.
    FatherDateSex,
    /// Father and name, the date a slip away.
    FatherName,
    /// Both parents' names, date and sex.
    NamesDateSex,
    /// Name, date and a parent's name.
    NameDateParent,
    /// The only child of a parent near that date.
    OneDelivery,
    /// The last two twins left over.
    LastTwin,
    /// The weighed sum of all agreements.
    Score,
    /// Another row of a child that is linked already.
    SecondCopy,
    /// Mother and expected or actual date.
    MotherDelivery,
    /// Father and expected or actual date.
    FatherDelivery,
    /// A wrong ID number mended by the register.
    RepairedNumber,
    /// A clerk looked at both.
    Clerk,
}

impl Pass {
    /// The word in the column `pass`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SameCertificate => "same_certificate",
            Self::Reissued => "reissued",
            Self::Twice => "keyed_twice",
            Self::TwoEntries => "two_entries",
            Self::Certificate => "certificate",
            Self::MotherDateSexName => "mother_date_sex_name",
            Self::MotherDateSexSound => "mother_date_sex_sound",
            Self::MotherDateSex => "mother_date_sex",
            Self::MotherName => "mother_name",
            Self::FatherDateSexName => "father_date_sex_name",
            Self::FatherDateSex => "father_date_sex",
            Self::FatherName => "father_name",
            Self::NamesDateSex => "parents_names_date_sex",
            Self::NameDateParent => "name_date_parent",
            Self::OneDelivery => "one_delivery",
            Self::LastTwin => "last_twin",
            Self::Score => "score",
            Self::SecondCopy => "second_copy",
            Self::MotherDelivery => "mother_delivery",
            Self::FatherDelivery => "father_delivery",
            Self::RepairedNumber => "repaired_number",
            Self::Clerk => "clerk",
        }
    }

    /// The pass of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|pass| pass.as_str() == word)
    }

    /// All of them.
    pub const ALL: [Self; 22] = [
        Self::SameCertificate,
        Self::Reissued,
        Self::Twice,
        Self::TwoEntries,
        Self::Certificate,
        Self::MotherDateSexName,
        Self::MotherDateSexSound,
        Self::MotherDateSex,
        Self::MotherName,
        Self::FatherDateSexName,
        Self::FatherDateSex,
        Self::FatherName,
        Self::NamesDateSex,
        Self::NameDateParent,
        Self::OneDelivery,
        Self::LastTwin,
        Self::Score,
        Self::SecondCopy,
        Self::MotherDelivery,
        Self::FatherDelivery,
        Self::RepairedNumber,
        Self::Clerk,
    ];

    /// The reason as a sentence.
    #[must_use]
    pub fn sentence(self) -> Message {
        match self {
            Self::SameCertificate => msg!(
                "one birth certificate number stands in both rows",
                "两行的出生医学证明编号相同"
            ),
            Self::Reissued => msg!(
                "a replaced or reissued certificate of the same child",
                "同一新生儿的换发或补发证明"
            ),
            Self::Twice => msg!("the same child was keyed twice", "同一新生儿重复录入"),
            Self::TwoEntries => msg!(
                "two entries of the same child in one register",
                "同一儿童在同一登记册中有两条记录"
            ),
            Self::Certificate => msg!(
                "the same birth certificate number, and a parent, the date or the name agrees",
                "出生医学证明编号相同，且父母、出生日期或姓名之一一致"
            ),
            Self::MotherDateSexName => msg!(
                "the same mother, date of birth, sex and name",
                "母亲、出生日期、性别、姓名均一致"
            ),
            Self::MotherDateSexSound => msg!(
                "the same mother, date of birth and sex; the names sound the same",
                "母亲、出生日期、性别一致，姓名同音不同字"
            ),
            Self::MotherDateSex => msg!(
                "the same mother, date of birth and sex, and no twin in question",
                "母亲、出生日期、性别一致，且不涉及多胞胎"
            ),
            Self::MotherName => msg!(
                "the same mother and name; the dates are a slip apart",
                "母亲、姓名一致，出生日期仅有笔误之差"
            ),
            Self::FatherDateSexName => msg!(
                "the same father, date of birth, sex and name",
                "父亲、出生日期、性别、姓名均一致"
            ),
            Self::FatherDateSex => msg!(
                "the same father, date of birth and sex, and no twin in question",
                "父亲、出生日期、性别一致，且不涉及多胞胎"
            ),
            Self::FatherName => msg!(
                "the same father and name; the dates are a slip apart",
                "父亲、姓名一致，出生日期仅有笔误之差"
            ),
            Self::NamesDateSex => msg!(
                "the same names of both parents, date of birth and sex",
                "父母双方姓名、出生日期、性别一致"
            ),
            Self::NameDateParent => msg!(
                "the same name, date of birth and name of a parent",
                "姓名、出生日期及一方父母姓名一致"
            ),
            Self::OneDelivery => msg!(
                "the same parent, who has one child near that date in either register",
                "父母一方一致，且该时段在两册中各只有这一名子女"
            ),
            Self::LastTwin => msg!(
                "the only child of this multiple birth left in both registers",
                "同一多胞胎中两册各只剩这一名"
            ),
            Self::Score => msg!(
                "the agreements weigh enough together",
                "各项一致程度加权后达到阈值"
            ),
            Self::SecondCopy => msg!(
                "another row of a child that is linked already",
                "已关联儿童的另一条记录"
            ),
            Self::MotherDelivery => msg!(
                "the same mother; the dates fit this delivery",
                "母亲一致，日期与该次分娩相符"
            ),
            Self::FatherDelivery => msg!(
                "the same father; the dates fit this delivery",
                "父亲一致，日期与该次分娩相符"
            ),
            Self::RepairedNumber => msg!(
                "an ID number with a slip, mended by the register under the same name",
                "身份证号有笔误，按登记册中同名者更正"
            ),
            Self::Clerk => msg!("a clerk found them to be the same", "经人工复核认定为同一"),
        }
    }
}

/// How sure a link is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// By a rule.
    Certain,
    /// By the score, above the threshold for automatic links.
    Probable,
    /// For a clerk to decide; not counted as linked.
    Review,
}

impl Class {
    /// The word in the column `class`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Certain => "certain",
            Self::Probable => "probable",
            Self::Review => "review",
        }
    }
}

/// Two rows judged the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    /// Number of the row on the left.
    pub left: u32,
    /// Number of the row on the right.
    pub right: u32,
    /// How sure.
    pub class: Class,
    /// Why.
    pub pass: Pass,
    /// For links by score.
    pub score: Option<Score>,
}

/// What a score is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// Probability of a match.
    pub probability: f64,
    /// How the two agreed.
    pub vector: Vector,
    /// What the name weighs more or less than on average, in bits.
    pub rarity: f64,
    /// Which of the models weighed it, see [`super::births::Births::models`].
    pub model: usize,
}

impl Link {
    /// A link by rule.
    #[must_use]
    pub fn certain(left: u32, right: u32, pass: Pass) -> Self {
        Self {
            left,
            right,
            class: Class::Certain,
            pass,
            score: None,
        }
    }
}
