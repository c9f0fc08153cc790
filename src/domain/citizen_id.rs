//! Citizen identification numbers (GB 11643-1999) as registers really hold them: lookalike letters,
//! 15-digit numbers, masks, placeholders, and digits that a spreadsheet has destroyed.
//! Entry point: [`read`]. Never repairs a lossy number and never drops a doubtful one: the status says.

use super::calendar;
use super::division::is_known_prefix;
use super::text;

pub use super::id_status::IdStatus;

/// A read ID cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdReading {
    /// The 18 characters, for a pseudonym; also given for a well-formed number that fails a check.
    pub number: Option<[u8; 18]>,
    /// What the cell holds.
    pub status: IdStatus,
    /// The birth date in the number, days since 1970-01-01.
    pub birth_date: Option<i32>,
    /// The sex in the number: 1 male, 2 female.
    pub sex: Option<u8>,
    /// Whether the century of a 15-digit number was taken from the order digits 996–999.
    centenarian: bool,
}

impl IdReading {
    fn bare(status: IdStatus) -> Self {
        Self {
            number: None,
            status,
            birth_date: None,
            sex: None,
            centenarian: false,
        }
    }

    /// Whether the number obeys the standard.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.status.is_valid()
    }

    /// The number to show as the person's: of valid numbers and of those whose check digit alone
    /// is wrong. Not of a converted 15-digit number whose century had to be inferred.
    #[must_use]
    pub fn normalised(&self) -> Option<&str> {
        let shown = self.is_valid()
            || matches!(
                self.status,
                IdStatus::BadCheckDigit | IdStatus::ForeignPermanent
            );
        if !shown || self.centenarian {
            return None;
        }
        self.number
            .as_ref()
            .and_then(|number| std::str::from_utf8(number).ok())
    }
}

/// Reads an ID cell. `numeric` says that the cell is a number of a spreadsheet, which keeps only
/// 15 digits; `today` is in days since 1970-01-01.
#[must_use]
pub fn read(cell: &str, numeric: bool, today: i32) -> IdReading {
    if !numeric && let Ok(number) = <[u8; 18]>::try_from(cell.as_bytes()) {
        let [digits @ .., last] = &number;
        if digits.iter().all(u8::is_ascii_digit) && (last.is_ascii_digit() || *last == b'X') {
            return read_18(number, today);
        }
    }
    Shape::of(cell).read(numeric, today)
}

/// The check character of the first 17 digits: ISO 7064 MOD 11-2.
#[must_use]
pub fn check_digit(digits: &[u8; 17]) -> u8 {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = digits
        .iter()
        .zip(WEIGHTS)
        .map(|(d, weight)| value(*d) * weight)
        .sum();
    b"10X98765432"[(sum % 11) as usize]
}

/// A cell reduced to what matters: at most 24 ASCII characters, blanks gone, wide forms narrowed.
struct Shape {
    bytes: [u8; 24],
    length: usize,
    /// A lookalike of X was replaced.
    repaired: bool,
    /// There were characters that no number holds.
    foreign: bool,
    /// There were ASCII digits.
    digits: bool,
    /// The cell is blank or one of the tokens that mean missing.
    null: bool,
}

impl Shape {
    fn of(cell: &str) -> Self {
        let cleaned = text::clean(cell);
        let mut shape = Self {
            bytes: [0; 24],
            length: 0,
            repaired: false,
            foreign: false,
            digits: false,
            null: text::is_null(&cleaned) || is_id_placeholder(&cleaned),
        };
        for c in cleaned
            .trim_end_matches(['.', ',', ';', '。', '，', '；', '、'])
            .chars()
        {
            shape.push(c);
        }
        shape.drop_zero_fraction();
        shape
    }

