//! Keeps secrets out of reports: what a rule with `secret: true` finds is neither repeated in words
//! nor shown in the lines of any finding.

use std::collections::HashMap;
use std::sync::Arc;

use super::Finding;
use super::check::fingerprint;
use crate::text::{Source, Span};

/// What stands for words that are not repeated.
pub(super) const HIDDEN: &str = "•••";

/// Takes everything that secret findings found out of what all of `findings` show.
///
/// Every check does so for its own draft. Drafts of one file share its lines, so whoever shows their
/// findings together calls this once more for all of them.
pub fn veil<'f>(findings: impl Iterator<Item = &'f mut Finding>) {
    let mut findings: Vec<&mut Finding> = findings.collect();
    if findings.iter().all(|finding| !finding.secret) {
        return;
    }
    let file = |finding: &Finding| {
        let source = &finding.source;
        (source.name().to_owned(), source.start().byte)
    };
    let mut secrets: HashMap<(String, usize), Vec<Span>> = HashMap::new();
    for finding in findings.iter().filter(|finding| finding.secret) {
        secrets.entry(file(finding)).or_default().push(finding.span);
    }
    let mut veiled: HashMap<(String, usize), Arc<Source>> = HashMap::new();
    let mut ordinals = HashMap::new();
    for finding in &mut findings {
        let file = file(finding);
        if let Some(spans) = secrets.get(&file) {
            // What another rule found around it would say it.
            let meets = |span: &Span| {
                span.start() < finding.span.end() && finding.span.start() < span.end()
            };
            if !finding.secret && spans.iter().any(meets) {
                finding.message = finding.message.replace(&finding.matched, HIDDEN);
                HIDDEN.clone_into(&mut finding.matched);
                finding.fixes.clear();
                finding.secret = true;
                let key = (Arc::clone(&finding.rule), finding.record);
                let ordinal = ordinals.entry(key).or_insert(0_u32);
                finding.fingerprint = fingerprint(finding, HIDDEN, *ordinal);
                *ordinal += 1;
            }
            let source = veiled
                .entry(file)
                .or_insert_with(|| Arc::new(finding.source.veiled(spans)));
            finding.source = Arc::clone(source);
        }
    }
}
