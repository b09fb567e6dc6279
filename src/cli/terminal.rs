//! What the terminal, or what stands in for it, can show.

use std::env;
use std::io::{self, IsTerminal, Write};

use super::args::ColorArg;
use crate::report::{Look, visible};
use crate::text::Lang;

/// Columns where there is no terminal to ask.
const PIPE_WIDTH: usize = 100;

/// How standard output shows things.
pub(super) fn look(color: ColorArg, messages: Lang) -> Look {
    let terminal = io::stdout().is_terminal();
    let set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
    let forced =
        set("CLICOLOR_FORCE") && env::var_os("CLICOLOR_FORCE").is_some_and(|value| value != "0");
    let color = match color {
        ColorArg::Always => true,
        ColorArg::Never => false,
        ColorArg::Auto if set("NO_COLOR") => false,
        ColorArg::Auto => forced || (terminal && !dumb),
    };
    let width = if terminal {
        terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0))
    } else {
        PIPE_WIDTH
    };
    Look {
        color,
        unicode: unicode_locale(),
        links: terminal && color && !dumb,
        width: width.clamp(40, 120),
        messages,
    }
}

/// Whether the locale can show more than ASCII; one that nobody set is taken to.
fn unicode_locale() -> bool {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| env::var(name).ok().filter(|value| !value.is_empty()));
    set.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

/// Whether this runs for a machine that builds, and nobody sits before it.
pub(super) fn is_ci() -> bool {
    env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false")
}

/// The reader's language, if the environment says one. CI machines say what they were set up
/// with, not who reads.
pub(super) fn locale_language() -> Option<Lang> {
    if is_ci() {
        return None;
    }
    ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|name| env::var(name).ok().filter(|value| !value.is_empty()))
        .and_then(|locale| locale.parse().ok())
}

/// Says something about the run itself.
pub(super) fn complain(message: &str) {
    // If even standard error is gone there is nobody to tell.
    let _ = writeln!(io::stderr(), "clearpost: {}", visible(message));
}
