//! What the columns of a table and the keys of an object hold, by the names that scheduling tools,
//! content systems and people in five languages give them.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;

use crate::draft::facts::snake_case;
use crate::draft::{Scope, is_fact};

/// What a column or key holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The post's text.
    Text,
    /// Text of another kind, an address, or a value that only tools see.
    Piece(Scope),
    /// A fact about the draft, by its key.
    Fact(String),
    /// The day of publication, with or without the time.
    Date,
    /// The time of publication.
    Time,
    /// What the file calls the draft.
    Id,
    /// A waiver, in the words of the comment.
    Waiver,
    /// Nothing that is published: the configuration says so.
    Ignored,
}

/// Names of columns or keys that the configuration settles, instead of the usual ones.
#[derive(Clone, Debug, Default)]
pub struct FieldNames {
    /// `text`, `title`, `alt`, `image`, `link` or a fact's key, with the names that hold it: of
    /// columns, of keys, or JSON pointers such as `/attributes/copy`.
    pub named: BTreeMap<String, Vec<String>>,
    /// Names of what is never published.
    pub ignored: Vec<String>,
}

/// The roles that the configuration can name besides facts.
pub const NAMED_ROLES: [&str; 5] = ["text", "title", "alt", "image", "link"];

/// Names of columns in English, Italian, Spanish, Romanian and Catalan, as [`plain`] writes them.
const COLUMNS: [(&str, &[&str]); 18] = [
    (
        "text",
        &[
            "text",
            "copy",
            "caption",
            "message",
            "post",
            "post text",
            "post copy",
            "post content",
            "content",
            "body",
            "tweet",
            "testo",
            "didascalia",
            "messaggio",
            "texto",
            "mensaje",
            "mesaj",
            "copia",
            "missatge",
        ],
    ),
    (
        "title",
        &[
            "title", "headline", "subject", "titolo", "oggetto", "titulo", "asunto", "titlu",
            "subiect", "titol", "assumpte",
        ],
    ),
    (
        "body",
        &[
            "description",
            "summary",
            "subtitle",
            "hashtags",
            "first comment",
            "firstcomment",
            "descrizione",
            "primo commento",
            "descripcion",
            "primer comentario",
            "descriere",
            "primul comentariu",
            "descripcio",
            "primer comentari",
        ],
    ),
    (
        "channel",
        &[
            "channel",
            "network",
            "platform",
            "social network",
            "canale",
            "piattaforma",
            "canal",
            "red",
            "red social",
            "plataforma",
            "retea",
            "platforma",
            "xarxa",
        ],
    ),
    (
        "date",
        &[
            "date",
            "data",
            "fecha",
            "posting time",
            "posting date",
            "publish date",
            "post date",
            "publication date",
            "scheduled date",
            "scheduled at",
            "scheduled time",
            "schedule",
            "date time",
            "datetime",
            "postatspecifictime",
            "publishedat",
            "data publicare",
            "data di pubblicazione",
            "fecha de publicacion",
            "data de publicacio",
        ],
    ),
    ("time", &["time", "ora", "hora", "orario"]),
    (
        "image",
        &[
            "image",
            "images",
            "asset",
            "assets",
            "media",
            "media url",
            "media urls",
            "media url s",
            "image url",
            "image urls",
            "imageurl",
            "imageurls",
            "picture",
            "photo",
            "video",
            "video url",
            "immagine",
            "immagini",
            "imagen",
            "imagenes",
            "imagine",
            "imagini",
            "imatge",
            "imatges",
        ],
    ),
    (
        "alt",
        &[
            "alt text",
            "alt",
            "alttext",
            "alternative text",
            "image alt",
            "testo alternativo",
            "texto alternativo",
            "text alternativ",
            "text alternatiu",
        ],
    ),
    (
        "link",
        &[
            "link",
            "links",
            "url",
            "collegamento",
            "enlace",
            "enllac",
            "link url",
        ],
    ),
    (
        "status",
        &["status", "state", "stato", "estado", "stare", "estat"],
    ),
    (
        "approved_by",
        &[
            "approved by",
            "approver",
            "approvato da",
            "aprobado por",
            "aprobat de",
            "aprovat per",
        ],
    ),
    (
        "author",
        &["author", "autore", "autor", "autora", "autoare"],
    ),
    (
        "language",
        &[
            "language", "lang", "locale", "lingua", "idioma", "limba", "llengua",
        ],
    ),
    (
        "campaign",
        &["campaign", "campagna", "campana", "campanie", "campanya"],
    ),
    (
        "sponsored",
        &[
            "sponsored",
            "sponsorizzato",
            "patrocinado",
            "sponsorizat",
            "patrocinat",
        ],
    ),
    ("account", &["account", "cuenta", "cont", "compte"]),
    ("id", &["id", "post id", "uid"]),
    ("waiver", &["clearpost waive"]),
];

