//! One made-up population from which every sample export is drawn: couples marry, register a
//! pregnancy, bear children, who are certified, registered, insured and visited; the old die.
//! Entry point: [`World::build`]. The same seed gives the same world.

use fastrand::Rng;

use crate::dates::Day;
use crate::identity::{self, Identities};
use crate::places::Home;

/// Index of a person in [`World::people`].
pub type PersonId = usize;

/// A person.
#[derive(Debug, Clone)]
pub struct Person {
    /// Citizen ID number, 18 characters, check digit right.
    pub id: String,
    /// Name.
    pub name: String,
    /// Whether male.
    pub male: bool,
    /// Birth.
    pub birth: Day,
    /// Two-digit code of GB/T 3304.
    pub ethnicity: &'static str,
    /// Household address.
    pub home: Home,
    /// Telephone number.
    pub phone: String,
}

/// A couple.
#[derive(Debug, Clone)]
pub struct Couple {
    /// Husband.
    pub husband: PersonId,
    /// Wife.
    pub wife: PersonId,
    /// Wedding registration.
    pub married: Day,
    /// Certificate number `J150121-年-…`.
    pub certificate: String,
    /// Divorce registration and its certificate number.
    pub divorced: Option<(Day, String)>,
    /// Number of the couple's household in the police register, when registered in the banner.
    pub household: Option<u32>,
}

/// A live birth.
#[derive(Debug, Clone)]
pub struct Birth {
    /// The child.
    pub child: PersonId,
    /// Its parents, an index into [`World::couples`].
    pub couple: usize,
    /// Minutes after midnight.
    pub minute: u32,
    /// Which child of its mother.
    pub order: u32,
    /// Children born together.
    pub plurality: u32,
    /// Weight in grams.
    pub weight: u32,
    /// Length in centimetres.
    pub length: u32,
    /// Weeks of pregnancy.
    pub weeks: u32,
    /// Index into [`HOSPITALS`].
    pub hospital: usize,
    /// Certificate number and day of issue, unless none was issued.
    pub certificate: Option<(String, Day)>,
    /// Day of household registration.
    pub registered: Option<Day>,
    /// Number and day of the fertility registration of this pregnancy.
    pub fertility: Option<(String, Day)>,
    /// Day maternity benefits were paid.
    pub insured: Option<Day>,
    /// Whether the child had a name when the certificate was issued.
    pub named: bool,
}

/// A death.
#[derive(Debug, Clone)]
pub struct Death {
    /// Who died.
    pub person: PersonId,
    /// When.
    pub day: Day,
    /// Index into [`CAUSES`].
    pub cause: usize,
    /// Whether the household register shows the person (cancelled).
    pub household: Option<u32>,
    /// Day of the police's cancellation.
    pub cancelled: Option<Day>,
    /// Number of the death card and day of the report.
    pub card: Option<(String, Day)>,
}

/// Everything.
#[derive(Debug)]
pub struct World {
    /// People.
    pub people: Vec<Person>,
    /// Couples; the first have the births, the rest only weddings.
    pub couples: Vec<Couple>,
    /// Births from the end of 2015 to the end of 2020, by day.
    pub births: Vec<Birth>,
    /// Deaths 2016 to 2020, by day.
    pub deaths: Vec<Death>,
    /// Single elders in the register: person and household.
    pub elders: Vec<(PersonId, u32)>,
    /// Numbers given out.
    pub identities: Identities,
    /// The source of chance for what the exports still need.
    pub rng: Rng,
}

/// Where children are born.
pub const HOSPITALS: [&str; 5] = [
    "土默特左旗人民医院",
    "土默特左旗妇幼保健所",
    "土默特左旗蒙医中医医院",
    "毕克齐镇中心卫生院",
    "善岱镇中心卫生院",
];

/// Underlying causes of death: ICD-10 and name.
pub const CAUSES: [(&str, &str); 14] = [
    ("I21.9", "急性心肌梗死"),
    ("I25.1", "动脉硬化性心脏病"),
    ("I63.9", "脑梗死"),
    ("I61.9", "脑内出血"),
    ("I69.3", "脑梗死后遗症"),
    ("C34.9", "肺恶性肿瘤"),
    ("C16.9", "胃恶性肿瘤"),
    ("C22.0", "肝细胞癌"),
    ("C15.9", "食管恶性肿瘤"),
    ("J44.9", "慢性阻塞性肺病"),
    ("E14.9", "糖尿病"),
    ("K74.6", "肝硬化"),
    ("V89.2", "机动车交通事故"),
    ("P07.2", "极度不成熟"),
];

