//! The words for what an ID cell holds, as stored in `id_status` columns and used in rules.
//! Entry point: [`IdStatus`].

/// What an ID cell holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IdStatus {
    /// 18 characters, everything right.
    Valid,
    /// Valid once a lookalike of the final X was replaced.
    ValidRepaired,
    /// 15 digits, converted to 18.
    Valid15,
    /// Residence permit of a Hong Kong, Macao or Taiwan resident (division 81/82/830000).
    ValidResidencePermit,
    /// Permanent residence card of a foreigner; not a citizen number.
    ForeignPermanent,
    /// 18 characters, check digit wrong.
    BadCheckDigit,
    /// Written with an exponent: the digits are lost.
    LossyScientific,
    /// Only the first 15 digits can be trusted.
    LossySuspect,
    /// Some digits are hidden on purpose.
    Masked,
    /// The birth date in it does not exist.
    BadDate,
    /// The birth date in it is still to come.
    FutureDate,
    /// No province has its first two digits.
    UnknownDivision,
    /// A blank or a placeholder.
    NullToken,
    /// Something else: a passport, a certificate number, a name.
    NotAnId,
}

impl IdStatus {
    /// Every status.
    pub const ALL: [Self; 14] = [
        Self::Valid,
        Self::ValidRepaired,
        Self::Valid15,
        Self::ValidResidencePermit,
        Self::ForeignPermanent,
        Self::BadCheckDigit,
        Self::LossyScientific,
        Self::LossySuspect,
        Self::Masked,
        Self::BadDate,
        Self::FutureDate,
        Self::UnknownDivision,
        Self::NullToken,
        Self::NotAnId,
    ];

    /// The word stored in `id_status` columns and used in rules.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::ValidRepaired => "valid_repaired",
            Self::Valid15 => "valid_15",
            Self::ValidResidencePermit => "valid_residence_permit",
            Self::ForeignPermanent => "foreign_permanent",
            Self::BadCheckDigit => "bad_check_digit",
            Self::LossyScientific => "lossy_scientific",
            Self::LossySuspect => "lossy_suspect",
            Self::Masked => "masked",
            Self::BadDate => "bad_date",
            Self::FutureDate => "future_date",
            Self::UnknownDivision => "unknown_division",
            Self::NullToken => "null_token",
            Self::NotAnId => "not_an_id",
        }
    }

    /// The status of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// Whether the number obeys the standard (possibly after repair or conversion).
    #[must_use]
    pub fn is_valid(self) -> bool {
        matches!(
            self,
            Self::Valid | Self::ValidRepaired | Self::Valid15 | Self::ValidResidencePermit
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_words_can_be_read_back() {
        for status in IdStatus::ALL {
            assert_eq!(IdStatus::parse(status.as_str()), Some(status));
        }
    }
}
