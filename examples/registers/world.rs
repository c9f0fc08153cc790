//! Families of a county with every birth known, and what three registers hold of them.

use fastrand::Rng;
use renkou::domain::calendar::{civil, days};
use renkou::linkage::births::{ChildRow, Register};
use renkou::linkage::lunar_as_gregorian;

use super::errors::{self, Rates, happens};

const SURNAMES: &str = "王王王王李李李李张张张张刘刘刘陈陈杨杨赵赵黄周吴徐孙胡朱高林何郭郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝郝孔白白崔康康毛邱秦江史史顾侯侯邵孟龙万段段雷钱汤尹黎易常武武乔乔贺赖龚文云云云菅亢蔺苗温";
const ADULT: &str = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华慧玲红鹏斌浩宇欣怡佳琳燕海波建国文志林秀春梅兰凤玉珍荣翠雪晓东永峰辉俊瑞婷婧颖倩媛蓉雅妍瑶琪彤珊菲蕾馨悦洁鑫飞祥栋锋亮睿轩哲楠彬钧飘龙虎光新胜利成义振宁喜财旺根福贵生满全";
const BABY: &str = "子梓宇浩轩涵晨泽睿欣怡佳嘉诗琪梦雨萱妍雅瑞博文思语桐昊铭俊杰熙悦彤瑶宸沐辰奕诺一恩依若馨玥晗嫣绮煜诚翊霖昱佑熠可心芮安艺伊凡希汐淇皓景乐天朗歌宁钰柏骏霏岚曦舒锦程予初墨知夏意然";
const POPULAR: [&str; 24] = [
    "子涵", "欣怡", "梓涵", "宇轩", "浩宇", "子轩", "雨桐", "一诺", "梓萱", "浩然", "诗涵", "佳怡",
    "宇航", "子墨", "可馨", "奕辰", "思涵", "梓睿", "语嫣", "俊熙", "若曦", "沐宸", "嘉怡", "依诺",
];
const MONGOL: [&str; 40] = [
    "巴图",
    "巴雅尔",
    "呼格吉勒",
    "阿拉坦",
    "额尔登",
    "那日苏",
    "孟克",
    "哈斯",
    "朝克图",
    "布仁",
    "苏和",
    "赛罕",
    "特木尔",
    "宝音",
    "达布希",
    "格日勒",
    "吉日嘎拉",
    "乌力吉",
    "萨仁",
    "娜仁",
    "乌云",
    "其木格",
    "斯琴",
    "苏日娜",
    "通拉嘎",
    "阿茹娜",
    "其其格",
    "图雅",
    "托娅",
    "格根",
    "塔娜",
    "乌日汗",
    "娜布其",
    "敖登",
    "高娃",
    "花尔",
    "仓布",
    "根泰",
    "德力格尔",
    "图拉嘎",
];

/// Somebody's number and name.
#[derive(Debug, Clone)]
pub struct Person {
    pub id: String,
    pub name: String,
}

/// A row of a register with the child it is about.
#[derive(Debug, Clone)]
pub struct Row {
    pub register: Register,
    /// The child, which linking must not see.
    pub child: usize,
    /// The delivery it came from.
    pub delivery: usize,
    /// Not a reissue, second keying or second hukou.
    pub is_first: bool,
    pub certificate: String,
    pub first_certificate: String,
    pub own_id: String,
    pub name: String,
    pub sex: u8,
    pub birth: i32,
    pub mother: Person,
    pub father: Person,
    pub town: String,
    pub plurality: u8,
    pub order: u8,
    pub weight: u16,
    pub entered: i32,
    pub reissue: bool,
}

