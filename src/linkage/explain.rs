//! Why records are linked, or not: the rule or the score's waterfall, identities masked.
//! Entry point: [`Explained::read`].

use chrono::{DateTime, Utc};

use super::births::Births;
use super::likeness::{Compared, LEVELS};
use super::loaded::{CHILDREN, DELIVERIES, Loaded};
use super::model::level;
use super::pass::{Class, Link, Pass, Score};
use super::registers::{audited, day, is_linked, known};
use super::remainder::AUTOMATIC;
use super::reviews::{self, Review};
use super::rows::{Record, Records};
use super::words::{comparison, finding};
use crate::error::{Error, Message, Result};
use crate::msg;
use crate::warehouse::{AsOf, SessionOptions, Warehouse};

/// A record as a clerk may see it: no identity, but enough to find it in its file.
#[derive(Debug, Clone)]
pub struct Seen {
    /// `TABLE:DELIVERY/SHEET/ROW`, the delivery by its first eight characters.
    pub record: String,
    /// First character of the child's name.
    pub name: String,
    /// 1 male, 2 female, 0 unknown.
    pub sex: u8,
    /// Day of birth or delivery.
    pub date: Option<i32>,
    /// First character of the mother's name.
    pub mother: String,
    /// First character of the father's name.
    pub father: String,
    /// First and last characters of the certificate number.
    pub certificate: String,
}

/// One step of a waterfall.
#[derive(Debug, Clone)]
pub struct Step {
    /// What was compared.
    pub what: Message,
    /// What was found.
    pub found: Message,
    /// What that weighs, in bits; `None` where a rule decided.
    pub bits: Option<f64>,
    /// The sum so far.
    pub total: Option<f64>,
}

/// A link with its reasons.
#[derive(Debug, Clone)]
pub struct Reasoned {
    /// Names the link.
    pub key: String,
    /// The two records.
    pub sides: [Seen; 2],
    /// How sure.
    pub class: Class,
    /// The rule, or the score.
    pub pass: Pass,
    /// Probability, for links by score.
    pub probability: Option<f64>,
    /// Comparison by comparison; empty for links of deliveries.
    pub steps: Vec<Step>,
    /// What follows from the sum.
    pub verdict: Option<Message>,
}

/// What was asked for.
#[derive(Debug, Clone, Default)]
pub struct Explanation {
    /// Key of the birth, when one was asked for or holds the record.
    pub birth: Option<String>,
    /// All records of the birth.
    pub records: Vec<Seen>,
    /// All links among them, or the link asked for; those in doubt too.
    pub links: Vec<Reasoned>,
}

/// The registers, linked in memory the way `renkou link` does it, ready to be asked why.
pub struct Explained {
    pub(super) loaded: Loaded,
    /// Keys of the births.
    keys: Vec<String>,
    /// Whether the tables hold the same.
    pub is_current: bool,
}

impl std::fmt::Debug for Explained {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Names never leave memory.
        f.debug_struct("Explained").finish_non_exhaustive()
    }
}

impl Explained {
    /// Reads and links the registers; that names are read is written to the audit log first.
    ///
    /// # Errors
    /// When the warehouse cannot be read or its catalog is older than linking.
    pub async fn read(
        warehouse: &Warehouse,
        options: &SessionOptions,
        actor: &str,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        known(warehouse)?;
        let session = warehouse.session(&AsOf::Latest, options)?;
        let reviews: Vec<Review> = reviews::read(&session).await?;
        let keys = warehouse.keys()?;
        audited(warehouse, &keys, actor, now)?;
        let loaded = Loaded::read(warehouse, &session, &keys, day(now), &reviews).await?;
        Ok(Self {
            keys: loaded.keys().iter().map(|key| hex(key)).collect(),
            is_current: is_linked(warehouse, &session).await?,
            loaded,
        })
    }

    /// The links that wait for a clerk, the most probable first.
    #[must_use]
    pub fn queue(&self) -> Vec<Reasoned> {
        let mut queue: Vec<Reasoned> = self
            .all()
            .filter(|(link, _)| link.class == Class::Review)
            .map(|(link, is_child)| self.reasoned(link, is_child))
            .collect();
        queue.sort_by(|a, b| {
            let by_probability = b
                .probability
                .unwrap_or(1.0)
                .total_cmp(&a.probability.unwrap_or(1.0));
            by_probability.then_with(|| a.key.cmp(&b.key))
        });
        queue
    }

    /// Explains a birth, a link or a record.
    ///
    /// # Errors
    /// When the key names nothing, or several things.
    pub fn explain(&self, key: &str) -> Result<Explanation> {
        if let Some((table, place)) = key.split_once(':') {
            return self.record(table, place);
        }
        let key = key.to_ascii_lowercase();
        let births: Vec<usize> = (0..self.keys.len())
            .filter(|at| self.keys[*at].starts_with(&key))
            .collect();
        let links = self.named(&key);
        match (&births[..], &links[..]) {
            ([birth], []) => Ok(self.birth(*birth)),
            ([], [(link, is_child), rest @ ..])
                if rest.iter().all(|(other, is_child)| {
                    self.loaded.link_key(other, *is_child) == self.loaded.link_key(link, *is_child)
                }) =>
            {
                Ok(Explanation {
                    links: vec![self.reasoned(link, *is_child)],
                    ..Explanation::default()
                })
            }
            ([], []) => Err(unknown()),
            _ => {
                let several = births.len() + links.len();
                Err(Error::usage(msg!(
                    "{several} births and links have keys that begin so: give more of it",
                    "有 {several} 个出生或关联的标识以此开头：请多写几位"
                )))
            }
        }
    }