const PREFIXES: [u32; 8] = [
    159_921, 159_921, 159_921, 159_921, 159_921, 159_922, 159_923, 159_902,
];
const PARENTS: usize = 1270;
const NEWLYWEDS: usize = 400;
const DEATHS: usize = 900;
const ELDERS: usize = 330;

impl World {
    /// The world of `seed`.
    pub fn build(seed: u64) -> Self {
        let mut world = Self {
            people: Vec::new(),
            couples: Vec::new(),
            births: Vec::new(),
            deaths: Vec::new(),
            elders: Vec::new(),
            identities: Identities::default(),
            rng: Rng::with_seed(seed),
        };
        for _ in 0..PARENTS {
            world.family();
        }
        world
            .births
            .sort_by_key(|birth| world.people[birth.child].birth);
        world.certify_births();
        for _ in 0..NEWLYWEDS {
            world.newlyweds();
        }
        world.number_weddings();
        world.divorces();
        for _ in 0..DEATHS {
            world.death();
        }
        world.infant_deaths();
        world.deaths.sort_by_key(|death| death.day);
        world.number_deaths();
        for _ in 0..ELDERS {
            let birth = world.day(1935, 1965);
            let male = world.rng.bool();
            let home = Home::random(&mut world.rng);
            let person = world.person(birth, male, home, None);
            let household = world.identities.serial("household");
            world.elders.push((person, household));
        }
        world
    }

    /// A couple's address: the husband's.
    pub fn home(&self, couple: usize) -> Home {
        self.people[self.couples[couple].husband].home
    }

    fn chance(&mut self, share: f64) -> bool {
        self.rng.f64() < share
    }

    fn day(&mut self, first: i32, last: i32) -> Day {
        let (from, to) = (Day::new(first, 1, 1), Day::new(last, 12, 31));
        Day(self.rng.i32(from.0..=to.0))
    }

    fn person(&mut self, birth: Day, male: bool, home: Home, parents: Option<usize>) -> PersonId {
        let prefix = match parents {
            Some(_) => 159_921,
            None => PREFIXES[self.rng.usize(..PREFIXES.len())],
        };
        let ethnicity = match parents {
            Some(couple) => {
                let couple = &self.couples[couple];
                let pair = [&self.people[couple.husband], &self.people[couple.wife]];
                // Children of mixed couples usually take the minority's entry.
                pair.iter()
                    .map(|p| p.ethnicity)
                    .max_by_key(|e| *e != "01")
                    .unwrap_or("01")
            }
            None => match self.rng.u32(..100) {
                0..=10 => "02",
                11..=12 => "03",
                13..=14 => "11",
                15 if self.rng.u32(..4) == 0 => "31",
                _ => "01",
            },
        };
        let id = self.identities.citizen(prefix, birth, male, &mut self.rng);
        let family = match parents {
            Some(couple) => {
                let father = &self.people[self.couples[couple].husband].name;
                // A father with a Mongolian name has no surname to give on.
                match father.chars().count() {
                    2 | 3 if !father.contains('·') => father.chars().next().unwrap_or('云'),
                    _ => '云',
                }
            }
            None => identity::surname(&mut self.rng),
        };
        let mongol = ethnicity == "02";
        let name = identity::name(family, male, mongol, parents.is_some(), &mut self.rng);
        let phone = identity::phone(&mut self.rng);
        self.people.push(Person {
            id,
            name,
            male,
            birth,
            ethnicity,
            home,
            phone,
        });
        self.people.len() - 1
    }

    fn couple(&mut self, wife_birth: Day, married: Day) -> usize {
        let husband_birth = wife_birth.plus(self.rng.i32(-2200..900));
        let home = Home::random(&mut self.rng);
        let elsewhere = Home::random(&mut self.rng);
        let husband = self.person(husband_birth, true, home, None);
        let wife = self.person(wife_birth, false, elsewhere, None);
        let household = if self.chance(0.62) {
            self.people[wife].home = home;
            Some(self.identities.serial("household"))
        } else {
            None
        };
        self.couples.push(Couple {
            husband,
            wife,
            married,
            certificate: String::new(),
            divorced: None,
            household,
        });
        self.couples.len() - 1
    }

