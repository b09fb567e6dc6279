//! `overrides:` in a configuration near the drafts: what a team changes for its own drafts.
//!
//! It may make more of a finding. It may make less of one only where the pack says `adjustable: true`,
//! so that those who write cannot switch off what those who keep the policy wrote.

use std::path::Path;
use std::sync::Arc;

use super::config::Config;
use crate::engine::{Checked, Rulebook};
use crate::pack::{Change, ChangeTo};
use crate::text::Problem;
use crate::text::shape::nearest;

/// An override that changes nothing it may change.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
enum OverrideError {
    #[error("no rule in force is `{rule}`")]
    #[diagnostic(code(clearpost::overrides::unknown_rule), help("{help}"))]
    Unknown { rule: String, help: String },
    #[error("`{rule}` may be made stricter here, and not more lenient")]
    #[diagnostic(
        code(clearpost::overrides::not_adjustable),
        help("ask those who keep the pack to mark the rule `adjustable: true`, or to change it")
    )]
    NotAdjustable { rule: String },
}

/// Tells what is wrong with the overrides of a configuration near drafts.
pub(super) fn check(config: &Config, rulebook: &Rulebook, problems: &mut Vec<Problem>) {
    let Some(source) = &config.source else { return };
    for change in &config.overrides {
        let mut about = rulebook
            .rules()
            .iter()
            .filter(|rule| change.is_about(&rule.id))
            .peekable();
        let error = if about.peek().is_none() {
            let ids = rulebook.rules().iter().map(|rule| &*rule.id);
            let help = nearest(&change.rule, ids).map_or_else(
                || "`clearpost packs` lists the rules in force".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            let rule = change.rule.clone();
            Some(OverrideError::Unknown { rule, help })
        } else {
            about
                .find(|rule| change.loosens(rule.severity) && !rule.rule.adjustable)
                .map(|rule| OverrideError::NotAdjustable {
                    rule: rule.id.to_string(),
                })
        };
        if let Some(error) = error {
            problems.push(Problem::new(&error).at(source, change.at, "here"));
        }
    }
}

/// Does to the findings of a draft what the configurations near it say, the nearest last.
pub(super) fn apply(near: &[Arc<Config>], rulebook: &Rulebook, checked: &mut Checked) {
    for change in near.iter().flat_map(|config| &config.overrides) {
        apply_one(change, rulebook, checked);
    }
}

fn apply_one(change: &Change, rulebook: &Rulebook, checked: &mut Checked) {
    let may = |id: &str, severity| {
        let rule = rulebook.rules().iter().find(|rule| *rule.id == *id);
        change.is_about(id)
            && rule.is_some_and(|rule| !change.loosens(severity) || rule.rule.adjustable)
    };
    match &change.to {
        ChangeTo::Off(_) => {
            checked
                .findings
                .retain(|finding| !may(&finding.rule, finding.severity));
        }
        ChangeTo::Severity(severity) => {
            for finding in &mut checked.findings {
                if may(&finding.rule, finding.severity) {
                    finding.severity = *severity;
                }
            }
        }
    }
}

/// The folder of a draft, as configurations near it are looked up.
pub(super) fn folder_of(name: &str) -> &Path {
    Path::new(name).parent().unwrap_or(Path::new(""))
}
