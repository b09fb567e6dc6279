//! The policy and packs that the program carries.
//!
//! `build.rs` reads `rules/` with the modules of this library and writes one image; here it is only
//! decoded, so that a start parses no YAML and no Markdown: each pack when somebody asks for it. The
//! index of all words is not even decoded: it is read where it lies.

use std::sync::OnceLock;

use crate::pack::Builtin;

static IMAGE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/builtin.image"));

/// Everything built in.
///
/// # Panics
///
/// Never: the image is the one that this build wrote.
pub fn builtin() -> &'static Builtin {
    static DECODED: OnceLock<Builtin> = OnceLock::new();
    // The same build wrote the image, and a test decodes it. No packs would be silence.
    DECODED.get_or_init(|| postcard::from_bytes(IMAGE).expect("the image of this very build"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::ClauseId;

    #[test]
    fn the_image_holds_the_policy_in_five_languages_and_packs_that_cite_it() {
        let builtin: Builtin = postcard::from_bytes(IMAGE).unwrap();
        let policy = &builtin.policies[0];
        assert_eq!(policy.name, "social-media");
        for clause in &policy.clauses {
            assert_eq!(clause.texts.len(), 5, "{}", clause.id);
            for text in &clause.texts {
                assert!(
                    !text.body.text.is_empty() && text.advice.is_some(),
                    "{} {}",
                    clause.id,
                    text.lang
                );
            }
        }
        let ids: Vec<&ClauseId> = policy.clauses.iter().map(|clause| &clause.id).collect();
        for pack in builtin.packs() {
            assert!(!pack.rules.is_empty(), "{}", pack.name);
            for rule in &pack.rules {
                assert!(ids.contains(&&rule.clause), "{}", rule.id);
            }
        }
    }
}
