//! Word documents and workbooks: what is read of them, where it is told, and what a broken one says.

#![allow(clippy::print_stderr, reason = "a test says what went wrong and stops")]

use crate::support;
use std::fmt::Write as _;
use std::fs;
use std::io::{Cursor, Write as _};
use std::path::Path;

use crate::support::program::{clearpost, outcome};
use clearpost::draft::Draft;
use clearpost::draft::read::{self, Go, RawFile, ReadOptions};
use clearpost::kind::terms::{TermSettings, TermsSpec};
use clearpost::text::Problem;
use proptest::prelude::*;
use serde_json::Value;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fn package(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn body(inside: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<w:document><w:body>{inside}</w:body></w:document>"
    )
}

fn document(inside: &str) -> Vec<u8> {
    package(&[("word/document.xml", &body(inside))])
}

fn paragraph(text: &str) -> String {
    format!("<w:p><w:r><w:t xml:space=\"preserve\">{text}</w:t></w:r></w:p>")
}

fn read_docx(bytes: &[u8]) -> (Vec<Draft>, Vec<Problem>) {
    read_as("docx", bytes)
}

fn read_as(format: &str, bytes: &[u8]) -> (Vec<Draft>, Vec<Problem>) {
    let mut drafts = Vec::new();
    let mut problems = Vec::new();
    let mut sink = |read| {
        drafts.extend(read);
        Go::On
    };
    read::by_name(format).unwrap().read(
        RawFile::from_bytes(format!("d.{format}"), bytes),
        &ReadOptions::default(),
        &mut sink,
        &mut problems,
    );
    (drafts, problems)
}

/// Scope, text and place of every segment.
fn segments(bytes: &[u8]) -> Vec<(String, String, String)> {
    let (drafts, problems) = read_docx(bytes);
    assert!(problems.is_empty(), "{problems:?}");
    segments_of(&drafts[0])
}

fn segments_of(draft: &Draft) -> Vec<(String, String, String)> {
    draft
        .segments()
        .iter()
        .map(|segment| {
            let place = draft.source().location(draft.span(&segment.range));
            (
                segment.scope.to_string(),
                draft.text()[segment.range.clone()].to_owned(),
                place.to_string(),
            )
        })
        .collect()
}

/// Scope and text of every segment of a document with this body.
fn texts(inside: &str) -> Vec<(String, String)> {
    segments(&document(inside))
        .into_iter()
        .map(|(scope, text, _)| (scope, text))
        .collect()
}

fn bodies(inside: &str) -> Vec<String> {
    let texts = texts(inside);
    assert!(texts.iter().all(|(scope, _)| scope == "body"), "{texts:?}");
    texts.into_iter().map(|(_, text)| text).collect()
}