    fn push(&mut self, c: char) {
        let byte = match c {
            c if c.is_whitespace() => return,
            '\u{ff01}'..='\u{ff5e}' => (c as u32 - 0xff01 + 0x21) as u8,
            '!'..='~' => c as u8,
            'Х' | 'х' | 'Χ' | 'χ' | 'Ⅹ' | 'ⅹ' | '×' | '✕' | '╳' | '乂' => {
                self.repaired = true;
                b'X'
            }
            '●' | '•' | '∗' | '■' | '█' => b'*',
            _ => {
                self.foreign = true;
                return;
            }
        };
        self.digits |= byte.is_ascii_digit();
        if let Some(slot) = self.bytes.get_mut(self.length) {
            *slot = byte.to_ascii_uppercase();
            self.length += 1;
        } else {
            self.foreign = true;
        }
    }

    /// `110105194912310021.0`: a number that went through a program with floats.
    fn drop_zero_fraction(&mut self) {
        let written = &self.bytes[..self.length];
        let Some(dot) = written.iter().position(|byte| *byte == b'.') else {
            return;
        };
        if dot > 0 && dot + 1 < self.length && written[dot + 1..].iter().all(|byte| *byte == b'0') {
            self.length = dot;
        }
    }

    fn read(&self, numeric: bool, today: i32) -> IdReading {
        let written = &self.bytes[..self.length];
        if self.null || (!self.foreign && is_placeholder(written)) {
            return IdReading::bare(IdStatus::NullToken);
        }
        if self.foreign {
            return IdReading::bare(IdStatus::NotAnId);
        }
        if is_scientific(written) {
            return IdReading::bare(IdStatus::LossyScientific);
        }
        if let Ok(number) = <[u8; 18]>::try_from(written) {
            let [digits @ .., last] = number;
            if digits.iter().all(u8::is_ascii_digit) {
                return match last {
                    b'0'..=b'9' if numeric => lossy(&number),
                    b'0'..=b'9' => read_18(number, today),
                    b'X' => self.with_repair(read_18(number, today)),
                    b'*' => repaired_star(&digits, today),
                    _ => IdReading::bare(IdStatus::NotAnId),
                };
            }
        }
        if is_masked(written) {
            return IdReading::bare(IdStatus::Masked);
        }
        if let Ok(number) = <[u8; 15]>::try_from(written) {
            if number.iter().all(u8::is_ascii_digit) {
                return read_15(&number, today);
            }
            let (letters, digits) = number.split_at(3);
            if letters.iter().all(u8::is_ascii_uppercase) && digits.iter().all(u8::is_ascii_digit) {
                return IdReading::bare(IdStatus::ForeignPermanent);
            }
        }
        if numeric && written.len() > 15 && written.iter().all(u8::is_ascii_digit) {
            return IdReading::bare(IdStatus::LossySuspect);
        }
        IdReading::bare(IdStatus::NotAnId)
    }

    fn with_repair(&self, reading: IdReading) -> IdReading {
        match reading.status {
            IdStatus::Valid | IdStatus::ValidResidencePermit if self.repaired => IdReading {
                status: IdStatus::ValidRepaired,
                ..reading
            },
            _ => reading,
        }
    }
}

/// A final `*` stands for X if the check digit is X; otherwise it hides the digit.
fn repaired_star(digits: &[u8; 17], today: i32) -> IdReading {
    if check_digit(digits) != b'X' {
        return IdReading::bare(IdStatus::Masked);
    }
    let reading = read_18(join(digits, b'X'), today);
    match reading.status {
        IdStatus::Valid | IdStatus::ValidResidencePermit => IdReading {
            status: IdStatus::ValidRepaired,
            ..reading
        },
        _ => reading,
    }
}

