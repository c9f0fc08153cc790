//! Help in Chinese: one table of texts, put in the place of the English ones that stand beside the
//! arguments.

use clap::{Arg, Command};

/// Command (empty for what several commands share), argument (empty for the command itself), text.
const TEXTS: &[(&str, &str, &str)] = &[
    (
        "renkou",
        "",
        "嵌入式人口数据仓库：导入各部门的文件，得出标准指标",
    ),
    ("demo", "", "新建样例仓库，导入六个部门的文件，输出各项指标"),
    ("init", "", "新建空仓库，带默认目录和查询"),
    ("ingest", "", "导入文件、文件夹和压缩包"),
    ("deliveries", "", "列出各次交付"),
    ("rejects", "", "列出被拒收的行，导出工作簿退回，或重新校验"),
    ("withdraw", "", "撤回一次交付"),
    ("shell", "", "交互式 SQL（在终端直接运行 renkou 也进入）"),
    ("sql", "", "执行 SQL，来自参数、文件或标准输入"),
    (
        "queries",
        "",
        "列出、说明、检查和测试已存查询，或生成说明网站",
    ),
    ("run", "", "运行一个已存查询"),
    ("report", "", "由已存查询生成一份可打印的 HTML 报告"),
    (
        "report",
        "name",
        "报告名称：birth-situation（出生人口形势），或 catalog/reports/ 中自己的模板",
    ),
    ("report", "year", "报告年份 [默认：最近的完整年份]"),
    ("report", "output", "写入此文件，扩展名为 .html"),
    ("forecast", "", "按性别和年龄预测人口，并给出区间"),
    (
        "forecast",
        "population",
        "人口 CSV：sex,age,population；有历史时加 year，分地区时加 region [默认：户籍人口]",
    ),
    (
        "forecast",
        "fertility",
        "每名妇女每年生育数的 CSV：[year,]age,rate",
    ),
    (
        "forecast",
        "mortality",
        "死亡 CSV：[year,]sex,age，加 mx 或 survival_ratio（存活进入该年龄组的比例）",
    ),
    (
        "forecast",
        "migration",
        "每步净迁移人数的 CSV：[year,]sex,age,net",
    ),
    (
        "forecast",
        "srb",
        "出生人口性别比：每名女婴对应的男婴数（1.05）或每百名女婴（105），也可以是 CSV：year,srb [默认：按观测值]",
    ),
    (
        "forecast",
        "start_year",
        "预测起点人口的年份 [默认：已知的最后一年]",
    ),
    ("forecast", "horizon", "预测多少年"),
    (
        "forecast",
        "step",
        "步长和年龄组的年数：1 或 5 [默认：与人口相同]",
    ),
    (
        "forecast",
        "migration_convention",
        "迁移发生的时间：end 全部在一步之末，even 一半在初、一半在末",
    ),
    (
        "forecast",
        "deterministic",
        "按给定的率只作一次预测，不给区间",
    ),
    ("forecast", "components", "加上出生、死亡和净迁移"),
    (
        "forecast",
        "totals",
        "每年一行，并列出预测的各组成方法，而不是按性别和年龄",
    ),
    ("forecast", "by_township", "按户籍所在乡镇分别预测"),
    (
        "forecast",
        "scenario",
        "未来与过去的差别：low 生育更少、死亡更高、迁出更多，medium 与过去相同，high 相反",
    ),
    ("forecast", "tfr", "预测期末每名妇女的生育数（总和生育率）"),
    (
        "forecast",
        "e0",
        "两性平均预期寿命，没有死亡率时用于模型生命表",
    ),
    ("forecast", "net_migration", "预测期末每年的净迁移人数"),
    ("forecast", "trajectories", "为区间抽取多少条未来轨迹"),
    ("forecast", "seed", "随机数的种子：相同的种子得到相同的区间"),
    ("forecast", "backtest", "用过去各年的预测与实际情况对照"),
    ("export", "", "导出表或查询，并附清单"),
    ("schedule", "", "按设定时间运行已存查询"),
    ("verify", "", "按清单核对发件箱中的文件"),
    (
        "status",
        "",
        "显示各表、大小、最近的交付，以及其他软件如何连接",
    ),
    ("doctor", "", "检查数据文件、目录和密钥，并说明如何修复"),
    ("history", "", "列出快照"),
    ("restore", "", "将仓库恢复到某个快照时的状态"),
    (
        "link",
        "",
        "在各登记册中找出同一出生，或在两个文件中找出同一人或同一事物",
    ),
    (
        "check",
        "",
        "检查已接收的数据：各部门、各乡镇记分卡和整改清单",
    ),
    ("check", "department", "只看这个部门，逐个维度列出"),
    ("check", "region", "只看这个乡镇：9 位区划代码或名称"),
    ("check", "strict", "有 `error` 级问题未整改时退出码为 1"),
    (
        "worklist",
        "",
        "列出谁须在何时前整改哪条记录，并附证据和理由",
    ),
    ("worklist", "owner", "责任部门"),
    ("worklist", "region", "只看这个乡镇：9 位区划代码或名称"),
    ("worklist", "unseal", "显示记录的身份信息，先记入审计日志"),
    (
        "explain",
        "",
        "说明记录依据哪条规则或评分关联，身份信息已遮盖",
    ),
    (
        "explain",
        "key",
        "`birth_key` 或 `link_key` 的开头，或以 表名:交付编号/工作表/行号 指明的记录",
    ),
    (
        "review",
        "",
        "列出待人工复核的关联（身份信息已遮盖），或对其中一条作出认定",
    ),
    (
        "review",
        "key",
        "要认定的 `link_key` 的开头；不写则列出清单",
    ),
    ("review", "same", "两条记录为同一儿童"),
    ("review", "different", "两条记录为不同儿童"),
    ("review", "reason", "作此认定的理由"),
    ("optimize", "", "合并小文件"),
    ("audit", "", "查看或核验审计日志"),
    ("keys", "", "显示本仓库用哪个密钥加密"),
    ("help", "", "显示总帮助或某个命令的帮助"),
    // Of every command.
    (
        "",
        "warehouse",
        "仓库文件夹 [默认：含有 renkou.yaml 的最近一级上级文件夹]",
    ),
    (
        "",
        "lang",
        "提示信息的语言 [默认：按 RENKOU_LANG 或系统区域设置]",
    ),
    (
        "",
        "color",
        "何时使用颜色：auto 仅在终端，always 总是，never 从不",
    ),
    ("", "quiet", "除错误外不显示任何信息"),
    ("", "threads", "使用的线程数 [默认：全部核心]"),
    ("", "memory_limit", "使用的内存上限，如 500m 或 4g"),
    (
        "",
        "as_of",
        "查询旧快照：快照编号，或本地时间，如 2020-12-31",
    ),
    ("", "help", "显示帮助"),
    ("", "version", "显示版本号"),
    // Of the commands that show a result.
    (
        "",
        "format",
        "table、csv、tsv、json、jsonl、markdown、html、vertical、parquet、arrow 或 xlsx [默认：终端用 table，管道用 csv，文件按扩展名]",
    ),
    ("", "output", "写入此文件，而不是标准输出"),
    (
        "",
        "encoding",
        "csv 和 tsv 的编码：utf8、utf8-bom 或 gb18030（后两种供 Excel 使用）",
    ),
    ("", "max_rows", "终端表格最多显示的行数，0 为全部"),
    (
        "",
        "unseal",
        "打开存放身份信息的 `vault`；需要密钥和理由，并先记入审计日志",
    ),
    ("", "reason", "查看身份信息的理由"),
    ("", "param", "查询参数的值，可多次使用"),
    ("link", "left", "左边的文件；不给文件则关联仓库中的各登记册"),
    ("link", "right", "右边的文件"),
    (
        "link",
        "config",
        "说明比较哪些列的 YAML 文件；auto 表示按两个文件的列自动拟定",
    ),
    (
        "link",
        "save_config",
        "把所用的设置写入此文件，供修改后再用",
    ),
    ("link", "output", "写入此文件，而不是标准输出"),
    ("demo", "dir", "样例仓库的文件夹"),
    ("init", "dir", "仓库的文件夹"),
    ("ingest", "paths", "文件、文件夹或压缩包"),
    (
        "ingest",
        "source",
        "数据来源，如 police/household_register [默认：按内容识别]",
    ),
    (
        "ingest",
        "period",
        "时期，如 2018、2018Q1、2018-03 或 2018-01..2018-06 [默认：取自标题、工作表名、文件名或数据]",
    ),
    (
        "ingest",
        "encoding",
        "文本文件的编码，如 gb18030 [默认：自动识别]",
    ),
    ("ingest", "dry_run", "只用数字说明会有什么变化，不导入"),
    (
        "ingest",
        "watch",
        "监视 `inbox/`：文件不再增长后导入，再移到 `done` 或 `refused`",
    ),
    ("ingest", "once", "与 `--watch` 同用：只查看一次就结束"),
    (
        "ingest",
        "max_rejects",
        "一次交付最多可拒收多少行，超过则整份退回 [默认：10%，至少一行，但不能全部]",
    ),
    ("ingest", "strict", "只要有一行被拒收就整份退回"),
    ("ingest", "format", "导入报告的格式"),
    ("deliveries", "department", "只列出这个部门的"),
    ("deliveries", "all", "也列出已被替换和已撤回的"),
    (
        "rejects",
        "delivery",
        "只列出这次交付的（编号开头几位即可）",
    ),
    (
        "rejects",
        "export",
        "按原样导出各行，在错误单元格上加批注；含身份信息",
    ),
    ("rejects", "replay", "修正目录后，将被拒收的行重新校验"),
    (
        "rejects",
        "unseal",
        "`--export` 需要：工作簿含身份信息，先记入审计日志",
    ),
    ("rejects", "warnings", "改为列出警告"),
    ("withdraw", "id", "交付编号，开头几位能区分即可"),
    ("sql", "command", "要执行的 SQL，可多次使用"),
    ("sql", "file", "SQL 文件；`-` 为标准输入"),
    ("sql", "param", "SQL 中 `$名称` 的值，可多次使用"),
    (
        "sql",
        "on_error",
        "语句出错时怎么办：stop 停止，continue 继续；退出码都是 1",
    ),
    ("sql", "timeout", "语句超过此秒数即停止，退出码 4"),
    ("shell", "no_init", "不执行 ~/.config/renkou/init.sql"),
    (
        "shell",
        "init",
        "先执行此文件，代替 ~/.config/renkou/init.sql",
    ),
    ("shell", "no_history", "本次输入不记入历史"),
    (
        "queries",
        "names",
        "说明这一个；与 `--test` 同用时只测试这些",
    ),
    (
        "queries",
        "check",
        "检查全部查询：文件头、参数、表名和列名，以及 SQL 能否执行",
    ),
    ("queries", "test", "运行文件头中的测试"),
    (
        "queries",
        "docs",
        "在此文件夹生成离线说明网站：每个查询、每张表一页，中英文",
    ),
    ("run", "name", "查询的名称，用 `renkou queries` 查看"),
    (
        "run",
        "from_manifest",
        "按此 manifest.json 从同一快照重新生成文件，写入新文件夹 `-o 文件夹`；有不同则退出码为 1",
    ),
    (
        "run",
        "publish",
        "对照以往所有发布，隐藏较小的计数及可推算出它们的数字；发布对象：public（小于 10）或 departments（小于 5）",
    ),
    ("run", "audit", "逐个说明单元格为何被隐藏"),
    (
        "schedule",
        "action",
        "list 列出下次与上次运行，due 显示到期任务，run 按时运行直到 Ctrl-C 或 SIGTERM，install 显示或写入自动启动方式",
    ),
    (
        "schedule",
        "names",
        "只处理这些任务；指定名称时，因连续失败而暂停的任务也会运行",
    ),
    (
        "schedule",
        "at",
        "用于 `due`：以此时间代替当前时间，如 2020-12-31 或 \"2020-12-31 02:30\"",
    ),
    (
        "schedule",
        "once",
        "用于 `run`：运行到期任务后结束；有失败则退出码为 1",
    ),
    ("schedule", "systemd", "用于 `install`：用户的 systemd 服务"),
    ("schedule", "cron", "用于 `install`：用户 crontab 中的一行"),
    ("schedule", "yes", "用于 `install`：写入所显示的内容"),
    (
        "verify",
        "path",
        "发件箱、某任务的文件夹、某次结果或其清单 [默认：本仓库的发件箱]",
    ),
    ("export", "name", "表、视图或已存查询"),
    ("export", "to", "文件；Parquet 分区则为文件夹"),
    (
        "export",
        "format",
        "parquet、csv、tsv、xlsx、arrow、json、jsonl 等 [默认：按扩展名，文件夹为 parquet]",
    ),
    (
        "export",
        "partition_by",
        "按哪一列的值把 Parquet 分到各文件夹 [默认：该表自己的分区]",
    ),
    ("history", "last", "只列出最近 N 个"),
    ("restore", "to", "快照编号或本地时间"),
    (
        "audit",
        "action",
        "做什么：show 显示各条记录，verify 核验没有记录被改动、删除或调换",
    ),
];

