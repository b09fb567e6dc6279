//! The few words that reports themselves say, in the languages of the built-in policy.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::visible::on_one_line;
use super::{Look, Run};
use crate::draft::Waiver;
use crate::engine::{Lack, NotChecked};
use crate::text::Lang;

/// What stands in front of the parts of a finding, and at the end of a run.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) policy: &'static str,
    pub(super) replace: &'static str,
    /// Before words that are missing.
    pub(super) add: &'static str,
    pub(super) ask: &'static str,
    drafts: (&'static str, &'static str),
    pub(super) errors: (&'static str, &'static str),
    pub(super) warnings: (&'static str, &'static str),
    pub(super) notes: (&'static str, &'static str),
    pub(super) severity: &'static str,
    pub(super) clause: &'static str,
    pub(super) search: &'static str,
    clean: &'static str,
    not_looked: &'static str,
    incomplete: &'static str,
    /// What could not be checked stands under this.
    pub(super) unchecked: &'static str,
    /// What waivers let through stands under this.
    pub(super) let_through: &'static str,
    pub(super) waived: &'static str,
    approved_by: &'static str,
    until: &'static str,
    pub(super) live: &'static str,
    pub(super) expiring: &'static str,
    pub(super) expired: &'static str,
    pub(super) faulty: &'static str,
    pub(super) unused: &'static str,
    pub(super) no_waivers: &'static str,
}

const EN: Words = Words {
    policy: "The policy",
    replace: "For example",
    add: "Add",
    ask: "Ask",
    drafts: ("draft", "drafts"),
    errors: ("error", "errors"),
    warnings: ("warning", "warnings"),
    notes: ("note", "notes"),
    severity: "Severity",
    clause: "Clause",
    search: "Words",
    clean: "nothing to change",
    not_looked: "could not look",
    incomplete: "Not everything could be checked: see above.",
    unchecked: "Not everything could be checked",
    let_through: "Let through by a waiver",
    waived: "waived",
    approved_by: "approved by",
    until: "until",
    live: "live",
    expiring: "ends soon",
    expired: "over",
    faulty: "faulty",
    unused: "lets nothing through",
    no_waivers: "no waivers",
};

const IT: Words = Words {
    policy: "La policy",
    replace: "Per esempio",
    add: "Aggiungi",
    ask: "Chiedi a",
    drafts: ("bozza", "bozze"),
    errors: ("errore", "errori"),
    warnings: ("avviso", "avvisi"),
    notes: ("nota", "note"),
    severity: "Gravità",
    clause: "Clausola",
    search: "Parole",
    clean: "niente da cambiare",
    not_looked: "non ha potuto guardare",
    incomplete: "Non è stato possibile controllare tutto: vedi sopra.",
    unchecked: "Non è stato possibile controllare tutto",
    let_through: "Lasciato passare da una deroga",
    waived: "in deroga",
    approved_by: "approvata da",
    until: "fino al",
    live: "valida",
    expiring: "scade presto",
    expired: "scaduta",
    faulty: "errata",
    unused: "non lascia passare nulla",
    no_waivers: "nessuna deroga",
};

const ES: Words = Words {
    policy: "La política",
    replace: "Por ejemplo",
    add: "Añade",
    ask: "Pregunta a",
    drafts: ("borrador", "borradores"),
    errors: ("error", "errores"),
    warnings: ("aviso", "avisos"),
    notes: ("nota", "notas"),
    severity: "Gravedad",
    clause: "Cláusula",
    search: "Palabras",
    clean: "nada que cambiar",
    not_looked: "no ha podido mirar",
    incomplete: "No se ha podido comprobar todo: mira arriba.",
    unchecked: "No se ha podido comprobar todo",
    let_through: "Permitido por una excepción",
    waived: "con excepción",
    approved_by: "aprobada por",
    until: "hasta el",
    live: "vigente",
    expiring: "vence pronto",
    expired: "vencida",
    faulty: "errónea",
    unused: "no deja pasar nada",
    no_waivers: "ninguna excepción",
};