    /// A couple with one or more births in the window.
    fn family(&mut self) {
        let last = Day::new(2020, 12, 31);
        // Births fell through these years: more in the first.
        let year = match self.rng.u32(..1000) {
            0..=30 => 2015,
            31..=265 => 2016,
            266..=490 => 2017,
            491..=680 => 2018,
            681..=855 => 2019,
            _ => 2020,
        };
        let first_day = if year == 2015 {
            Day::new(2015, 11, 20)
        } else {
            Day::new(year, 1, 1)
        };
        let day = Day(self.rng.i32(first_day.0..=Day::new(year, 12, 31).0));
        let mut order = match self.rng.u32(..100) {
            0..=52 => 1,
            53..=92 => 2,
            _ => 3,
        };
        let age = 21.0 + 3.0 * f64::from(order) + self.rng.f64() * 9.0 + self.rng.f64() * 4.0;
        let wife_birth = day.plus(-(age * 365.25) as i32);
        let lead = 260 + self.rng.i32(0..900) + (order as i32 - 1) * 1300;
        let of_age = wife_birth.plus(20 * 366);
        let married = Day(day.plus(-lead).0.max(of_age.0));
        let couple = self.couple(wife_birth, married);
        self.deliver(couple, day, order);
        let again = day.plus(self.rng.i32(480..1500));
        if order < 3 && again <= last && self.chance(0.38) {
            order += 1;
            self.deliver(couple, again, order);
        }
    }

    /// One delivery: one child, or two.
    fn deliver(&mut self, couple: usize, day: Day, order: u32) {
        let plurality = if self.chance(0.016) { 2 } else { 1 };
        let hospital = [0, 0, 0, 1, 1, 2, 3, 4][self.rng.usize(..8)];
        let minute = self.rng.u32(..1440 - 30);
        let weeks = if plurality == 2 || self.chance(0.05) {
            self.rng.u32(32..38)
        } else {
            self.rng.u32(37..42)
        };
        let home = self.home(couple);
        let fertility = self.chance(0.86).then(|| day.plus(-self.rng.i32(-20..240)));
        let insured = self.chance(0.27).then(|| day.plus(self.rng.i32(40..150)));
        for twin in 0..plurality {
            let male = self.chance(0.514);
            let child = self.person(day, male, home, Some(couple));
            let typical = 3320 - (40 - i32::try_from(weeks).unwrap_or(40)) * 130;
            let weight = (typical + self.rng.i32(-450..450)).max(900) as u32 / 10 * 10;
            // Most are registered within the month, some a year or two later.
            let registered = match self.rng.u32(..100) {
                0..=71 => Some(day.plus(self.rng.i32(5..31))),
                72..=86 => Some(day.plus(self.rng.i32(31..200))),
                87..=91 => Some(day.plus(self.rng.i32(366..1000))),
                _ => None,
            };
            let registered = registered.filter(|day| *day <= Day::new(2020, 12, 31));
            self.births.push(Birth {
                child,
                couple,
                minute: minute + twin * 6,
                order: order + twin,
                plurality,
                weight,
                length: 50 + weight / 1000 - u32::from(weeks < 37) * 4,
                weeks,
                hospital,
                certificate: None,
                registered,
                fertility: fertility.map(|day| (String::new(), day)),
                insured,
                named: !self.rng.f64().lt(&0.04),
            });
        }
    }

    /// Issues certificates in order of issue, and numbers the fertility registrations.
    fn certify_births(&mut self) {
        let mut issues = Vec::new();
        for at in 0..self.births.len() {
            let day = self.people[self.births[at].child].birth;
            let wait = match self.rng.u32(..100) {
                0..=3 => None,
                4..=90 => Some(self.rng.i32(1..26)),
                91..=97 => Some(self.rng.i32(30..120)),
                _ => Some(self.rng.i32(380..900)),
            };
            if let Some(wait) = wait {
                issues.push((day.plus(wait), at));
            }
        }
        issues.sort_unstable();
        for (day, at) in issues {
            let edition = if day < Day::new(2019, 1, 1) { 'Q' } else { 'S' };
            let number = self.identities.birth_certificate(edition);
            self.births[at].certificate = Some((number, day));
        }
        let mut twin_of: Option<(usize, u32, String)> = None;
        for birth in &mut self.births {
            let Some((number, day)) = &mut birth.fertility else {
                continue;
            };
            let key = (birth.couple, birth.order - 1);
            if let Some((couple, order, first)) = &twin_of
                && birth.plurality == 2
                && key == (*couple, *order)
            {
                *number = first.clone();
                continue;
            }
            let year = day.year();
            let serial = self.identities.serial(&format!("fertility {year}"));
            *number = format!("1599{:02}{serial:05}", year % 100);
            twin_of = Some((birth.couple, birth.order, number.clone()));
        }
    }