/// A name in lower case, without accents, punctuation as single spaces.
fn plain(name: &str) -> String {
    let letters: String = name
        .nfd()
        .filter(|letter| !('\u{300}'..='\u{36F}').contains(letter))
        .flat_map(char::to_lowercase)
        .map(|letter| {
            if letter.is_alphanumeric() {
                letter
            } else {
                ' '
            }
        })
        .collect();
    letters.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl FieldNames {
    /// What the configuration says that `name` holds. `pointer` is its place in an object.
    fn role(&self, name: &str, pointer: Option<&str>) -> Option<Role> {
        let is = |wanted: &String| {
            if wanted.starts_with('/') {
                pointer == Some(wanted.as_str())
            } else {
                plain(wanted) == plain(name)
            }
        };
        if self.ignored.iter().any(is) {
            return Some(Role::Ignored);
        }
        self.named
            .iter()
            .find(|(_, names)| names.iter().any(is))
            .map(|(role, _)| role_called(role, name))
    }

    /// Whether the configuration says where the post's text is.
    fn names_text(&self) -> bool {
        self.named.contains_key("text")
    }
}

fn role_called(role: &str, name: &str) -> Role {
    match role {
        "text" => Role::Text,
        "title" => Role::Piece(Scope::Title),
        "body" => Role::Piece(Scope::Body),
        "alt" => Role::Piece(Scope::Alt),
        "image" => Role::Piece(Scope::Image),
        "link" => Role::Piece(Scope::Link),
        "date" => Role::Date,
        "time" => Role::Time,
        "id" => Role::Id,
        "waiver" => Role::Waiver,
        fact if is_fact(fact) => Role::Fact(fact.to_owned()),
        _ => Role::Piece(Scope::Metadata(name.to_owned())),
    }
}

/// What a column with this header holds.
pub(super) fn of_header(header: &str, names: &FieldNames) -> Role {
    if let Some(role) = names.role(header, None) {
        return role;
    }
    let plain = plain(header);
    let known = COLUMNS
        .iter()
        .find(|(_, columns)| columns.contains(&plain.as_str()))
        .map(|(role, _)| *role);
    match known {
        Some("text") if names.names_text() => {
            Role::Piece(Scope::Metadata(header.trim().to_owned()))
        }
        Some(role) => role_called(role, header.trim()),
        None if is_fact(header) => Role::Fact(snake_case(header)),
        None => Role::Piece(Scope::Metadata(header.trim().to_owned())),
    }
}

/// Whether a header by itself shows that its row is one: it names a column that holds text.
pub(super) fn is_text_header(header: &str, names: &FieldNames) -> bool {
    of_header(header, names) == Role::Text
}

/// What the value under the last of `path`, which are the keys from the outermost on, holds.
/// `title.en` is a title, too.
pub(super) fn of_path(path: &[&str], names: &FieldNames) -> Role {
    let pointer = format!("/{}", path.join("/"));
    let whole = path.join(".");
    let mut keys = path.iter().rev().filter(|key| {
        !is_locale(key) && **key != "fields" && !key.bytes().all(|b| b.is_ascii_digit())
    });
    let key = keys.next().copied().unwrap_or_default();
    let above = keys.next().copied().unwrap_or_default();
    if let Some(role) = names.role(key, Some(&pointer)) {
        return role;
    }
    let simple: String = key
        .chars()
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    let in_picture = is_picture(above);
    match simple.as_str() {
        "text" | "body" | "content" | "copy" | "message" if names.names_text() => {
            Role::Piece(Scope::Metadata(whole))
        }
        "text" | "body" | "content" | "copy" | "message" => Role::Text,
        "title" | "linktitle" | "headline" | "heading" | "metatitle" | "seotitle" | "ogtitle"
        | "twittertitle" => Role::Piece(Scope::Title),
        "description" | "caption" if in_picture => Role::Piece(Scope::Body),
        "description" | "summary" | "caption" | "subject" | "subtitle" | "excerpt"
        | "preheader" | "lead" | "teaser" | "firstcomment" | "metadescription"
        | "seodescription" | "ogdescription" | "twitterdescription" => Role::Piece(Scope::Body),
        "alt" | "alttext" | "imagealt" | "coveralt" | "alternativetext" => Role::Piece(Scope::Alt),
        "url" if in_picture => Role::Piece(Scope::Image),
        "src" => Role::Piece(Scope::Image),
        _ if is_picture(&simple) => Role::Piece(Scope::Image),
        "url" | "link" | "canonical" | "href" | "uri" => Role::Piece(Scope::Link),
        "id" => Role::Id,
        _ if is_fact(key) => Role::Fact(snake_case(key)),
        _ => Role::Piece(Scope::Metadata(whole)),
    }
}

fn is_picture(key: &str) -> bool {
    let key: String = key
        .chars()
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    matches!(
        key.as_str(),
        "image"
            | "images"
            | "cover"
            | "thumbnail"
            | "featuredimage"
            | "ogimage"
            | "twitterimage"
            | "photo"
            | "picture"
            | "media"
            | "mediaurl"
            | "mediaurls"
            | "imageurl"
            | "imageurls"
            | "file"
    )
}

/// Whether a key is a language's code, under which a field has its text in that language.
pub(super) fn is_locale(key: &str) -> bool {
    let mut parts = key.split(['-', '_']);
    let language = parts.next().unwrap_or_default();
    let region = parts.next();
    language.len() == 2
        && language.bytes().all(|b| b.is_ascii_lowercase())
        && key != "id"
        && key != "to"
        && key != "by"
        && key != "at"
        && region.is_none_or(|region| matches!(region.len(), 2 | 4))
        && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_in_five_languages() {
        let names = FieldNames::default();
        let fact = |key: &str| Role::Fact(key.to_owned());
        for (header, role) in [
            ("Testo", Role::Text),
            ("Còpia", Role::Text),
            (" MENSAJE ", Role::Text),
            ("Xarxa", fact("channel")),
            ("Rețea", fact("channel")),
            ("Testo alternativo", Role::Piece(Scope::Alt)),
            ("Enllaç", Role::Piece(Scope::Link)),
            ("Media URL(s)", Role::Piece(Scope::Image)),
            ("Posting Time", Role::Date),
            ("Hora", Role::Time),
            ("Approvato da", fact("approved_by")),
            ("authorRole", fact("author_role")),
            ("clearpost_waive", Role::Waiver),
            (
                "Responsabile",
                Role::Piece(Scope::Metadata("Responsabile".into())),
            ),
        ] {
            assert_eq!(of_header(header, &names), role, "{header}");
        }
    }

    #[test]
    fn keys_under_locales_and_pictures_and_as_configured() {
        let names = FieldNames::default();
        for (path, role) in [
            (&["fields", "title", "en"][..], Role::Piece(Scope::Title)),
            (&["fields", "body", "pt-BR"], Role::Text),
            (&["image", "url"], Role::Piece(Scope::Image)),
            (&["sys", "id"], Role::Id),
            (&["approvedBy", "en"], Role::Fact("approved_by".into())),
            (&["tags"], Role::Piece(Scope::Metadata("tags".into()))),
        ] {
            assert_eq!(of_path(path, &names), role, "{path:?}");
        }
        let mut names = FieldNames::default();
        names.named.insert(
            "text".into(),
            vec!["/attributes/copy".into(), "Claim".into()],
        );
        names.ignored.push("internalName".into());
        assert_eq!(of_path(&["attributes", "copy"], &names), Role::Text);
        assert_eq!(of_path(&["claim"], &names), Role::Text);
        assert_eq!(
            of_path(&["fields", "internalName", "en"], &names),
            Role::Ignored
        );
        assert_ne!(of_path(&["text"], &names), Role::Text);
    }
}