impl Row {
    /// The row as linking takes it.
    pub fn as_child(&self) -> ChildRow<'_> {
        ChildRow {
            register: self.register,
            certificate: &self.certificate,
            first_certificate: &self.first_certificate,
            own_id: &self.own_id,
            name: &self.name,
            sex: self.sex,
            birth: Some(self.birth),
            mother_id: &self.mother.id,
            mother_name: &self.mother.name,
            father_id: &self.father.id,
            father_name: &self.father.name,
            town: &self.town,
            plurality: self.plurality,
            order: self.order,
            weight: self.weight,
            entered: Some(self.entered),
            reissue: self.reissue,
        }
    }
}

/// A delivery with its one truth.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub mother: usize,
    pub father: usize,
}

struct Child {
    delivery: usize,
    sex: u8,
    name: String,
    surname: String,
    birth: i32,
    order: u8,
    plurality: u8,
    weight: u16,
    own_id: String,
    town: usize,
}

/// Everything about a county.
#[derive(Debug, Default)]
pub struct World {
    pub rows: Vec<Row>,
    pub adults: Vec<Person>,
    pub deliveries: Vec<Delivery>,
    pub children: usize,
}

fn pick(pool: &str, rng: &mut Rng) -> char {
    // Earlier characters are more frequent, as names are.
    let characters: Vec<char> = pool.chars().collect();
    let at = (rng.f64() * rng.f64().max(0.2) * characters.len() as f64) as usize;
    characters[at.min(characters.len() - 1)]
}

fn evenly(pool: &str, rng: &mut Rng) -> char {
    let characters: Vec<char> = pool.chars().collect();
    characters[rng.usize(..characters.len())]
}

fn mongol(rng: &mut Rng) -> String {
    let root = |rng: &mut Rng| MONGOL[rng.usize(..MONGOL.len())];
    let own = format!("{}{}", root(rng), if rng.bool() { root(rng) } else { "" });
    if rng.f64() < 0.4 {
        format!("{}·{own}", root(rng))
    } else {
        own
    }
}

fn number(birth: i32, male: bool, rng: &mut Rng) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let (y, m, d) = civil(birth);
    // 1599xx was never allocated.
    let order = rng.u32(0..499) * 2 + u32::from(male);
    let body = format!("1599{:02}{y:04}{m:02}{d:02}{order:03}", rng.u32(1..100));
    let sum: u32 = body
        .bytes()
        .zip(WEIGHTS)
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    format!("{body}{}", char::from(b"10X98765432"[(sum % 11) as usize]))
}

/// A county with about `births` births over six years, spoilt at `scale` times the usual rates.
pub fn county(births: usize, seed: u64, scale: f64) -> World {
    let mut rng = Rng::with_seed(seed);
    let mut world = World::default();
    let mut children = Vec::new();
    let (first, last) = (
        days(2013, 1, 1).expect("a day"),
        days(2018, 12, 31).expect("a day"),
    );
    while children.len() < births {
        family(&mut world, &mut children, first, last, &mut rng);
    }
    world.children = children.len();
    let mut serial = 0_u32;
    let certificates: Vec<String> = children
        .iter()
        .map(|_| {
            serial += rng.u32(1..4);
            format!("Q15{serial:07}")
        })
        .collect();
    for at in 0..children.len() {
        let twin = (at > 0 && children[at - 1].delivery == children[at].delivery)
            .then(|| certificates[at - 1].clone());
        write(
            &mut world,
            &children[at],
            at,
            &certificates[at],
            twin.as_deref(),
            &mut serial,
            scale,
            &mut rng,
        );
    }
    rng.shuffle(&mut world.rows);
    world
}

