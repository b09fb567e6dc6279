//! Word documents, as they will look when all changes are accepted and no comment is shown.
//!
//! The text that reports point into is made here: every paragraph is exactly one line of it, so that
//! the number of a line in its part is the number of the paragraph. What a paragraph carries besides
//! its words (texts of pictures, targets of links) follows them on the same line, and so is told
//! with the right paragraph.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use super::package::{
    COMPOUND, Descend, Element, Package, PackageError, Relation, Visitor, ZIP, target_of,
};
use super::{RawFile, ReadOptions, Reader, Sink};
use crate::draft::build::DraftBuilder;
use crate::draft::{Facts, Scope};
use crate::text::{Part, Problem, Source, Span, Unit};

/// Documents of Word and of everything that writes its format.
#[derive(Debug)]
pub(super) struct Docx;

impl Reader for Docx {
    fn name(&self) -> &'static str {
        "docx"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["docx"]
    }

    fn about(&self) -> &'static str {
        "text, tables, headers, notes, text boxes, pictures' texts, links, properties; no comments, \
         nothing deleted"
    }

    fn is_signature_of(&self, bytes: &[u8]) -> bool {
        // The directory of a zip is never packed, so the names of its parts stand in the file.
        bytes.starts_with(COMPOUND)
            || bytes.starts_with(ZIP) && memchr::memmem::find(bytes, b"word/").is_some()
    }

    fn read(
        &self,
        file: RawFile<'_>,
        options: &ReadOptions,
        sink: Sink<'_>,
        problems: &mut Vec<Problem>,
    ) {
        let name = file.name().to_owned();
        let mut errors = Vec::new();
        let made = Package::open(file, "Word document", "docx", problems)
            .map(|mut package| Made::read(&mut package, &mut errors));
        problems.extend(
            errors
                .iter()
                .map(|error| Problem::new(error).in_file(&name)),
        );
        let Some(made) = made else {
            return;
        };
        let source = Arc::new(Source::from_parts(name, made.text, made.parts));
        let mut facts = Facts::new(&options.stated);
        for (key, at) in made.facts {
            let span = Span::covering(source.text(), at.clone());
            facts.set_own(&key, &source.text()[at], span);
        }
        facts.settle(&source, &options.channels, &options.zone, problems);
        let mut builder = DraftBuilder::new(&source);
        let first = made.segments.first().map(|(_, range)| range.clone());
        builder.set_head(first.unwrap_or(0..0));
        for (scope, range) in made.segments {
            builder.verbatim(scope, range);
        }
        sink(vec![builder.finish(facts)]);
    }
}

/// The text that is made of a document, and what its stretches are.
#[derive(Default)]
struct Made {
    text: String,
    parts: Vec<Part>,
    segments: Vec<(Scope, Range<usize>)>,
    facts: Vec<(String, Range<usize>)>,
}

/// Kinds of parts with text that is shown beside the document's own, in the order in which they are
/// read.
const BESIDE: [&str; 6] = [
    "header",
    "footer",
    "footnotes",
    "endnotes",
    "chart",
    "diagramData",
];

impl Made {
    fn read(package: &mut Package, errors: &mut Vec<PackageError>) -> Self {
        let mut made = Self::default();
        let roots = package.relations("", errors);
        let root = |kind: &str, usual: &str| target_of(&roots, kind, usual);
        let document = root("officeDocument", "word/document.xml");
        made.document(&document, package, errors);
        for (part, known) in [
            (root("core-properties", "docProps/core.xml"), CORE),
            (root("extended-properties", "docProps/app.xml"), APPLICATION),
            (root("custom-properties", "docProps/custom.xml"), &[]),
        ] {
            let mut properties = Properties {
                known,
                found: Vec::new(),
                open: Vec::new(),
            };
            package.show(&part, &mut properties, errors);
            made.add_properties(part, properties.found);
        }
        made
    }