/// The command with all its help in Chinese.
pub(super) fn translated(mut command: Command) -> Command {
    // The arguments and commands that the parser adds itself exist only once it is built.
    command.build();
    walk(command)
}

fn walk(mut command: Command) -> Command {
    let name = command.get_name().to_owned();
    let usage = usage(&mut command);
    let mut command = command
        .override_usage(usage)
        // Bold and underlined, as the other headings are.
        .help_template(
            "{before-help}{about-with-newline}\n\u{1b}[1m\u{1b}[4m用法:\u{1b}[0m {usage}\n\n{all-args}{after-help}",
        )
        .subcommand_help_heading("命令")
        .mut_args(|arg| argument(&name, arg))
        .mut_subcommands(walk);
    if let Some(about) = find(&name, "") {
        command = command.about(about);
        if command.get_long_about().is_some() {
            command = command.long_about(about);
        }
    }
    command
}

fn find(command: &str, argument: &str) -> Option<&'static str> {
    let text = |wanted: &str| {
        TEXTS
            .iter()
            .find(|(of, name, _)| *of == wanted && *name == argument)
            .map(|(_, _, text)| *text)
    };
    text(command).or_else(|| if argument.is_empty() { None } else { text("") })
}

fn usage(command: &mut Command) -> String {
    let usage = command.render_usage().to_string();
    usage
        .trim_start_matches("Usage:")
        .trim()
        .replace("[OPTIONS]", "[选项]")
        .replace("<COMMAND>", "<命令>")
        .replace("[COMMAND]", "[命令]")
}

