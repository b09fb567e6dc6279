//! What a company would have in its registers, from the context that labelled cases come with.

use clearpost::register::{Approval, Entry, Register};
use serde_json::Value;

/// What tells a company from the common word, where the context does not say: a company that keeps
/// its own register says it better.
const COMPANY: [&str; 20] = [
    "client",
    "customer",
    "supplier",
    "contract",
    "account",
    "insurance",
    "cliente",
    "fornitore",
    "contratto",
    "assicurazione",
    "polizza",
    "proveedor",
    "contrato",
    "seguro",
    "furnizor",
    "hosting",
    "asigurare",
    "proveïdor",
    "contracte",
    "assegurança",
];

/// The context's lists, as the registers a company would keep.
pub(crate) fn registers(context: &Value) -> Vec<Register> {
    [
        ("clients", "/clients"),
        ("suppliers", "/suppliers"),
        ("codenames", "/code_names"),
        ("products", "/unreleased"),
        ("people", "/people"),
        ("premises", "/premises"),
        ("marks", "/protected_marks"),
        ("competitors", "/competitors"),
        ("internal", "/internal_hosts"),
        ("internal", "/ticket_prefixes"),
        ("domains", "/link_policy/own_domains"),
    ]
    .into_iter()
    .filter_map(|(name, place)| {
        let entries = context
            .pointer(place)?
            .as_array()?
            .iter()
            .map(entry)
            .collect();
        Some(Register {
            name: name.to_owned(),
            entries,
        })
    })
    .collect()
}

fn entry(value: &Value) -> Entry {
    let texts = |key: &str| -> Vec<String> {
        let items = value[key].as_array().map(Vec::as_slice).unwrap_or_default();
        items
            .iter()
            .filter_map(|item| item.as_str().map(str::to_owned))
            .collect()
    };
    let name = value
        .as_str()
        .or_else(|| value["name"].as_str())
        .unwrap_or_default()
        .to_owned();
    let mut entry = Entry {
        aliases: texts("aliases"),
        forms: texts("inflections"),
        ambiguous: texts("ambiguous_aliases"),
        near: texts("context"),
        ..Entry::default()
    };
    if value["ambiguous"] == true {
        entry.ambiguous.push(name.clone());
    }
    if value["consent"] == true {
        entry.approved = Some(Approval::default());
    }
    if !entry.ambiguous.is_empty() && entry.near.is_empty() {
        entry.near = COMPANY.map(str::to_owned).to_vec();
    }
    entry.name = name;
    entry
}