#[test]
fn runs_are_joined_and_changes_accepted() {
    let cases: [(&str, &str, &[&str]); 12] = [
        (
            "runs",
            "<w:p><w:r><w:t>Ac</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>me &amp; </w:t></w:r><w:r><w:t xml:space=\"preserve\"> C&#111;</w:t></w:r></w:p>",
            &["Acme & Co"],
        ),
        (
            "a change",
            "<w:p><w:ins><w:r><w:t>new</w:t></w:r></w:ins><w:del><w:r><w:delText>old</w:delText></w:r></w:del><w:moveFrom><w:r><w:t>gone</w:t></w:r></w:moveFrom><w:moveTo><w:r><w:t>come</w:t></w:r></w:moveTo></w:p>",
            &["newcome"],
        ),
        (
            "a deleted paragraph mark",
            "<w:p><w:pPr><w:rPr><w:del w:id=\"1\"/></w:rPr></w:pPr><w:r><w:t xml:space=\"preserve\">Acme </w:t></w:r></w:p><w:p><w:r><w:t>Corp</w:t></w:r></w:p><w:p><w:r><w:t>next</w:t></w:r></w:p>",
            &["Acme Corp", "next"],
        ),
        (
            "an inserted paragraph mark",
            "<w:p><w:pPr><w:rPr><w:ins w:id=\"1\"/></w:rPr></w:pPr><w:r><w:t>a</w:t></w:r></w:p><w:p><w:r><w:t>b</w:t></w:r></w:p>",
            &["a", "b"],
        ),
        (
            "a table",
            "<w:tbl><w:tblPr><w:tblCaption w:val=\"x\"/></w:tblPr><w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p><w:p><w:r><w:t>b</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>c</w:t></w:r></w:p></w:tc></w:tr></w:tbl>",
            &["a", "b", "c"],
        ),
        (
            "breaks and hyphens",
            "<w:p><w:pPr><w:tabs><w:tab w:val=\"left\"/></w:tabs></w:pPr><w:r><w:t>a</w:t><w:br/><w:t>b</w:t><w:tab/><w:t>c</w:t><w:noBreakHyphen/><w:t>d</w:t><w:softHyphen/><w:t>e</w:t></w:r></w:p>",
            &["a b c\u{2011}d\u{AD}e"],
        ),
        (
            "symbols",
            "<w:p><w:r><w:t>A</w:t><w:sym w:font=\"Arial\" w:char=\"F063\"/><w:t>me</w:t><w:sym w:font=\"Wingdings\" w:char=\"F04A\"/></w:r></w:p>",
            &["Acme\u{F04A}"],
        ),
        (
            "a text box, once",
            "<w:p><w:r><w:t>out</w:t></w:r><w:r><mc:AlternateContent><mc:Choice Requires=\"wps\"><w:drawing><wps:txbx><w:txbxContent><w:p><w:r><w:t>box</w:t></w:r></w:p></w:txbxContent></wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox><w:txbxContent><w:p><w:r><w:t>box</w:t></w:r></w:p></w:txbxContent></v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r><w:r><w:t>side</w:t></w:r></w:p>",
            &["outside", "box"],
        ),
        (
            "a fallback alone",
            "<w:p><w:r><mc:AlternateContent><mc:Fallback><w:t>old</w:t></mc:Fallback></mc:AlternateContent></w:r></w:p>",
            &["old"],
        ),
        (
            "content controls and smart tags",
            "<w:sdt><w:sdtPr><w:alias w:val=\"x\"/></w:sdtPr><w:sdtContent><w:p><w:smartTag><w:r><w:t>in</w:t></w:r></w:smartTag></w:p></w:sdtContent></w:sdt>",
            &["in"],
        ),
        (
            "a formula",
            "<w:p><m:oMath><m:r><m:t>x=1</m:t></m:r></m:oMath></w:p>",
            &["x=1"],
        ),
        (
            "white space in the file is none in the text",
            "\n <w:p>\n <w:r>\n <w:t>\n a b\n </w:t>\n </w:r>\n </w:p>\n",
            &["a b"],
        ),
    ];
    for (name, inside, expected) in cases {
        assert_eq!(bodies(inside), expected, "{name}");
    }
}