fn argument(command: &str, arg: Arg) -> Arg {
    let heading = match arg.get_help_heading() {
        Some(_) => "通用选项",
        None if arg.is_positional() => "参数",
        None => "选项",
    };
    let arg = arg.help_heading(heading);
    let Some(text) = find(command, arg.get_id().as_str()) else {
        return arg;
    };
    let text = format!("{text}{}", particulars(&arg));
    let long = arg.get_long_help().is_some();
    let arg = arg
        .hide_default_value(true)
        .hide_possible_values(true)
        .hide_env(true)
        .help(text.clone());
    if long { arg.long_help(text) } else { arg }
}

/// What the parser would add in English: default, possible values, variable of the environment.
fn particulars(arg: &Arg) -> String {
    let mut text = String::new();
    if let Some(name) = arg.get_env() {
        text.push_str(&format!(" [环境变量：{}]", name.to_string_lossy()));
    }
    if !arg.get_action().takes_values() {
        return text;
    }
    let join = |values: Vec<String>| values.join("、");
    let values = arg
        .get_default_values()
        .iter()
        .map(|value| value.to_string_lossy().into_owned());
    let values: Vec<String> = values.collect();
    if !values.is_empty() {
        text.push_str(&format!(" [默认：{}]", join(values)));
    }
    let values = arg.get_possible_values();
    let values = values.iter().map(|value| value.get_name().to_owned());
    let values: Vec<String> = values.collect();
    if !values.is_empty() {
        text.push_str(&format!(" [可选：{}]", join(values)));
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::CommandFactory;

    use super::*;

    /// Every command but the copies that `help` keeps of them, with its arguments.
    fn each(command: &Command, found: &mut Vec<(String, String)>) {
        let name = command.get_name().to_owned();
        found.push((name.clone(), String::new()));
        for arg in command.get_arguments() {
            found.push((name.clone(), arg.get_id().as_str().to_owned()));
        }
        if name != "help" {
            for inner in command.get_subcommands() {
                each(inner, found);
            }
        }
    }

    fn all() -> Vec<(String, String)> {
        let mut command = crate::cli::Cli::command();
        command.build();
        let mut found = Vec::new();
        each(&command, &mut found);
        found
    }

    #[test]
    fn every_command_and_argument_has_a_chinese_text() {
        let missing: Vec<_> = all()
            .into_iter()
            .filter(|(command, argument)| find(command, argument).is_none())
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn every_chinese_text_is_used() {
        let mut used = BTreeSet::new();
        for (command, argument) in all() {
            let own = |of: &str| {
                TEXTS
                    .iter()
                    .position(|(at, name, _)| *at == of && *name == argument)
            };
            used.extend(own(&command).or_else(|| own("")));
        }
        let unused: Vec<_> = TEXTS
            .iter()
            .enumerate()
            .filter(|(index, _)| !used.contains(index))
            .map(|(_, text)| text)
            .collect();
        assert!(unused.is_empty(), "{unused:?}");
    }

    #[test]
    fn the_help_of_a_command_is_chinese_throughout() {
        for path in [
            &["renkou", "--help"][..],
            &["renkou", "ingest", "--help"],
            &["renkou", "help", "sql"],
        ] {
            let error = translated(crate::cli::Cli::command())
                .try_get_matches_from(path)
                .unwrap_err();
            let help = error.to_string();
            assert!(
                help.contains("用法: renkou") && help.contains("选项:"),
                "{help}"
            );
            for english in [
                "Usage",
                "Options",
                "Commands",
                "Arguments",
                "default:",
                "possible",
                "Print",
            ] {
                assert!(!help.contains(english), "{english} in {help}");
            }
        }
    }

    #[test]
    fn arguments_mean_the_same_in_both_languages() {
        let line = [
            "renkou",
            "--lang",
            "zh",
            "ingest",
            "a.csv",
            "--max-rejects",
            "5%",
        ];
        let matches = translated(crate::cli::Cli::command())
            .try_get_matches_from(line)
            .unwrap();
        let (name, matches) = matches.subcommand().unwrap();
        assert_eq!(name, "ingest");
        assert_eq!(
            matches
                .get_many::<std::path::PathBuf>("paths")
                .unwrap()
                .len(),
            1
        );
        assert!(
            matches
                .get_one::<crate::ingest::Limit>("max_rejects")
                .is_some()
        );
    }
}