fn family(world: &mut World, children: &mut Vec<Child>, first: i32, last: i32, rng: &mut Rng) {
    let is_mongol = rng.f64() < 0.12;
    let mut adult = |male: bool, rng: &mut Rng| {
        let birth = days(rng.i32(1970..1996), rng.u32(1..13), rng.u32(1..29)).expect("a day");
        let name = if is_mongol && rng.f64() < 0.5 {
            mongol(rng)
        } else {
            let mut name = evenly(SURNAMES, rng).to_string();
            name.push(pick(ADULT, rng));
            if rng.f64() < 0.7 {
                name.push(evenly(ADULT, rng));
            }
            name
        };
        world.adults.push(Person {
            id: number(birth, male, rng),
            name,
        });
        world.adults.len() - 1
    };
    let (mother, father) = (adult(false, rng), adult(true, rng));
    let mut day = rng.i32(first - 900..last);
    let mut order = rng.u8(1..3);
    let town = rng.usize(..13);
    for _ in 0..[1, 1, 1, 2, 2, 2, 3][rng.usize(..7)] {
        if day > last {
            break;
        }
        if day >= first {
            let plurality = match rng.u32(..8_000) {
                0 => 3,
                1..=100 => 2,
                _ => 1,
            };
            world.deliveries.push(Delivery { mother, father });
            let delivery = world.deliveries.len() - 1;
            let sex = 1 + rng.u8(..2);
            let father_name = world.adults[father].name.clone();
            let surname = if is_mongol {
                String::new()
            } else {
                father_name.chars().take(1).collect()
            };
            let shared = evenly(BABY, rng);
            let alike = rng.f64() < 0.6;
            for child in 0..plurality {
                let sex = if child > 0 && rng.f64() < 0.35 {
                    3 - sex
                } else {
                    sex
                };
                let mut name = given(&surname, rng);
                if plurality > 1 && alike && !surname.is_empty() {
                    name = format!("{surname}{shared}{}", evenly(BABY, rng));
                }
                // Nobody calls two children of one birth the same.
                while children
                    .iter()
                    .rev()
                    .take(usize::from(child))
                    .any(|twin| twin.name == name)
                {
                    name = given(&surname, rng);
                }
                // Past midnight now and then.
                let birth = day + i32::from(child > 0 && rng.f64() < 0.01);
                children.push(Child {
                    delivery,
                    sex,
                    name,
                    surname: surname.clone(),
                    birth,
                    order: order + child,
                    plurality,
                    weight: 10 * rng.u16(180..420),
                    own_id: number(birth, sex == 1, rng),
                    town,
                });
            }
            order += plurality;
        }
        day += rng.i32(330..1400);
    }
}

fn given(surname: &str, rng: &mut Rng) -> String {
    if surname.is_empty() {
        return mongol(rng);
    }
    if rng.f64() < 0.15 {
        return format!("{surname}{}", POPULAR[rng.usize(..POPULAR.len())]);
    }
    let mut name = format!("{surname}{}", evenly(BABY, rng));
    if rng.f64() < 0.85 {
        name.push(evenly(BABY, rng));
    }
    name
}

