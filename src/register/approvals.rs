//! `approvals.yaml`: which names may be used, kept apart from the registers that hold them.
//!
//! `approvals: [{name: Banca Orsini, register: clients, until: 2027-01-31, by: legal@example.com}]`.
//! It says the same as `approved:` in an entry.

use std::sync::Arc;

use jiff::tz::TimeZone;

use super::read::approval_of;
use super::{Approval, NAMES, Register};
use crate::text::shape::{Reader, nearest};
use crate::text::{Problem, Source, Span};

/// An approval of a name that no register has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("no register has the name “{name}”")]
#[diagnostic(code(clearpost::approvals::unknown_name), help("{help}"))]
struct UnknownName {
    name: String,
    help: String,
}

/// Approves in `registers` what a list of approvals names; mistakes go to `problems`.
pub fn approve(
    source: &Arc<Source>,
    zone: &TimeZone,
    registers: &mut [Register],
    problems: &mut Vec<Problem>,
) {
    let mut reader = Reader::new(source, problems);
    let Some(root) = reader.root() else { return };
    let Some(fields) = reader.map(&root, "the approvals", &["approvals"]) else {
        return;
    };
    let Some(list) = reader.required(&fields, "approvals", "the approvals") else {
        return;
    };
    let known: Vec<(&str, &str)> = NAMES.iter().map(|name| (*name, *name)).collect();
    for item in reader.list(list, "approvals").unwrap_or_default() {
        let keys = ["name", "register", "until", "channels", "by"];
        let Some(fields) = reader.map(item, "an approval", &keys) else {
            continue;
        };
        let Some(node) = reader.required(&fields, "name", "an approval") else {
            continue;
        };
        let Some(name) = reader.text(node, "name") else {
            continue;
        };
        let register = match fields.get("register") {
            None => None,
            Some(node) => match reader.one_of(node, "register", &known) {
                Some(register) => Some(register),
                None => continue,
            },
        };
        if let Some(approval) = approval_of(&mut reader, &fields, zone)
            && !give(name, register, &approval, registers)
        {
            report(name, node.at, registers, &mut reader);
        }
    }
}

/// Approves every entry called `name`; whether there is one.
fn give(
    name: &str,
    register: Option<&str>,
    approval: &Approval,
    registers: &mut [Register],
) -> bool {
    let mut is_known = false;
    let entries = registers
        .iter_mut()
        .filter(|have| register.is_none_or(|wanted| have.name == wanted))
        .flat_map(|register| &mut register.entries);
    for entry in entries {
        if entry.names().any(|known| known == name) {
            entry.approved = Some(approval.clone());
            is_known = true;
        }
    }
    is_known
}

fn report(name: &str, at: Span, registers: &[Register], reader: &mut Reader<'_>) {
    let entries = registers.iter().flat_map(|register| &register.entries);
    let near = nearest(name, entries.flat_map(super::Entry::names));
    let help = near.map_or_else(
        || "list it in its register first, or correct the name".to_owned(),
        |near| format!("did you mean “{near}”?"),
    );
    let error = UnknownName {
        name: name.to_owned(),
        help,
    };
    reader.report(&error, at, "nobody knows it");
}
