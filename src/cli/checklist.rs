//! `check --checklist`: the clauses that only a person can judge, to be ticked off.

use std::io::{self, Write};

use super::rules::InForce;
use crate::report::visible;
use crate::text::Lang;

/// A clause to think about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    id: String,
    title: String,
    says: String,
}

/// The clauses marked `manual: true` of every policy in force that are asked for, for a reader of
/// `lang`.
pub(super) fn items(in_force: &InForce, lang: Lang) -> Vec<Item> {
    let selection = &in_force.options.selection;
    let policies = in_force.loaded.policies.values();
    policies
        .flat_map(|policy| &policy.clauses)
        .filter(|clause| clause.manual && selection.takes_clause(&clause.id))
        .map(|clause| {
            let text = clause.text(lang);
            Item {
                id: clause.id.to_string(),
                title: text.title.clone(),
                says: text.body.text.replace('\n', " "),
            }
        })
        .collect()
}

/// Writes the list.
pub(super) fn write(items: &[Item], out: &mut dyn Write) -> io::Result<()> {
    if items.is_empty() {
        return writeln!(
            out,
            "\nNo clause is marked `manual: true`, so there is nothing to tick off."
        );
    }
    writeln!(out, "\nOnly a person can judge these:")?;
    for item in items {
        writeln!(out, "  [ ] {} {}", item.id, visible(&item.title))?;
        writeln!(out, "      {}", visible(&item.says))?;
    }
    Ok(())
}
