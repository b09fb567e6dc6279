//! What the formats in XML share: elements that are written one after the other, and text that is
//! safe in them.

use std::io;

use super::visible::visible;

/// Writes `<name key="value" …` and what stands behind it: `>` or `/>`.
pub(super) fn open(
    out: &mut dyn io::Write,
    depth: usize,
    name: &str,
    attributes: &[(&str, &str)],
    end: &str,
) -> io::Result<()> {
    write!(out, "{:depth$}<{name}", "", depth = depth * 2)?;
    for (key, value) in attributes {
        write!(out, " {key}=\"{}\"", escaped(value))?;
    }
    writeln!(out, "{end}")
}

/// Writes `</name>`.
pub(super) fn close(out: &mut dyn io::Write, depth: usize, name: &str) -> io::Result<()> {
    writeln!(out, "{:depth$}</{name}>", "", depth = depth * 2)
}

/// Text for an element or an attribute. XML 1.0 has no way to say most control characters, so they
/// are shown as on a terminal.
pub(super) fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in visible(text).chars() {
        match letter {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '"' => shown.push_str("&quot;"),
            '\'' => shown.push_str("&#39;"),
            '\n' => shown.push_str("&#10;"),
            '\t' => shown.push_str("&#9;"),
            // Not characters to XML, although text may hold them.
            '\u{FFFE}' | '\u{FFFF}' => shown.extend(letter.escape_unicode()),
            letter => shown.push(letter),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_is_markup() {
        assert_eq!(
            escaped("<a b='c'>&\"\u{1b}\n]]>\u{FFFE}"),
            "&lt;a b=&#39;c&#39;&gt;&amp;&quot;\\u{1b}&#10;]]&gt;\\u{fffe}"
        );
    }
}
