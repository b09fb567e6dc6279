//! Keys, tokens and passwords.
//!
//! Prefixes are those that the services publish so that leaked keys can be found; other keys are
//! found by the name before them, passwords by the word.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// Keys by their own form. Sources: the services' pages on their token formats, and GitHub's list of
/// supported secret scanning patterns.
const TOKENS: &str = r"(?x-u)
    \b(?:AKIA|ASIA)[A-Z0-9]{16}\b                              # AWS
  | \bgh[pousr]_[A-Za-z0-9]{36,}                               # GitHub
  | \bgithub_pat_[A-Za-z0-9_]{22,}
  | \bglpat-[A-Za-z0-9_-]{20,}                                 # GitLab
  | \bxox[abeoprs]-[A-Za-z0-9-]{10,}                           # Slack
  | \bhooks\.slack\.com/services/[A-Za-z0-9/]{20,}
  | \bAIza[A-Za-z0-9_-]{35}                                    # Google
  | \bya29\.[A-Za-z0-9_-]{20,}
  | \bsk-[A-Za-z0-9_-]*[A-Za-z0-9]{20,}                        # OpenAI, Anthropic
  | \bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}               # SendGrid
  | \bnpm_[A-Za-z0-9]{36}
  | \bhf_[A-Za-z0-9]{30,}                                      # Hugging Face
  | \bdop_v1_[a-f0-9]{64}                                      # DigitalOcean
  | \bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}                       # Shopify
  | \bpypi-[A-Za-z0-9_-]{50,}
  | \b[A-Za-z]{2,6}_(?:live|test)_[A-Za-z0-9]{12,}             # Stripe and those that copy it
  | \beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*  # RFC 7519
";

/// A key by the name before it; the value is the key.
const NAMED: &str = r#"(?xi-u)
    \b(?:[a-z0-9]+[_-])*
    (?: api[_\x20-]?key | secret(?:[_-]key)? | access[_-](?:key|token) | auth[_-]?token | client[_-]secret )
    ["']?\x20?[:=]\x20?["']?
    ([A-Za-z0-9+/=_.-]{16,})
"#;

/// A password by its word, in the five languages; accents are gone.
const PASSWORD: &str = r"(?xi)
    \b(?: password | passwd | passphrase | pwd | psw | parola(?:\x20d'ordine)? | contrasen(?:a|ya) | clau?e? | chiave )
    (?: \x20? [:=] \x20? | \x20(?:is|e'?|es|este)\x20 | \x20 )
    ([^\s\x00]{4,64})
";

/// A number that opens a door.
const NUMBER: &str = r"(?x-u)
    \b(?: (?i:passcode|access\x20code|door\x20code|codice\x20di\x20accesso|codigo\x20de\x20acceso|cod\x20de\x20acces|codi\x20d'acces) | (?i:cod(?:e|ul|ice|igo|i)?\x20)?PIN )
    (?: \x20?[:=]\x20? | \x20(?i:is|e'?|es|este)\x20 | \x20 )
    [0-9]{4,8}\b
";

/// A name and a password in front of a host.
const IN_ADDRESS: &str =
    r"\b[A-Za-z][A-Za-z0-9+.-]{1,15}://[A-Za-z0-9._%+-]{1,64}:([^\s/@:]{3,64})@";

const BEGIN: &str = "-----BEGIN ";
const PRIVATE: &str = "PRIVATE KEY";

fn compiled(source: &str) -> Option<Regex> {
    Regex::new(source).ok()
}

static EXPRESSIONS: LazyLock<[Option<Regex>; 5]> =
    LazyLock::new(|| [TOKENS, NAMED, PASSWORD, NUMBER, IN_ADDRESS].map(compiled));

pub(super) fn find(text: &str, each: &mut dyn FnMut(Range<usize>)) {
    private_keys(text, each);
    // What is secret enough to keep has a digit or a sign, and the words that tell of it have one
    // of these letters each.
    if !text.contains(|c: char| c.is_ascii_digit() || ":=".contains(c)) {
        return;
    }
    let [tokens, named, password, number, in_address] = &*EXPRESSIONS;
    let mut taken: Vec<Range<usize>> = Vec::new();
    let mut take = |range: Range<usize>, each: &mut dyn FnMut(Range<usize>)| {
        if taken
            .iter()
            .all(|other| range.end <= other.start || other.end <= range.start)
        {
            taken.push(range.clone());
            each(range);
        }
    };
    for found in tokens.iter().flat_map(|regex| regex.find_iter(text)) {
        if has_digit(found.as_str()) {
            take(found.range(), each);
        }
    }
    for found in named.iter().flat_map(|regex| regex.captures_iter(text)) {
        if let Some(value) = found.get(1)
            && has_digit(value.as_str())
            && has_letter(value.as_str())
        {
            take(value.range(), each);
        }
    }
    for found in in_address
        .iter()
        .flat_map(|regex| regex.captures_iter(text))
    {
        if let Some(value) = found.get(1).filter(|value| !is_placeholder(value.as_str())) {
            take(value.range(), each);
        }
    }
    for found in number.iter().flat_map(|regex| regex.find_iter(text)) {
        take(found.range(), each);
    }
    for found in password.iter().flat_map(|regex| regex.captures_iter(text)) {
        if let (Some(whole), Some(value)) = (found.get(0), found.get(1)) {
            let value = sentence_end(value.as_str());
            if is_password(value) {
                let end = text[whole.range()].rfind(value).unwrap_or(0) + value.len();
                take(whole.start()..whole.start() + end, each);
            }
        }
    }
}

fn has_digit(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_digit())
}

fn has_letter(text: &str) -> bool {
    text.contains(char::is_alphabetic)
}

/// `value` without the signs that end its sentence.
fn sentence_end(value: &str) -> &str {
    value.trim_end_matches([
        '.', ',', ';', ':', '!', '?', ')', ']', '"', '\'', '”', '»', '…',
    ])
}

/// Whether it looks made up: letters with a digit or a sign inside.
fn is_password(value: &str) -> bool {
    let is_sign = |c: char| c.is_ascii_digit() || "!#$%&*+=?@^_~".contains(c);
    let signs = value.chars().filter(|c| is_sign(*c)).count();
    let letters = value.chars().filter(|c| c.is_alphabetic()).count();
    value.len() >= 4
        && signs > 0
        && letters > 1
        && value.contains(|c: char| c.is_ascii_digit() || "!#$%&*+=@^~".contains(c))
        && !is_placeholder(value)
        && !value.contains("://")
}

/// What stands for a password in instructions.
fn is_placeholder(value: &str) -> bool {
    value.starts_with(['<', '{', '[', '(', '$', '%', '#', '@', '*', '&'])
        || value
            .chars()
            .all(|c| matches!(c, '*' | 'x' | 'X' | '•' | '.'))
}

fn private_keys(text: &str, each: &mut dyn FnMut(Range<usize>)) {
    let mut from = 0;
    while let Some(start) = text[from..].find(BEGIN).map(|at| from + at) {
        let rest = &text[start + BEGIN.len()..];
        let head = rest.find("-----").unwrap_or(rest.len());
        from = start + BEGIN.len() + head;
        if head > 40 || !rest[..head].contains(PRIVATE) {
            continue;
        }
        let end = text[from..].find("-----END ").and_then(|at| {
            let tail = from + at + "-----END ".len();
            text[tail..].find("-----").map(|dashes| tail + dashes + 5)
        });
        let end = end.unwrap_or((from + 5).min(text.len()));
        each(start..end);
        from = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_expression_compiles() {
        assert!(EXPRESSIONS.iter().all(Option::is_some));
    }
}
