//! What is in force is what somebody looked at (`clearpost.lock`) and who wrote it (signatures).

use std::fs;
use std::path::Path;

use crate::support::program::{clearpost, outcome};

/// A repository with a configuration, a pack, its list, a policy and a register.
fn place() -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    for folder in [".git", "packs", "registers"] {
        fs::create_dir(place.path().join(folder)).unwrap();
    }
    for (name, text) in [
        (
            "clearpost.yaml",
            "packs: [packs, builtin:clients]\npolicy: policy.md\nregisters: registers\n",
        ),
        (
            "policy.md",
            "---\npolicy: own\ntitle: Own\n---\n# SMP-3.1 Clients\nName none.\n\nInstead: do not.\n",
        ),
        (
            "packs/own.yaml",
            "pack: own\nrules:\n  - id: client\n    clause: SMP-3.1\n    message: \"{match}\"\n    terms_from: names.txt\n",
        ),
        ("packs/names.txt", "Zzquxo\n"),
        (
            "registers/clients.yaml",
            "register: clients\nentries: [Wyvern Bank]\n",
        ),
        ("d.md", "Nothing here.\n"),
    ] {
        fs::write(place.path().join(name), text).unwrap();
    }
    place
}

fn run(place: &Path, args: &[&str]) -> (i32, String) {
    let (status, out, err) = outcome(clearpost(place).args(args));
    (status, out + &err)
}

const LOCKED: [&str; 3] = ["check", "d.md", "--locked"];

/// What happens to a locked repository.
type Change = fn(&Path);

#[test]
fn what_is_locked_is_checked_and_what_differs_is_refused() {
    let first = place();
    let (status, said) = run(first.path(), &LOCKED);
    assert_eq!(status, 2, "{said}");
    assert!(
        said.contains("there is no lock") && said.contains("clearpost pack lock"),
        "{said}"
    );
    let cases: [(&str, Change, &str); 8] = [
        ("nothing", |_| {}, ""),
        (
            "line ends",
            |place| {
                let file = place.join("packs/own.yaml");
                let text = fs::read_to_string(&file).unwrap();
                fs::write(file, text.replace('\n', "\r\n")).unwrap();
            },
            "",
        ),
        (
            "a list",
            |place| fs::write(place.join("packs/names.txt"), "Other\n").unwrap(),
            "the list `packs/names.txt` is not what it was",
        ),
        (
            "a policy",
            |place| {
                let file = place.join("policy.md");
                let text = fs::read_to_string(&file).unwrap();
                fs::write(file, text.replace("none", "any")).unwrap();
            },
            "the policy `policy.md` is not what it was",
        ),
        (
            "a register less",
            |place| fs::remove_file(place.join("registers/clients.yaml")).unwrap(),
            "the register `registers/clients.yaml` is in the lock, and no longer in force",
        ),
        (
            "a pack more",
            |place| {
                fs::write(place.join("packs/two.yaml"), "pack: two\nrules: []\n").unwrap();
            },
            "the pack `packs/two.yaml` is in force, and not in the lock",
        ),
        (
            "the configuration",
            |place| {
                let file = place.join("clearpost.yaml");
                let text = fs::read_to_string(&file).unwrap();
                fs::write(file, text.replace(", builtin:clients", "")).unwrap();
            },
            "the built-in-pack `clients` is in the lock, and no longer in force",
        ),
        (
            "the lock",
            |place| fs::write(place.join("clearpost.lock"), "version 1\nsalt x\n").unwrap(),
            "line 2 of the lock is not understood",
        ),
    ];
    for (name, change, expected) in cases {
        let place = place();
        let (status, said) = run(place.path(), &["pack", "lock"]);
        assert_eq!(status, 0, "{said}");
        assert_eq!(run(place.path(), &LOCKED).0, 0);
        change(place.path());
        let (status, said) = run(place.path(), &LOCKED);
        let wanted = if expected.is_empty() { 0 } else { 2 };
        assert_eq!(status, wanted, "{name}: {said}");
        let flat = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(expected), "{name}: {said}");
        assert!(
            expected.is_empty() || said.contains("clearpost pack lock"),
            "{name}: {said}"
        );
    }
}

