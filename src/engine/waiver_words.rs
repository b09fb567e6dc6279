//! What people are told about waivers, in the languages of the built-in policy.

use std::fmt::Write as _;

use crate::draft::waiver::{Fault, KEYWORD};
use crate::text::Lang;

/// English, Italian, Spanish, Romanian, Catalan.
pub(super) type Texts = [&'static str; 5];

pub(super) fn pick(texts: Texts, lang: Lang) -> &'static str {
    let number = ["en", "it", "es", "ro", "ca"]
        .iter()
        .position(|known| *known == lang.as_str());
    texts[number.unwrap_or(0)]
}

/// That a waiver lets nothing through.
pub(super) fn unused(lang: Lang) -> String {
    pick(
        [
            "this waiver lets nothing through: remove it",
            "questa deroga non lascia passare nulla: toglila",
            "esta excepción no deja pasar nada: quítala",
            "această derogare nu lasă nimic să treacă: șterge-o",
            "aquesta exempció no deixa passar res: treu-la",
        ],
        lang,
    )
    .to_owned()
}

/// What is wrong with a waiver and what to do.
pub(super) fn describe(fault: &Fault, lang: Lang) -> String {
    let (first, second): (&str, &str) = match fault {
        Fault::UnknownKey { key, known, .. } => (key, known),
        Fault::UnknownName { name, .. } => (name, ""),
        Fault::NotWaivable { rule } => (rule, ""),
        Fault::NotBy { rule, allowed } => (rule, allowed),
        Fault::Expired { until } => (until, ""),
        Fault::UnknownKeyword { word } => (word, KEYWORD),
        Fault::NoDate { text } | Fault::UnknownPart { text } | Fault::NoPattern { text } => {
            (text, "")
        }
        Fault::Twice { part } => (part, ""),
        _ => ("", ""),
    };
    let mut message = pick(texts(fault), lang)
        // What was written is put in last, so that its braces are no placeholders.
        .split("{second}")
        .map(|part| part.split("{first}").collect::<Vec<_>>().join(first))
        .collect::<Vec<_>>()
        .join(second);
    let near = match fault {
        Fault::UnknownKey { nearest, .. } => *nearest,
        Fault::UnknownName { nearest, .. } => nearest.as_deref(),
        _ => None,
    };
    if let Some(near) = near {
        let asked = pick(
            [
                "; did you mean",
                "; intendevi",
                "; ¿querías decir",
                "; ai vrut să scrii",
                "; volies dir",
            ],
            lang,
        );
        // Writing to a string does not fail.
        let _ = write!(message, "{asked} `{near}`?");
    }
    message
}

fn texts(fault: &Fault) -> Texts {
    match fault {
        Fault::NoMap | Fault::UnknownKey { .. } | Fault::TwoTargets | Fault::Twice { .. } => {
            texts_of_shape(fault)
        }
        Fault::UnknownKeyword { .. }
        | Fault::UnknownPart { .. }
        | Fault::MiddleOfLine
        | Fault::NoPath
        | Fault::NoPattern { .. } => texts_of_place(fault),
        Fault::NoReason
        | Fault::NoApprover
        | Fault::NoEnd
        | Fault::NoDate { .. }
        | Fault::Expired { .. } => texts_of_parts(fault),
        _ => texts_of_names(fault),
    }
}

fn texts_of_shape(fault: &Fault) -> Texts {
    match fault {
        Fault::UnknownKey { .. } => [
            "`{first}` is no key of a waiver; known are {second}",
            "`{first}` non è una chiave di una deroga; si conoscono {second}",
            "`{first}` no es una clave de una excepción; se conocen {second}",
            "`{first}` nu e o cheie a unei derogări; se cunosc {second}",
            "`{first}` no és una clau d'una exempció; es coneixen {second}",
        ],
        Fault::TwoTargets => [
            "this waiver names both `rule` and `clause`: keep one of the two",
            "questa deroga indica sia `rule` sia `clause`: tieni una delle due",
            "esta excepción indica `rule` y `clause`: deja una de las dos",
            "această derogare numește și `rule`, și `clause`: păstrează una dintre ele",
            "aquesta exempció indica `rule` i `clause`: deixa'n una",
        ],
        Fault::Twice { .. } => [
            "`{first}` stands here twice: keep one of the two",
            "`{first}` compare due volte: tieni una delle due",
            "`{first}` aparece dos veces: deja una de las dos",
            "`{first}` apare de două ori: păstrează una",
            "`{first}` surt dues vegades: deixa'n una",
        ],
        _ => [
            "this is no waiver: write `rule` or `clause`, `reason`, `approved_by` and `until`",
            "questa non è una deroga: scrivi `rule` o `clause`, `reason`, `approved_by` e `until`",
            "esto no es una excepción: escribe `rule` o `clause`, `reason`, `approved_by` y `until`",
            "aceasta nu e o derogare: scrie `rule` sau `clause`, `reason`, `approved_by` și `until`",
            "això no és una exempció: escriu `rule` o `clause`, `reason`, `approved_by` i `until`",
        ],
    }
}

