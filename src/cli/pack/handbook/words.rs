//! What a handbook says in words of its own, in the languages of the built-in policy.

use crate::text::Lang;

/// The words of one language.
pub(super) struct Words {
    pub(super) version: &'static str,
    pub(super) review_by: &'static str,
    pub(super) ask: &'static str,
    pub(super) published: &'static str,
    pub(super) languages: &'static str,
    pub(super) contents: &'static str,
    pub(super) search: &'static str,
    pub(super) nothing_found: &'static str,
    pub(super) instead: &'static str,
    pub(super) checked_by: &'static str,
    pub(super) says: &'static str,
    pub(super) wrong: &'static str,
    pub(super) right: &'static str,
    pub(super) elsewhere: &'static str,
    pub(super) person: &'static str,
    pub(super) offensive: &'static str,
    pub(super) secret: &'static str,
    pub(super) error: &'static str,
    pub(super) warning: &'static str,
    pub(super) note: &'static str,
}

const ENGLISH: Words = Words {
    version: "Version",
    review_by: "To be reviewed by",
    ask: "Ask",
    published: "Published at",
    languages: "Languages",
    contents: "Contents",
    search: "Search this page",
    nothing_found: "No clause has these words.",
    instead: "Instead",
    checked_by: "Checked by",
    says: "It says",
    wrong: "Not like this",
    right: "This is fine",
    elsewhere: "Also checked in texts in other languages by",
    person: "No rule checks this: it needs a person’s eye.",
    offensive: "The examples of this rule hold offensive words and are left out here.",
    secret: "What this rule finds is secret, and so are its examples.",
    error: "error",
    warning: "warning",
    note: "note",
};

const ITALIAN: Words = Words {
    version: "Versione",
    review_by: "Da rivedere entro il",
    ask: "A chi chiedere",
    published: "Pubblicata su",
    languages: "Lingue",
    contents: "Indice",
    search: "Cerca in questa pagina",
    nothing_found: "Nessun punto contiene queste parole.",
    instead: "Invece",
    checked_by: "Controllato da",
    says: "Dice",
    wrong: "Non così",
    right: "Così va bene",
    elsewhere: "Nei testi in altre lingue lo controllano anche",
    person: "Nessuna regola lo controlla: serve l’occhio di una persona.",
    offensive: "Gli esempi di questa regola contengono parole offensive e qui sono omessi.",
    secret: "Quello che questa regola trova è riservato, e lo sono anche i suoi esempi.",
    error: "errore",
    warning: "avviso",
    note: "nota",
};

const SPANISH: Words = Words {
    version: "Versión",
    review_by: "Se revisa antes del",
    ask: "A quién preguntar",
    published: "Publicada en",
    languages: "Idiomas",
    contents: "Índice",
    search: "Buscar en esta página",
    nothing_found: "Ningún punto contiene estas palabras.",
    instead: "En su lugar",
    checked_by: "Lo comprueba",
    says: "Dice",
    wrong: "Así no",
    right: "Así está bien",
    elsewhere: "En textos en otros idiomas lo comprueban también",
    person: "Ninguna regla lo comprueba: hace falta el ojo de una persona.",
    offensive: "Los ejemplos de esta regla contienen palabras ofensivas y aquí se omiten.",
    secret: "Lo que esta regla encuentra es secreto, y sus ejemplos también.",
    error: "error",
    warning: "aviso",
    note: "nota",
};

const ROMANIAN: Words = Words {
    version: "Versiunea",
    review_by: "De revizuit până la",
    ask: "Pe cine întrebi",
    published: "Publicată la",
    languages: "Limbi",
    contents: "Cuprins",
    search: "Caută în această pagină",
    nothing_found: "Niciun punct nu conține aceste cuvinte.",
    instead: "În schimb",
    checked_by: "Verificat de",
    says: "Spune",
    wrong: "Nu așa",
    right: "Așa este bine",
    elsewhere: "În textele în alte limbi verifică și",
    person: "Nicio regulă nu verifică acest punct: e nevoie de ochiul unui om.",
    offensive: "Exemplele acestei reguli conțin cuvinte jignitoare și sunt omise aici.",
    secret: "Ce găsește această regulă este secret, la fel și exemplele ei.",
    error: "eroare",
    warning: "avertisment",
    note: "notă",
};

const CATALAN: Words = Words {
    version: "Versió",
    review_by: "Es revisa abans del",
    ask: "A qui preguntar",
    published: "Publicada a",
    languages: "Llengües",
    contents: "Índex",
    search: "Cerca en aquesta pàgina",
    nothing_found: "Cap punt no conté aquestes paraules.",
    instead: "En lloc d’això",
    checked_by: "Ho comprova",
    says: "Diu",
    wrong: "Així no",
    right: "Així està bé",
    elsewhere: "En textos en altres llengües ho comproven també",
    person: "Cap regla no ho comprova: cal l’ull d’una persona.",
    offensive: "Els exemples d’aquesta regla contenen paraules ofensives i aquí s’ometen.",
    secret: "El que troba aquesta regla és secret, i els seus exemples també.",
    error: "error",
    warning: "avís",
    note: "nota",
};

impl Words {
    /// The words for readers of `lang`, else the English ones.
    pub(super) fn of(lang: Lang) -> &'static Self {
        match lang.as_str() {
            "it" => &ITALIAN,
            "es" => &SPANISH,
            "ro" => &ROMANIAN,
            "ca" => &CATALAN,
            _ => &ENGLISH,
        }
    }

    /// A severity in words.
    pub(super) fn severity(&self, severity: &'static str) -> &'static str {
        match severity {
            "error" => self.error,
            "warning" => self.warning,
            "note" => self.note,
            other => other,
        }
    }
}
