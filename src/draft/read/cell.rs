//! Text that stands inside something else: a cell of a table, a field of an object.

use std::sync::Arc;

use super::{html, markdown};
use crate::draft::Scope;
use crate::draft::build::DraftBuilder;
use crate::text::{Lang, MappedText, Source};

/// How the text in a cell or field is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TextFormat {
    /// As it is posted.
    #[default]
    Plain,
    /// Markdown.
    Markdown,
    /// HTML.
    Html,
}

impl TextFormat {
    /// Each with its name.
    pub const WORDS: [(&str, Self); 3] = [
        ("plain", Self::Plain),
        ("markdown", Self::Markdown),
        ("html", Self::Html),
    ];
}

/// Adds the text of a post that was taken out of the builder's source.
pub(super) fn add_post(
    builder: &mut DraftBuilder,
    text: MappedText,
    format: TextFormat,
    lang: Option<Lang>,
) {
    let (text, map) = text.into_parts();
    let inner = Arc::new(Source::from_text(builder.source().name(), text));
    let mut post = DraftBuilder::new(&inner);
    match format {
        TextFormat::Plain => post.paragraphs(0..inner.text().len()),
        TextFormat::Markdown => markdown::text(&mut post, 0),
        TextFormat::Html => html::add(&mut post, 0..inner.text().len()),
    }
    post.speak(lang);
    builder.graft(post, &map);
}

/// Adds a text as one segment.
pub(super) fn add_value(
    builder: &mut DraftBuilder,
    scope: Scope,
    text: MappedText,
    lang: Option<Lang>,
) {
    builder.segment(scope, lang, |segment| segment.mapped(text));
}