    /// Links whose key begins with `key`, and whether they are of children.
    pub(super) fn named(&self, key: &str) -> Vec<(&Link, bool)> {
        self.all()
            .filter(|(link, is_child)| {
                key.len() >= 4 && self.loaded.link_key(link, *is_child).starts_with(key)
            })
            .collect()
    }

    fn all(&self) -> impl Iterator<Item = (&Link, bool)> {
        let children = self.loaded.found.links.iter().map(|link| (link, true));
        children.chain(self.loaded.delivery_links.iter().map(|link| (link, false)))
    }

    fn record(&self, table: &str, place: &str) -> Result<Explanation> {
        let (delivery, rest) = place.split_once('/').ok_or_else(unknown)?;
        let (sheet, row) = rest
            .rsplit_once('/')
            .map_or((None, rest), |(s, r)| (Some(s), r));
        let row: i32 = row.parse().map_err(|_| unknown())?;
        let fits = |record: &Record| {
            let (id, name, number) = &record.place;
            *number == row && name.as_deref() == sheet && id.starts_with(delivery)
        };
        let birth_of = self.loaded.birth_of();
        let mut found: Vec<usize> = (0..self.loaded.child_rows.len() as u32)
            .filter(|at| {
                let (_, record, _, name) = self.loaded.child(*at);
                name == table && fits(record)
            })
            .map(|at| birth_of[at as usize])
            .collect();
        for link in &self.loaded.delivery_links {
            let (at, number) = self.loaded.delivery_rows[link.left as usize];
            if DELIVERIES[at].0 == table && fits(&self.loaded.deliveries[at].records[number]) {
                found.push(birth_of[link.right as usize]);
            }
        }
        found.sort_unstable();
        found.dedup();
        match found[..] {
            [] => Err(unknown()),
            // A delivery of twins has two births: the first stands for both.
            [birth, ..] => Ok(self.birth(birth)),
        }
    }

    fn birth(&self, at: usize) -> Explanation {
        let rows = &self.loaded.found.births[at];
        let mut explanation = Explanation {
            birth: Some(self.keys[at].clone()),
            records: rows.iter().map(|row| self.seen(*row)).collect(),
            links: Vec::new(),
        };
        for (link, is_child) in self.all() {
            let touches = rows.contains(&link.right) || (is_child && rows.contains(&link.left));
            if touches {
                explanation.links.push(self.reasoned(link, is_child));
            }
            if touches && !is_child {
                explanation.records.push(self.seen_delivery(link.left));
            }
        }
        explanation
    }

    fn reasoned(&self, link: &Link, is_child: bool) -> Reasoned {
        let left = if is_child {
            self.seen(link.left)
        } else {
            self.seen_delivery(link.left)
        };
        let (steps, verdict) = match (link.score, is_child) {
            (Some(score), _) => waterfall(&self.loaded.found, link, score),
            (None, true) => (self.comparisons(link), None),
            (None, false) => (Vec::new(), None),
        };
        Reasoned {
            key: self.loaded.link_key(link, is_child),
            sides: [left, self.seen(link.right)],
            class: link.class,
            pass: link.pass,
            probability: link.score.map(|score| score.probability),
            steps,
            verdict,
        }
    }

    /// What a rule saw: no weights.
    fn comparisons(&self, link: &Link) -> Vec<Step> {
        let registers = &self.loaded.registers;
        let vector = Compared::of(registers, &[link.left], &[link.right]).vector();
        (0..LEVELS.len())
            .map(|at| Step {
                what: comparison(at),
                found: finding(at, level(vector, at)),
                bits: None,
                total: None,
            })
            .collect()
    }

    fn seen(&self, row: u32) -> Seen {
        let (records, record, register, table) = self.loaded.child(row);
        let is = |name: &str| masked_name(records.identity(record, name));
        let (_, _, identities) = CHILDREN[register as usize];
        let of = |wanted: [&'static str; 2]| {
            let name = wanted.into_iter().find(|name| identities.contains(name));
            name.unwrap_or_default()
        };
        Seen {
            record: label(table, record),
            name: is(of(["child_name", "name"])),
            sex: records.small(record, "sex"),
            date: records.number(record, "birth_date"),
            mother: is("mother_name"),
            father: is("father_name"),
            certificate: masked_number(
                records.identity(record, of(["certificate_no", "birth_certificate_no"])),
            ),
        }
    }

