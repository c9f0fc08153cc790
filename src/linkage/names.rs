//! Personal names as Chinese registers spell them, and how alike two are.
//! Entry points: [`Names::number`], [`Names::level`]. Every distinct name is looked at once.

use std::collections::HashMap;

use pinyin::ToPinyin;

use super::confusable::looks_alike;
use crate::domain::name::{has_lost_character, is_unnamed, normalise};

/// No name given.
pub const NO_NAME: u32 = u32::MAX;

/// How alike two names are, best first; the words are those of explanations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// One side has none.
    Missing = 0,
    /// The same, after traditional characters, dots and blanks are folded.
    Same = 1,
    /// Other characters with the same sound, or the same Mongolian name in other characters.
    Sound = 2,
    /// The same but for a lost character or one that looks alike.
    Shape = 3,
    /// One character differs.
    OneCharacter = 4,
    /// The surname at most.
    Surname = 5,
    /// One side is a baby without a name yet.
    Unnamed = 6,
    /// Different.
    Different = 7,
}

/// Levels of a name comparison, [`Likeness::Missing`] not counted.
pub const LEVELS: usize = 7;

#[derive(Debug)]
struct Name {
    /// Characters, folded.
    characters: Box<[char]>,
    /// Number of the folded name.
    folded: u32,
    /// Number of its sound.
    sound: u32,
    /// Number of its Mongolian skeleton; [`NO_NAME`] for a name of Han shape.
    skeleton: u32,
    unnamed: bool,
    lost: bool,
}

/// All names of a run, numbered.
#[derive(Debug, Default)]
pub struct Names {
    known: HashMap<String, u32>,
    keys: HashMap<String, u32>,
    names: Vec<Name>,
    simplified: HashMap<char, char>,
}

impl Names {
    /// No names yet.
    #[must_use]
    pub fn new() -> Self {
        let mut simplified = HashMap::new();
        for line in include_str!("traditional.txt").lines() {
            let mut pair = line.chars();
            while let (Some(from), Some(to)) = (pair.next(), pair.next()) {
                simplified.insert(from, to);
            }
        }
        Self {
            simplified,
            ..Self::default()
        }
    }

    /// The number of a name as typed.
    pub fn number(&mut self, typed: &str) -> u32 {
        if typed.is_empty() {
            return NO_NAME;
        }
        if let Some(number) = self.known.get(typed) {
            return *number;
        }
        let normal = normalise(typed);
        let number =
            if normal.is_empty() || matches!(&*normal, "/" | "无" | "不详" | "未提供" | "-") {
                NO_NAME
            } else {
                let name = self.read(&normal);
                self.names.push(name);
                self.names.len() as u32 - 1
            };
        self.known.insert(typed.to_owned(), number);
        number
    }

    fn read(&mut self, normal: &str) -> Name {
        let dotted = normal.contains('\u{b7}');
        let characters: Box<[char]> = normal
            .chars()
            .filter(|c| *c != '\u{b7}' && !c.is_whitespace())
            .map(|c| self.simplified.get(&c).copied().unwrap_or(c))
            .collect();
        let folded: String = characters.iter().collect();
        let sound: String = characters
            .iter()
            .map(|c| sound_of(*c))
            .collect::<Vec<_>>()
            .join(" ");
        let skeleton = if dotted || characters.len() >= 4 {
            let skeleton = skeleton(&characters);
            if skeleton.len() >= 3 {
                self.key(&format!("m {skeleton}"))
            } else {
                NO_NAME
            }
        } else {
            NO_NAME
        };
        Name {
            folded: self.key(&format!("f {folded}")),
            sound: self.key(&format!("s {sound}")),
            skeleton,
            unnamed: is_unnamed(normal),
            lost: has_lost_character(normal),
            characters,
        }
    }

    fn key(&mut self, text: &str) -> u32 {
        let next = self.keys.len() as u32;
        *self.keys.entry(text.to_owned()).or_insert(next)
    }

    /// The number of the folded name: the same for the same name. [`NO_NAME`] for babies without one
    /// and names with lost characters.
    #[must_use]
    pub fn folded(&self, name: u32) -> u32 {
        self.get(name)
            .filter(|n| !n.unnamed && !n.lost)
            .map_or(NO_NAME, |n| n.folded)
    }

    /// The number of the name's sound, under the same conditions.
    #[must_use]
    pub fn sound(&self, name: u32) -> u32 {
        self.get(name)
            .filter(|n| !n.unnamed && !n.lost)
            .map_or(NO_NAME, |n| n.sound)
    }

