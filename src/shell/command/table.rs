//! The commands of the shell, told once: parsing, help, completion and the README read this table.

/// What stands after a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Argument {
    /// A table or view.
    Table,
    /// A saved query.
    Query,
    /// `name=value` for the saved query named before; completed with its parameters and choices.
    Parameters,
    /// A SQL function.
    Function,
    /// A command of this table.
    Command,
    /// An output format.
    Format,
    /// A path.
    File,
    /// The number of a delivery.
    Delivery,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A setting of `.set`.
    Setting,
    /// A column of the last result.
    Column,
    /// A number, pattern or other text: nothing to complete.
    Text,
    /// The rest of the line is SQL.
    Sql,
}

/// A command: DuckDB's name, psql's alias, what it takes and does.
#[derive(Debug, Clone, Copy)]
pub struct Command {
    /// The name with its dot.
    pub name: &'static str,
    /// Other names, with dot or backslash.
    pub aliases: &'static [&'static str],
    /// What stands after it, as shown in help.
    pub usage: &'static str,
    /// What is completed there, by position; the last one repeats.
    pub arguments: &'static [Argument],
    /// What it does, in English.
    pub en: &'static str,
    /// What it does, in Chinese.
    pub zh: &'static str,
}

const ON_OFF: Argument = Argument::Choice(&["on", "off"]);

const fn command(
    name: &'static str,
    aliases: &'static [&'static str],
    usage: &'static str,
    arguments: &'static [Argument],
    en: &'static str,
    zh: &'static str,
) -> Command {
    Command {
        name,
        aliases,
        usage,
        arguments,
        en,
        zh,
    }
}