/// Reads 17 digits and a check character.
fn read_18(number: [u8; 18], today: i32) -> IdReading {
    let [digits @ .., last] = number;
    let checked = check_digit(&digits) == last;
    let suspect = !checked && number.ends_with(b"000");
    let birth_date = birth_date(&number[6..14]);
    if birth_date.is_none() && is_placeholder(&number) {
        return IdReading::bare(IdStatus::NullToken);
    }
    if suspect {
        return lossy(&number);
    }
    let reading = |status| IdReading {
        number: Some(number),
        status,
        birth_date,
        sex: None,
        centenarian: false,
    };
    let Some(born) = birth_date else {
        return reading(IdStatus::BadDate);
    };
    if born > today {
        return reading(IdStatus::FutureDate);
    }
    let status = match division(&number) {
        Division::Unknown => return reading(IdStatus::UnknownDivision),
        _ if !checked => IdStatus::BadCheckDigit,
        Division::Citizen => IdStatus::Valid,
        Division::Permit => IdStatus::ValidResidencePermit,
        Division::Foreigner => IdStatus::ForeignPermanent,
    };
    IdReading {
        sex: Some(sex_of(number[16])),
        ..reading(status)
    }
}

/// Reads a number of the years before 1999: two-digit year, no check digit. The order digits
/// 996–999 were kept for people born in the century before.
fn read_15(number: &[u8; 15], today: i32) -> IdReading {
    let centenarian = number[12..] >= b"996"[..];
    let mut digits = [0; 17];
    digits[..6].copy_from_slice(&number[..6]);
    digits[6..8].copy_from_slice(if centenarian { b"18" } else { b"19" });
    digits[8..].copy_from_slice(&number[6..]);
    let reading = read_18(join(&digits, check_digit(&digits)), today);
    match reading.status {
        IdStatus::Valid => IdReading {
            status: IdStatus::Valid15,
            centenarian,
            ..reading
        },
        IdStatus::ValidResidencePermit | IdStatus::ForeignPermanent => {
            IdReading::bare(IdStatus::NotAnId)
        }
        status => IdReading {
            number: None,
            status,
            ..reading
        },
    }
}

/// 18 digits of which only 15 can be trusted: the birth date stands, the sex does not.
fn lossy(number: &[u8; 18]) -> IdReading {
    IdReading {
        birth_date: birth_date(&number[6..14]),
        ..IdReading::bare(IdStatus::LossySuspect)
    }
}

enum Division {
    Citizen,
    Permit,
    Foreigner,
    Unknown,
}

fn division(number: &[u8; 18]) -> Division {
    let prefix = |at: usize| (value(number[at]) * 10 + value(number[at + 1])) as u8;
    match prefix(0) {
        81..=83 if number[2..6] == *b"0000" => Division::Permit,
        81 | 82 => Division::Unknown,
        known if is_known_prefix(known) => Division::Citizen,
        // The cards of 2023: a 9, the province that issued it, the country's three digits.
        90..=99 if is_known_prefix(prefix(1)) => Division::Foreigner,
        _ => Division::Unknown,
    }
}

fn birth_date(digits: &[u8]) -> Option<i32> {
    let number =
        |from: usize, to: usize| digits[from..to].iter().fold(0, |n, d| n * 10 + value(*d));
    let year = number(0, 4) as i32;
    if year < 1800 {
        None
    } else {
        calendar::days(year, number(4, 6), number(6, 8))
    }
}

fn sex_of(order_digit: u8) -> u8 {
    if value(order_digit) % 2 == 1 {
        super::sex::MALE
    } else {
        super::sex::FEMALE
    }
}

fn join(digits: &[u8; 17], last: u8) -> [u8; 18] {
    let mut number = [last; 18];
    number[..17].copy_from_slice(digits);
    number
}

fn value(digit: u8) -> u32 {
    u32::from(digit.wrapping_sub(b'0'))
}

/// Zeros, one digit repeated, digits counted up, or a division code filled with zeros.
fn is_placeholder(written: &[u8]) -> bool {
    let Some(first) = written.first() else {
        return true;
    };
    let repeated = written.iter().all(|byte| byte == first);
    match first {
        b'0' if repeated => true,
        _ if !written.iter().all(u8::is_ascii_digit) => false,
        _ if written.len() < 8 => false,
        _ => {
            repeated
                || written
                    .windows(2)
                    .all(|pair| (value(pair[0]) + 1) % 10 == value(pair[1]))
                || (written.len() >= 15 && written[6..].iter().all(|byte| *byte == b'0'))
        }
    }
}