#[expect(clippy::too_many_arguments, reason = "the state of a generator")]
fn write(
    world: &mut World,
    child: &Child,
    at: usize,
    certificate: &str,
    twin: Option<&str>,
    serial: &mut u32,
    scale: f64,
    rng: &mut Rng,
) {
    let final_name = if happens(errors::HOUSEHOLD.renamed * scale, rng) {
        given(&child.surname, rng)
    } else {
        child.name.clone()
    };
    if rng.f64() < 0.92 {
        let rates = &errors::CERTIFICATES;
        let issued = child.birth + rng.i32(1..60);
        let first = row(
            world,
            child,
            at,
            Register::Certificates,
            certificate,
            None,
            &child.name,
            issued,
            rates,
            scale,
            rng,
        );
        let first_certificate = first.certificate.clone();
        world.rows.push(first);
        if happens(rates.reissued * scale, rng) {
            *serial += 1;
            let number = format!("R15{:07}", *serial);
            let name = if rng.bool() { &final_name } else { &child.name };
            let mut again = row(
                world,
                child,
                at,
                Register::Certificates,
                &number,
                None,
                name,
                issued + rng.i32(30..900),
                rates,
                scale,
                rng,
            );
            again.reissue = true;
            again.is_first = false;
            if happens(rates.reissue_cites, rng) {
                again.first_certificate = first_certificate;
            }
            world.rows.push(again);
        }
        if happens(rates.twice * scale, rng) {
            let mut again = row(
                world,
                child,
                at,
                Register::Certificates,
                certificate,
                None,
                &child.name,
                issued,
                rates,
                scale,
                rng,
            );
            again.is_first = false;
            world.rows.push(again);
        }
    }
    if rng.f64() < 0.88 {
        let rates = &errors::HOUSEHOLD;
        let entered = child.birth + rng.i32(5..200);
        let first = row(
            world,
            child,
            at,
            Register::Household,
            certificate,
            twin,
            &final_name,
            entered,
            rates,
            scale,
            rng,
        );
        world.rows.push(first);
        if happens(rates.twice * scale, rng) {
            let mut again = row(
                world,
                child,
                at,
                Register::Household,
                certificate,
                twin,
                &final_name,
                entered + rng.i32(20..900),
                rates,
                scale,
                rng,
            );
            again.is_first = false;
            again.own_id = number(child.birth, child.sex == 1, rng);
            world.rows.push(again);
        }
    }
    if rng.f64() < 0.7 {
        let entered = child.birth + rng.i32(30..700);
        let first = row(
            world,
            child,
            at,
            Register::Visits,
            certificate,
            twin,
            &final_name,
            entered,
            &errors::VISITS,
            scale,
            rng,
        );
        world.rows.push(first);
    }
}

#[expect(clippy::too_many_arguments, reason = "the state of a generator")]
fn row(
    world: &World,
    child: &Child,
    at: usize,
    register: Register,
    certificate: &str,
    twin: Option<&str>,
    name: &str,
    entered: i32,
    rates: &Rates,
    scale: f64,
    rng: &mut Rng,
) -> Row {
    let delivery = &world.deliveries[child.delivery];
    let (mother, father) = (
        &world.adults[delivery.mother],
        &world.adults[delivery.father],
    );
    let mut birth = child.birth;
    let (year, month, day) = civil(birth);
    if happens(rates.day_off * scale, rng) {
        birth += if rng.bool() { 1 } else { -1 };
    } else if happens(rates.year_off * scale, rng) {
        birth = days(if rng.bool() { year + 1 } else { year - 1 }, month, day).unwrap_or(birth);
    } else if happens(rates.date_swapped * scale, rng) {
        birth = days(year, day, month).unwrap_or(birth);
    } else if happens(rates.date_digit * scale, rng) {
        let wrong = rng.u32(1..29);
        birth = if wrong / 10 == day / 10 || wrong % 10 == day % 10 {
            days(year, month, wrong)
        } else {
            days(year, rng.u32(1..13), day)
        }
        .unwrap_or(birth);
    } else if happens(rates.lunar * scale, rng) {
        birth = lunar_as_gregorian(birth).unwrap_or(birth);
    }
    let mother_typed = errors::name(&mother.name, rates, scale, rng);
    let name = if happens(rates.unnamed * scale, rng) {
        let child = if child.sex == 1 { "之子" } else { "之女" };
        match rng.u32(..3) {
            0 => String::new(),
            1 => "未取名".to_owned(),
            _ => format!("{}{child}", mother.name),
        }
    } else {
        errors::name(name, rates, scale, rng)
    };
    let mut mother_id = errors::id(&mother.id, rates.mother_id_missing, rates, scale, rng);
    let father_id = errors::id(&father.id, rates.father_id_missing, rates, scale, rng);
    if happens(rates.id_other_parent * scale, rng) {
        mother_id.clone_from(&father_id);
    }
    let missing = |rate: f64, text: String, rng: &mut Rng| {
        if happens(rate * scale, rng) {
            String::new()
        } else {
            text
        }
    };
    let certificate = match twin {
        Some(twin) if happens(rates.certificate_of_twin * scale, rng) => twin,
        _ => certificate,
    };
    let plurality = if happens(rates.plurality_missing * scale, rng) {
        0
    } else if happens(rates.plurality_wrong * scale, rng) {
        1
    } else {
        child.plurality
    };
    let town = if happens(rates.other_town * scale, rng) {
        rng.usize(..13)
    } else {
        child.town
    };
    let father_typed = errors::name(&father.name, rates, scale, rng);
    Row {
        register,
        child: at,
        delivery: child.delivery,
        is_first: true,
        certificate: errors::certificate(certificate, rates, scale, rng),
        first_certificate: String::new(),
        own_id: if register == Register::Household {
            child.own_id.clone()
        } else {
            String::new()
        },
        name,
        sex: if happens(rates.sex_wrong * scale, rng) {
            3 - child.sex
        } else {
            child.sex
        },
        birth,
        mother: Person {
            id: mother_id,
            name: missing(rates.mother_name_missing, mother_typed, rng),
        },
        father: Person {
            id: father_id,
            name: missing(rates.father_name_missing, father_typed, rng),
        },
        town: format!("1501211{town:02}000"),
        plurality,
        // Only certificates tell the rank.
        order: if register == Register::Certificates {
            child.order
        } else {
            0
        },
        weight: if happens(rates.weight_missing * scale, rng) {
            0
        } else {
            child.weight
        },
        entered,
        reissue: false,
    }
}

