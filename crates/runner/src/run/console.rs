//! Where the output of a run meets: log lines, calls of the host and ends, in the order in which they happened. Lines
//! wait until the commands are ready for them, or go straight to whoever shows them beside a prompt.

use finapp_core::host::{LogLevel, LogSink};
use owo_colors::OwoColorize;
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// One line of output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// Something was logged.
    Log(LogLevel, String),
    /// The mini-program called an API of the host.
    Call(String, String),
    /// A web page of the mini-program wrote to its console.
    Page(String),
    /// Something failed in the mini-program, as its host hears it.
    Error(String),
    /// The mini-program is over, and why; `failed` when nobody asked it to.
    Closed { why: String, failed: bool },
}

impl Line {
    /// What a script waits for and looks at.
    pub fn text(&self) -> &str {
        match self {
            Self::Log(_, text) | Self::Page(text) | Self::Error(text) | Self::Closed { why: text, .. } => text,
            Self::Call(name, _) => name,
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Log(level @ LogLevel::Error, text) => write!(f, "{:<6} {text}", level.red()),
            Self::Log(level @ LogLevel::Warn, text) => write!(f, "{:<6} {text}", level.yellow()),
            Self::Log(level, text) => write!(f, "{:<6} {text}", level.dimmed()),
            Self::Call(name, params) => write!(f, "{:<6} {name} {params}", "call".cyan()),
            Self::Page(text) => write!(f, "{:<6} {text}", "page".magenta()),
            Self::Error(text) => write!(f, "{:<6} {text}", "failed".red()),
            Self::Closed { why, .. } => write!(f, "{:<6} {why}", "closed".bold()),
        }
    }
}

/// Shows a line at once.
pub type Show = Box<dyn Fn(&Line) + Send>;

#[derive(Default)]
struct State {
    lines: VecDeque<Line>,
    show: Option<Show>,
    closed: bool,
    failed: bool,
}

/// The lines of one run. Written by the applet's thread and others, read by the commands.
#[derive(Default)]
pub struct Console {
    state: Mutex<State>,
    news: Condvar,
    /// Whether the library's own lines of little weight are wanted.
    verbose: bool,
}

impl Console {
    pub fn new(verbose: bool) -> Arc<Self> {
        Arc::new(Self { verbose, ..Self::default() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a line.
    pub fn push(&self, line: Line) {
        let mut state = self.state();
        if let Line::Closed { failed, .. } = line {
            state.closed = true;
            state.failed |= failed;
        }
        match &state.show {
            Some(show) => show(&line),
            None => state.lines.push_back(line),
        }
        self.news.notify_all();
    }

    /// The lines that wait.
    pub fn take(&self) -> Vec<Line> {
        self.state().lines.drain(..).collect()
    }

    /// Waits until there are lines, and takes them; none when the time passes first.
    pub fn wait(&self, at_most: Duration) -> Vec<Line> {
        let until = Instant::now() + at_most;
        let mut state = self.state();
        while state.lines.is_empty() && !state.closed {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            state = self.news.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        state.lines.drain(..).collect()
    }

    /// Whether the mini-program is over.
    pub fn is_closed(&self) -> bool {
        self.state().closed
    }

    /// Whether it is over because something failed.
    pub fn has_failed(&self) -> bool {
        self.state().failed
    }

    /// Shows lines at once from now on, or keeps them again.
    pub fn show_with(&self, show: Option<Show>) {
        self.state().show = show;
    }
}

impl LogSink for Console {
    fn write(&self, level: LogLevel, tag: &str, line: &str) {
        if level == LogLevel::Debug && !self.verbose {
            return;
        }
        let text = if tag == "finapp" { format!("finapp: {line}") } else { line.to_owned() };
        self.push(Line::Log(level, text));
    }
}
