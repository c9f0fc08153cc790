//! The shell on a real terminal: the program runs in tmux, keys are typed, the screen is read.
//!
//! Without tmux these tests are skipped with a note; `RENKOU_TEST_TMUX=required` makes that a failure.

use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::common::Project;

/// A statement that would take hours.
const ENDLESS: &str = "SELECT count(*) FROM deaths a CROSS JOIN deaths b CROSS JOIN deaths c CROSS JOIN deaths d WHERE a.sex + b.sex + c.sex + d.sex < 0;";

/// How long a screen may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A terminal with the shell in it, closed when dropped.
struct Terminal {
    socket: String,
}

impl Terminal {
    /// Opens the shell; `None` when there is no tmux.
    fn open(project: &Project, environment: &[(&str, &str)], arguments: &[&str]) -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        if Command::new("tmux").arg("-V").output().is_err() {
            assert!(
                std::env::var_os("RENKOU_TEST_TMUX").is_none_or(|value| value != "required"),
                "tmux is required here and missing"
            );
            eprintln!("skipped: there is no tmux");
            return None;
        }
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let terminal = Self {
            socket: format!("renkou-{}-{number}", std::process::id()),
        };
        let shell = project.command(arguments);
        let mut words = vec![
            "env".to_owned(),
            "-i".to_owned(),
            "LC_ALL=C.UTF-8".to_owned(),
        ];
        let mut set = |name: &str, value: &str| words.push(quoted(&format!("{name}={value}")));
        for (name, value) in shell.get_envs() {
            if let Some(value) = value {
                set(&name.to_string_lossy(), &value.to_string_lossy());
            }
        }
        set("PATH", &std::env::var("PATH").unwrap_or_default());
        for (name, value) in environment {
            set(name, value);
        }
        // tmux says what terminal it is.
        words.push("TERM=screen-256color".to_owned());
        words.push(quoted(&shell.get_program().to_string_lossy()));
        words.extend(shell.get_args().map(|word| quoted(&word.to_string_lossy())));
        let folder = project.path("");
        terminal.tmux(&[
            "new-session",
            "-d",
            "-x",
            "100",
            "-y",
            "30",
            "-c",
            &folder.to_string_lossy(),
            &words.join(" "),
        ]);
        // The screen stays to be read when the program has left.
        terminal.tmux(&["set-option", "-g", "remain-on-exit", "on"]);
        terminal.wait("renkou>");
        Some(terminal)
    }

    fn tmux(&self, arguments: &[&str]) -> String {
        let output = Command::new("tmux")
            .args(["-u", "-L", &self.socket, "-f", "/dev/null"])
            .args(arguments)
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Types text as it stands.
    fn write(&self, text: &str) {
        // tmux takes a semicolon at the end for its own.
        let text = match text.strip_suffix(';') {
            Some(text) => format!("{text}\\;"),
            None => text.to_owned(),
        };
        self.tmux(&["send-keys", "-l", &text]);
    }

    /// Presses a key by its name in tmux.
    fn press(&self, key: &str) {
        self.tmux(&["send-keys", key]);
    }

    /// Types a line and Enter.
    fn enter(&self, text: &str) {
        self.write(text);
        self.press("Enter");
    }

    fn screen(&self) -> String {
        self.tmux(&["capture-pane", "-p"]).trim_end().to_owned()
    }

    /// Waits until the screen shows `text`.
    fn wait(&self, text: &str) -> String {
        self.until(text, |screen| screen.contains(text))
    }

    /// Waits until the screen is as wanted.
    fn until(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let start = Instant::now();
        loop {
            let screen = self.screen();
            if wanted(&screen) {
                return screen;
            }
            assert!(
                start.elapsed() < PATIENCE,
                "waited for {what:?}, the screen was:\n{screen}"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Clears the screen, so that what is waited for is new.
    fn clear(&self) {
        self.press("C-l");
        self.until("a clear screen", |screen| screen.lines().count() <= 1);
    }

    fn leave(&self) {
        self.enter("exit");
        let start = Instant::now();
        while self.tmux(&["display-message", "-p", "#{pane_dead}"]).trim() != "1" {
            assert!(
                start.elapsed() < PATIENCE,
                "still there:\n{}",
                self.screen()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.tmux(&["kill-server"]);
    }
}

fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// What a table on the screen shows in its one cell.
fn holds_cell(screen: &str, value: &str) -> bool {
    screen
        .lines()
        .any(|line| line.trim_matches(['│', ' ']) == value)
}

#[test]
fn a_statement_is_typed_over_several_lines_and_answered() {
    let project = Project::sample();
    let Some(terminal) = Terminal::open(&project, &[], &["shell"]) else {
        return;
    };
    terminal.enter("SELECT count(*) AS n");
    terminal.wait("->");
    terminal.enter("FROM regions WHERE level = 'county'");
    terminal.enter("AND region_code = '150121000000';");
    terminal.until("the answer", |screen| holds_cell(screen, "1"));
    terminal.clear();
    terminal.enter("SELECT 6 *");
    terminal.enter("7;");
    terminal.until("the answer", |screen| holds_cell(screen, "42"));
}

#[test]
fn plain_renkou_on_a_terminal_is_the_shell_and_exit_leaves() {
    let project = Project::sample();
    let Some(terminal) = Terminal::open(&project, &[], &[]) else {
        return;
    };
    assert!(terminal.screen().contains(".help"));
    terminal.leave();
}

#[test]
fn tab_completes_tables_columns_codes_and_queries() {
    let project = Project::sample();
    let Some(terminal) = Terminal::open(&project, &[], &["shell"]) else {
        return;
    };
    let becomes = |typed: &str, text: &str| {
        terminal.press("C-u");
        terminal.write(typed);
        terminal.press("Tab");
        terminal.wait(text);
        terminal.press("C-c");
        terminal.wait("renkou>");
        terminal.clear();
    };
    becomes("SELECT * FROM birth_cert", "birth_certificates");
    becomes("SELECT gestation_w", "SELECT gestation_w");
    becomes(
        "SELECT 1 FROM birth_certificates WHERE gestation_w",
        "gestation_weeks",
    );
    becomes("SELECT 1 FROM 出生医", "出生医学证明");
    becomes(".run natural_i", ".run natural_increase");
    becomes(".run births by=towns", "by=township");
    terminal.write("SELECT 1 FROM birth_certificates WHERE sex = '");
    terminal.press("Tab");
    terminal.press("Tab");
    let screen = terminal.wait("female");
    assert!(screen.contains("male"), "{screen}");
}

#[test]
fn ctrl_c_drops_what_is_typed_and_cancels_what_runs() {
    let project = Project::sample();
    let Some(terminal) = Terminal::open(&project, &[], &["shell"]) else {
        return;
    };
    terminal.enter("SELECT nonsense");
    terminal.wait("->");
    terminal.press("C-c");
    terminal.enter("SELECT 40 + 2;");
    terminal.until("the answer", |screen| holds_cell(screen, "42"));
    terminal.clear();
    terminal.enter(ENDLESS);
    // Over half a second it tells how far it is.
    terminal.wait("rows read");
    terminal.press("C-c");
    terminal.wait("cancelled");
    terminal.clear();
    terminal.enter("SELECT 20 + 3;");
    terminal.until("the answer", |screen| holds_cell(screen, "23"));
    terminal.clear();
    terminal.enter(".timeout 0.3");
    terminal.enter(ENDLESS);
    terminal.wait("took longer than");
    terminal.leave();
}

#[test]
fn a_table_fits_the_screen_as_it_is_now() {
    let project = Project::sample();
    let Some(terminal) = Terminal::open(&project, &[("RENKOU_PAGER", "cat")], &["shell"]) else {
        return;
    };
    let widest = |screen: &str| {
        screen
            .lines()
            .filter(|line| line.starts_with('│') || line.starts_with('┌'))
            .map(|line| line.chars().count())
            .max()
            .unwrap_or(0)
    };
    terminal.enter(".mode table");
    terminal.enter("SELECT file_name, source, period, place, delivery_id FROM deliveries LIMIT 3;");
    let wide = terminal.until("a table", |screen| {
        screen.contains("columns") && widest(screen) > 0
    });
    terminal.tmux(&["resize-window", "-x", "60", "-y", "30"]);
    terminal.clear();
    terminal.enter("SELECT file_name, source, period, place, delivery_id FROM deliveries LIMIT 3;");
    let narrow = terminal.until("a table", |screen| {
        screen.contains("columns") && widest(screen) > 0
    });
    assert!(widest(&wide) > 60, "{wide}");
    assert!(widest(&narrow) <= 60, "{narrow}");
}

#[test]
fn history_lives_on_in_the_next_session() {
    let project = Project::sample();
    let Some(terminal) = Terminal::open(&project, &[], &["shell"]) else {
        return;
    };
    terminal.enter("SELECT 11 + 11 AS remembered;");
    terminal.until("the answer", |screen| holds_cell(screen, "22"));
    terminal.enter(".unseal to test that nothing of it is kept");
    terminal.wait("renkou!>");
    terminal.enter("SELECT 5 AS forgotten;");
    terminal.until("the answer", |screen| holds_cell(screen, "5"));
    terminal.enter(".unseal off");
    terminal.wait("closed");
    terminal.leave();
    drop(terminal);
    let Some(terminal) = Terminal::open(&project, &[], &["shell"]) else {
        return;
    };
    terminal.press("C-r");
    terminal.write("rembd");
    terminal.wait("SELECT 11 + 11 AS remembered;");
    terminal.press("Enter");
    terminal.press("Enter");
    terminal.until("the answer", |screen| holds_cell(screen, "22"));
    terminal.clear();
    terminal.enter(".history");
    let screen = terminal.wait(".history\n");
    assert!(!screen.contains("forgotten"), "{screen}");
}

#[test]
fn chinese_is_typed_and_columns_stay_aligned() {
    let project = Project::sample();
    let Some(terminal) = Terminal::open(&project, &[("RENKOU_LANG", "zh")], &["shell"]) else {
        return;
    };
    terminal
        .enter("SELECT 名称, 区划代码 FROM 行政区划 WHERE 级别 = 'township' ORDER BY 2 LIMIT 4;");
    let screen = terminal.wait("察素齐镇");
    let widths: Vec<usize> = screen
        .lines()
        .filter(|line| line.starts_with('│') || line.starts_with('└'))
        .map(unicode_width)
        .collect();
    assert!(widths.len() >= 5, "{screen}");
    assert!(widths.iter().all(|width| *width == widths[0]), "{screen}");
    terminal.clear();
    terminal.enter("SELECT 名城 FROM 行政区划;");
    terminal.wait("名称");
    terminal.enter(".tabels");
    terminal.wait("没有命令");
}

/// Cells that a line takes, without the crate that the product uses for it.
fn unicode_width(line: &str) -> usize {
    line.chars()
        .map(|letter| {
            if ('\u{2e80}'..='\u{ffef}').contains(&letter) {
                2
            } else {
                1
            }
        })
        .sum()
}
