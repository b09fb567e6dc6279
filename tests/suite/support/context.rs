//! What a company would have in its registers, from the context that labelled cases come with.

use std::sync::Arc;

use clearpost::draft::Draft;
use clearpost::engine::Album;
use clearpost::image::{Asset, AssetKind, Match, Seen, Terms};
use clearpost::register::{Approval, Entry, Held, Register, figure_names};
use jiff::Timestamp;
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
    let lists = [
        ("clients", "/clients"),
        ("suppliers", "/suppliers"),
        ("codenames", "/code_names"),
        ("products", "/organisation/products"),
        ("products", "/unreleased"),
        ("people", "/people"),
        ("premises", "/premises"),
        ("marks", "/protected_marks"),
        ("competitors", "/competitors"),
        ("internal", "/internal_hosts"),
        ("internal", "/ticket_prefixes"),
        ("domains", "/link_policy/own_domains"),
        ("disclosures", "/organisation/employee_disclosures"),
        ("quiet_periods", "/quiet_periods"),
        ("election_periods", "/election_periods"),
    ];
    let items = |place: &str| {
        let found = context.pointer(place).and_then(Value::as_array);
        found.map(Vec::as_slice).unwrap_or_default()
    };
    let mut registers: Vec<Register> = Vec::new();
    let mut add =
        |name: &str, entry: Entry| match registers.iter_mut().find(|have| have.name == name) {
            Some(register) => register.entries.push(entry),
            None => registers.push(Register {
                name: name.to_owned(),
                entries: vec![entry],
                ..Register::default()
            }),
        };
    for (name, place) in lists {
        for item in items(place) {
            add(name, entry(item));
        }
    }
    add("organisation", entry(&context["organisation"]));
    for item in items("/embargoes") {
        let mut names = texts(item, "terms").into_iter();
        add(
            "embargoes",
            Entry {
                name: names.next().unwrap_or_default(),
                aliases: names.collect(),
                ..entry(item)
            },
        );
    }
    for item in items("/public_figures") {
        let number = item["number"].as_u64().and_then(|n| u32::try_from(n).ok());
        let languages = item["unit"].as_object().into_iter().flatten();
        let units = languages.flat_map(|(_, words)| words.as_array().into_iter().flatten());
        let names: Vec<String> = match number {
            Some(number) => units
                .filter_map(Value::as_str)
                .flat_map(|unit| figure_names(number, unit))
                .collect(),
            None => item.as_str().map(str::to_owned).into_iter().collect(),
        };
        for name in names {
            add("figures", Entry::from(name));
        }
    }
    registers
}

/// What is known of the pictures of a draft from their addresses alone: those in the approved library,
/// and the approved logos.
pub(crate) fn album(draft: &Draft, context: &Value) -> Album {
    let prefixes = texts(context, "approved_asset_prefixes");
    let logos = texts(context, "approved_logos");
    let seen = |target: &str| {
        let logo = logos.iter().find(|logo| *logo == target);
        Seen {
            in_library: prefixes.iter().any(|prefix| target.starts_with(prefix)),
            matches: logo.into_iter().map(|logo| approved_logo(logo)).collect(),
            ..Seen::default()
        }
    };
    Album {
        pictures: draft
            .pictures()
            .iter()
            .map(|picture| seen(&draft.text()[picture.target.clone()]))
            .collect(),
        has_registry: !prefixes.is_empty(),
    }
}

fn approved_logo(file: &str) -> Match {
    let asset = Asset {
        id: file.to_owned(),
        kind: AssetKind::Logo,
        group: None,
        file: Some(file.to_owned()),
        owner: None,
        licence: None,
        credit: None,
        terms: Terms::default(),
        release: None,
        notes: None,
        protected: false,
        allowed: None,
        clause: None,
    };
    Match {
        asset: Arc::new(asset),
        distance: None,
    }
}

fn texts(value: &Value, key: &str) -> Vec<String> {
    let items = value[key].as_array().map(Vec::as_slice).unwrap_or_default();
    items
        .iter()
        .filter_map(|item| item.as_str().map(str::to_owned))
        .collect()
}

fn instant(value: &Value, key: &str) -> Option<Timestamp> {
    value[key].as_str()?.parse().ok()
}

fn entry(value: &Value) -> Entry {
    let name = value
        .as_str()
        .or_else(|| value["name"].as_str())
        .unwrap_or_default()
        .to_owned();
    let mut entry = Entry {
        aliases: texts(value, "aliases"),
        forms: texts(value, "inflections"),
        ambiguous: texts(value, "ambiguous_aliases"),
        near: texts(value, "context"),
        ..Entry::default()
    };
    if value["ambiguous"] == true {
        entry.ambiguous.push(name.clone());
    }
    if value["consent"] == true {
        entry.approved = Some(Approval::default());
    }
    let until = ["launch", "until", "to"]
        .into_iter()
        .find_map(|key| instant(value, key));
    let from = instant(value, "from");
    if until.or(from).is_some() {
        entry.held = Some(Held { from, until });
    }
    if !entry.ambiguous.is_empty() && entry.near.is_empty() {
        entry.near = COMPANY.map(str::to_owned).to_vec();
    }
    entry.name = name;
    entry
}