#[test]
fn links_pictures_and_watermarks_are_read_where_they_stand() {
    let rels = "<Relationships>\
        <Relationship Id=\"r1\" Type=\"http://x/hyperlink\" Target=\"https://acme.example/a?b=1&amp;c=2\" TargetMode=\"External\"/>\
        <Relationship Id=\"r2\" Type=\"http://x/image\" Target=\"media/logo.png\"/>\
        <Relationship Id=\"r3\" Type=\"http://x/header\" Target=\"header1.xml\"/>\
        </Relationships>";
    let inside = "<w:p/>\
        <w:p><w:hyperlink r:id=\"r1\" w:tooltip=\"tip\"><w:r><w:t>Offer</w:t></w:r></w:hyperlink></w:p>\
        <w:p><w:r><w:drawing><wp:docPr id=\"1\" name=\"Picture 1\" descr=\"Our stand\" title=\"Fair\"/>\
        <pic:cNvPr id=\"0\" name=\"stand.jpg\" descr=\"Our stand\"/><a:blip r:embed=\"r2\"/></w:drawing></w:r></w:p>\
        <w:p><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText> HYPERLINK \"https://b.</w:instrText></w:r>\
        <w:r><w:instrText>example\" \\o \"more here\" </w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"separate\"/></w:r>\
        <w:r><w:t>shown</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:p>";
    let header = "<w:hdr><w:p><w:r><w:pict><v:shape alt=\"mark\"><v:textpath string=\"CONFIDENTIAL\"/></v:shape></w:pict></w:r></w:p></w:hdr>";
    let bytes = package(&[
        ("word/document.xml", &body(inside)),
        ("word/_rels/document.xml.rels", rels),
        ("word/header1.xml", header),
        (
            "word/comments.xml",
            "<w:comments><w:p><w:r><w:t>no</w:t></w:r></w:p></w:comments>",
        ),
        (
            "word/footnotes.xml",
            "<w:footnotes><w:footnote w:type=\"separator\"><w:p/></w:footnote><w:footnote><w:p><w:r><w:t>note</w:t></w:r></w:p></w:footnote></w:footnotes>",
        ),
    ]);
    let found = segments(&bytes);
    let expected = [
        ("body", "Offer", "word/document.xml:¶2:1"),
        (
            "link",
            "https://acme.example/a?b=1&c=2",
            "word/document.xml:¶2:8",
        ),
        ("body", "tip", "word/document.xml:¶2:40"),
        ("alt", "Our stand", "word/document.xml:¶3:3"),
        ("alt", "Fair", "word/document.xml:¶3:14"),
        ("image", "stand.jpg", "word/document.xml:¶3:20"),
        ("image", "word/media/logo.png", "word/document.xml:¶3:31"),
        ("body", "shown", "word/document.xml:¶4:1"),
        ("link", "https://b.example", "word/document.xml:¶4:8"),
        ("body", "more here", "word/document.xml:¶4:27"),
        ("alt", "mark", "word/header1.xml:¶1:3"),
        ("body", "CONFIDENTIAL", "word/header1.xml:¶1:9"),
        ("body", "note", "word/footnotes.xml:¶2:1"),
    ]
    .map(|(scope, text, place)| (scope.to_owned(), text.to_owned(), place.to_owned()));
    assert_eq!(found, expected);
}

#[test]
fn titles_go_by_the_names_of_styles() {
    let styles = "<w:styles><w:style w:styleId=\"Titolo1\"><w:name w:val=\"heading 1\"/></w:style>\
        <w:style w:styleId=\"Titolo2\"><w:name w:val=\"heading 2\"/></w:style></w:styles>";
    let in_style = |style: &str| {
        format!(
            "<w:p><w:pPr><w:pStyle w:val=\"{style}\"/><w:pPrChange><w:pPr><w:pStyle w:val=\"Title\"/></w:pPr></w:pPrChange></w:pPr><w:r><w:t>{style}</w:t></w:r></w:p>"
        )
    };
    let inside: String = ["Title", "Titolo1", "Titolo2"].map(in_style).concat();
    let bytes = package(&[
        ("word/document.xml", &body(&inside)),
        ("word/styles.xml", styles),
    ]);
    let scopes: Vec<_> = segments(&bytes).into_iter().map(|s| s.0).collect();
    assert_eq!(scopes, ["title", "title", "body"]);
}