    fn document(&mut self, name: &str, package: &mut Package, errors: &mut Vec<PackageError>) {
        let relations = package.relations(name, errors);
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut styles = Styles::default();
        let usual = format!("{folder}/styles.xml");
        let part = target_of(&relations, "styles", &usual);
        package.show(&part, &mut styles, errors);

        let mut story = Story::new(&styles.titles, &relations);
        if !package.show(name, &mut story, errors) {
            errors.push(PackageError::MissingPart {
                part: name.to_owned(),
                extension: "docx",
            });
        } else if story.root.as_deref().is_some_and(|root| root != "document") {
            errors.push(PackageError::NotAPackage {
                wanted: "Word document",
                extension: "docx",
            });
        }
        errors.append(&mut story.left_out);
        self.add(name.to_owned(), story.lines);

        // A part that nothing leads to any more still goes out with the file.
        let by_name = package.names().filter_map(|name| {
            let file = name.strip_prefix(folder)?.strip_prefix('/')?;
            let stem = file.strip_suffix(".xml")?;
            let kind = stem.trim_end_matches(|c: char| c.is_ascii_digit());
            Some((kind, name))
        });
        let by_relation = relations
            .values()
            .map(|relation| (relation.kind.as_str(), relation.target.as_str()));
        let mut beside: Vec<(usize, usize, String)> = by_name
            .chain(by_relation)
            .filter_map(|(kind, name)| {
                let rank = BESIDE.iter().position(|known| *known == kind)?;
                Some((rank, name.len(), name.to_owned()))
            })
            .collect();
        beside.sort();
        beside.dedup();
        for (_, _, name) in beside {
            let relations = package.relations(&name, errors);
            let mut story = Story::new(&styles.titles, &relations);
            package.show(&name, &mut story, errors);
            errors.append(&mut story.left_out);
            self.add(name, story.lines);
        }
    }

    fn add(&mut self, name: String, lines: Vec<Line>) {
        // The document itself is a part even if it says nothing: a place needs one.
        if lines.is_empty() && !self.parts.is_empty() {
            return;
        }
        self.parts.push(Part {
            at: self.text.len(),
            name,
            unit: Unit::Paragraphs,
        });
        for line in lines {
            let scope = if line.is_title {
                Scope::Title
            } else {
                Scope::Body
            };
            self.push(scope, &line.text);
            for (scope, text) in line.carried {
                self.text.push_str("  ");
                self.push(scope, &text);
            }
            self.text.push('\n');
        }
    }

    fn add_properties(&mut self, part: String, properties: Vec<Property>) {
        if properties.is_empty() {
            return;
        }
        self.parts.push(Part {
            at: self.text.len(),
            name: part,
            unit: Unit::Paragraphs,
        });
        for property in properties {
            let range = self.push(property.scope, &property.value);
            self.text.push('\n');
            if let Some(fact) = property.fact {
                self.facts.push((fact, range));
            }
        }
    }

    /// Adds `text` as a segment, and returns where it stands.
    fn push(&mut self, scope: Scope, text: &str) -> Range<usize> {
        let start = self.text.len();
        self.text.extend(text.chars().map(|letter| match letter {
            '\t'..='\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => ' ',
            letter => letter,
        }));
        let whole = &self.text[start..];
        let from = start + whole.len() - whole.trim_start().len();
        let range = from..from + whole.trim().len();
        if !range.is_empty() {
            self.segments.push((scope, range.clone()));
        }
        range
    }
}

/// The ids of styles that make a paragraph a title, by the names that every language of Word keeps.
struct Styles {
    titles: BTreeSet<String>,
    current: Option<String>,
}

impl Default for Styles {
    fn default() -> Self {
        Self {
            titles: ["Title", "Heading1"].map(str::to_owned).into(),
            current: None,
        }
    }
}

impl Visitor for Styles {
    fn start(&mut self, element: &Element<'_>) -> Descend {
        match element.name() {
            "styles" => Descend::Into,
            "style" => {
                self.current = element.attribute("styleId").map(str::to_owned);
                Descend::Into
            }
            "name" => {
                let name = element.attribute("val").unwrap_or_default().to_lowercase();
                if matches!(name.as_str(), "title" | "heading 1") {
                    self.titles.extend(self.current.take());
                }
                Descend::Over
            }
            _ => Descend::Over,
        }
    }
}

/// A paragraph.
#[derive(Debug, Default)]
struct Line {
    text: String,
    is_title: bool,
    /// What it carries besides its words, each once.
    carried: Vec<(Scope, String)>,
}

/// What the walk is in the middle of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Within {
    Paragraph,
    ParagraphProperties,
    Text,
    FieldCode,
    /// Several versions of one thing; whether the first was met.
    Alternatives(bool),
    /// A cell, a note, a text box: no paragraph runs over its end.
    Container,
    Other,
}

