//! People for bulk files: unique ID numbers on realistic birth days, names and addresses as bytes.

use encoding_rs::GB18030;
use fastrand::Rng;

use crate::dates::Day;
use crate::identity;
use crate::places::TOWNS;

/// The first and the last year of a birth.
const FIRST: i32 = 1925;
const LAST: i32 = 2020;

/// Persons by five-year age group of the banner in the 2020 census, from 0–4 to 85 and over: the
/// shape of the bulk register.
const PYRAMID: [u32; 18] = [
    9482, 10_486, 10_781, 12_520, 11_395, 13_409, 17_044, 16_747, 16_696, 23_196, 24_432, 25_492,
    21_593, 21_621, 12_343, 7018, 5342, 3534,
];

/// A drawn person.
#[derive(Clone, Copy)]
pub(super) struct Person {
    /// ID number.
    pub(super) id: [u8; 18],
    /// Birth.
    pub(super) birth: Day,
    /// Whether male.
    pub(super) male: bool,
}

/// Draws people, and holds every text already encoded.
pub(super) struct People {
    /// The source of chance.
    pub(super) rng: Rng,
    gb18030: bool,
    first_day: i32,
    /// `20180305` of each day.
    days: Vec<[u8; 8]>,
    /// Numbers given out per day and sex.
    given: Vec<[u16; 2]>,
    /// Birth years by share.
    years: Vec<i32>,
    surnames: Vec<Vec<u8>>,
    givens: [Vec<Vec<u8>>; 2],
    addresses: Vec<Vec<u8>>,
    towns: Vec<Vec<u8>>,
    villages: Vec<(usize, Vec<u8>)>,
    door: Vec<u8>,
    words: Vec<(&'static str, Vec<u8>)>,
}

impl People {
    /// Nobody drawn yet.
    pub(super) fn new(mut rng: Rng, gb18030: bool) -> Self {
        let encode = |text: &str| -> Vec<u8> {
            if gb18030 {
                GB18030.encode(text).0.into_owned()
            } else {
                text.as_bytes().to_vec()
            }
        };
        let (first, last) = (Day::new(FIRST, 1, 1), Day::new(LAST + 2, 12, 31));
        let days = (first.0..=last.0).map(|at| {
            let (y, m, d) = Day(at).parts();
            let text = format!("{y:04}{m:02}{d:02}");
            text.as_bytes().try_into().expect("eight digits")
        });
        let days: Vec<[u8; 8]> = days.collect();

        let mut years = Vec::new();
        for (group, persons) in PYRAMID.into_iter().enumerate() {
            let youngest = LAST - group as i32 * 5;
            let years_of = if group == 17 { 6 } else { 5 };
            for slot in 0..(persons / 25) as i32 {
                years.push(youngest - slot % years_of);
            }
        }

        let surnames: Vec<char> = (0..2000).map(|_| identity::surname(&mut rng)).collect();
        let mut givens = [Vec::new(), Vec::new()];
        for (male, pool) in [(false, 0), (true, 1)] {
            for _ in 0..4000 {
                let name = identity::name('云', male, false, false, &mut rng);
                givens[pool].push(encode(&name.chars().skip(1).collect::<String>()));
            }
        }
        let mut addresses = Vec::new();
        let mut villages = Vec::new();
        for (at, town) in TOWNS.iter().enumerate() {
            for village in town.villages {
                let text = format!("内蒙古自治区呼和浩特市土默特左旗{}{village}", town.name);
                // Larger towns stand more often in the list.
                for _ in 0..town.weight {
                    addresses.push(encode(&text));
                    villages.push((at, encode(village)));
                }
            }
        }
        Self {
            gb18030,
            first_day: first.0,
            given: vec![[0; 2]; days.len()],
            days,
            years,
            surnames: surnames.iter().map(|c| encode(&c.to_string())).collect(),
            givens,
            addresses,
            towns: TOWNS.iter().map(|town| encode(town.name)).collect(),
            villages,
            door: encode("号"),
            words: Vec::new(),
            rng,
        }
    }