#[allow(dead_code, reason = "the tests share this file and print nothing")]
/// Prints every birth that holds two children, with its links.
pub fn merged(world: &World, found: &renkou::linkage::births::Births) {
    for rows in &found.births {
        let child = |row: &u32| world.rows[*row as usize].child;
        if rows.iter().all(|row| child(row) == child(&rows[0])) {
            continue;
        }
        let delivery = |row: &u32| world.rows[*row as usize].delivery;
        let twins: Vec<u32> = (0..world.rows.len() as u32)
            .filter(|row| rows.iter().any(|other| delivery(other) == delivery(row)))
            .collect();
        println!("MERGED");
        for row in &twins {
            let mark = if rows.contains(row) { '*' } else { ' ' };
            println!(" {mark}{row}: {:?}", world.rows[*row as usize]);
        }
        for link in &found.links {
            if twins.contains(&link.left) && twins.contains(&link.right) {
                println!("  {link:?}");
            }
        }
    }
}

#[allow(dead_code, reason = "the tests share this file and print nothing")]
/// Prints what was missed between certificates and household register, with the links around it.
pub fn missed(world: &World, found: &renkou::linkage::births::Births) {
    let mut birth_of = vec![0; world.rows.len()];
    for (birth, rows) in found.births.iter().enumerate() {
        rows.iter().for_each(|row| birth_of[*row as usize] = birth);
    }
    let mut rows_of: Vec<Vec<usize>> = vec![Vec::new(); world.children];
    let mut family: std::collections::HashMap<usize, Vec<usize>> = std::collections::HashMap::new();
    for (at, row) in world.rows.iter().enumerate() {
        rows_of[row.child].push(at);
        family.entry(row.delivery).or_default().push(at);
    }
    for rows in &rows_of {
        let of = |register: Register| {
            rows.iter()
                .filter(move |at| world.rows[**at].register == register)
        };
        for a in of(Register::Certificates) {
            for b in of(Register::Household) {
                if birth_of[*a] == birth_of[*b] {
                    continue;
                }
                let all = &family[&world.rows[*a].delivery];
                let first = world.rows[*a].child;
                let twins = all.iter().any(|at| world.rows[*at].child != first);
                println!("MISSED {}", if twins { "TWIN" } else { "SINGLE" });
                for at in all {
                    let mark = if at == a || at == b { '*' } else { ' ' };
                    println!(" {mark}{at}: {:?}", world.rows[*at]);
                }
                for link in &found.links {
                    if all.contains(&(link.left as usize)) && all.contains(&(link.right as usize)) {
                        println!("  {link:?}");
                    }
                }
            }
        }
    }
}