#[test]
fn a_lock_is_stable_and_tells_no_name() {
    let place = place();
    let lock = place.path().join("clearpost.lock");
    let (status, said) = run(place.path(), &["pack", "lock"]);
    assert_eq!(status, 0, "{said}");
    let first = fs::read_to_string(&lock).unwrap();
    assert!(
        !first.contains("Zzquxo") && !first.contains("Wyvern"),
        "{first}"
    );
    let items: Vec<&str> = first.lines().skip(3).map(|line| &line[65..]).collect();
    assert_eq!(
        items,
        [
            "built-in-pack clients",
            "built-in-policy social-media",
            "configuration clearpost.yaml",
            "list packs/names.txt",
            "pack packs/own.yaml",
            "policy policy.md",
            "register registers/clients.yaml",
        ]
    );
    // A plain hash of a short list is as good as the list.
    for text in ["Zzquxo\n", "register: clients\nentries: [Wyvern Bank]\n"] {
        assert!(!first.contains(&blake3::hash(text.as_bytes()).to_hex().to_string()));
    }
    let (_, said) = run(place.path(), &["pack", "lock"]);
    assert!(said.contains(" 0 new or changed"), "{said}");
    assert_eq!(fs::read_to_string(&lock).unwrap(), first);
    fs::write(place.path().join("packs/names.txt"), "Other\n").unwrap();
    assert_eq!(run(place.path(), &["pack", "lock"]).0, 0);
    let second = fs::read_to_string(&lock).unwrap();
    let changed: Vec<&str> = second
        .lines()
        .filter(|line| !first.contains(line))
        .collect();
    assert_eq!(changed.len(), 1, "{changed:?}");
    // What is broken is not locked.
    fs::write(place.path().join("packs/own.yaml"), "pack: [").unwrap();
    assert_eq!(run(place.path(), &["pack", "lock"]).0, 2);
    assert_eq!(fs::read_to_string(&lock).unwrap(), second);
}

#[test]
fn packs_of_trusted_keys_are_in_force_and_no_others() {
    let place = place();
    let pack = place.path().join("packs/own.yaml");
    let text = fs::read_to_string(&pack).unwrap();
    let (status, said) = run(place.path(), &["pack", "sign", "--new-key", "k", "packs"]);
    assert_eq!(status, 0, "{said}");
    let public = said
        .split_once("trusted_keys: [")
        .and_then(|(_, rest)| rest.split_once(']'))
        .map(|(key, _)| key.to_owned())
        .unwrap();
    let secret = fs::read_to_string(place.path().join("k")).unwrap();
    assert!(!said.contains(secret.lines().nth(1).unwrap()));
    let config = fs::read_to_string(place.path().join("clearpost.yaml")).unwrap();
    let trust = |keys: &str| {
        let text = format!("{config}trusted_keys: {keys}\n");
        fs::write(place.path().join("clearpost.yaml"), text).unwrap();
    };
    let other = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";
    let check = || run(place.path(), &["check", "d.md"]);
    for keys in [
        format!("[{public}]"),
        "k.pub".to_owned(),
        format!("[{other}, k.pub]"),
    ] {
        trust(&keys);
        let (status, said) = check();
        assert_eq!(status, 0, "{keys}: {said}");
        let (status, said) = run(place.path(), &["pack", "verify"]);
        assert_eq!(
            (status, said.as_str()),
            (0, "packs/own.yaml: signed by a trusted key\n")
        );
    }
    for (keys, reason) in [
        (other, "not what a trusted key signed"),
        ("x", "is no public key"),
        ("[]", "names no key"),
    ] {
        trust(keys);
        let (status, said) = check();
        assert_eq!(status, 2, "{said}");
        assert!(said.contains(reason), "{said}");
    }
    trust("k.pub");
    fs::write(&pack, text.replace("{match}", "fine")).unwrap();
    let (status, said) = check();
    assert_eq!(status, 2, "{said}");
    assert!(said.contains("not what a trusted key signed"), "{said}");
    let verify = ["pack", "verify", "packs", "--public-key", &public];
    assert_eq!(run(place.path(), &verify).0, 1);
    fs::write(&pack, &text).unwrap();
    assert_eq!(run(place.path(), &verify).0, 0);
    let signature = place.path().join("packs/own.yaml.minisig");
    fs::write(&signature, "x").unwrap();
    assert!(check().1.contains("is damaged"));
    fs::remove_file(&signature).unwrap();
    let (status, said) = check();
    assert_eq!(status, 2, "{said}");
    assert!(said.contains("is not signed"), "{said}");
    // A key is not written over, and one with a password asks for it.
    assert_eq!(run(place.path(), &["pack", "sign", "--new-key", "k"]).0, 2);
    assert_eq!(fs::read_to_string(place.path().join("k")).unwrap(), secret);
    let with = |password: &str, args: &[&str]| {
        let command = clearpost(place.path()).env("CLEARPOST_SIGN_PASSWORD", password);
        outcome(command.args(args)).0
    };
    assert_eq!(with("pass", &["pack", "sign", "--new-key", "k2"]), 0);
    assert_eq!(
        with("pass", &["pack", "sign", "packs", "--key-file", "k2"]),
        0
    );
    for password in ["", "wrong"] {
        assert_eq!(
            with(password, &["pack", "sign", "packs", "--key-file", "k2"]),
            2,
            "{password}"
        );
    }
}