#[test]
fn properties_are_metadata_text_and_facts() {
    let custom = "<Properties><property fmtid=\"x\" pid=\"2\" name=\"channel\"><vt:lpwstr>LinkedIn</vt:lpwstr></property>\
        <property pid=\"3\" name=\"Approved by\"><vt:lpwstr>legal desk</vt:lpwstr></property>\
        <property pid=\"4\" name=\"empty\"><vt:lpwstr/></property></Properties>";
    let bytes = package(&[
        ("word/document.xml", &body("")),
        (
            "docProps/core.xml",
            "<cp:coreProperties><dc:title>Launch</dc:title><dc:creator>J. Doe</dc:creator><cp:lastModifiedBy>Agency</cp:lastModifiedBy><dc:description>About\nit</dc:description><cp:revision>7</cp:revision></cp:coreProperties>",
        ),
        (
            "docProps/app.xml",
            "<Properties><Company>Acme</Company><TotalTime>3</TotalTime></Properties>",
        ),
        ("docProps/custom.xml", custom),
    ]);
    let expected = [
        ("title", "Launch", "docProps/core.xml:¶1:1"),
        ("metadata:author", "J. Doe", "docProps/core.xml:¶2:1"),
        (
            "metadata:last_modified_by",
            "Agency",
            "docProps/core.xml:¶3:1",
        ),
        ("body", "About it", "docProps/core.xml:¶4:1"),
        ("metadata:company", "Acme", "docProps/app.xml:¶1:1"),
        ("metadata:channel", "LinkedIn", "docProps/custom.xml:¶1:1"),
        (
            "metadata:Approved by",
            "legal desk",
            "docProps/custom.xml:¶2:1",
        ),
    ]
    .map(|(scope, text, place)| (scope.to_owned(), text.to_owned(), place.to_owned()));
    assert_eq!(segments(&bytes), expected);
    let (drafts, _) = read_docx(&bytes);
    let facts = drafts[0].facts();
    assert_eq!(facts.channel(), Some("linkedin"));
    assert_eq!(facts.get("author").unwrap().value, "J. Doe");
    assert_eq!(facts.get("approved_by").unwrap().value, "legal desk");
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_is_read() {
    let good = document(&paragraph("Acme"));
    let compound = [b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".as_slice(), &[0; 512]].concat();
    let name: Vec<u8> = "EncryptedPackage"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let mut damaged = good.clone();
    // The first byte of the packed text: after a header of 30 bytes and the name.
    damaged[30 + "word/document.xml".len()] ^= 0xFF;
    let deep = |depth: usize| {
        let nested = format!("{}{}", "<w:sdt>".repeat(depth), "</w:sdt>".repeat(depth));
        document(&format!("{}{nested}", paragraph("Acme")))
    };
    let spaces = " ".repeat(9 << 20);
    let many: Vec<(String, &str)> = (0..10_001).map(|n| (format!("word/{n}"), "")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(n, t)| (n.as_str(), *t)).collect();
    let with = |name: &str, text: &str| {
        package(&[
            ("word/document.xml", &body(&paragraph("Acme"))),
            (name, text),
        ])
    };
    let cases: [(&str, Vec<u8>, &str, bool); 16] = [
        ("text", b"Acme".to_vec(), "not_a_package", false),
        ("empty", Vec::new(), "not_a_package", false),
        ("cut", good[..good.len() / 2].to_vec(), "damaged", false),
        ("damaged", damaged, "damaged_part", false),
        ("old", compound.clone(), "old_format", false),
        ("password", [compound, name].concat(), "encrypted", false),
        (
            "a sheet",
            package(&[("xl/workbook.xml", "<workbook/>")]),
            "missing_part",
            false,
        ),
        (
            "another root",
            package(&[("word/document.xml", "<html>Acme</html>")]),
            "not_a_package",
            false,
        ),
        (
            "malformed",
            document(&format!("{}<w:p></w:q>", paragraph("Acme"))),
            "malformed_xml",
            true,
        ),
        (
            "unclosed",
            package(&[(
                "word/document.xml",
                &format!("<w:document>{}<w:p>", paragraph("Acme")),
            )]),
            "malformed_xml",
            true,
        ),
        ("deep", deep(600), "too_deep", true),
        (
            "entity",
            document(&format!("{}&lol;", paragraph("Acme"))),
            "entities",
            true,
        ),
        (
            "document type",
            with(
                "word/header1.xml",
                "<!DOCTYPE x [<!ENTITY lol \"ha\">]><w:hdr/>",
            ),
            "entities",
            true,
        ),
        ("bomb", with("word/header1.xml", &spaces), "bomb", true),
        ("many", package(&many), "too_many_parts", false),
        (
            "embedded",
            document(&format!("{}<w:altChunk r:id=\"r9\"/>", paragraph("Acme"))),
            "embedded",
            true,
        ),
    ];
    for (name, bytes, code, still_read) in cases {
        let (drafts, problems) = read_docx(&bytes);
        assert_eq!(problems.len(), 1, "{name}: {problems:?}");
        assert_eq!(
            problems[0].code,
            format!("clearpost::office::{code}"),
            "{name}"
        );
        assert!(problems[0].help.is_some(), "{name}");
        assert_eq!(problems[0].path.as_deref(), Some("d.docx"), "{name}");
        let found = drafts.iter().any(|draft| draft.text().contains("Acme"));
        assert_eq!(found, still_read, "{name}");
    }
    assert!(read_docx(&deep(300)).1.is_empty());
}

/// One piece of a random document.
#[derive(Clone, Debug)]
enum Piece {
    Paragraph(String),
    Deleted(String),
    Cells(Vec<String>),
    Box(String),
}

fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    let word = "[a-zé😀]{1,5}( [a-zé]{1,4}){0,3}";
    prop::collection::vec(
        prop_oneof![
            word.prop_map(Piece::Paragraph),
            word.prop_map(Piece::Deleted),
            prop::collection::vec(word, 1..4).prop_map(Piece::Cells),
            word.prop_map(Piece::Box),
        ],
        0..8,
    )
}

/// The XML of pieces, and how many paragraphs they are.
fn written(pieces: &[Piece]) -> (String, usize) {
    let mut xml = String::new();
    let mut count = 0;
    for piece in pieces {
        match piece {
            Piece::Paragraph(text) => {
                xml += &paragraph(text);
                count += 1;
            }
            Piece::Deleted(text) => {
                write!(
                    xml,
                    "<w:p><w:del><w:r><w:t>{text}</w:t></w:r></w:del></w:p>"
                )
                .unwrap();
                count += 1;
            }
            Piece::Cells(cells) => {
                xml += "<w:tbl><w:tr>";
                for cell in cells {
                    write!(xml, "<w:tc>{}</w:tc>", paragraph(cell)).unwrap();
                }
                xml += "</w:tr></w:tbl>";
                count += cells.len();
            }
            Piece::Box(text) => {
                let inside = format!("<w:txbxContent>{}</w:txbxContent>", paragraph(text));
                write!(xml, "<w:p><w:r><mc:AlternateContent><mc:Choice>{inside}</mc:Choice><mc:Fallback>{inside}</mc:Fallback></mc:AlternateContent></w:r></w:p>").unwrap();
                count += 2;
            }
        }
    }
    (xml, count)
}

/// `text` as runs that are cut at random, with something deleted between them.
fn runs(text: &str, cuts: &[bool], deleted: &str) -> String {
    let mut xml = String::new();
    let mut run = String::new();
    let mut flush = |run: &mut String| {
        write!(
            xml,
            "<w:ins><w:r><w:rPr><w:b/></w:rPr><w:t xml:space=\"preserve\">{run}</w:t></w:r></w:ins><w:del><w:r><w:delText>{deleted}</w:delText></w:r></w:del>"
        )
        .unwrap();
        run.clear();
    };
    for (letter, cut) in text.chars().zip(cuts.iter().cycle()) {
        run.push(letter);
        if *cut {
            flush(&mut run);
        }
    }
    flush(&mut run);
    xml
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_planted_phrase_is_found_in_its_paragraph(
        before in pieces(),
        after in pieces(),
        lead in "([a-zé😀]{1,6} ){0,3}",
        tail in "( [a-zé😀]{1,6}){0,3}",
        cuts in prop::collection::vec(any::<bool>(), 1..9),
        phrase in prop::sample::select(vec!["Acme Corp", "ACME corp", "Acmé-Corp"]),
        in_table in any::<bool>(),
    ) {
        let (start, count) = written(&before);
        let (end, _) = written(&after);
        let planted = format!("<w:p>{}</w:p>", runs(&format!("{lead}{phrase}{tail}"), &cuts, "Acme Corp"));
        let planted = if in_table {
            format!("<w:tbl><w:tr><w:tc>{planted}</w:tc></w:tr></w:tbl>")
        } else {
            planted
        };
        let drafts = support::drafts("docx", document(&format!("{start}{planted}{end}")));
        let mut spec = TermsSpec::default();
        spec.push("Acme Corp", TermSettings::default());
        let findings = support::rulebook(spec)
            .check(&drafts[0], "2026-11-23T09:00:00Z".parse().unwrap())
            .findings;
        prop_assert_eq!(findings.len(), 1);
        let place = findings[0].source.location(findings[0].span).to_string();
        let character = 1 + lead.chars().count();
        prop_assert_eq!(place, format!("word/document.xml:¶{}:{character}", count + 1));
    }

    #[test]
    fn no_bytes_are_too_strange(
        inside in "(<w:p>|</w:p>|<w:r>|</w:r>|<w:t>|</w:t>|<w:del>|</w:del>|<w:tc/>|<w:fldChar w:fldCharType=\"(begin|separate|end)\"/>|<w:instrText>|</w:instrText>|<mc:Fallback>|&(amp|#10|#0|x);|HYPERLINK \"|[a-zé\\\\\" ]{1,5}){0,30}",
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut bytes = document(&inside);
        read_docx(&bytes);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        read_docx(&bytes);
        read_docx(&bytes[..at]);
    }
}

const CALENDAR: &str = "<worksheet><sheetData>\
    <row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>Acme plan</t></is></c></row>\
    <row r=\"3\" hidden=\"1\"><c r=\"B3\" t=\"s\"><v>0</v></c><c r=\"C3\" t=\"s\"><v>1</v></c><c r=\"D3\" t=\"s\"><v>2</v></c></row>\
    <row r=\"4\"><c r=\"B4\" s=\"1\"><v>46349.375</v></c><c r=\"C4\" t=\"inlineStr\"><is><t>LinkedIn</t></is></c>\
    <c r=\"D4\" t=\"inlineStr\"><is><r><t>We met </t></r><r><rPr><b/></rPr><t>Acme Corp</t></r></is></c><c r=\"F4\" t=\"str\"><f>1+1</f><v>aside</v></c></row>\
    <row><c/><c/><c><v>7</v></c><c t=\"inlineStr\"><is><t>one_x000A__x000A_two</t></is></c></row>\
    </sheetData><hyperlinks><hyperlink ref=\"D4:D5\" r:id=\"r1\"/></hyperlinks></worksheet>";

fn workbook(calendar: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let parts = [
        (
            "xl/workbook.xml",
            "<workbook><sheets><sheet name=\"Posts\" sheetId=\"1\" r:id=\"a\"/><sheet name=\"Old ones\" state=\"hidden\" sheetId=\"2\" r:id=\"b\"/></sheets></workbook>",
        ),
        (
            "xl/_rels/workbook.xml.rels",
            "<Relationships><Relationship Id=\"a\" Type=\"http://x/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"b\" Type=\"http://x/worksheet\" Target=\"/xl/worksheets/sheet2.xml\"/></Relationships>",
        ),
        (
            "xl/sharedStrings.xml",
            "<sst><si><t>Date</t><rPh><t>no</t></rPh></si><si><r><t>Chan</t></r><r><t>nel</t></r></si><si><t>Copy</t></si></sst>",
        ),
        (
            "xl/styles.xml",
            "<styleSheet><numFmts><numFmt numFmtId=\"164\" formatCode=\"dd/mm/yyyy hh:mm\"/></numFmts><cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"164\"/></cellXfs></styleSheet>",
        ),
        ("xl/worksheets/sheet1.xml", calendar),
        (
            "xl/worksheets/_rels/sheet1.xml.rels",
            "<Relationships><Relationship Id=\"r1\" Type=\"http://x/hyperlink\" Target=\"https://acme.example\" TargetMode=\"External\"/></Relationships>",
        ),
        (
            "xl/worksheets/sheet2.xml",
            "<worksheet><sheetData><row r=\"9\"><c r=\"AB9\" t=\"inlineStr\"><is><t>loose</t></is></c></row></sheetData></worksheet>",
        ),
    ];
    package(&[&parts, more].concat())
}

#[test]
fn a_row_of_a_workbook_is_a_draft() {
    let (drafts, problems) = read_as("xlsx", &workbook(CALENDAR, &[]));
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].message, "`channel: 7` is not known");
    let records: Vec<_> = drafts.iter().map(Draft::record).collect();
    assert_eq!(records, [1, 4, 5, 9].map(Some));
    let own = |segments: &[(&str, &str, &str)]| -> Vec<(String, String, String)> {
        segments
            .iter()
            .map(|(scope, text, place)| {
                ((*scope).to_owned(), (*text).to_owned(), (*place).to_owned())
            })
            .collect()
    };
    let expected = [
        own(&[("body", "Acme plan", "Posts!A1:1")]),
        own(&[
            ("metadata:channel", "LinkedIn", "Posts!C4:1"),
            ("body", "We met Acme Corp", "Posts!D4:1"),
            ("body", "aside", "Posts!F4:1"),
            ("body", "https://acme.example", "Posts!D4:1"),
        ]),
        own(&[
            ("metadata:channel", "7", "Posts!C5:1"),
            ("body", "one", "Posts!D5:1"),
            ("body", "two", "Posts!D5:6"),
        ]),
        own(&[("body", "loose", "Old ones!AB9:1")]),
    ];
    for (draft, expected) in drafts.iter().zip(expected) {
        assert_eq!(segments_of(draft), expected);
    }
    let facts = drafts[1].facts();
    assert_eq!(facts.channel(), Some("linkedin"));
    assert_eq!(
        facts.publish_at(),
        Some("2026-11-23T09:00:00Z".parse().unwrap())
    );
}