    fn newlyweds(&mut self) {
        let married = self.day(2016, 2020);
        let age = 20.5 + self.rng.f64() * 14.0;
        let couple = self.couple(married.plus(-(age * 365.25) as i32), married);
        if self.chance(0.6) {
            self.couples[couple].household = None;
        }
    }

    /// Numbers the weddings by day; weekends move to Monday.
    fn number_weddings(&mut self) {
        for couple in &mut self.couples {
            // 1970-01-01 was a Thursday.
            match (couple.married.0 + 3).rem_euclid(7) {
                5 => couple.married = couple.married.plus(2),
                6 => couple.married = couple.married.plus(1),
                _ => {}
            }
        }
        let mut order: Vec<usize> = (0..self.couples.len()).collect();
        order.sort_by_key(|&at| self.couples[at].married);
        for at in order {
            let year = self.couples[at].married.year();
            let serial = self.identities.serial(&format!("wedding {year}"));
            self.couples[at].certificate = format!("J150121-{year}-{serial:06}");
        }
    }

    fn divorces(&mut self) {
        let mut days = Vec::new();
        for at in 0..self.couples.len() {
            if self.chance(0.1) {
                let from = self.couples[at]
                    .married
                    .plus(200)
                    .0
                    .max(Day::new(2016, 1, 4).0);
                let to = Day::new(2020, 12, 30).0;
                if from < to {
                    days.push((Day(self.rng.i32(from..to)), at));
                }
            }
        }
        days.sort_unstable();
        for (day, at) in days {
            let serial = self.identities.serial(&format!("divorce {}", day.year()));
            let number = format!("L150121-{}-{serial:06}", day.year());
            self.couples[at].divorced = Some((day, number));
        }
    }

    /// The death of an old person, or rarely of a younger one.
    fn death(&mut self) {
        let day = self.day(2016, 2020);
        let age = if self.chance(0.12) {
            18.0 + self.rng.f64() * 40.0
        } else {
            96.0 - (self.rng.f64() * self.rng.f64()) * 42.0
        };
        let birth = day.plus(-(age * 365.25) as i32 - self.rng.i32(0..360));
        let male = self.chance(0.55);
        let home = Home::random(&mut self.rng);
        let person = self.person(birth, male, home, None);
        let cause = if age < 45.0 && self.chance(0.4) {
            12
        } else {
            self.rng.usize(..12)
        };
        let household = self
            .chance(0.68)
            .then(|| self.identities.serial("household"));
        self.add_death(person, day, cause, household);
    }

    fn infant_deaths(&mut self) {
        for _ in 0..6 {
            let at = self.rng.usize(..self.births.len());
            let birth = &self.births[at];
            let day = self.people[birth.child].birth.plus(self.rng.i32(2..90));
            if day.year() >= 2016 && day.year() <= 2020 {
                let person = birth.child;
                self.births[at].registered = None;
                self.add_death(person, day, 13, None);
            }
        }
    }

    fn add_death(&mut self, person: PersonId, day: Day, cause: usize, household: Option<u32>) {
        let late = if self.chance(0.06) { 200 } else { 25 };
        let cancelled = (self.chance(0.86) && cause != 13).then(|| day.plus(self.rng.i32(1..late)));
        let card = self
            .chance(0.9)
            .then(|| (String::new(), day.plus(self.rng.i32(1..20))));
        self.deaths.push(Death {
            person,
            day,
            cause,
            household,
            cancelled,
            card,
        });
    }

    fn number_deaths(&mut self) {
        for death in &mut self.deaths {
            if let Some((number, _)) = &mut death.card {
                let year = death.day.year();
                let serial = self.identities.serial(&format!("card {year}"));
                *number = format!("1599213{year}{serial:07}");
            }
        }
    }
}
