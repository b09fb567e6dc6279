//! The schemas say what the readers read, no more and no less, and real files keep to them.
//!
//! The readers are asked themselves: a key that nobody knows is refused with the list of those known.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use clearpost::draft::Scope;
use clearpost::draft::read::FORMATS;
use clearpost::image::AssetKind;
use clearpost::kind::Kind;
use clearpost::kind::identifier::Identifier;
use clearpost::register::{NAMES, PERIODS};
use clearpost::report::Format;
use serde_json::Value;

use crate::support::program::{clearpost, outcome};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

const SCHEMAS: [&str; 5] = ["packs", "config", "assets", "registers", "findings"];

/// For each kind of map all sets of keys that it can have.
type Keys = BTreeMap<String, BTreeSet<BTreeSet<String>>>;

fn schema(name: &str) -> Value {
    let (status, text, _) = outcome(clearpost(Path::new(ROOT)).args(["pack", "schema", name]));
    assert_eq!(status, 0, "{name}");
    let file = fs::read_to_string(Path::new(ROOT).join(format!("schemas/{name}.json"))).unwrap();
    assert_eq!(text, file, "{name}");
    serde_json::from_str(&text).unwrap()
}

/// Checks `value` against a schema: what is wrong with it.
fn mistakes(schema: &Value, value: &Value) -> Vec<String> {
    let validator = jsonschema::draft7::new(schema).unwrap();
    validator
        .iter_errors(value)
        .map(|error| format!("{} at {}", error, error.instance_path()))
        .collect()
}

fn yaml(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap();
    serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn files(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(Path::new(ROOT).join(folder)).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|e| e == "yaml"));
    files.sort();
    assert!(!files.is_empty(), "{folder}");
    files
}

/// The keys of every map that a schema describes, by its title, which is what mistakes call it.
fn keys_of_schema(schema: &Value) -> Keys {
    let mut keys = Keys::new();
    let mut open = vec![schema];
    while let Some(value) = open.pop() {
        match value {
            Value::Array(items) => open.extend(items),
            Value::Object(map) => {
                if let (Some(Value::String(title)), Some(Value::Object(properties))) =
                    (map.get("title"), map.get("properties"))
                {
                    assert_eq!(map["additionalProperties"], false, "{title}");
                    let names = properties.keys().cloned().collect();
                    keys.entry(title.clone()).or_default().insert(names);
                }
                open.extend(map.values());
            }
            _ => {}
        }
    }
    keys
}

/// The keys that a reader says it knows, by the map in which it met `zzz`.
fn keys_of_reader(files: &[(&str, &str)]) -> Keys {
    let place = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = place.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    fs::write(place.path().join("d.md"), "x").unwrap();
    let run = clearpost(place.path()).args(["check", "--format", "json", "d.md"]);
    let (status, report, _) = outcome(run);
    assert_eq!(status, 2);
    let report: Value = serde_json::from_str(&report).unwrap();
    let mut keys = Keys::new();
    for problem in report["problems"].as_array().unwrap() {
        let message = problem["message"].as_str().unwrap();
        let Some(owner) = message.strip_prefix("unknown key `zzz` in ") else {
            continue;
        };
        let help = problem["help"].as_str().unwrap();
        let (_, known) = help.split_once("nown here: ").unwrap();
        let known = known.split(", ").map(str::to_owned).collect();
        keys.entry(owner.to_owned()).or_default().insert(known);
    }
    keys
}

fn assert_same(schema: &Keys, reader: &Keys) {
    for (title, keys) in schema {
        assert_eq!(reader.get(title), Some(keys), "{title}");
    }
    for title in reader.keys() {
        assert!(schema.contains_key(title), "{title} is in no schema");
    }
}

#[test]
fn a_pack_has_the_keys_that_its_schema_explains() {
    let conditions = [
        "terms: [{term: Acme, zzz: 1}]",
        "terms: {register: clients, zzz: 1}",
        "terms: [Acme]\n    except: [{register: figures, zzz: 1}]",
        "terms: [Acme]\n    count: {at_least: 1, zzz: 1}",
        "not: {terms: [Acme], zzz: 1}",
        "require: {any_of: [Acme], zzz: 1, where: {first: 3 characters, zzz: 1}}",
        "metadata: {key: a, without: [{register: clients, zzz: 1}], zzz: 1}",
        "identifier: {kind: email, allow: [{register: domains, zzz: 1}], zzz: 1}",
        "link: {params: {required: [a], zzz: 1}, zzz: 1}",
        "limit: {words: 1, zzz: 1}",
        "density: {zzz: 1, exclamations: {in_all: 1, zzz: 1}, questions: {in_all: 1, zzz: 1}, punctuation: {in_a_row: 1, zzz: 1}, capitals: {in_all: 1, zzz: 1}, hashtags: {in_all: 1, zzz: 1}, mentions: {in_all: 1, zzz: 1}, emoji: {in_all: 1, zzz: 1}}",
        "disguise: {bidi: true, zzz: 1}",
        "image: {alt: required, zzz: 1}",
        "terms: [Acme]\n    zzz: 1\n    when: {zzz: 1}\n    waivable: {by: x, zzz: 1}\n    severity: [{is: note, when: {channels: x}, zzz: 1}]\n    examples: {zzz: 1}",
    ];
    let mut pack = "pack: own\nzzz: 1\ndefaults: {resist: none, zzz: 1}\nchanges: [{rule: a/b, severity: note, zzz: 1}]\nrules:\n".to_owned();
    for (number, condition) in conditions.iter().enumerate() {
        let id = number.to_string();
        pack.extend([
            "  - id: r",
            &id,
            "\n    clause: SMP-1.1\n    message: m\n    ",
            condition,
            "\n",
        ]);
    }
    let reader = keys_of_reader(&[("clearpost.yaml", "packs: own.yaml\n"), ("own.yaml", &pack)]);
    assert_same(&keys_of_schema(&schema("packs")), &reader);
}

