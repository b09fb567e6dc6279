//! What has to hold whatever the input: one function a target, and the table that names them.
//!
//! The fuzzer (`benches/fuzz.sh`) and a test (`tests/fuzz_seeds.rs`) both include this file. A new
//! target is a function and a row here, and a folder of that name with a few small seeds under
//! `fuzz/seeds/`.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use clearpost::builtin::builtin;
use clearpost::draft::read::{self, Go, RawFile, ReadOptions};
use clearpost::engine::{Rulebook, RulebookOptions};
use clearpost::image::{self, Registry, Signature};
use clearpost::pack::{Files, Loaded, Loader, Lock, PackRef, PolicyRef};
use clearpost::policy::{add_translation, read_policy};
use clearpost::register::{SealedNames, read_csv, read_yaml};
use clearpost::text::evasion::readings;
use clearpost::text::fold::{Folded, Resist, SEGMENT_BREAK, fold};
use clearpost::text::seal::{SealKey, SealedFile};
use clearpost::text::{Lang, Problem, Source};

/// Panics if what has to hold does not for an input.
pub(crate) type Check = fn(&[u8]);

/// Every target: its name, which is that of its folder of seeds, and what has to hold.
pub(crate) const TARGETS: &[(&str, Check)] = &[
    ("fold", folding_maps_back),
    ("match", findings_slice_the_text),
    ("pack", any_pack_is_read_or_refused),
    ("policy", any_policy_is_read_or_refused),
    ("register", any_register_is_read_or_refused),
    ("md", |data| any_file_is_read("md", data)),
    ("html", |data| any_file_is_read("html", data)),
    ("csv", |data| any_file_is_read("csv", data)),
    ("tsv", |data| any_file_is_read("tsv", data)),
    ("json", |data| any_file_is_read("json", data)),
    ("jsonl", |data| any_file_is_read("jsonl", data)),
    ("yaml", |data| any_file_is_read("yaml", data)),
    ("txt", |data| any_file_is_read("txt", data)),
    ("docx", |data| any_file_is_read("docx", data)),
    ("xlsx", |data| any_file_is_read("xlsx", data)),
    ("eml", |data| any_file_is_read("eml", data)),
    ("srt", |data| any_file_is_read("srt", data)),
    ("vtt", |data| any_file_is_read("vtt", data)),
    ("picture", what_pictures_tell_is_read_and_taken_out),
    ("assets", any_registry_is_read_or_refused),
    ("sealed", any_sealed_list_is_opened_or_refused),
    ("lock", a_lock_is_what_it_says),
];

/// Folded letters come from whole characters of the text, in its order; so do those of disguises.
fn folding_maps_back(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for level in [Resist::None, Resist::Typing, Resist::Evasion] {
        let folded = fold(&text, level);
        maps_back(&folded, &text);
        if level == Resist::Evasion {
            for reading in readings(&text, &folded) {
                maps_back(&reading, &text);
            }
        }
    }
}

fn maps_back(folded: &Folded, text: &str) {
    let mut last = (0, 0);
    for (at, letter) in folded.text().char_indices() {
        let Some(origin) = folded.origin(&(at..at + letter.len_utf8())) else {
            // A reading leaves out paragraphs: the break between two of them comes from nowhere.
            assert_eq!(letter, SEGMENT_BREAK, "{text:?}");
            continue;
        };
        let part = text.get(origin.clone());
        assert!(
            part.is_some_and(|part| !part.is_empty()),
            "{origin:?} of {text:?}"
        );
        assert!((origin.start, origin.end) >= last, "{origin:?} of {text:?}");
        last = (origin.start, origin.end);
    }
}