#[derive(Clone, Copy, Debug)]
struct Frame {
    within: Within,
    /// Whether white space at the edges of a text is kept.
    preserve: bool,
}

/// A part with paragraphs while it is read.
struct Story<'s> {
    titles: &'s BTreeSet<String>,
    relations: &'s BTreeMap<String, Relation>,
    root: Option<String>,
    lines: Vec<Line>,
    frames: Vec<Frame>,
    /// Paragraphs that are open, innermost last: a text box stands inside one.
    open: Vec<usize>,
    /// The mark that ends the innermost open paragraph is deleted.
    mark_is_deleted: bool,
    /// A paragraph without an end of its own, which the next one goes on.
    unended: Option<usize>,
    text: String,
    /// Codes of the fields that are open; one whose code is complete is empty.
    fields: Vec<String>,
    left_out: Vec<PackageError>,
}

impl<'s> Story<'s> {
    fn new(titles: &'s BTreeSet<String>, relations: &'s BTreeMap<String, Relation>) -> Self {
        Self {
            titles,
            relations,
            root: None,
            lines: Vec::new(),
            frames: Vec::new(),
            open: Vec::new(),
            mark_is_deleted: false,
            unended: None,
            text: String::new(),
            fields: Vec::new(),
            left_out: Vec::new(),
        }
    }

    fn line(&mut self) -> &mut Line {
        let at = match self.open.last() {
            Some(at) => *at,
            None => self.new_line(),
        };
        &mut self.lines[at]
    }

    fn new_line(&mut self) -> usize {
        self.lines.push(Line::default());
        self.lines.len() - 1
    }

    fn carry(&mut self, scope: Scope, text: Option<&str>) {
        let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else {
            return;
        };
        let carried = &mut self.line().carried;
        if !carried.iter().any(|(s, t)| *s == scope && t == text) {
            carried.push((scope, text.to_owned()));
        }
    }

    /// What the ids in these attributes lead to.
    fn carry_targets(&mut self, scope: &Scope, element: &Element<'_>, attributes: &[&str]) {
        let relations = self.relations;
        for attribute in attributes {
            let relation = element
                .attribute(attribute)
                .and_then(|id| relations.get(id));
            self.carry(
                scope.clone(),
                relation.map(|relation| relation.target.as_str()),
            );
        }
    }

    fn carry_picture(&mut self, element: &Element<'_>) {
        for key in ["descr", "alt", "title"] {
            self.carry(Scope::Alt, element.attribute(key));
        }
        // Programs name a picture “Picture 1”, or after the file that it came from.
        let name = element.attribute("name").filter(|name| is_file_name(name));
        self.carry(Scope::Image, name);
    }

    /// What a field leads to, by its code such as `HYPERLINK "https://…" \o "a tip"`.
    fn carry_field(&mut self, code: &str) {
        let words = field_words(code);
        let mut words = words.iter().map(String::as_str);
        match words.next().map(str::to_ascii_uppercase).as_deref() {
            Some("HYPERLINK") => {
                let mut switch = "";
                for word in words {
                    match switch {
                        "" if !word.starts_with('\\') => self.carry(Scope::Link, Some(word)),
                        "\\o" => self.carry(Scope::Body, Some(word)),
                        _ => {}
                    }
                    switch = match word {
                        "\\o" | "\\l" | "\\t" => word,
                        _ => "",
                    };
                }
            }
            Some("INCLUDEPICTURE") => {
                self.carry(Scope::Image, words.find(|word| !word.starts_with('\\')));
            }
            _ => {}
        }
    }

    fn start_paragraph(&mut self) {
        let at = match self.unended.take() {
            Some(at) if self.open.is_empty() => at,
            _ => self.new_line(),
        };
        self.open.push(at);
        self.mark_is_deleted = false;
    }

    fn field_mark(&mut self, kind: Option<&str>) {
        match kind {
            Some("begin") => self.fields.push(String::new()),
            Some("separate") => {
                if let Some(code) = self.fields.last_mut().map(std::mem::take) {
                    self.carry_field(&code);
                }
            }
            Some("end") => {
                if let Some(code) = self.fields.pop() {
                    self.carry_field(&code);
                }
            }
            _ => {}
        }
    }