#[test]
fn a_configuration_a_registry_and_registers_have_the_keys_that_their_schemas_explain() {
    let reader = keys_of_reader(&[(
        "clearpost.yaml",
        "zzz: 1\ndrafts: [{paths: a, zzz: x, columns: {zzz: x}}]\n",
    )]);
    let mut config = keys_of_schema(&schema("config"));
    // Only near drafts, where other keys are none; the pack's own test knows a change.
    config.remove("a change");
    let top = config.remove("the configuration").unwrap();
    let top: BTreeSet<BTreeSet<String>> = top
        .into_iter()
        .map(|keys| keys.into_iter().filter(|key| key != "overrides").collect())
        .collect();
    config.insert("the configuration".to_owned(), top);
    assert_same(&config, &reader);

    let reader = keys_of_reader(&[
        ("clearpost.yaml", "assets: assets.yaml\n"),
        (
            "assets.yaml",
            "zzz: 1\nassets: [{id: a, kind: logo, file: a.png, zzz: 1, allowed: {zzz: 1}}]\n",
        ),
    ]);
    assert_same(&keys_of_schema(&schema("assets")), &reader);

    let texts = NAMES.map(|name| {
        let time = if PERIODS.contains(&name) {
            "from: 2027-01-01, until: 2027-01-02, "
        } else {
            "approved: {by: x, zzz: 1}, "
        };
        let text = format!("register: {name}\nzzz: 1\nentries: [{{name: Acme, {time}zzz: 1}}]\n");
        (format!("registers/{name}.yaml"), text)
    });
    let mut files = vec![("clearpost.yaml", "registers: registers\n")];
    files.extend(
        texts
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str())),
    );
    assert_same(
        &keys_of_schema(&schema("registers")),
        &keys_of_reader(&files),
    );
}

#[test]
fn words_are_those_that_the_readers_take() {
    let packs = schema("packs");
    let config = schema("config");
    let words = |schema: &Value, pointer: &str| -> Vec<String> {
        let list = schema
            .pointer(pointer)
            .unwrap_or_else(|| panic!("{pointer}"));
        let list = list.as_array().unwrap();
        list.iter()
            .map(|word| word.as_str().unwrap().to_owned())
            .collect()
    };
    let registers = schema("registers");
    assert_eq!(words(&packs, "/definitions/register_name/enum"), NAMES);
    assert_eq!(words(&registers, "/properties/register/enum"), NAMES);
    assert_eq!(
        words(
            &packs,
            "/definitions/identifier/properties/kind/anyOf/0/enum"
        ),
        Identifier::WORDS.map(|(word, _)| word)
    );
    assert_eq!(
        words(&packs, "/definitions/scopes/anyOf/0/anyOf/0/enum"),
        Scope::words().collect::<Vec<_>>()
    );
    assert_eq!(
        words(&config, "/definitions/draft/properties/input_format/enum"),
        FORMATS.map(clearpost::draft::read::Reader::name)
    );
    assert_eq!(
        words(&config, "/properties/format/enum"),
        Format::ALL
            .iter()
            .map(|format| format.name())
            .collect::<Vec<_>>()
    );
    assert_eq!(
        words(&schema("assets"), "/definitions/asset/properties/kind/enum"),
        AssetKind::WORDS.map(|(word, _)| word)
    );
    for (kind, _) in Kind::BY_KEY {
        let pointer = format!("/definitions/condition/properties/{kind}");
        assert!(packs.pointer(&pointer).is_some(), "{kind}");
    }
}

#[test]
fn every_schema_is_one_and_explains_every_key() {
    for name in SCHEMAS {
        let schema = schema(name);
        assert!(
            jsonschema::draft7::meta::validate(&schema).is_ok(),
            "{name}"
        );
        assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
        if name == "findings" {
            continue;
        }
        let mut open = vec![&schema];
        while let Some(value) = open.pop() {
            let Value::Object(map) = value else {
                if let Value::Array(items) = value {
                    open.extend(items);
                }
                continue;
            };
            if let (Some(_), Some(Value::Object(properties))) =
                (map.get("title"), map.get("properties"))
            {
                for (key, property) in properties {
                    let is_explained = |value: &Value| value["description"].is_string();
                    let referred = property["$ref"].as_str().map(|to| &to[1..]);
                    let referred = referred.and_then(|to| schema.pointer(to));
                    assert!(
                        is_explained(property) || referred.is_some_and(is_explained),
                        "{name}: {} {key}",
                        map["title"]
                    );
                }
            }
            open.extend(map.values());
        }
    }
}

