//! Forms of a term that its author spells out: `client{e,i}`, `promett*`, `the best … in the world`.
//!
//! Braces hold what may stand in their place, nothing included, and may stand in one another. A star
//! behind the last word lets it go on. An ellipsis between spaces is a gap of a few words. What is
//! found is exactly what a reader of the list sees.

use super::literals::End;

/// More forms than this are a list of their own.
const MOST: usize = 400;

/// Letters that the last word has at least before a star: with fewer it would be in every text.
const FEWEST: usize = 3;

/// Forms that nobody can read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum FormsError {
    /// A brace without the other.
    #[error("“{0}” has a brace without the other")]
    #[diagnostic(
        code(clearpost::terms::brace),
        help("braces hold forms with commas between them: client{{e,i}}")
    )]
    Unbalanced(String),
    /// Braces around one form.
    #[error("the braces of “{0}” leave no choice")]
    #[diagnostic(
        code(clearpost::terms::one_form),
        help("put commas between the forms, client{{e,i}}, or take the braces out")
    )]
    NoChoice(String),
    /// More forms than anybody will read.
    #[error("“{0}” stands for more than {MOST} forms")]
    #[diagnostic(
        code(clearpost::terms::too_many_forms),
        help("write several terms, or several conditions under `all:`")
    )]
    TooMany(String),
    /// A star where a word cannot go on.
    #[error("the star of “{0}” does not stand behind the last letters of the term")]
    #[diagnostic(
        code(clearpost::terms::star_inside),
        help("a star stands at the end: promett*; inside a term, write the forms: promett{{o,e}}")
    )]
    StarInside(String),
    /// A star behind too few letters.
    #[error("“{0}” would be in almost every text: too few letters stand before the star")]
    #[diagnostic(
        code(clearpost::terms::star_too_soon),
        help("write at least {FEWEST} letters of the last word before the star")
    )]
    StarTooSoon(String),
}

/// The parts of a term between its gaps, each with all the forms it may have, in the order written;
/// a star stays where it is. A term without a gap has one part.
///
/// # Errors
///
/// If braces do not match or hold one form only, if a part has too many forms, or if a star stands
/// anywhere but behind three letters of a part's last word.
pub fn spelled_out(term: &str) -> Result<Vec<Vec<String>>, FormsError> {
    let parts = term.split(" … ").flat_map(|part| part.split(" ... "));
    parts.map(forms_of).collect()
}

fn forms_of(term: &str) -> Result<Vec<String>, FormsError> {
    let forms = if term.contains(['{', '}']) {
        let (forms, end) = sequence(term, 0, 0)?;
        if end < term.len() {
            return Err(FormsError::Unbalanced(term.to_owned()));
        }
        forms
    } else {
        vec![term.to_owned()]
    };
    for form in &forms {
        check_star(form)?;
    }
    Ok(forms)
}

/// A form without its star, and how it ends.
pub fn ending(form: &str) -> (&str, End) {
    match form.strip_suffix('*') {
        Some(start) if start.ends_with(char::is_alphanumeric) => (start, End::Open),
        _ => (form, End::Word),
    }
}

fn check_star(form: &str) -> Result<(), FormsError> {
    let (start, end) = ending(form);
    let inside = start
        .split(' ')
        .any(|word| matches!(ending(word).1, End::Open));
    if inside {
        return Err(FormsError::StarInside(form.to_owned()));
    }
    if end == End::Open {
        let last = start.rsplit(|c: char| !c.is_alphanumeric()).next();
        if last.unwrap_or_default().chars().count() < FEWEST {
            return Err(FormsError::StarTooSoon(form.to_owned()));
        }
    }
    Ok(())
}

/// The forms of what stands from `at` up to a comma or brace of the same depth, and where that is.
fn sequence(term: &str, at: usize, depth: usize) -> Result<(Vec<String>, usize), FormsError> {
    let mut forms = vec![String::new()];
    let mut at = at;
    while let Some(sign) = term[at..].chars().next() {
        match sign {
            '}' | ',' if depth > 0 => return Ok((forms, at)),
            '}' => return Err(FormsError::Unbalanced(term.to_owned())),
            '{' => {
                let (choices, end) = choice(term, at + 1, depth + 1)?;
                if forms.len() * choices.len() > MOST {
                    return Err(FormsError::TooMany(term.to_owned()));
                }
                forms = forms
                    .iter()
                    .flat_map(|head| choices.iter().map(move |tail| format!("{head}{tail}")))
                    .collect();
                at = end;
            }
            sign => {
                for form in &mut forms {
                    form.push(sign);
                }
                at += sign.len_utf8();
            }
        }
    }
    if depth > 0 {
        return Err(FormsError::Unbalanced(term.to_owned()));
    }
    Ok((forms, at))
}

/// The forms between two braces, and the place behind them; `at` is behind the first.
fn choice(term: &str, at: usize, depth: usize) -> Result<(Vec<String>, usize), FormsError> {
    let mut choices = Vec::new();
    let mut at = at;
    let mut count = 0;
    loop {
        let (forms, end) = sequence(term, at, depth)?;
        choices.extend(forms);
        count += 1;
        at = end + 1;
        if term[end..].starts_with('}') {
            break;
        }
    }
    if count == 1 {
        return Err(FormsError::NoChoice(term.to_owned()));
    }
    Ok((choices, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_stand_for_what_they_hold() {
        let cases: [(&str, &[&str]); 6] = [
            ("plain words", &["plain words"]),
            ("client{e,i}", &["cliente", "clienti"]),
            (
                "guarantee{,s,d}",
                &["guarantee", "guarantees", "guaranteed"],
            ),
            ("{very ,}good", &["very good", "good"]),
            (
                "{garanti{amo,te},promett*}",
                &["garantiamo", "garantite", "promett*"],
            ),
            ("més {gran,petit}s", &["més grans", "més petits"]),
        ];
        for (term, expected) in cases {
            assert_eq!(spelled_out(term).unwrap(), [expected], "{term}");
        }
    }

    #[test]
    fn a_gap_parts_a_term() {
        let parts = spelled_out("{il,la} più … del mond* ... mai").unwrap();
        assert_eq!(
            parts,
            [vec!["il più", "la più"], vec!["del mond*"], vec!["mai"]]
        );
        assert_eq!(spelled_out("wait…").unwrap(), [["wait…"]]);
    }

    #[test]
    fn what_nobody_can_read_is_refused() {
        let wide = "{a,b,c,d,e,f}".repeat(4);
        let term = |text: &str| text.to_owned();
        let cases = [
            ("client{e,i", FormsError::Unbalanced(term("client{e,i"))),
            ("cliente,i}", FormsError::Unbalanced(term("cliente,i}"))),
            ("client{e}", FormsError::NoChoice(term("client{e}"))),
            (
                "promett* tutto",
                FormsError::StarInside(term("promett* tutto")),
            ),
            ("no*", FormsError::StarTooSoon(term("no*"))),
            ("so {a … b,c}", FormsError::Unbalanced(term("so {a"))),
            (&wide, FormsError::TooMany(wide.clone())),
        ];
        for (term, expected) in cases {
            assert_eq!(spelled_out(term), Err(expected), "{term}");
        }
    }

    #[test]
    fn a_star_behind_letters_opens_the_end() {
        assert_eq!(ending("promett*"), ("promett", End::Open));
        assert_eq!(ending("prometto"), ("prometto", End::Word));
        assert_eq!(ending("***"), ("***", End::Word));
    }
}