    /// An element that is neither a paragraph nor a part of its properties.
    fn element(&mut self, element: &Element<'_>) -> Option<Within> {
        match element.name() {
            "del" | "moveFrom" | "delText" | "delInstrText" | "sdtPr" | "tblPr" | "tblGrid"
            | "trPr" | "tcPr" | "sectPr" => return None,
            "rPr" if element.prefix() != "a" => return None,
            "p" => {
                self.start_paragraph();
                return Some(Within::Paragraph);
            }
            "pPr" => return Some(Within::ParagraphProperties),
            "t" => return Some(Within::Text),
            "instrText" => return Some(Within::FieldCode),
            "AlternateContent" => return Some(Within::Alternatives(false)),
            "Choice" | "Fallback" => {
                if let Some(Within::Alternatives(met)) =
                    self.frames.last_mut().map(|frame| &mut frame.within)
                {
                    if *met {
                        return None;
                    }
                    *met = true;
                }
            }
            "tc" | "txbxContent" | "footnote" | "endnote" => {
                self.unended = None;
                return Some(Within::Container);
            }
            "fldChar" => self.field_mark(element.attribute("fldCharType")),
            "fldSimple" => self.carry_field(element.attribute("instr").unwrap_or_default()),
            "tab" | "ptab" | "br" | "cr" => self.line().text.push(' '),
            "noBreakHyphen" => self.line().text.push('\u{2011}'),
            "softHyphen" => self.line().text.push('\u{AD}'),
            "sym" => {
                let letter = symbol(element);
                self.line().text.extend(letter);
            }
            "hyperlink" | "hlinkClick" | "hlinkHover" | "hlinkMouseOver" => {
                self.carry_targets(&Scope::Link, element, &["id"]);
                self.carry(Scope::Body, element.attribute("tooltip"));
            }
            "docPr" | "cNvPr" => self.carry_picture(element),
            "blip" => self.carry_targets(&Scope::Image, element, &["embed", "link"]),
            "imagedata" => {
                self.carry_targets(&Scope::Image, element, &["id", "href"]);
                self.carry(Scope::Alt, element.attribute("title"));
            }
            "textpath" => self.carry(Scope::Body, element.attribute("string")),
            "altChunk" => {
                let relation = element
                    .attribute("id")
                    .and_then(|id| self.relations.get(id));
                self.left_out.push(PackageError::Embedded {
                    part: relation.map_or_else(String::new, |relation| relation.target.clone()),
                });
            }
            _ if element.prefix() == "v" => {
                self.carry_picture(element);
                self.carry(Scope::Link, element.attribute("href"));
            }
            _ => {}
        }
        Some(Within::Other)
    }

    fn property(&mut self, element: &Element<'_>) -> Option<Within> {
        match element.name() {
            "pStyle" => {
                let style = element.attribute("val").unwrap_or_default();
                if self.titles.contains(style) {
                    self.line().is_title = true;
                }
            }
            "rPr" => return Some(Within::ParagraphProperties),
            "del" | "moveFrom" => self.mark_is_deleted = true,
            _ => {}
        }
        None
    }
}

impl Visitor for Story<'_> {
    fn start(&mut self, element: &Element<'_>) -> Descend {
        if self.root.is_none() {
            self.root = Some(element.name().to_owned());
        }
        let outer = self.frames.last().copied();
        let within = match outer.map(|frame| frame.within) {
            Some(Within::ParagraphProperties) => self.property(element),
            _ => self.element(element),
        };
        let Some(within) = within else {
            return Descend::Over;
        };
        let preserve = match element.attribute("space") {
            Some(space) => space == "preserve",
            // Drawings keep all white space.
            None => element.prefix() == "a" || outer.is_some_and(|frame| frame.preserve),
        };
        self.frames.push(Frame { within, preserve });
        Descend::Into
    }

    fn text(&mut self, text: &str) {
        match self.frames.last().map(|frame| frame.within) {
            Some(Within::Text) => self.text.push_str(text),
            Some(Within::FieldCode) => {
                if let Some(code) = self.fields.last_mut() {
                    code.push_str(text);
                }
            }
            _ => {}
        }
    }

    fn end(&mut self) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        match frame.within {
            Within::Text => {
                let text = std::mem::take(&mut self.text);
                // Word drops white space at the edges unless it is told to keep it.
                let kept = if frame.preserve {
                    text.as_str()
                } else {
                    text.trim_matches([' ', '\t', '\r', '\n'])
                };
                self.line().text.push_str(kept);
            }
            Within::Paragraph => {
                let ended = self.open.pop();
                if std::mem::take(&mut self.mark_is_deleted) && self.open.is_empty() {
                    self.unended = ended;
                }
            }
            Within::Container => self.unended = None,
            _ => {}
        }
    }
}