    fn get(&self, name: u32) -> Option<&Name> {
        self.names.get(name as usize)
    }

    /// How alike two names are.
    #[must_use]
    pub fn level(&self, a: u32, b: u32) -> Likeness {
        let (Some(x), Some(y)) = (self.get(a), self.get(b)) else {
            return Likeness::Missing;
        };
        if x.unnamed || y.unnamed {
            return Likeness::Unnamed;
        }
        if x.folded == y.folded && !x.lost {
            return Likeness::Same;
        }
        if x.sound == y.sound || (x.skeleton != NO_NAME && x.skeleton == y.skeleton) {
            return Likeness::Sound;
        }
        if x.characters.len() == y.characters.len() {
            let mut differing = x
                .characters
                .iter()
                .zip(&y.characters)
                .filter(|(a, b)| a != b);
            if let (Some((a, b)), None) = (differing.next(), differing.next()) {
                if has_lost_character(&a.to_string())
                    || has_lost_character(&b.to_string())
                    || looks_alike(*a, *b)
                {
                    return Likeness::Shape;
                }
                if x.characters.len() >= 3 {
                    return Likeness::OneCharacter;
                }
            }
        } else if x.characters.len().abs_diff(y.characters.len()) == 1
            && x.characters.len().max(y.characters.len()) >= 4
            && is_one_gap(&x.characters, &y.characters)
        {
            return Likeness::OneCharacter;
        }
        if x.characters.first() == y.characters.first() {
            Likeness::Surname
        } else {
            Likeness::Different
        }
    }
}

fn is_one_gap(a: &[char], b: &[char]) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    let same = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    short[same..] == long[same + 1..]
}

/// A character's reading without its tone; the character itself when it has none.
fn sound_of(c: char) -> String {
    // Surnames that are read otherwise than the word differ the same way on both sides.
    c.to_pinyin()
        .map_or_else(|| c.to_string(), |reading| reading.plain().to_owned())
}

/// What transliterations of a Mongolian name share: the consonants at the start of its syllables, with
/// those that clerks mix up as one, and without `h`, which comes and goes (其力嘎, 其贺力嘎).
fn skeleton(characters: &[char]) -> String {
    let mut skeleton = String::new();
    for c in characters {
        let sound = sound_of(*c);
        let consonant = match sound.chars().next() {
            Some('a' | 'e' | 'o' | 'w' | 'y') => 'a',
            Some('h' | 'k') => continue,
            Some('r' | 'l') => 'r',
            Some('d' | 't') => 't',
            Some('g') => 'g',
            Some('j' | 'q' | 'c' | 'z') => 'q',
            Some('s' | 'x') => 's',
            Some('b' | 'p') => 'b',
            Some(other) => other,
            None => continue,
        };
        // The vowel keeps short names apart: 图雅 is not 托亚.
        let vowel = sound.chars().find(|v| "aeiouü".contains(*v)).unwrap_or(' ');
        skeleton.push(consonant);
        if matches!(vowel, 'a' | 'i') {
            skeleton.push(vowel);
        }
    }
    skeleton
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(a: &str, b: &str) -> Likeness {
        let mut names = Names::new();
        let (a, b) = (names.number(a), names.number(b));
        names.level(a, b)
    }

    #[test]
    fn spellings_of_one_name_are_the_same() {
        for (a, b) in [
            ("王芳", "王 芳"),
            ("張偉", "张伟"),
            ("阿木尔·巴特尔", "阿木尔巴特尔"),
            ("阿木尔．巴特尔", "阿木尔•巴特尔"),
        ] {
            assert_eq!(level(a, b), Likeness::Same, "{a} {b}");
        }
    }

    #[test]
    fn sound_shape_and_lost_characters_are_near() {
        assert_eq!(level("李佳怡", "李嘉怡"), Likeness::Sound);
        assert_eq!(level("其力嘎日", "其贺力嘎日"), Likeness::Sound);
        assert_eq!(level("刘未", "刘末"), Likeness::Shape);
        assert_eq!(level("王?华", "王建华"), Likeness::Shape);
        assert_eq!(level("王子轩", "王子涵"), Likeness::OneCharacter);
    }

    #[test]
    fn different_names_are_far() {
        assert_eq!(level("王芳", "王丽娜"), Likeness::Surname);
        assert_eq!(level("王芳", "李强"), Likeness::Different);
        assert_eq!(level("王芳之子", "王子轩"), Likeness::Unnamed);
        assert_eq!(level("", "王子轩"), Likeness::Missing);
        assert_eq!(level("萨仁高娃", "娜仁高娃"), Likeness::OneCharacter);
    }
}