#[test]
fn a_broken_workbook_is_told_and_the_rest_is_read() {
    let half = &CALENDAR[..CALENDAR.find("<row><c/>").unwrap()];
    let cases: [(&str, Vec<u8>, &str, usize); 5] = [
        ("text", b"a,b".to_vec(), "not_a_package", 0),
        ("a document", document(""), "missing_part", 0),
        ("cut", workbook(half, &[]), "malformed_xml", 3),
        (
            "far away",
            workbook(
                "<worksheet><sheetData><row r=\"4294967295\"><c r=\"ZZZZZZ4294967295\"><v>1</v></c><c><v>2</v></c></row><row><c/></row></sheetData>&x;</worksheet>",
                &[],
            ),
            "entities",
            2,
        ),
        (
            "no sheet",
            package(&[
                (
                    "xl/workbook.xml",
                    "<workbook><sheets><sheet name=\"a\" r:id=\"a\"/></sheets></workbook>",
                ),
                (
                    "xl/_rels/workbook.xml.rels",
                    "<Relationships><Relationship Id=\"a\" Type=\"http://x/worksheet\" Target=\"a.xml\"/></Relationships>",
                ),
            ]),
            "missing_part",
            0,
        ),
    ];
    for (name, bytes, code, count) in cases {
        let (drafts, problems) = read_as("xlsx", &bytes);
        assert_eq!(problems.len(), 1, "{name}: {problems:?}");
        assert_eq!(
            problems[0].code,
            format!("clearpost::office::{code}"),
            "{name}"
        );
        assert_eq!(drafts.len(), count, "{name}");
    }
}