const PACK: &str = r##"
pack: fuzz
policy: builtin:social-media
rules:
  - id: evasion
    clause: SMP-3.1
    message: "{match}"
    resist: evasion
    terms: [Acme Corp, stupid, "Col·lectiu", "C++", "#ad", H&M, "aab aac", Straße]
    except: [Acme Corporation Square]
  - id: typing
    clause: SMP-3.1
    message: "{match}"
    terms: [Blue Bird, FlowDesk 4, ".NET", 銀行, {term: Target, as: name}, {term: confidential, inflect: true}]
  - id: company
    clause: SMP-3.1
    message: "{match}"
    terms: [{term: Delta, near: [client, banca]}, {term: Echo, near: [client], within: 3 words}]
  - id: pattern
    clause: SMP-3.1
    message: "{match}"
    pattern: "(?i)draft\\s+\\d+|[A-Z]{2,}-[0-9]+"
"##;

fn small_rulebook() -> &'static Rulebook {
    static RULEBOOK: OnceLock<Rulebook> = OnceLock::new();
    RULEBOOK.get_or_init(|| {
        let loaded = load(PACK.as_bytes());
        assert!(loaded.problems.is_empty(), "{:?}", loaded.problems);
        rulebook(&loaded)
    })
}

/// A finding points at text that is there, whatever the draft and however it is read.
fn findings_slice_the_text(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for format in ["md", "txt"] {
        any_file_is_read(format, text.as_bytes());
    }
}

/// A file comes to drafts or to problems; every letter of a draft, every finding and every problem
/// has its place in what was read.
fn any_file_is_read(format: &str, data: &[u8]) {
    let format = read::by_name(format).expect("a format");
    let now = "2026-11-23T09:00:00Z".parse().expect("a time");
    let mut problems = Vec::new();
    let mut sink = |drafts: Vec<clearpost::draft::Draft>| {
        for draft in &drafts {
            let text = draft.source().text();
            for (at, letter) in draft.text().char_indices() {
                let span = draft.span(&(at..at + letter.len_utf8()));
                assert!(text.get(span.range()).is_some(), "{span:?}");
            }
            assert!(text.get(draft.head().range()).is_some());
            for finding in small_rulebook().check(draft, now).findings {
                let part = text.get(finding.span.range());
                assert!(part.is_some_and(|part| !part.is_empty()), "{finding:?}");
                assert!(!finding.matched.is_empty(), "{finding:?}");
                draft.source().location(finding.span);
            }
        }
        Go::On
    };
    let file = RawFile::from_bytes("draft", data);
    format.read(file, &ReadOptions::default(), &mut sink, &mut problems);
    for problem in problems {
        assert!(!problem.message.is_empty());
        if let Some(place) = problem.place {
            assert!(place.source.text().get(place.span.range()).is_some());
        }
    }
}

/// A pack comes to rules or to problems, and what was refused shows its place.
fn any_pack_is_read_or_refused(data: &[u8]) {
    let loaded = load(data);
    for problem in &loaded.problems {
        assert!(!problem.to_string().is_empty());
    }
    rulebook(&loaded);
}

/// A policy comes to clauses, each with an id and a title, or to problems at their places; so does
/// the same text as its own translation.
fn any_policy_is_read_or_refused(data: &[u8]) {
    let source = Arc::new(Source::from_text(
        "policy.md",
        String::from_utf8_lossy(data),
    ));
    let mut problems = Vec::new();
    if let Some(mut policy) = read_policy(&source, "fuzz", &mut problems) {
        assert!(!policy.clauses.is_empty());
        add_translation(&mut policy, &source, &mut problems);
        for clause in &policy.clauses {
            let text = clause.text(Lang::EN);
            assert!(text.line > 0, "{}", clause.id);
            assert_eq!(
                policy.clause(&clause.id).map(|same| &same.id),
                Some(&clause.id)
            );
        }
    } else {
        assert!(!problems.is_empty(), "refused without a word");
    }
    are_placed(&problems, &source);
}

/// A register comes to entries or to problems at their places, be it YAML or CSV, and every name has
/// its place.
fn any_register_is_read_or_refused(data: &[u8]) {
    let source = Arc::new(Source::from_text("register", String::from_utf8_lossy(data)));
    let placed = |name: &str, at: std::ops::Range<usize>| {
        assert!(
            source.text().get(at.clone()).is_some(),
            "{name:?} at {at:?}"
        );
    };
    let mut problems = Vec::new();
    let read = read_yaml(&source, &jiff::tz::TimeZone::UTC, &mut problems, placed);
    assert!(
        read.is_some() || !problems.is_empty(),
        "refused without a word"
    );
    read_csv(&source, None, &mut problems, placed);
    are_placed(&problems, &source);
}