/// Words without a digit that say why there is no number: 未上户, 待补录, 无身份证.
fn is_id_placeholder(text: &str) -> bool {
    text.starts_with(['无', '未', '待', '暂', '没', '缺', '不', '空'])
        && !text.chars().any(char::is_numeric)
}

/// `4.40524E+17`
fn is_scientific(written: &[u8]) -> bool {
    let Some(at) = written.iter().position(|byte| *byte == b'E') else {
        return false;
    };
    let (mantissa, exponent) = (&written[..at], &written[at + 1..]);
    let exponent = exponent.strip_prefix(b"+").unwrap_or(exponent);
    mantissa.first().is_some_and(u8::is_ascii_digit)
        && mantissa
            .iter()
            .all(|byte| byte.is_ascii_digit() || *byte == b'.')
        && !exponent.is_empty()
        && exponent.len() <= 3
        && exponent.iter().all(u8::is_ascii_digit)
}

/// Digits with a run of stars, or of X before the end, between them.
fn is_masked(written: &[u8]) -> bool {
    let inside = &written[..written.len().saturating_sub(1)];
    written.iter().any(u8::is_ascii_digit)
        && (written.contains(&b'*') || inside.windows(2).any(|pair| pair == b"XX"))
        && written
            .iter()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'*' | b'X'))
}

#[cfg(test)]
mod tests {
    use super::*;

    // One vector per line: cell, normalised, status, birth date, sex.
    #[rustfmt::skip]
    const VECTORS: &[(&str, &str, &str, &str, u8)] = &[
        ("11010519491231002X", "11010519491231002X", "valid", "1949-12-31", 2),
        ("440524188001010014", "440524188001010014", "valid", "1880-01-01", 1),
        ("11010519491231002x", "11010519491231002X", "valid", "1949-12-31", 2),
        ("１１０１０５１９４９１２３１００２Ｘ", "11010519491231002X", "valid", "1949-12-31", 2),
        ("'11010519491231002X", "11010519491231002X", "valid", "1949-12-31", 2),
        ("\t11010519491231002X", "11010519491231002X", "valid", "1949-12-31", 2),
        ("=\"440524188001010014\"", "440524188001010014", "valid", "1880-01-01", 1),
        ("440524 18800101 0014", "440524188001010014", "valid", "1880-01-01", 1),
        ("\u{feff}440524\u{3000}18800101\u{a0}\u{200b}0014", "440524188001010014", "valid", "1880-01-01", 1),
        ("11010519491231002Х", "11010519491231002X", "valid_repaired", "1949-12-31", 2),
        ("11010519491231002Χ", "11010519491231002X", "valid_repaired", "1949-12-31", 2),
        ("11010519491231002Ⅹ", "11010519491231002X", "valid_repaired", "1949-12-31", 2),
        ("11010519491231002×", "11010519491231002X", "valid_repaired", "1949-12-31", 2),
        ("11010519491231002*", "11010519491231002X", "valid_repaired", "1949-12-31", 2),
        ("110105194912310021", "110105194912310021", "bad_check_digit", "1949-12-31", 2),
        ("110105491231002", "11010519491231002X", "valid_15", "1949-12-31", 2),
        ("440524800101997", "", "valid_15", "1880-01-01", 1),
        ("4.40524E+17", "", "lossy_scientific", "", 0),
        ("440524188001010000", "", "lossy_suspect", "1880-01-01", 0),
        ("1.50121E+11", "", "lossy_scientific", "", 0),
        ("150121********0014", "", "masked", "", 0),
        ("150121201802300015", "", "bad_date", "", 0),
        ("150121201802290013", "", "bad_date", "", 0),
        ("15012120990101001X", "", "future_date", "2099-01-01", 0),
        ("999999188001010012", "", "unknown_division", "1880-01-01", 0),
        ("15262118800101003X", "15262118800101003X", "valid", "1880-01-01", 1),
        ("152622188001010036", "152622188001010036", "valid", "1880-01-01", 1),
        ("152623188001010032", "152623188001010032", "valid", "1880-01-01", 1),
        ("150121188001010030", "150121188001010030", "valid", "1880-01-01", 1),
        ("810000188001010023", "810000188001010023", "valid_residence_permit", "1880-01-01", 2),
        ("无", "", "null_token", "", 0),
        ("-", "", "null_token", "", 0),
        ("/", "", "null_token", "", 0),
        ("000000000000000000", "", "null_token", "", 0),
        ("111111111111111111", "", "null_token", "", 0),
        ("待补录", "", "null_token", "", 0),
        ("未上户", "", "null_token", "", 0),
        ("不详", "", "null_token", "", 0),
        ("NULL", "", "null_token", "", 0),
        ("0", "", "null_token", "", 0),
        ("L150123456", "", "not_an_id", "", 0),
    ];