fn texts_of_place(fault: &Fault) -> Texts {
    match fault {
        Fault::UnknownKeyword { .. } => [
            "`{first}` is not known: write `{second}` or `{second}-file`",
            "`{first}` non si conosce: scrivi `{second}` o `{second}-file`",
            "`{first}` no se conoce: escribe `{second}` o `{second}-file`",
            "`{first}` nu e cunoscut: scrie `{second}` sau `{second}-file`",
            "`{first}` no es coneix: escriu `{second}` o `{second}-file`",
        ],
        Fault::UnknownPart { .. } => [
            "“{first}” is neither `by NAME` nor `until DATE`",
            "“{first}” non è né `by NOME` né `until DATA`",
            "“{first}” no es ni `by NOMBRE` ni `until FECHA`",
            "„{first}” nu e nici `by NUME`, nici `until DATA`",
            "“{first}” no és ni `by NOM` ni `until DATA`",
        ],
        Fault::NoPath => [
            "this waiver names no `path`",
            "questa deroga non indica un `path`",
            "esta excepción no indica un `path`",
            "această derogare nu numește un `path`",
            "aquesta exempció no indica cap `path`",
        ],
        Fault::NoPattern { .. } => [
            "`{first}` is no pattern for paths: write one such as posts/**/*.md",
            "`{first}` non è un modello di percorsi: scrivi per esempio posts/**/*.md",
            "`{first}` no es un patrón de rutas: escribe por ejemplo posts/**/*.md",
            "`{first}` nu e un model de căi: scrie de exemplu posts/**/*.md",
            "`{first}` no és un patró de camins: escriu per exemple posts/**/*.md",
        ],
        _ => [
            "this waiver stands in the middle of a line: put it at the end, or on a line of its own before the block it is for",
            "questa deroga sta in mezzo a una riga: mettila alla fine, o su una riga a sé prima del blocco a cui serve",
            "esta excepción está en medio de una línea: ponla al final, o en una línea propia antes del bloque al que sirve",
            "această derogare stă în mijlocul unui rând: pune-o la sfârșit sau pe un rând separat, înaintea blocului vizat",
            "aquesta exempció és al mig d'una línia: posa-la al final, o en una línia pròpia abans del bloc al qual serveix",
        ],
    }
}

fn texts_of_parts(fault: &Fault) -> Texts {
    match fault {
        Fault::NoApprover => [
            "this waiver does not say who approved it",
            "questa deroga non dice chi l'ha approvata",
            "esta excepción no dice quién la aprobó",
            "această derogare nu spune cine a aprobat-o",
            "aquesta exempció no diu qui l'ha aprovada",
        ],
        Fault::NoEnd => [
            "this waiver does not say until when it holds",
            "questa deroga non dice fino a quando vale",
            "esta excepción no dice hasta cuándo vale",
            "această derogare nu spune până când e valabilă",
            "aquesta exempció no diu fins quan val",
        ],
        Fault::NoDate { .. } => [
            "“{first}” is no date: write 2027-01-31",
            "“{first}” non è una data: scrivi 2027-01-31",
            "“{first}” no es una fecha: escribe 2027-01-31",
            "„{first}” nu e o dată: scrie 2027-01-31",
            "“{first}” no és una data: escriu 2027-01-31",
        ],
        Fault::Expired { .. } => [
            "this waiver is over: it held until {first}",
            "questa deroga è scaduta: valeva fino al {first}",
            "esta excepción ha vencido: valía hasta el {first}",
            "această derogare a expirat: era valabilă până la {first}",
            "aquesta exempció ha vençut: valia fins al {first}",
        ],
        _ => [
            "this waiver gives no reason",
            "questa deroga non dà un motivo",
            "esta excepción no da un motivo",
            "această derogare nu dă un motiv",
            "aquesta exempció no dona cap motiu",
        ],
    }
}

fn texts_of_names(fault: &Fault) -> Texts {
    match fault {
        Fault::Blanket => [
            "a waiver with `*` would let everything through: name the rules or clauses",
            "una deroga con `*` lascerebbe passare tutto: indica le regole o le clausole",
            "una excepción con `*` lo dejaría pasar todo: indica las reglas o las cláusulas",
            "o derogare cu `*` ar lăsa totul să treacă: numește regulile sau clauzele",
            "una exempció amb `*` ho deixaria passar tot: indica les regles o les clàusules",
        ],
        Fault::UnknownName { .. } => [
            "there is no rule or clause `{first}`",
            "non c'è una regola o clausola `{first}`",
            "no hay ninguna regla ni cláusula `{first}`",
            "nu există nicio regulă sau clauză `{first}`",
            "no hi ha cap regla ni clàusula `{first}`",
        ],
        Fault::NotWaivable { .. } => [
            "`{first}` cannot be waived",
            "per `{first}` non sono ammesse deroghe",
            "`{first}` no admite excepciones",
            "de la `{first}` nu se poate deroga",
            "`{first}` no admet exempcions",
        ],
        Fault::NotBy { .. } => [
            "`{first}` can be waived by {second} only",
            "una deroga a `{first}` può darla solo {second}",
            "una excepción a `{first}` solo puede darla {second}",
            "o derogare de la `{first}` o poate da numai {second}",
            "una exempció de `{first}` només la pot donar {second}",
        ],
        _ => [
            "this waiver names no rule or clause",
            "questa deroga non indica una regola o clausola",
            "esta excepción no indica ninguna regla ni cláusula",
            "această derogare nu numește nicio regulă sau clauză",
            "aquesta exempció no indica cap regla ni clàusula",
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_no_placeholder() {
        let fault = Fault::UnknownName {
            name: "{second}".to_owned(),
            nearest: Some("own/a".to_owned()),
        };
        assert_eq!(
            describe(&fault, Lang::EN),
            "there is no rule or clause `{second}`; did you mean `own/a`?"
        );
        let italian = "it".parse().unwrap();
        assert_eq!(
            describe(&Fault::NoReason, italian),
            "questa deroga non dà un motivo"
        );
    }
}
