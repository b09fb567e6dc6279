//! `clearpost pack fmt`: one form for every pack, nothing lost, nothing changed.

use std::fs;
use std::path::Path;

use clearpost::builtin::builtin;
use clearpost::pack::{Loader, Pack, PackRef, PolicyRef};
use jiff::tz::TimeZone;

use crate::support::program::{clearpost, outcome};

const UNTIDY: &str = "# Clients.\nrules:\n  # The first.\n  - clause: 'SMP-3.1'   # why\n    message: {en: \"“{match}”\",   it: '«{match}»'}\n    # Who they are.\n    terms:   [Acme Corp]\n    id: first\n    examples:\n      allows: [Nobody]\n      violates: ['[[Acme Corp]]']\npack: own\n";

const TIDY: &str = "# Clients.\npack: own\nrules:\n  # The first.\n  - id: first\n    clause: \"SMP-3.1\" # why\n    message: { en: \"“{match}”\", it: \"«{match}»\" }\n    # Who they are.\n    terms: [Acme Corp]\n    examples:\n      violates: [\"[[Acme Corp]]\"]\n      allows: [Nobody]\n";

/// A pack as it is once it is loaded, apart from its lines.
fn loaded(path: &Path) -> Vec<u8> {
    let policy = PolicyRef::Builtin("social-media".into());
    let loaded = Loader::new(&Disk, builtin(), TimeZone::UTC, policy)
        .load(&[PackRef::Path(path.to_owned())]);
    assert!(loaded.problems.is_empty(), "{:?}", loaded.problems);
    let packs: Vec<Pack> = loaded.packs.into_iter().map(without_lines).collect();
    postcard::to_allocvec(&packs).unwrap()
}

fn without_lines(mut pack: Pack) -> Pack {
    for rule in &mut pack.rules {
        std::sync::Arc::make_mut(rule).line = 0;
    }
    pack
}

struct Disk;

impl clearpost::pack::Files for Disk {
    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        fs::read(path)
    }

    fn list(&self, _: &Path) -> Option<Vec<std::path::PathBuf>> {
        None
    }

    fn may_read(&self, _: &Path, _: &Path) -> bool {
        true
    }
}

#[test]
fn a_pack_gets_its_form_and_then_keeps_it() {
    let place = tempfile::tempdir().unwrap();
    let pack = place.path().join("own.yaml");
    fs::write(&pack, UNTIDY).unwrap();
    let before = loaded(&pack);
    let run = |args: &[&str]| outcome(clearpost(place.path()).args(["pack", "fmt"]).args(args));
    let (status, said, _) = run(&["--check", "own.yaml"]);
    assert_eq!(
        (status, said.as_str()),
        (1, "would change own.yaml\n1 pack, 1 would change\n")
    );
    assert_eq!(fs::read_to_string(&pack).unwrap(), UNTIDY);
    let (status, said, errors) = run(&["own.yaml"]);
    assert_eq!(
        (status, said.as_str()),
        (0, "changed own.yaml\n1 pack, 1 changed\n"),
        "{errors}"
    );
    assert_eq!(fs::read_to_string(&pack).unwrap(), TIDY);
    assert_eq!(loaded(&pack), before);
    assert_eq!(run(&["--check", "own.yaml"]).0, 0);
    // Without names, what the configuration has.
    fs::write(
        place.path().join("clearpost.yaml"),
        "packs: [builtin:all, own.yaml]\n",
    )
    .unwrap();
    assert_eq!(run(&["--check"]).0, 0);
}

#[test]
fn what_cannot_be_put_in_order_safely_is_left_as_it_is() {
    let place = tempfile::tempdir().unwrap();
    let rule = "pack: own\nrules:\n  - id: a\n    clause: SMP-3.1\n";
    for (name, text, told) in [
        (
            "alias.yaml",
            format!("{rule}    instead: &x \"y\"\n    message: *x\n    terms: [Acme]\n"),
            "without changing what it says",
        ),
        (
            "register.yaml",
            "register: clients\n".to_owned(),
            "is no pack",
        ),
        (
            "broken.yaml",
            format!("{rule}    terms: [Acme\n"),
            "broken.yaml",
        ),
        ("mark.yaml", format!("\u{FEFF}{rule}"), "UTF-8"),
        ("missing.yaml", String::new(), "no such file"),
    ] {
        let path = place.path().join(name);
        if !text.is_empty() {
            fs::write(&path, &text).unwrap();
        }
        let (status, _, errors) = outcome(clearpost(place.path()).args(["pack", "fmt", name]));
        assert!(
            status == 2 && errors.contains(told),
            "{name}: {status} {errors}"
        );
        if !text.is_empty() {
            assert_eq!(fs::read_to_string(&path).unwrap(), text, "{name}");
        }
    }
}

#[test]
fn the_packs_that_ship_say_the_same_in_their_form() {
    let place = tempfile::tempdir().unwrap();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/packs");
    let mut done = 0;
    for entry in fs::read_dir(&from).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap();
        let to = place.path().join(name);
        if path.is_dir() {
            fs::create_dir(&to).unwrap();
            for list in fs::read_dir(&path).unwrap() {
                let list = list.unwrap().path();
                fs::copy(&list, to.join(list.file_name().unwrap())).unwrap();
            }
            continue;
        }
        fs::copy(&path, &to).unwrap();
        done += 1;
    }
    let run = |args: &[&str]| {
        outcome(
            clearpost(place.path())
                .args(["pack", "fmt", "."])
                .args(args),
        )
    };
    let (status, said, errors) = run(&[]);
    assert_eq!(status, 0, "{said}{errors}");
    let (status, said, _) = run(&["--check"]);
    assert_eq!(status, 0, "{said}");
    for file in fs::read_dir(place.path()).unwrap() {
        let file = file.unwrap().path();
        if file.is_file() {
            let pack = loaded(&file);
            let original = place.path().join("original");
            fs::create_dir_all(&original).unwrap();
            // Lists are found beside the pack, so the original goes where the new one was.
            fs::rename(&file, original.join("new.yaml")).unwrap();
            fs::copy(from.join(file.file_name().unwrap()), &file).unwrap();
            assert!(loaded(&file) == pack, "{}", file.display());
        }
    }
    assert!(done > 10);
}