const PACK: &str = "pack: own\npolicy: builtin:social-media\nrules:\n  - id: client\n    clause: SMP-3.1\n    message: \"“{match}” is a client\"\n    terms: [Acme Corp]\n";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_planted_phrase_is_found_in_its_cell(
        before in "([a-zé😀]{1,6} ){0,6}",
        row in 2_usize..400,
        cut in 0_usize..9,
    ) {
        let words = format!("{before}Acme Corp");
        let cut = words.len() - cut;
        let sheet = format!(
            "<worksheet><sheetData><row r=\"1\"><c r=\"B1\" t=\"inlineStr\"><is><t>Text</t></is></c></row>\
             <row r=\"{row}\"><c r=\"B{row}\" t=\"inlineStr\"><is><r><t xml:space=\"preserve\">{}</t></r><r><t xml:space=\"preserve\">{}</t></r></is></c></row></sheetData></worksheet>",
            &words[..cut], &words[cut..],
        );
        let mut spec = TermsSpec::default();
        spec.push("Acme Corp", TermSettings::default());
        let rulebook = support::rulebook(spec);
        let (drafts, problems) = read_as("xlsx", &workbook(&sheet, &[]));
        prop_assert!(problems.is_empty(), "{:?}", problems);
        let places: Vec<String> = drafts
            .iter()
            .flat_map(|draft| rulebook.check(draft, "2026-11-23T09:00:00Z".parse().unwrap()).findings)
            .map(|finding| finding.source.location(finding.span).to_string())
            .collect();
        prop_assert_eq!(places, [format!("Posts!B{row}:{}", before.chars().count() + 1)]);
    }
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join(".git")).unwrap();
    fs::write(folder.path().join("own.yaml"), PACK).unwrap();
    let inside = format!(
        "{}{}",
        paragraph("News from the fair"),
        "<w:p><w:r><w:t xml:space=\"preserve\">We met Acme </w:t></w:r><w:r><w:t>Corp there</w:t></w:r></w:p>"
    );
    fs::write(folder.path().join("offer.docx"), document(&inside)).unwrap();
    let calendar = workbook(CALENDAR, &[]);
    fs::write(folder.path().join("posts.xlsx"), calendar).unwrap();
    folder
}

