//! What people are told about pictures that nobody can look at, in the languages of the built-in
//! policy.

use super::waiver_words::{Texts, pick};
use crate::text::Lang;

const MISSING: Texts = [
    "there is no file “{file}”: correct the address, or add the picture",
    "il file “{file}” non c'è: correggi l'indirizzo o aggiungi l'immagine",
    "no existe el archivo “{file}”: corrige la dirección o añade la imagen",
    "fișierul „{file}” nu există: corectează adresa sau adaugă imaginea",
    "no hi ha el fitxer «{file}»: corregeix l'adreça o afegeix la imatge",
];

/// That the file of a picture is not there.
pub(super) fn missing_picture(file: &str, lang: Lang) -> String {
    pick(MISSING, lang).replace("{file}", file)
}