const RO: Words = Words {
    policy: "Politica",
    replace: "De exemplu",
    add: "Adaugă",
    ask: "Întreabă",
    drafts: ("ciornă", "ciorne"),
    errors: ("eroare", "erori"),
    warnings: ("avertisment", "avertismente"),
    notes: ("notă", "note"),
    severity: "Gravitate",
    clause: "Clauză",
    search: "Cuvinte",
    clean: "nimic de schimbat",
    not_looked: "nu a putut verifica",
    incomplete: "Nu s-a putut verifica totul: vezi mai sus.",
    unchecked: "Nu s-a putut verifica totul",
    let_through: "Permis printr-o derogare",
    waived: "cu derogare",
    approved_by: "aprobată de",
    until: "până la",
    live: "valabilă",
    expiring: "expiră curând",
    expired: "expirată",
    faulty: "greșită",
    unused: "nu lasă nimic să treacă",
    no_waivers: "nicio derogare",
};

const CA: Words = Words {
    policy: "La política",
    replace: "Per exemple",
    add: "Afegeix",
    ask: "Pregunta a",
    drafts: ("esborrany", "esborranys"),
    errors: ("error", "errors"),
    warnings: ("avís", "avisos"),
    notes: ("nota", "notes"),
    severity: "Gravetat",
    clause: "Clàusula",
    search: "Paraules",
    clean: "res a canviar",
    not_looked: "no ha pogut mirar",
    incomplete: "No s'ha pogut comprovar tot: mireu més amunt.",
    unchecked: "No s'ha pogut comprovar tot",
    let_through: "Permès per una exempció",
    waived: "amb exempció",
    approved_by: "aprovada per",
    until: "fins al",
    live: "vigent",
    expiring: "venç aviat",
    expired: "vençuda",
    faulty: "errònia",
    unused: "no deixa passar res",
    no_waivers: "cap exempció",
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

    /// Reason, approver and end of a waiver, as far as it says them.
    pub(super) fn because(&self, waiver: &Waiver) -> String {
        [
            ("", &waiver.reason),
            (self.approved_by, &waiver.by),
            (self.until, &waiver.until),
        ]
        .into_iter()
        .filter_map(|(word, written)| {
            let text = on_one_line(&written.as_ref()?.text);
            Some(format!("{word} {text}").trim().to_owned())
        })
        .collect::<Vec<_>>()
        .join(", ")
    }
}

/// How many drafts there were, and how many findings of each severity.
pub(super) fn counted(run: &Run, words: &Words) -> String {
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
    if !run.waived.is_empty() {
        let _ = write!(text, ", {} {}", run.waived.len(), words.waived);
    }
    text
}

pub(super) fn closing(run: &Run, look: &Look) -> String {
    let words = Words::of(look.messages);
    let mut text = counted(run, words);
    text.push('\n');
    not_looked(run, words, &mut text);
    if !run.complete() {
        text.push_str(words.incomplete);
        text.push('\n');
    }
    text
}

/// Says which rules could not look: those that lack the same thing on one line, since a company that
/// has only begun lacks much.
fn not_looked(run: &Run, words: &Words, text: &mut String) {
    let mut rest = Vec::new();
    let (mut registers, mut facts) = (BTreeMap::new(), BTreeMap::new());
    for entry in &run.not_checked {
        let group = match &entry.lacks {
            Lack::Register(name) => Some(registers.entry(name.as_str())),
            Lack::Fact(name) => Some(facts.entry(name.as_str())),
            Lack::Other => None,
        };
        match group {
            Some(group) => group.or_insert_with(Vec::new).push(entry),
            None => rest.push(entry),
        }
    }
    let one = |entry: &NotChecked, text: &mut String| {
        let _ = writeln!(
            text,
            "{} {}: {}",
            entry.rule, words.not_looked, entry.reason
        );
    };
    for (groups, why) in [
        (registers, "nothing is listed yet in"),
        (facts, "nobody states"),
    ] {
        let entries: BTreeSet<&NotChecked> = groups.values().flatten().copied().collect();
        let rules: BTreeSet<&str> = entries.iter().map(|entry| &*entry.rule).collect();
        if entries.len() == 1 || rules.is_empty() {
            for entry in entries {
                one(entry, text);
            }
            continue;
        }
        let names: Vec<String> = groups.keys().map(|name| format!("`{name}`")).collect();
        let help = if why.starts_with("nothing") {
            "`clearpost init` writes the registers, `clearpost packs` names the rules"
        } else {
            "add it to the draft, or with `--meta`"
        };
        let _ = writeln!(
            text,
            "{} rules {}: {why} {} ({help})",
            rules.len(),
            words.not_looked,
            names.join(", ")
        );
    }
    for entry in rest {
        one(entry, text);
    }
}