    fn today() -> i32 {
        calendar::days(2018, 6, 30).unwrap()
    }

    #[test]
    fn every_known_spelling_reads_as_published() {
        for (input, normalised, status, birth_date, sex) in VECTORS {
            let reading = read(input, false, today());
            assert_eq!(reading.status.as_str(), *status, "{input}");
            assert_eq!(reading.normalised().unwrap_or(""), *normalised, "{input}");
            assert_eq!(
                reading.birth_date.map(calendar::format).unwrap_or_default(),
                *birth_date,
                "{input}"
            );
            assert_eq!(reading.sex.unwrap_or(0), *sex, "{input}");
        }
    }

    #[test]
    fn a_number_cell_of_more_than_15_digits_is_lossy() {
        let reading = read("440524188001010014", true, today());
        assert_eq!(reading.status, IdStatus::LossySuspect);
        assert_eq!(
            reading.birth_date.map(calendar::format).as_deref(),
            Some("1880-01-01")
        );
        assert_eq!(reading.number, None);
        assert_eq!(
            read("4.40524188001010e17", true, today()).status,
            IdStatus::LossyScientific
        );
        assert_eq!(
            read("44052418800101001", true, today()).status,
            IdStatus::LossySuspect
        );
        assert_eq!(
            read("440524800101001", true, today()).status,
            IdStatus::Valid15
        );
        assert_eq!(
            read("11010519491231002X", true, today()).status,
            IdStatus::Valid
        );
    }

    #[test]
    fn the_century_of_order_digits_996_to_999_is_the_eighteenth_hundred() {
        let reading = read("440524800101997", false, today());
        assert_eq!(reading.number.as_ref(), Some(b"440524188001019975"));
    }

    #[test]
    fn a_well_formed_number_is_kept_for_the_pseudonym_although_a_check_fails() {
        for input in [
            "150121201802300015",
            "15012120990101001X",
            "999999188001010012",
        ] {
            let reading = read(input, false, today());
            assert_eq!(
                reading.number.as_ref().map(<[u8; 18]>::as_slice),
                Some(input.as_bytes())
            );
            assert!(!reading.is_valid());
        }
    }

    #[test]
    fn other_documents_and_odd_cells_are_told_apart() {
        for (input, status) in [
            ("USA110080010101", IdStatus::ForeignPermanent),
            ("E12345678", IdStatus::NotAnId),
            ("H1234567890", IdStatus::NotAnId),
            ("13800138000", IdStatus::NotAnId),
            ("王芳", IdStatus::NotAnId),
            ("1501211880010100", IdStatus::NotAnId),
            ("123456789012345678", IdStatus::NullToken),
            ("150121000000000000", IdStatus::NullToken),
            ("无身份证", IdStatus::NullToken),
            ("", IdStatus::NullToken),
            ("150121XXXXXXXX0014", IdStatus::Masked),
            ("15012118800101003*", IdStatus::Masked),
            ("440524188001010014.0", IdStatus::Valid),
            ("830000188001010020", IdStatus::BadCheckDigit),
            ("810001188001010023", IdStatus::UnknownDivision),
            ("440524180001320014", IdStatus::BadDate),
        ] {
            assert_eq!(read(input, false, today()).status, status, "{input}");
        }
    }
}
