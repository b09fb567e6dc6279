//! The `mentions` kind: whether a text speaks of its author, of the reader or another person, or of
//! people as a group.
//!
//! `mentions: self`. Word lists a language, made into conditions on words: what they find is what a
//! list of the same words would.

use super::Kind;
use super::condition::Condition;
use super::terms::{TermSettings, TermsSpec};
use crate::text::Lang;
use crate::text::shape::Reader;
use crate::text::yaml::Node;

/// Of whom, and the words for it by language.
type Words = [(&'static str, &'static [&'static str]); 5];

const SELF: Words = [
    (
        "en",
        &[
            "I",
            "I'm",
            "I've",
            "I'll",
            "I'd",
            "me",
            "my",
            "mine",
            "myself",
            "we",
            "us",
            "our",
            "ours",
            "ourselves",
        ],
    ),
    (
        "it",
        &[
            "io", "mi", "me", "mio", "mia", "miei", "mie", "noi", "ci", "nostro", "nostra",
            "nostri", "nostre",
        ],
    ),
    (
        "es",
        &[
            "yo", "mí", "mi", "mis", "mío", "mía", "míos", "mías", "conmigo", "nosotros",
            "nosotras", "nos", "nuestro", "nuestra", "nuestros", "nuestras",
        ],
    ),
    (
        "ro",
        &[
            "eu", "mă", "mie", "meu", "mea", "mei", "mele", "noi", "ne", "nouă", "nostru",
            "noastră", "noștri", "noastre",
        ],
    ),
    (
        "ca",
        &[
            "jo",
            "em",
            "meu",
            "meva",
            "meus",
            "meves",
            "nosaltres",
            "ens",
            "nostre",
            "nostra",
            "nostres",
        ],
    ),
];

const PERSON: Words = [
    (
        "en",
        &[
            "you", "your", "yours", "yourself", "he", "him", "his", "she", "her", "hers",
            "somebody", "someone",
        ],
    ),
    (
        "it",
        &[
            "tu", "ti", "te", "tuo", "tua", "tuoi", "tue", "lui", "lei", "suo", "sua", "suoi",
            "sue", "qualcuno", "qualcuna",
        ],
    ),
    (
        "es",
        &[
            "tú", "te", "ti", "tu", "tus", "tuyo", "tuya", "usted", "él", "ella", "su", "sus",
            "suyo", "suya", "alguien",
        ],
    ),
    (
        "ro",
        &[
            "tu",
            "te",
            "ție",
            "tău",
            "ta",
            "tăi",
            "tale",
            "dumneavoastră",
            "el",
            "ea",
            "său",
            "sa",
            "săi",
            "sale",
            "lui",
            "ei",
            "cineva",
        ],
    ),
    (
        "ca",
        &[
            "tu", "et", "teu", "teva", "teus", "teves", "vostè", "ell", "ella", "seu", "seva",
            "seus", "seves", "algú",
        ],
    ),
];

const GROUP: Words = [
    (
        "en",
        &[
            "they",
            "them",
            "their",
            "theirs",
            "those people",
            "these people",
            "people like them",
            "that lot",
            "all of them",
        ],
    ),
    (
        "it",
        &[
            "loro",
            "quelli",
            "quelle",
            "questi",
            "queste",
            "questa gente",
            "quella gente",
            "tutti loro",
        ],
    ),
    (
        "es",
        &[
            "ellos",
            "ellas",
            "esos",
            "esas",
            "estos",
            "estas",
            "esa gente",
            "esta gente",
            "todos ellos",
            "todas ellas",
        ],
    ),
    (
        "ro",
        &[
            "ei",
            "ele",
            "ăștia",
            "ăia",
            "aceștia",
            "aceia",
            "oamenii ăștia",
            "toți aceștia",
        ],
    ),
    (
        "ca",
        &[
            "ells",
            "elles",
            "aquests",
            "aquestes",
            "aquells",
            "aquelles",
            "aquesta gent",
            "tots ells",
            "totes elles",
        ],
    ),
];

/// Reads the value of `mentions:`.
pub(super) fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Kind> {
    let known = [("self", &SELF), ("person", &PERSON), ("group", &GROUP)];
    let words = reader.one_of(node, "mentions", &known)?;
    let conditions = words.iter().filter_map(|(lang, words)| {
        let mut spec = TermsSpec::default();
        for word in *words {
            spec.push(word, TermSettings::default());
        }
        let mut condition = Condition::from(Kind::Terms(spec));
        condition.languages = vec![lang.parse::<Lang>().ok()?];
        Some(condition)
    });
    Some(Kind::Any(conditions.collect()))
}
