//! Characters of names that are taken for one another by eye or by the shape keys of a keyboard.
//! Entry point: [`looks_alike`].

/// Groups of characters that look alike.
const GROUPS: &[&str] = &[
    "己已巳", "未末", "天夭", "土士", "日曰", "人入", "千干于", "王玉主", "大太犬", "木本术", "今令", "刀力", "又叉", "工士",
    "晴睛", "清请情", "辰晨宸", "轩杆", "浩皓洁", "涵函", "莹荧营", "宇字", "泽择译", "昊吴", "瑞端", "琦椅", "怡治冶", "诗待侍",
    "佳住", "俊峻竣", "晗哈", "欣颀", "梓锌", "妍研", "彤形", "娜哪", "娟涓绢", "婷停", "丽两", "敏繁", "冰水", "雨两", "雪雷",
    "斌赋", "凯剀", "铭洛", "钧钓", "锋峰烽", "鑫森", "国固", "建健", "伟韦", "杨扬汤", "陈阵", "郭部", "闫闰", "史吏", "候侯",
    "刘对", "薛薜", "菅管", "荣莱", "苗笛", "贾贺", "任仕", "吕昌", "赵赶", "孙孩", "博搏", "嘉喜", "思恩", "文丈", "亚业",
    "月用", "志忘", "强张", "桂挂", "珍诊", "玲珑", "英莫", "祥详", "明朋", "辉晖", "茜西", "萱宣", "蕊芯", "艺芝", "琪淇棋",
    "瑶谣摇", "熠摺", "煜昱", "霖林", "诚城", "翊翌", "沐沭", "诺若", "玥明", "嫣焉", "绮骑", "睿容", "奕弈", "佑祐",
];

/// Whether two different characters are easily taken for one another.
#[must_use]
pub fn looks_alike(a: char, b: char) -> bool {
    GROUPS.iter().any(|group| group.contains(a) && group.contains(b))
}

/// A character that `c` is easily taken for.
#[must_use]
pub fn lookalike(c: char) -> Option<char> {
    GROUPS.iter().find(|group| group.contains(c))?.chars().find(|other| *other != c)
}