/// Every command, in the order of the alphabet.
pub const COMMANDS: &[Command] = &[
    command(
        ".asof",
        &[],
        "[SNAPSHOT|TIME|latest]",
        &[Argument::Choice(&["latest"])],
        "ask an older state of the warehouse, or the newest again",
        "查询历史快照，或回到最新状态",
    ),
    command(
        ".chart",
        &["\\chart"],
        "[bar|line|pyramid] [COLUMN…]",
        &[
            Argument::Choice(&["bar", "line", "pyramid"]),
            Argument::Column,
        ],
        "draw the last result",
        "把上一个结果画成图",
    ),
    command(
        ".check",
        &[],
        "[DEPARTMENT]",
        &[Argument::Text],
        "compare deliveries and rejects by department",
        "按部门查看数据质量",
    ),
    command(
        ".crosstab",
        &["\\crosstab", "\\crosstabview", ".pivot"],
        "[ROWS COLUMNS VALUE]",
        &[Argument::Column],
        "pivot the last result: its last two keys become rows and columns",
        "把上一个结果转成交叉表：最后两个维度作行和列",
    ),
    command(
        ".deliveries",
        &[],
        "[PATTERN]",
        &[Argument::Text],
        "list what was handed in",
        "列出各部门报送的数据",
    ),
    command(
        ".describe",
        &["\\d+"],
        "TABLE",
        &[Argument::Table],
        "columns of a table with meaning, unit and code list",
        "查看表的各列：含义、单位、代码表",
    ),
    command(
        ".edit",
        &["\\e"],
        "",
        &[],
        "write the last statement in your editor ($RENKOU_EDITOR, $VISUAL, $EDITOR)",
        "用外部编辑器修改上一条语句",
    ),
    command(
        ".explain",
        &[],
        "SQL",
        &[Argument::Sql],
        "how a statement would run",
        "查看语句的执行计划",
    ),
    command(
        ".export",
        &[],
        "TABLE|QUERY PATH [NAME=VALUE…]",
        &[Argument::Table, Argument::File, Argument::Parameters],
        "export a table or saved query with a manifest",
        "导出表或已存查询（附清单）",
    ),
    command(
        ".format",
        &[],
        "[FORMAT]",
        &[Argument::Format],
        "same as .mode",
        "同 .mode",
    ),
    command(
        ".functions",
        &["\\df"],
        "[PATTERN]",
        &[Argument::Function],
        "list functions",
        "列出函数",
    ),
    command(
        ".help",
        &["\\?", ".h"],
        "[PATTERN]",
        &[Argument::Command],
        "this list, or the commands that fit a pattern",
        "显示命令列表，可按关键字筛选",
    ),
    command(
        ".history",
        &["\\s"],
        "[N|PATTERN]",
        &[Argument::Text],
        "what was typed before, or search it",
        "查看或搜索输入历史",
    ),
    command(
        ".labels",
        &[],
        "[on|off]",
        &[ON_OFF],
        "show codes with their names: 1 → 男",
        "显示代码的名称：1 → 男",
    ),
    command(
        ".lang",
        &[],
        "[en|zh]",
        &[Argument::Choice(&["en", "zh"])],
        "language of messages",
        "切换提示语言",
    ),
    command(
        ".last",
        &[],
        "[FORMAT]",
        &[Argument::Format],
        "show the last result again, whole",
        "完整显示上一个结果",
    ),
    command(
        ".manual",
        &["\\h"],
        "FUNCTION",
        &[Argument::Function],
        "how a function is used",
        "查看函数的用法",
    ),
    command(
        ".maxrows",
        &[],
        "[N]",
        &[Argument::Text],
        "rows that a table shows; 0 shows all",
        "表格最多显示的行数；0 为全部",
    ),
    command(
        ".mode",
        &[],
        "[FORMAT]",
        &[Argument::Format],
        "format of results: table, vertical, csv, markdown, json …",
        "结果的显示格式：table、vertical、csv、markdown、json 等",
    ),
    command(
        ".nullvalue",
        &[],
        "[TEXT]",
        &[Argument::Text],
        "what stands for NULL",
        "空值（NULL）的显示文字",
    ),
    command(
        ".once",
        &[],
        "FILE",
        &[Argument::File],
        "write the next result to a file",
        "把下一个结果写入文件",
    ),
    command(
        ".output",
        &["\\o"],
        "[FILE]",
        &[Argument::File],
        "write all following results to a file; without one, to the screen again",
        "后续结果写入文件；不带文件名则恢复屏幕显示",
    ),
    command(
        ".pager",
        &[],
        "[on|off|auto]",
        &[Argument::Choice(&["on", "off", "auto"])],
        "page results that are longer than the screen",
        "结果超过一屏时分页显示",
    ),
    command(
        ".param",
        &[],
        "[NAME=VALUE…|clear]",
        &[Argument::Text],
        "values of the $name in statements",
        "设置语句中 $参数 的值",
    ),
    command(
        ".queries",
        &[],
        "[PATTERN|NAME]",
        &[Argument::Query],
        "list saved queries, or describe one",
        "列出已存查询，或查看其中一个",
    ),
    command(".quit", &["\\q", ".exit"], "", &[], "leave", "退出"),
    command(
        ".read",
        &["\\i"],
        "FILE",
        &[Argument::File],
        "run a file of statements and commands",
        "执行文件中的语句和命令",
    ),
    command(
        ".rejects",
        &[],
        "[DELIVERY]",
        &[Argument::Delivery],
        "what was rejected and why",
        "查看被拒绝的行及原因",
    ),
    command(
        ".run",
        &[],
        "NAME [NAME=VALUE…]",
        &[Argument::Query, Argument::Parameters],
        "run a saved query",
        "运行已存查询",
    ),
    command(
        ".schema",
        &["\\d"],
        "[TABLE]",
        &[Argument::Table],
        "columns and types of a table, or of all",
        "查看表结构",
    ),
    command(
        ".set",
        &["\\set", "\\pset"],
        "[NAME VALUE]",
        &[Argument::Setting, Argument::Text],
        "show or change a setting",
        "查看或修改设置",
    ),
    command(".show", &[], "", &[], "all settings", "显示全部设置"),
    command(
        ".tables",
        &["\\dt"],
        "[PATTERN]",
        &[Argument::Text],
        "list tables with their Chinese names and row counts",
        "列出表、中文名和行数",
    ),
    command(
        ".timeout",
        &[],
        "[SECONDS]",
        &[Argument::Text],
        "stop statements that take longer; 0 means never",
        "语句超时秒数；0 为不限",
    ),
    command(
        ".timer",
        &["\\timing"],
        "[on|off]",
        &[ON_OFF],
        "tell time and peak memory after each statement",
        "显示每条语句的用时和内存峰值",
    ),
    command(
        ".unseal",
        &[],
        "REASON",
        &[Argument::Text],
        "open schema vault with the identities; audited first; .unseal off closes it",
        "打开身份信息库（先记入审计日志）；.unseal off 关闭",
    ),
    command(
        ".watch",
        &["\\watch"],
        "[SECONDS] [SQL]",
        &[Argument::Text, Argument::Sql],
        "run a statement, or the last one, again and again until Ctrl-C",
        "定时重复运行一条语句（默认为上一条），按 Ctrl-C 停止",
    ),
];

/// Settings of `.set`: name, what may be given, meaning in English and Chinese.
pub const SETTINGS: &[(&str, &[&str], &str, &str)] = &[
    (
        "edit_mode",
        &["emacs", "vi"],
        "keys of the line editor",
        "行编辑键位",
    ),
    (
        "labels",
        &["on", "off"],
        "names beside codes",
        "显示代码名称",
    ),
    ("lang", &["en", "zh"], "language of messages", "提示语言"),
    (
        "maxrows",
        &[],
        "rows that a table shows",
        "表格最多显示的行数",
    ),
    ("mode", &[], "format of results", "结果格式"),
    ("nullvalue", &[], "what stands for NULL", "空值的显示文字"),
    (
        "pager",
        &["on", "off", "auto"],
        "paging of long results",
        "分页",
    ),
    (
        "thousands",
        &["on", "off"],
        "separators in large numbers",
        "千位分隔符",
    ),
    (
        "timeout",
        &[],
        "seconds a statement may take",
        "语句超时秒数",
    ),
    (
        "timer",
        &["on", "off"],
        "time and memory after each statement",
        "显示用时和内存",
    ),
    (
        "width",
        &[],
        "columns of the screen; 0 asks the terminal",
        "屏幕宽度；0 为自动",
    ),
];
