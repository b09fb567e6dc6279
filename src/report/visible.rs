//! Text of a draft made safe to show: nothing in it moves a cursor, hides or turns around.

use std::borrow::Cow;

/// Whether a character would act on a terminal, or show nothing where something is.
pub(super) fn acts(letter: char) -> bool {
    matches!(letter,
        '\0'..='\u{8}' | '\u{B}'..='\u{1F}' | '\u{7F}'..='\u{9F}'
        | '\u{61C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}' | '\u{2029}'
        | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
        | '\u{E0000}'..='\u{E007F}')
}

/// `text` with terminal controls, bidirectional controls and zero-width spaces as `\u{…}`.
///
/// Line feeds and tabs stay; joiners stay, since emoji are made of them.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(acts) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        if acts(letter) {
            shown.extend(letter.escape_unicode());
        } else {
            shown.push(letter);
        }
    }
    Cow::Owned(shown)
}

/// As [`visible`], on one line.
pub(super) fn on_one_line(text: &str) -> String {
    visible(text).replace(['\n', '\t'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_are_shown_and_emoji_are_left_alone() {
        assert_eq!(
            visible("a\u{1b}[31mb\u{202e}c\r"),
            "a\\u{1b}[31mb\\u{202e}c\\u{d}"
        );
        assert_eq!(visible("👩\u{200d}💻 ok\n\tné"), "👩\u{200d}💻 ok\n\tné");
    }
}