fn check(folder: &Path, args: &[&str], stdin: &[u8]) -> (i32, String) {
    let command = clearpost(folder)
        .args(["check", "--pack", "own.yaml", "--now", "2026-11-23"])
        .args(args);
    let (status, out, _) = outcome(command.stdin(stdin));
    (status, out)
}

#[test]
fn reports_name_the_part_and_the_paragraph() {
    let folder = folder();
    // A folder is searched for documents as well.
    let (status, out) = check(folder.path(), &["."], b"");
    assert_eq!(status, 1);
    snapbox::assert_data_eq!(
        out,
        snapbox::str![[r#"
SMP-3.1 Client names

  × “Acme Corp” is a client
   ╭─[offer.docx (word/document.xml):2:8]
 1 │ News from the fair
 2 │ We met Acme Corp there
   ·        ────┬────
   ·            ╰── own/client
   ╰────
  help: describe the sector and the size ("a leading retailer").
        The policy (builtin:social-media.md:83): “Clients are named only with written consent
        (reference clients). Aliases, hashtags, handles and inflected forms count.”
        Ask: Corporate communications

1 draft: 1 error

"#]]
    );
    let (_, out) = check(folder.path(), &["--format", "compact", "offer.docx"], b"");
    assert_eq!(
        out,
        "offer.docx:word/document.xml:¶2:8: error[own/client] “Acme Corp” is a client (SMP-3.1)\n"
    );
    let (_, out) = check(folder.path(), &["--format", "json", "offer.docx"], b"");
    let report: Value = serde_json::from_str(&out).unwrap();
    let finding = &report["findings"][0];
    assert_eq!(
        finding["place"],
        serde_json::json!({"part": "word/document.xml", "paragraph": 2, "character": 8, "end_character": 17})
    );
    for key in ["span", "line", "column", "end_line", "end_column"] {
        assert_eq!(finding[key], Value::Null, "{key}");
    }
    assert_eq!(finding["match"], "Acme Corp");
    assert_eq!(finding["path"], "offer.docx");
    assert_eq!(finding["record"], Value::Null);
}

#[test]
fn reports_name_the_sheet_and_the_cell() {
    let folder = folder();
    let (status, out) = check(folder.path(), &["--quiet", "posts.xlsx"], b"");
    assert_eq!(status, 2, "its last channel is unknown");
    snapbox::assert_data_eq!(
        out,
        snapbox::str![[r#"
SMP-3.1 Client names

  × “Acme Corp” is a client
   ╭─[posts.xlsx (Posts!D4):1:8]
 1 │ We met Acme Corp
   ·        ────┬────
   ·            ╰── own/client
   ╰────
  help: describe the sector and the size ("a leading retailer").
        The policy (builtin:social-media.md:83): “Clients are named only with written consent
        (reference clients). Aliases, hashtags, handles and inflected forms count.”
        Ask: Corporate communications


"#]]
    );
    let (_, out) = check(folder.path(), &["--format", "compact", "posts.xlsx"], b"");
    assert_eq!(
        out,
        "posts.xlsx:Posts!D4:8: error[own/client] “Acme Corp” is a client (SMP-3.1)\n"
    );
    let (_, out) = check(folder.path(), &["--format", "json", "posts.xlsx"], b"");
    let report: Value = serde_json::from_str(&out).unwrap();
    let finding = &report["findings"][0];
    assert_eq!(
        finding["place"],
        serde_json::json!({"part": "Posts", "cell": "D4", "character": 8, "end_character": 17})
    );
    assert_eq!(finding["record"], 4);
    let bytes = fs::read(folder.path().join("posts.xlsx")).unwrap();
    let (_, out) = check(folder.path(), &["--format", "compact", "-"], &bytes);
    assert!(out.contains("Posts!D4:8"), "{out}");
}

#[test]
fn standard_input_may_be_a_document() {
    let folder = folder();
    let bytes = fs::read(folder.path().join("offer.docx")).unwrap();
    for args in [
        &["--input-format", "docx", "-"][..],
        &["-"],
        &[],
        &["--stdin-name", "mail/offer.docx", "-"],
    ] {
        let args = [&["--format", "compact"], args].concat();
        let (status, out) = check(folder.path(), &args, &bytes);
        assert_eq!(status, 1, "{args:?}");
        assert!(out.contains("word/document.xml:¶2:8"), "{out}");
    }
    let (status, _) = check(
        folder.path(),
        &["--input-format", "docx", "-"],
        b"Acme Corp",
    );
    assert_eq!(status, 2);
}