    /// `text` in the file's encoding.
    pub(super) fn encode(&self, text: &str) -> Vec<u8> {
        if self.gb18030 {
            GB18030.encode(text).0.into_owned()
        } else {
            text.as_bytes().to_vec()
        }
    }

    /// Appends a fixed text, encoded the first time it is asked for.
    pub(super) fn word(&mut self, text: &'static str, out: &mut Vec<u8>) {
        if let Some((_, bytes)) = self
            .words
            .iter()
            .find(|(known, _)| std::ptr::eq(*known, text))
        {
            out.extend_from_slice(bytes);
            return;
        }
        let bytes = self.encode(text);
        out.extend_from_slice(&bytes);
        self.words.push((text, bytes));
    }

    /// A birth day with the shape of the 2020 pyramid.
    pub(super) fn birth_day(&mut self) -> Day {
        let year = self.years[self.rng.usize(..self.years.len())];
        Day::new(year, 1, 1).plus(self.rng.i32(0..365))
    }

    /// A person born on `birth`, with a number that was not given out before.
    pub(super) fn person(&mut self, birth: Day, male: bool) -> Person {
        let at = (birth.0 - self.first_day) as usize;
        let given = &mut self.given[at][usize::from(male)];
        let count = u32::from(*given);
        *given = given
            .checked_add(1)
            .expect("a day has room for 49 900 people of a sex");
        let division = 159_900 + count / 499;
        let order = (count % 499 + 1) * 2 - u32::from(male);
        let mut id = [b'0'; 18];
        digits(division, &mut id[..6]);
        id[6..14].copy_from_slice(&self.days[at]);
        digits(order, &mut id[14..17]);
        id[17] = identity::check_digit(&id[..17]);
        Person { id, birth, male }
    }

    /// Appends a name.
    pub(super) fn name(&mut self, male: bool, out: &mut Vec<u8>) {
        let surname = self.rng.usize(..self.surnames.len());
        out.extend_from_slice(&self.surnames[surname]);
        let pool = &self.givens[usize::from(male)];
        out.extend_from_slice(&pool[self.rng.usize(..pool.len())]);
    }

    /// A place, for the functions that name it.
    pub(super) fn place(&mut self) -> usize {
        self.rng.usize(..self.addresses.len())
    }

    /// The place of a household.
    pub(super) fn place_of(&self, household: u64) -> usize {
        let mixed = (household + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20;
        (mixed % self.addresses.len() as u64) as usize
    }

    /// Appends an address with a house number.
    pub(super) fn address(&mut self, place: usize, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.addresses[place]);
        number(u64::from(self.rng.u32(1..900)), out);
        out.extend_from_slice(&self.door);
    }

    /// Appends a town's name and a village's, as two columns.
    pub(super) fn town_and_village(&self, place: usize, out: &mut Vec<u8>) {
        let (town, village) = &self.villages[place];
        out.extend_from_slice(&self.towns[*town]);
        out.push(b',');
        out.extend_from_slice(village);
    }

    /// The nine-digit code of a place's town.
    pub(super) fn town_code(&self, place: usize) -> &'static str {
        TOWNS[self.villages[place].0].code
    }

    /// Appends `2018-03-05`.
    pub(super) fn date(&self, day: Day, out: &mut Vec<u8>) {
        let text = &self.days[(day.0 - self.first_day) as usize];
        out.extend_from_slice(&text[..4]);
        out.push(b'-');
        out.extend_from_slice(&text[4..6]);
        out.push(b'-');
        out.extend_from_slice(&text[6..]);
    }
}

fn digits(mut value: u32, out: &mut [u8]) {
    for place in out.iter_mut().rev() {
        *place = b'0' + (value % 10) as u8;
        value /= 10;
    }
}

/// Appends a number.
pub(super) fn number(mut value: u64, out: &mut Vec<u8>) {
    let mut text = [0; 20];
    let mut at = text.len();
    loop {
        at -= 1;
        text[at] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.extend_from_slice(&text[at..]);
}

/// Appends a number with leading zeros.
pub(super) fn padded(value: u64, width: usize, out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(start + width, b'0');
    let mut rest = value;
    for place in out[start..].iter_mut().rev() {
        *place = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
}
