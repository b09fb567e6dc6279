//! What a piece of a draft is to its reader.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a piece of a draft is to its reader.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Scope {
    /// Headline, title of a page or film.
    Title,
    /// Running text, link texts, descriptions, captions.
    Body,
    /// The text that stands for a picture.
    Alt,
    /// Where a link leads.
    Link,
    /// Where a picture comes from.
    Image,
    /// A hashtag.
    Hashtag,
    /// Somebody's name on a channel.
    Handle,
    /// The name of a file.
    FileName,
    /// Program text.
    Code,
    /// A comment in the page's source.
    Comment,
    /// A fact about the draft, by its key.
    Metadata(String),
}

impl Scope {
    const WORDS: [(&'static str, Self); 10] = [
        ("title", Self::Title),
        ("body", Self::Body),
        ("alt", Self::Alt),
        ("link", Self::Link),
        ("image", Self::Image),
        ("hashtag", Self::Hashtag),
        ("handle", Self::Handle),
        ("filename", Self::FileName),
        ("code", Self::Code),
        ("comment", Self::Comment),
    ];

    /// The words for all scopes but `metadata:KEY`.
    pub fn words() -> impl Iterator<Item = &'static str> + Clone {
        Self::WORDS.iter().map(|(word, _)| *word)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Metadata(key) => write!(f, "metadata:{key}"),
            other => f.write_str(
                Self::WORDS
                    .iter()
                    .find(|(_, scope)| scope == other)
                    .map_or("", |(word, _)| word),
            ),
        }
    }
}

/// Not a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAScope;

impl FromStr for Scope {
    type Err = NotAScope;

    fn from_str(text: &str) -> Result<Self, NotAScope> {
        if let Some(key) = text.strip_prefix("metadata:") {
            return if key.is_empty() {
                Err(NotAScope)
            } else {
                Ok(Self::Metadata(key.to_owned()))
            };
        }
        Self::WORDS
            .iter()
            .find(|(word, _)| *word == text)
            .map(|(_, scope)| scope.clone())
            .ok_or(NotAScope)
    }
}

/// The scopes a rule looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scopes {
    /// Everything a reader sees: all but code, comments and metadata.
    #[default]
    Published,
    /// Only these; `metadata:*` stands for every key.
    Only(Vec<Scope>),
}

impl Scopes {
    /// Whether a rule with these scopes looks at `scope`.
    pub fn contains(&self, scope: &Scope) -> bool {
        match self {
            Self::Published => !matches!(scope, Scope::Code | Scope::Comment | Scope::Metadata(_)),
            Self::Only(scopes) => scopes.iter().any(|wanted| match (wanted, scope) {
                (Scope::Metadata(wanted), Scope::Metadata(_)) if wanted == "*" => true,
                _ => wanted == scope,
            }),
        }
    }

    /// The scope in which an example of a rule with these scopes is written.
    pub fn of_examples(&self) -> Scope {
        match self {
            Self::Only(scopes) if !self.contains(&Scope::Body) => {
                scopes.first().cloned().unwrap_or(Scope::Body)
            }
            _ => Scope::Body,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_scopes_agree() {
        for word in Scope::words().chain(["metadata:author"]) {
            assert_eq!(word.parse::<Scope>().unwrap().to_string(), word);
        }
        assert!("bodi".parse::<Scope>().is_err());
        assert!("metadata:".parse::<Scope>().is_err());
    }

    #[test]
    fn published_is_what_a_reader_sees() {
        let any: Scopes = Scopes::Only(vec!["metadata:*".parse().unwrap()]);
        let author = Scope::Metadata("author".into());
        assert!(any.contains(&author) && !any.contains(&Scope::Body));
        assert!(!Scopes::Published.contains(&author));
        assert!(!Scopes::Published.contains(&Scope::Comment));
        assert!(Scopes::Published.contains(&Scope::Hashtag));
    }
}
