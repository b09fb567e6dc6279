//! The few words that reports themselves say, in the languages of the built-in policy.

use std::fmt::Write as _;

use super::{Look, Run};
use crate::text::Lang;

/// What stands in front of the parts of a finding, and at the end of a run.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) policy: &'static str,
    pub(super) replace: &'static str,
    pub(super) ask: &'static str,
    drafts: (&'static str, &'static str),
    errors: (&'static str, &'static str),
    warnings: (&'static str, &'static str),
    notes: (&'static str, &'static str),
    clean: &'static str,
    not_looked: &'static str,
    incomplete: &'static str,
}

const EN: Words = Words {
    policy: "The policy",
    replace: "For example",
    ask: "Ask",
    drafts: ("draft", "drafts"),
    errors: ("error", "errors"),
    warnings: ("warning", "warnings"),
    notes: ("note", "notes"),
    clean: "nothing to change",
    not_looked: "could not look",
    incomplete: "Not everything could be checked: see above.",
};

const IT: Words = Words {
    policy: "La policy",
    replace: "Per esempio",
    ask: "Chiedi a",
    drafts: ("bozza", "bozze"),
    errors: ("errore", "errori"),
    warnings: ("avviso", "avvisi"),
    notes: ("nota", "note"),
    clean: "niente da cambiare",
    not_looked: "non ha potuto guardare",
    incomplete: "Non è stato possibile controllare tutto: vedi sopra.",
};

const ES: Words = Words {
    policy: "La política",
    replace: "Por ejemplo",
    ask: "Pregunta a",
    drafts: ("borrador", "borradores"),
    errors: ("error", "errores"),
    warnings: ("aviso", "avisos"),
    notes: ("nota", "notas"),
    clean: "nada que cambiar",
    not_looked: "no ha podido mirar",
    incomplete: "No se ha podido comprobar todo: mira arriba.",
};

const RO: Words = Words {
    policy: "Politica",
    replace: "De exemplu",
    ask: "Întreabă",
    drafts: ("ciornă", "ciorne"),
    errors: ("eroare", "erori"),
    warnings: ("avertisment", "avertismente"),
    notes: ("notă", "note"),
    clean: "nimic de schimbat",
    not_looked: "nu a putut verifica",
    incomplete: "Nu s-a putut verifica totul: vezi mai sus.",
};

const CA: Words = Words {
    policy: "La política",
    replace: "Per exemple",
    ask: "Pregunta a",
    drafts: ("esborrany", "esborranys"),
    errors: ("error", "errors"),
    warnings: ("avís", "avisos"),
    notes: ("nota", "notes"),
    clean: "res a canviar",
    not_looked: "no ha pogut mirar",
    incomplete: "No s'ha pogut comprovar tot: mireu més amunt.",
};

impl Words {
    pub(super) fn of(lang: Lang) -> &'static Self {
        match lang.as_str() {
            "it" => &IT,
            "es" => &ES,
            "ro" => &RO,
            "ca" => &CA,
            _ => &EN,
        }
    }
}

pub(super) fn closing(run: &Run, look: &Look) -> String {
    let words = Words::of(look.messages);
    let counts = run.counts();
    let counted = |count: usize, (one, many): (&str, &str)| {
        format!("{count} {}", if count == 1 { one } else { many })
    };
    let mut text = counted(run.drafts, words.drafts);
    text.push_str(": ");
    let found: Vec<String> = [
        (counts.errors, words.errors),
        (counts.warnings, words.warnings),
        (counts.notes, words.notes),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, word)| counted(count, word))
    .collect();
    if found.is_empty() {
        text.push_str(if run.complete() { words.clean } else { "0 " });
        if !run.complete() {
            text.push_str(words.errors.1);
        }
    } else {
        text.push_str(&found.join(", "));
    }
    text.push('\n');
    for entry in &run.not_checked {
        let _ = writeln!(
            text,
            "{} {}: {}",
            entry.rule, words.not_looked, entry.reason
        );
    }
    if !run.complete() {
        text.push_str(words.incomplete);
        text.push('\n');
    }
    text
}