/// The character that a symbol stands for: symbol fonts hold their own pictures, every other font
/// shows the letter with the code's last two digits.
fn symbol(element: &Element<'_>) -> Option<char> {
    let code = u32::from_str_radix(element.attribute("char")?, 16).ok()?;
    let font = element.attribute("font").unwrap_or_default().to_lowercase();
    let is_picture = ["symbol", "wingdings", "webdings", "dingbats"]
        .iter()
        .any(|known| font.contains(known));
    match code {
        0xF020..=0xF0FF if !is_picture => char::from_u32(code - 0xF000),
        _ => char::from_u32(code),
    }
}

fn is_file_name(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(stem, extension)| {
        !stem.is_empty()
            && (2..=5).contains(&extension.len())
            && extension.chars().all(|c| c.is_ascii_alphanumeric())
            && extension.starts_with(|c: char| c.is_ascii_alphabetic())
    })
}

/// The words of a field's code; in quotation marks there may be spaces, and `\\` is one backslash.
fn field_words(code: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quoted = false;
    let mut letters = code.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => {
                if quoted {
                    words.push(std::mem::take(&mut word));
                }
                quoted = !quoted;
            }
            '\\' if quoted => word.extend(letters.next()),
            letter if letter.is_whitespace() && !quoted => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            letter => word.push(letter),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// A property of the document.
struct Property {
    scope: Scope,
    /// The fact it states, if its part is one of facts.
    fact: Option<String>,
    value: String,
}

/// What a property by this name is: published text, or metadata by a key.
type Known = (&'static str, Published);

enum Published {
    As(Scope),
    Metadata(&'static str),
}

const CORE: &[Known] = &[
    ("title", Published::As(Scope::Title)),
    ("subject", Published::As(Scope::Body)),
    ("description", Published::As(Scope::Body)),
    ("creator", Published::Metadata("author")),
    ("lastModifiedBy", Published::Metadata("last_modified_by")),
    ("keywords", Published::Metadata("keywords")),
    ("category", Published::Metadata("category")),
    ("contentStatus", Published::Metadata("content_status")),
];

const APPLICATION: &[Known] = &[
    ("Company", Published::Metadata("company")),
    ("Manager", Published::Metadata("manager")),
    ("Template", Published::Metadata("template")),
    ("HyperlinkBase", Published::As(Scope::Link)),
];

/// A part with properties while it is read: those it is known to have, else those it names itself.
struct Properties {
    known: &'static [Known],
    found: Vec<Property>,
    /// For each open element whether its text belongs to the property found last.
    open: Vec<bool>,
}

impl Visitor for Properties {
    fn start(&mut self, element: &Element<'_>) -> Descend {
        let outer = self.open.last().copied().unwrap_or_default();
        let property = if let Some((_, published)) =
            self.known.iter().find(|(name, _)| *name == element.name())
        {
            Some(match published {
                Published::As(scope) => (scope.clone(), None),
                Published::Metadata(key) => {
                    // Of what programs fill in by themselves only the author is a fact.
                    let fact = (*key == "author").then(|| (*key).to_owned());
                    (Scope::Metadata((*key).to_owned()), fact)
                }
            })
        } else if self.known.is_empty() && element.name() == "property" {
            let name = element.attribute("name").unwrap_or_default();
            Some((Scope::Metadata(name.to_owned()), Some(name.to_owned())))
        } else {
            None
        };
        self.open.push(outer || property.is_some());
        if let Some((scope, fact)) = property {
            self.found.push(Property {
                scope,
                fact,
                value: String::new(),
            });
        }
        Descend::Into
    }

    fn text(&mut self, text: &str) {
        if self.open.last() == Some(&true)
            && let Some(property) = self.found.last_mut()
        {
            property.value.push_str(text);
        }
    }

    fn end(&mut self) {
        self.open.pop();
        if self.open.last() != Some(&true) {
            self.found
                .retain(|property| !property.value.trim().is_empty());
        }
    }
}
