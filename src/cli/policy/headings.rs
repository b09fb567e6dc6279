//! The headings and links of a Markdown file, with their places.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// A heading.
pub(super) struct Heading {
    /// 1 for the title of the page.
    pub(super) level: usize,
    /// Its words.
    pub(super) text: String,
    /// Its bytes.
    pub(super) at: Range<usize>,
}

/// Where a link or a picture leads.
pub(super) struct Target {
    pub(super) address: String,
    pub(super) at: Range<usize>,
}

/// Everything that is a heading or leads somewhere, in order.
pub(super) fn read(text: &str) -> (Vec<Heading>, Vec<Target>) {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let mut headings: Vec<Heading> = Vec::new();
    let mut targets = Vec::new();
    let mut is_open = false;
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                let end = range.start + text[range.clone()].trim_end().len();
                headings.push(Heading {
                    level: level as usize,
                    text: String::new(),
                    at: range.start..end,
                });
                is_open = true;
            }
            Event::End(TagEnd::Heading(_)) => is_open = false,
            Event::Text(words) | Event::Code(words) if is_open => {
                if let Some(heading) = headings.last_mut() {
                    heading.text.push_str(&words);
                }
            }
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                targets.push(Target {
                    address: dest_url.into_string(),
                    at: range,
                });
            }
            _ => {}
        }
    }
    (headings, targets)
}
