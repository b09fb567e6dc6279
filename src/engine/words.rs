//! What people are told besides a rule's message, in the languages of the built-in policy.

use super::waiver_words::{Texts, pick};
use crate::text::Lang;

const MISSING: Texts = [
    "there is no file “{file}”: correct the address, or add the picture",
    "il file “{file}” non c'è: correggi l'indirizzo o aggiungi l'immagine",
    "no existe el archivo “{file}”: corrige la dirección o añade la imagen",
    "fișierul „{file}” nu există: corectează adresa sau adaugă imaginea",
    "no hi ha el fitxer «{file}»: corregeix l'adreça o afegeix la imatge",
];

const LAPSED: Texts = [
    "An approval to name it ended on {end}: ask for a new one.",
    "L'approvazione a nominarlo è scaduta il {end}: chiedine una nuova.",
    "La aprobación para nombrarlo terminó el {end}: pide una nueva.",
    "Aprobarea de a-l numi a expirat la {end}: cere una nouă.",
    "L'aprovació per anomenar-lo va acabar el {end}: demana'n una de nova.",
];

/// That somebody had approved a name, and until when.
pub(super) fn lapsed_approval(end: &str, lang: Lang) -> String {
    pick(LAPSED, lang).replace("{end}", end)
}

/// That the file of a picture is not there.
pub(super) fn missing_picture(file: &str, lang: Lang) -> String {
    pick(MISSING, lang).replace("{file}", file)
}
