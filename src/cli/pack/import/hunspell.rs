//! Dictionaries of Hunspell: the stems of a .dic file. Its .aff file says how it is written and which
//! words are in it only to be refused; the rules for endings are not carried over.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use encoding_rs::Encoding;

use super::{Found, ImportError, is_plain};
use crate::text::{Problem, plain_reason};

/// What the .aff file says about the .dic file.
struct Affixes {
    encoding: &'static Encoding,
    flags: Flags,
    forbidden: Option<String>,
}

/// How flags are written behind a stem.
#[derive(Clone, Copy)]
enum Flags {
    /// One character each.
    Short,
    /// Two characters each.
    Long,
    /// Numbers with commas.
    Numbers,
}

impl Affixes {
    fn read(dictionary: &Path, found: &mut Found) -> Self {
        let mut affixes = Self {
            encoding: encoding_rs::UTF_8,
            flags: Flags::Short,
            forbidden: None,
        };
        let path = dictionary.with_extension("aff");
        let Ok(bytes) = fs::read(&path) else {
            let reason = "there is no .aff file beside it: it is taken for UTF-8, and words that the file forbids for others";
            found.differs(dictionary.display().to_string(), reason);
            return affixes;
        };
        for line in bytes.split(|byte| *byte == b'\n') {
            // Settings are ASCII in every encoding.
            let line = String::from_utf8_lossy(line);
            let mut words = line.split_whitespace();
            match (words.next(), words.next()) {
                (Some("SET"), Some(name)) => match Encoding::for_label(name.as_bytes()) {
                    Some(encoding) => affixes.encoding = encoding,
                    None => {
                        let error =
                            ImportError::Unreadable(format!("nobody knows the encoding {name}"));
                        let name = path.display().to_string();
                        found.problems.push(Problem::new(&error).in_file(name));
                    }
                },
                (Some("FLAG"), Some("long")) => affixes.flags = Flags::Long,
                (Some("FLAG"), Some("num")) => affixes.flags = Flags::Numbers,
                (Some("FORBIDDENWORD"), Some(flag)) => affixes.forbidden = Some(flag.to_owned()),
                _ => {}
            }
        }
        affixes
    }

    fn forbids(&self, flags: &str) -> bool {
        let Some(forbidden) = &self.forbidden else {
            return false;
        };
        match self.flags {
            Flags::Short => flags.contains(forbidden.as_str()),
            Flags::Numbers => flags.split(',').any(|flag| flag == forbidden),
            Flags::Long => {
                let letters: Vec<char> = flags.chars().collect();
                letters
                    .chunks(2)
                    .any(|flag| flag.iter().copied().eq(forbidden.chars()))
            }
        }
    }
}

/// Reads the stems of a dictionary.
pub(super) fn read(path: &Path, found: &mut Found) {
    let name = path.display().to_string();
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            let error = ImportError::Unreadable(plain_reason(&error));
            found.problems.push(Problem::new(&error).in_file(name));
            return;
        }
    };
    let affixes = Affixes::read(path, found);
    let (text, _, is_damaged) = affixes.encoding.decode(&bytes);
    if is_damaged {
        let error = ImportError::Unreadable(format!("it is not in {}", affixes.encoding.name()));
        found.problems.push(Problem::new(&error).in_file(name));
        return;
    }
    let mut seen = BTreeSet::new();
    let mut with_endings = 0_usize;
    for (number, line) in text.lines().enumerate() {
        let entry = line.split('\t').next().unwrap_or_default().trim();
        // The first line says how many words there are.
        let is_count = number == 0 && entry.chars().all(|letter| letter.is_ascii_digit());
        if entry.is_empty() || is_count {
            continue;
        }
        let (stem, flags) = split(entry);
        let from = || format!("{name}:{}", number + 1);
        if affixes.forbids(flags) {
            found.leave_out(from(), "the dictionary itself forbids this word");
        } else if !is_plain(&stem) {
            found.leave_out(from(), "signs in it mean something else in a list");
        } else {
            with_endings += usize::from(!flags.is_empty());
            // Entries of one spelling differ in their endings only.
            if seen.insert(stem.clone()) {
                found.words.push(stem);
            }
        }
    }
    if with_endings > 0 {
        let many = if with_endings == 1 { "stem" } else { "stems" };
        found.differs(
            name.clone(),
            format!("{with_endings} {many} may have endings, which the .aff file makes: only the stems are looked for"),
        );
    }
    if found.words.is_empty() && found.problems.is_empty() {
        found
            .problems
            .push(Problem::new(&ImportError::Nothing).in_file(name));
    }
}

/// A stem and the flags behind it; a slash in a stem has a backslash in front.
fn split(entry: &str) -> (String, &str) {
    let mut from = 0;
    while let Some(at) = entry[from..].find('/').map(|at| from + at) {
        if at > 0 && !entry[..at].ends_with('\\') {
            return (entry[..at].replace("\\/", "/"), &entry[at + 1..]);
        }
        from = at + 1;
    }
    (entry.replace("\\/", "/"), "")
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn stems_and_flags() {
        for (entry, stem, flags) in [
            ("house", "house", ""),
            ("house/SM", "house", "SM"),
            ("km\\/h/X", "km/h", "X"),
            ("/x", "/x", ""),
        ] {
            assert_eq!(split(entry), (stem.to_owned(), flags), "{entry}");
        }
    }
}