fn are_placed(problems: &[Problem], source: &Source) {
    for problem in problems {
        assert!(!problem.message.is_empty());
        if let Some(place) = &problem.place {
            assert!(
                source.text().get(place.span.range()).is_some(),
                "{problem:?}"
            );
        }
    }
}

/// What a picture's file tells is read from any bytes; taking it out a second time changes nothing.
fn what_pictures_tell_is_read_and_taken_out(data: &[u8]) {
    let told = image::told(data);
    for text in told
        .locations
        .iter()
        .chain(&told.rights)
        .chain(&told.creators)
    {
        assert!(!text.is_empty());
    }
    if let Ok(made) = image::stripped(data) {
        assert_eq!(image::stripped(&made).as_ref(), Ok(&made));
    }
}

/// A registry comes to entries or to problems at their places; what a hash says is written the same.
fn any_registry_is_read_or_refused(data: &[u8]) {
    let source = Arc::new(Source::from_text(
        "assets.yaml",
        String::from_utf8_lossy(data),
    ));
    let mut problems = Vec::new();
    let registry = Registry::read(&source, &jiff::tz::TimeZone::UTC, &mut problems);
    for problem in problems {
        assert!(!problem.message.is_empty());
        let place = problem.place.expect("a mistake has a place");
        assert!(source.text().get(place.span.range()).is_some());
    }
    for entry in &registry.entries {
        assert!(!entry.asset.id.is_empty());
        for hash in &entry.hashes {
            let again = Signature::parse(&hash.written()).expect("what was written reads");
            assert_eq!(again.written(), hash.written());
        }
        let found = registry.alike(&entry.hashes);
        assert!(found.len() <= registry.entries.len());
    }
}

fn load(pack: &[u8]) -> Loaded {
    let policy = PolicyRef::Builtin("social-media".into());
    let files = OnePack(pack);
    let loader = Loader::new(&files, builtin(), jiff::tz::TimeZone::UTC, policy);
    loader.load(&[PackRef::Path(OnePack::PATH.into())])
}

fn rulebook(loaded: &Loaded) -> Rulebook {
    let options = RulebookOptions::under(PolicyRef::Builtin("social-media".into()));
    Rulebook::new(loaded, &[], &options, &mut Vec::new())
}

/// A disk with one file, the pack; every list that it names is there as well, and is the same file.
struct OnePack<'d>(&'d [u8]);

impl OnePack<'_> {
    const PATH: &'static str = "packs/fuzz.yaml";
}

impl Files for OnePack<'_> {
    fn read(&self, _: &Path) -> io::Result<Vec<u8>> {
        Ok(self.0.to_vec())
    }

    fn list(&self, _: &Path) -> Option<Vec<PathBuf>> {
        None
    }

    fn may_read(&self, _: &Path, _: &Path) -> bool {
        true
    }
}

/// The bytes of the key that the seeds are sealed with.
const SEAL_KEY: u8 = 0x11;

/// A sealed list answers whatever it is asked, or is refused.
fn any_sealed_list_is_opened_or_refused(data: &[u8]) {
    let Ok(file) = SealedFile::read(data.to_vec()) else {
        return;
    };
    if let Ok(sealed) = file.open(&SealKey::new([SEAL_KEY; 32])) {
        let names = SealedNames::from(sealed);
        let text = String::from_utf8_lossy(data);
        for letters in ["acmecorp", "", &text] {
            names.with(letters);
        }
    }
}

/// A lock that is read is the same when it is written and read again.
fn a_lock_is_what_it_says(data: &[u8]) {
    if let Ok(lock) = Lock::read(&String::from_utf8_lossy(data)) {
        assert_eq!(Lock::read(&lock.to_string()), Ok(lock.clone()));
        assert!(lock.differences(&lock).is_empty());
    }
}
