//! Data flows one way: a module imports only from those above it in `src/lib.rs`.

#![allow(clippy::print_stderr, reason = "a test says what went wrong and stops")]

use std::fs;
use std::path::{Path, PathBuf};

/// The modules in the order of `DESIGN.md`; each may import from those before it.
const ORDER: [&str; 12] = [
    "text", "policy", "draft", "register", "image", "kind", "pack", "builtin", "engine", "triage",
    "report", "cli",
];

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

#[test]
fn modules_import_only_from_above() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut seen = 0;
    for file in files(&src) {
        let relative = file.strip_prefix(&src).unwrap();
        let first = relative
            .components()
            .next()
            .unwrap()
            .as_os_str()
            .to_str()
            .unwrap();
        let module = first.trim_end_matches(".rs");
        let Some(rank) = ORDER.iter().position(|name| *name == module) else {
            assert!(
                matches!(module, "lib" | "main"),
                "{module} is missing from this test's order"
            );
            continue;
        };
        for line in fs::read_to_string(&file).unwrap().lines() {
            let code = line.split("//").next().unwrap_or_default();
            for (at, _) in code.match_indices("crate::") {
                let imported: String = code[at + 7..]
                    .chars()
                    .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                    .collect();
                let Some(below) = ORDER.iter().position(|name| *name == imported) else {
                    continue;
                };
                seen += 1;
                assert!(
                    below <= rank,
                    "{}: `{module}` imports from `{imported}`",
                    relative.display()
                );
            }
        }
    }
    assert!(seen > 50, "the imports were not found: {seen}");
}
