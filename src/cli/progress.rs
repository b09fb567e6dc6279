//! What a long run shows of itself, and how a person ends it.

use std::io::{self, IsTerminal, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Runs shorter than this show no bar.
const PATIENCE: Duration = Duration::from_secs(1);

/// Whether somebody pressed Ctrl-C.
static STOPPED: AtomicBool = AtomicBool::new(false);

/// A run that was ended before its time.
#[derive(Clone, Copy, Debug, thiserror::Error, miette::Diagnostic)]
#[error("stopped by Ctrl-C: what was found until then is shown")]
#[diagnostic(code(clearpost::run::stopped), help("run it again to check the rest"))]
pub(super) struct Stopped;

/// From now on Ctrl-C lets the run end with what it has found; pressed again it ends at once.
pub(super) fn stop_on_request() {
    // Where no handler can be set, Ctrl-C does what it always did.
    let _ = ctrlc::set_handler(|| {
        if STOPPED.swap(true, Ordering::Relaxed) {
            end_at_once();
        }
    });
}

#[expect(
    clippy::exit,
    reason = "asked for a second time, by a person who waits"
)]
fn end_at_once() {
    std::process::exit(2);
}

/// Whether the run should end.
pub(super) fn is_stopped() -> bool {
    STOPPED.load(Ordering::Relaxed)
}

/// A bar on standard error, where that is a terminal, for runs that take longer than a second.
pub(super) struct Progress {
    bar: ProgressBar,
    /// When it may show itself, if ever.
    due: Option<Instant>,
}

impl Progress {
    /// A bar for so many bytes.
    pub(super) fn new(bytes: u64, wanted: bool) -> Self {
        let bar = ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::hidden());
        let style = ProgressStyle::with_template("{bar:40} {bytes} of {total_bytes}, {eta} left");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        let due = (wanted && io::stderr().is_terminal()).then(|| Instant::now() + PATIENCE);
        Self { bar, due }
    }

    /// So many bytes more are done.
    pub(super) fn advance(&self, bytes: u64) {
        self.bar.inc(bytes);
        if self.bar.is_hidden() && self.due.is_some_and(|due| Instant::now() > due) {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }

    /// Takes the bar away, so that it stands in nobody's way.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// A stream that tells how much of it was read.
pub(super) struct Watched<'p, R> {
    pub(super) stream: R,
    pub(super) progress: &'p Progress,
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.stream.read(buffer)?;
        self.progress.advance(read as u64);
        Ok(read)
    }
}
