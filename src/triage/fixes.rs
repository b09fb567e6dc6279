//! Which fixes go together, and the file with them.

use std::ops::Range;

use crate::engine::Finding;
use crate::text::Encoding;

/// A replacement in the bytes of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The bytes that it takes out.
    pub range: Range<usize>,
    /// What it puts there.
    pub replace: Vec<u8>,
    /// The finding that it settles, by its place among those it was made of.
    pub finding: usize,
}

/// The first fix of each finding that may be applied, in order; of two that meet the first one. What
/// is left out has its turn in another round.
pub fn edits(findings: &[Finding], with_unsafe: bool, fits: impl Fn(&str) -> bool) -> Vec<Edit> {
    let mut edits: Vec<Edit> = Vec::new();
    for (number, finding) in findings.iter().enumerate() {
        // What is not repeated cannot be put back.
        let fixes = finding.fixes.iter().filter(|_| !finding.secret);
        let fix = fixes
            .filter(|fix| (fix.safe || with_unsafe) && fits(&fix.replace))
            .find(|fix| finding.source.is_in_file(fix.span));
        let Some(fix) = fix else { continue };
        if let Some(replace) = encoded(&fix.replace, finding.source.encoding()) {
            edits.push(Edit {
                range: finding.source.disk_range(fix.span),
                replace,
                finding: number,
            });
        }
    }
    edits.sort_by_key(|edit| (edit.range.start, edit.range.end, edit.finding));
    edits.dedup_by(|next, kept| {
        next.range.start < kept.range.end || next.range.start == kept.range.start
    });
    edits
}

/// `text` in an encoding; `None` if that has no signs for some of it.
fn encoded(text: &str, encoding: Encoding) -> Option<Vec<u8>> {
    match encoding {
        Encoding::Utf8 { .. } => Some(text.as_bytes().to_vec()),
        Encoding::Utf16Le => Some(text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        Encoding::Utf16Be => Some(text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        Encoding::Windows1252 => {
            let (bytes, _, misses) = encoding_rs::WINDOWS_1252.encode(text);
            (!misses).then(|| bytes.into_owned())
        }
    }
}

/// `bytes` with `edits`, which lie apart and in order, made.
pub fn applied(bytes: &[u8], edits: &[Edit]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    for edit in edits {
        out.extend_from_slice(&bytes[at..edit.range.start]);
        out.extend_from_slice(&edit.replace);
        at = edit.range.end;
    }
    out.extend_from_slice(&bytes[at..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_take_out_and_put_in() {
        let edit = |range: Range<usize>, replace: &str| Edit {
            range,
            replace: replace.as_bytes().to_vec(),
            finding: 0,
        };
        let edits = [edit(0..1, "A"), edit(3..3, "--"), edit(4..6, "")];
        assert_eq!(applied(b"abcdefg", &edits), b"Abc--dg");
        assert_eq!(applied(b"abc", &[]), b"abc");
    }

    #[test]
    fn words_are_written_as_their_file_is() {
        let cases = [
            (Encoding::Utf8 { bom: true }, Some(b"\xC3\xA0".to_vec())),
            (Encoding::Utf16Le, Some(b"\xE0\0".to_vec())),
            (Encoding::Utf16Be, Some(b"\0\xE0".to_vec())),
            (Encoding::Windows1252, Some(b"\xE0".to_vec())),
        ];
        for (encoding, expected) in cases {
            assert_eq!(encoded("à", encoding), expected, "{encoding:?}");
        }
        assert_eq!(encoded("ș", Encoding::Windows1252), None);
    }
}