    fn seen_delivery(&self, row: u32) -> Seen {
        let (at, number) = self.loaded.delivery_rows[row as usize];
        let (records, table): (&Records, _) = (&self.loaded.deliveries[at], DELIVERIES[at].0);
        let record = &records.records[number];
        let is = |name: &str| masked_name(records.identity(record, name));
        let is_father = at == 1 && records.small(record, "sex") == 1;
        let (mother, father) = match (at, is_father) {
            (0, _) => ("wife_name", "husband_name"),
            (_, false) => ("name", "spouse_name"),
            (_, true) => ("spouse_name", "name"),
        };
        Seen {
            record: label(table, record),
            name: String::new(),
            sex: 0,
            date: ["delivery_date", "expected_date"]
                .into_iter()
                .find_map(|name| records.number(record, name)),
            mother: is(mother),
            father: is(father),
            certificate: String::new(),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unknown() -> Error {
    Error::usage(msg!(
        "no birth, link or record has this key",
        "没有出生、关联或记录使用此标识"
    ))
    .hint(msg!(
        "give the beginning of a `birth_key` or `link_key`, or a record as TABLE:DELIVERY/SHEET/ROW (no sheet for text files)",
        "请给出 `birth_key` 或 `link_key` 的开头，或以 表名:交付编号/工作表/行号 指明记录（文本文件不写工作表）"
    ))
}

/// The score, comparison by comparison.
fn waterfall(found: &Births, link: &Link, score: Score) -> (Vec<Step>, Option<Message>) {
    let Some(model) = found.models.get(score.model) else {
        return (Vec::new(), None);
    };
    let mut total = (model.prior / (1.0 - model.prior)).log2();
    let mut steps = vec![Step {
        what: msg!("before comparing", "比较之前"),
        found: msg!(
            "how seldom two records of the registers are one child",
            "两册中任取两条记录为同一儿童的可能性"
        ),
        bits: Some(total),
        total: Some(total),
    }];
    let mut add = |what: Message, found: Message, bits: f64| {
        total += bits;
        steps.push(Step {
            what,
            found,
            bits: Some(bits),
            total: Some(total),
        });
    };
    for at in 0..LEVELS.len() {
        let level = level(score.vector, at);
        add(comparison(at), finding(at, level), model.weight(at, level));
    }
    if score.rarity != 0.0 {
        let found = if score.rarity > 0.0 {
            msg!("a rare name", "姓名少见")
        } else {
            msg!("a frequent name", "姓名常见")
        };
        add(
            msg!("how rare the name is", "姓名的稀有程度"),
            found,
            score.rarity,
        );
    }
    let threshold = (AUTOMATIC / (1.0 - AUTOMATIC)).log2();
    let percent = score.probability * 100.0;
    let verdict = match link.class {
        Class::Review if total >= threshold => msg!(
            "{total:.1} bits would be enough (threshold {threshold:.1}), but a twin or another candidate cannot be excluded: a clerk decides",
            "{total:.1} 比特已达阈值 {threshold:.1}，但不能排除多胞胎或另一候选记录，须人工复核"
        ),
        Class::Review => msg!(
            "{total:.1} bits, {percent:.1} %: below the threshold of {threshold:.1}, a clerk decides",
            "{total:.1} 比特，概率 {percent:.1}%：低于阈值 {threshold:.1}，须人工复核"
        ),
        _ => msg!(
            "{total:.1} bits, {percent:.4} %: above the threshold of {threshold:.1}, linked",
            "{total:.1} 比特，概率 {percent:.4}%：高于阈值 {threshold:.1}，自动关联"
        ),
    };
    (steps, Some(verdict))
}

fn label(table: &str, record: &Record) -> String {
    let (delivery, sheet, row) = &record.place;
    let delivery = delivery.get(..8).unwrap_or(delivery);
    let sheet = sheet.as_ref().map(|s| format!("{s}/")).unwrap_or_default();
    format!("{table}:{delivery}/{sheet}{row}")
}

/// The first character and a star, whatever the length.
fn masked_name(name: &str) -> String {
    name.chars()
        .next()
        .map(|first| format!("{first}**"))
        .unwrap_or_default()
}

/// First and last two characters of a certificate number.
fn masked_number(number: &str) -> String {
    match (
        number.get(..1),
        number.len().checked_sub(2).and_then(|at| number.get(at..)),
    ) {
        (Some(first), Some(last)) if number.len() >= 8 => format!("{first}*****{last}"),
        (Some(_), _) => "***".to_owned(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_names_nobody() {
        assert_eq!(masked_name("欧阳娜娜"), "欧**");
        assert_eq!(masked_name(""), "");
        assert_eq!(masked_number("Q150082326"), "Q*****26");
        assert_eq!(masked_number("Q15"), "***");
        assert_eq!(masked_number(""), "");
    }

    #[test]
    fn every_level_has_words() {
        for (at, levels) in LEVELS.into_iter().enumerate() {
            let words: std::collections::BTreeSet<String> = (0..=levels)
                .map(|level| finding(at, level).text(crate::error::Lang::Zh).to_owned())
                .collect();
            assert_eq!(words.len(), levels + 1, "comparison {at}");
        }
    }
}