#[test]
fn real_files_keep_to_their_schemas() {
    let place = tempfile::tempdir().unwrap();
    let (status, ..) = outcome(clearpost(place.path()).args(["init", "."]));
    assert_eq!(status, 0);
    let written = |path: &str| place.path().join(path);
    let root = |path: &str| Path::new(ROOT).join(path);
    let mut packs = files("rules/packs");
    packs.extend(files("examples/packs"));
    packs.push(written("packs/company.yaml"));
    let mut registers = files("examples/registers");
    for entry in fs::read_dir(written("registers")).unwrap() {
        registers.push(entry.unwrap().path());
    }
    let configs = [
        root("examples/clearpost.yaml"),
        root("examples/pictures.yaml"),
        written("clearpost.yaml"),
    ];
    for (name, files) in [
        ("packs", packs.as_slice()),
        ("registers", &registers),
        ("config", &configs),
        ("assets", &[root("examples/assets.yaml")]),
    ] {
        let schema = schema(name);
        for file in files {
            let wrong = mistakes(&schema, &yaml(file));
            assert!(wrong.is_empty(), "{}: {wrong:#?}", file.display());
        }
    }
}

#[test]
fn what_init_writes_names_a_schema_that_is_there() {
    let place = tempfile::tempdir().unwrap();
    let (status, ..) = outcome(clearpost(place.path()).args(["init", "."]));
    assert_eq!(status, 0);
    for (file, name) in [
        ("clearpost.yaml", "config"),
        ("packs/company.yaml", "packs"),
        ("registers/clients.yaml", "registers"),
        ("registers/quiet_periods.yaml", "registers"),
    ] {
        let path = place.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        let first = text.lines().next().unwrap();
        let named = first
            .strip_prefix("# yaml-language-server: $schema=")
            .unwrap();
        let schema = fs::read_to_string(path.parent().unwrap().join(named)).unwrap();
        let own = fs::read_to_string(Path::new(ROOT).join(format!("schemas/{name}.json")));
        assert_eq!(schema, own.unwrap(), "{file}");
    }
    // Schemas are no drafts.
    let (status, _, errors) = outcome(clearpost(place.path()).args(["check", "."]));
    assert!(!errors.contains("schema"), "{status} {errors}");
}

#[test]
fn mistakes_are_seen_in_an_editor() {
    let packs = schema("packs");
    let rule = |rule: &str| {
        let text = format!(
            "pack: p\nrules:\n  - id: a\n    clause: SMP-1.1\n    message: m\n    {rule}\n"
        );
        mistakes(&packs, &serde_yaml::from_str(&text).unwrap())
    };
    assert!(rule("terms: [Acme]").is_empty());
    for wrong in [
        "tems: [Acme]",
        "terms: Acme",
        "terms: []",
        "terms: [{trm: Acme}]",
        "terms: {register: client}",
        "terms: [Acme]\n    within: 12 miles",
        "identifier: {kind: mail}",
        "limit: {words: -1}",
        "terms: [Acme]\n    severity: fatal",
        "terms: [Acme]\n    when: {scopes: [bodi]}",
    ] {
        assert!(!rule(wrong).is_empty(), "{wrong}");
    }
}

#[test]
fn reports_keep_to_their_schema() {
    let schema = schema("findings");
    let place = tempfile::tempdir().unwrap();
    let waived = "<!-- clearpost-ignore clients/unapproved-client: agreed by phone -->\nGuaranteed returns, the best in the world, says a.b@example.org.\n";
    fs::write(place.path().join("d.md"), waived).unwrap();
    let examples = Path::new(ROOT).join("examples");
    let runs: [(&Path, &[&str]); 3] = [
        (
            &examples,
            &[
                "--config",
                "clearpost.yaml",
                "drafts",
                "formats",
                "missing.md",
            ],
        ),
        (&examples, &["--config", "pictures.yaml", "pictures"]),
        (place.path(), &["--show-waived", "d.md"]),
    ];
    let (mut findings, mut problems) = (0, 0);
    for (folder, args) in runs {
        let run = clearpost(folder)
            .args(["check", "--format", "json"])
            .args(args);
        let (_, report, errors) = outcome(run);
        let report: Value = serde_json::from_str(&report).unwrap_or_else(|_| panic!("{errors}"));
        let wrong = mistakes(&schema, &report);
        assert!(wrong.is_empty(), "{args:?}: {wrong:#?}");
        findings += report["findings"].as_array().unwrap().len();
        problems += report["problems"].as_array().unwrap().len();
    }
    assert!(findings > 10 && problems > 0, "{findings} {problems}");
}
