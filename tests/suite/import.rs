//! `clearpost pack import` and `pack export`: what comes in loads and holds, what does not is said, and
//! names stay out of what is said.

#![allow(
    clippy::too_many_lines,
    clippy::type_complexity,
    reason = "a table of cases is read from top to bottom"
)]

use std::fs;
use std::io::Write as _;
use std::path::Path;

use crate::support::program::{clearpost, outcome};

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn pack(folder: &Path, args: &[&str]) -> (i32, String, String) {
    outcome(clearpost(folder).arg("pack").args(args))
}

/// What a check with the pack finds, as rule and words.
fn findings(folder: &Path, pack: &str, draft: &str) -> Vec<(String, String)> {
    fs::write(folder.join("draft.md"), draft).unwrap();
    let run = clearpost(folder).args(["check", "--pack", pack, "--format", "json", "draft.md"]);
    let (_, report, errors) = outcome(run);
    let report: serde_json::Value = serde_json::from_str(&report).expect(&errors);
    assert_eq!(report["problems"].as_array().unwrap().len(), 0, "{report}");
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let found = report["findings"].as_array().unwrap().iter();
    found
        .map(|f| (text(&f["rule"]), text(&f["match"])))
        .collect()
}

#[test]
fn a_style_of_vale_becomes_a_pack_that_finds_the_same() {
    let place = tempfile::tempdir().unwrap();
    write(
        place.path(),
        &[
            (
                "Acme/Weasel.yml",
                "extends: existence\nmessage: \"'%s' says {little}\"\nlevel: warning\nignorecase: true\nlink: https://example.com\ntokens:\n  - really\n  - very much\nexceptions: [really good]\n",
            ),
            (
                "Acme/Case.yml",
                "extends: existence\nmessage: \"Avoid '%s'\"\nlevel: error\ntokens:\n  - TBD\n  - 'obvious(?:ly)?'\n  - '(?<!not )simply'\n",
            ),
            (
                "Acme/Swap.yml",
                "extends: substitution\nmessage: \"Use '%s' instead of '%s'\"\nlevel: suggestion\nignorecase: true\nswap:\n  utilize: use\n  utilise: use\n  javascript: JavaScript\n  '(?:e-mail|electronic mail)': email\n  sign in: log in|enter\n",
            ),
            (
                "Acme/Loud.yml",
                "extends: occurrence\nmessage: Too many\nlevel: warning\nscope: summary\ntoken: '!'\nmax: 1\n",
            ),
            (
                "Acme/Long.yml",
                "extends: occurrence\nmessage: Long\nscope: sentence\ntoken: '\\b(\\w+)\\b'\nmax: 25\n",
            ),
            (
                "Acme/Twice.yml",
                "extends: repetition\nmessage: \"'%s' is repeated\"\ntokens: ['[^\\s]+']\n",
            ),
            (
                "Acme/Titles.yml",
                "extends: capitalization\nmessage: x\nscope: heading\nmatch: $title\n",
            ),
            ("Acme/meta.json", "{}"),
        ],
    );
    let args = ["import", "vale", "Acme", "-o", "packs/acme.yaml"];
    let (status, said, errors) = pack(place.path(), &args);
    assert_eq!(status, 0, "{said}{errors}");
    for told in [
        "wrote packs/acme.yaml: 7 rules for clause SMP-9.3",
        "Acme/Long.yml: occurrence: a pack counts in a whole post",
        "Acme/Twice.yml: repetition:",
        "Acme/Titles.yml: capitalization:",
        "Acme/meta.json: this is no YAML file",
        "Acme/Case.yml:7: “(?<!not )simply”",
        "Acme/Weasel.yml:5: `link`",
        "“log in|enter” is a choice",
        "“javascript” is found as it is written only",
    ] {
        assert!(said.contains(told), "{told}\n{said}");
    }
    let (status, said, errors) = pack(place.path(), &["test", "packs/acme.yaml"]);
    assert_eq!(status, 0, "{said}{errors}");
    let found = findings(
        place.path(),
        "packs/acme.yaml",
        "Really, we utilise javascript and JavaScript. It is TBD, not tbd, and really good! Obviously! An electronic mail!\n",
    );
    let words: Vec<&str> = found.iter().map(|(_, words)| words.as_str()).collect();
    for expected in ["Really", "utilise", "javascript", "TBD", "electronic mail"] {
        assert!(words.contains(&expected), "{expected}: {found:?}");
    }
    assert!(
        !words.contains(&"tbd") && !words.contains(&"JavaScript"),
        "{found:?}"
    );
    assert_eq!(
        words
            .iter()
            .filter(|words| words.eq_ignore_ascii_case("really"))
            .count(),
        1
    );
    assert!(
        found.iter().any(|(rule, _)| rule == "acme/loud"),
        "{found:?}"
    );
    // Nothing is written over unasked.
    let (status, _, errors) = pack(place.path(), &args);
    assert!(status == 2 && errors.contains("there already"), "{errors}");
    // And back.
    let (status, said, errors) = pack(
        place.path(),
        &["export", "vale", "packs/acme.yaml", "-o", "styles"],
    );
    assert_eq!(status, 0, "{errors}");
    assert!(said.contains("wrote 7 styles into styles"), "{said}");
    let swap = fs::read_to_string(place.path().join("styles/acme/swap-use.yml")).unwrap();
    assert!(
        swap.contains("extends: substitution") && swap.contains("\"utilise\": \"use\""),
        "{swap}"
    );
}

#[test]
fn other_lists_become_packs_whose_examples_hold() {
    let cases: [(&str, &[(&str, &str)], &str, &[&str], &str, &[&str]); 4] = [
        (
            "alex",
            &[(
                "gender.yml",
                "- type: basic\n  note: A note.\n  considerate: [first year student]\n  inconsiderate: [freshman, freshwoman]\n- type: and\n  considerate: primary\n  inconsiderate: [master, slave]\n",
            )],
            "gender.yml",
            &["gender.yml:5: these words count only if both stand there"],
            "Every freshwoman knows.",
            &["freshwoman"],
        ),
        (
            "prh",
            &[(
                "prh.yml",
                "version: 1\nimports: [more.yml]\nrules:\n  - expected: Cookie\n    pattern: Cockie\n    specs: [{from: Cockie, to: Cookie}]\n  - expected: web page\n    pattern: /web\\s?site/i\n  - JavaScript\n  - expected: $1x\n    pattern: /(a)(?=b)/\n",
            )],
            "prh.yml",
            &[
                "“more.yml” is another file",
                "“JavaScript” in other letters",
                "“/(a)(?=b)/”",
                "`specs` do not say",
            ],
            "A Cockie on a Website.",
            &["Cockie", "Website"],
        ),
        (
            "cspell",
            &[(
                "words.txt",
                "# Products\nfoobarium\nBlimpo # a comment\n!forbiddenword\nfoo*\nfoobarium\n",
            )],
            "words.txt",
            &["words.txt:4:", "words.txt:5:", "words.txt:6:"],
            "The blimpo and foobarium.",
            &["blimpo", "foobarium"],
        ),
        (
            "hunspell",
            &[
                ("xx.dic", "4\nschwalbe/AB\nmurx/X\nlatte\ts:x\nkm\\/h\n"),
                ("xx.aff", "SET UTF-8\nFORBIDDENWORD X\nSFX A Y 1\n"),
            ],
            "xx.dic",
            &[
                "xx.dic:3: the dictionary itself forbids",
                "xx.dic:5:",
                "1 stem may have endings",
            ],
            "A latte, a schwalbe, a murx.",
            &["latte", "schwalbe"],
        ),
    ];
    for (from, files, path, told, draft, expected) in cases {
        let place = tempfile::tempdir().unwrap();
        write(place.path(), files);
        let args = [
            "import", from, path, "-o", "new.yaml", "--clause", "SMP-9.3",
        ];
        let (status, said, errors) = pack(place.path(), &args);
        assert_eq!(status, 0, "{from}: {said}{errors}");
        for told in told {
            assert!(said.contains(told), "{from}: {told}\n{said}");
        }
        let (status, said, errors) = pack(place.path(), &["test", "new.yaml"]);
        assert_eq!(status, 0, "{from}: {said}{errors}");
        let found = findings(place.path(), "new.yaml", draft);
        let words: Vec<&str> = found.iter().map(|(_, words)| words.as_str()).collect();
        assert_eq!(words, expected, "{from}");
    }
}

#[test]
fn names_of_a_table_become_a_register_or_a_list_and_are_not_told() {
    let place = tempfile::tempdir().unwrap();
    let table = "id;Name\n1;Banca Orsini\n2;\"Northwick; Foods\"\n3;Banca Orsini\n4;---\n5;\n6;\"C\"\"D\"\n";
    write(
        place.path(),
        &[
            ("crm.csv", table),
            ("clearpost.yaml", "registers: registers\n"),
        ],
    );
    workbook(&place.path().join("crm.xlsx"));
    for (args, name) in [
        (
            [
                "import",
                "csv",
                "crm.csv",
                "--column",
                "name",
                "-o",
                "registers/clients.yaml",
            ],
            "Orsini",
        ),
        (
            [
                "import",
                "xlsx",
                "crm.xlsx",
                "--column",
                "Client",
                "-o",
                "registers/suppliers.yaml",
            ],
            "Quillfeather",
        ),
    ] {
        let (status, said, errors) = pack(place.path(), &args);
        assert_eq!(status, 0, "{said}{errors}");
        assert!(said.contains("names for the register"), "{said}");
        assert!(said.contains("stands further up already"), "{said}");
        assert!(!said.contains(name) && !errors.contains(name), "{said}");
        let written = fs::read_to_string(place.path().join(args[6])).unwrap();
        assert!(written.contains(name), "{written}");
    }
    assert_eq!(
        fs::read_to_string(place.path().join("registers/clients.yaml")).unwrap(),
        "register: clients\nentries:\n  - \"Banca Orsini\"\n  - \"Northwick; Foods\"\n  - \"C\\\"D\"\n"
    );
    let found = findings(
        place.path(),
        "builtin:clients",
        "Proud to work for Banca Orsini.\n",
    );
    assert!(
        found.iter().any(|(_, words)| words == "Banca Orsini"),
        "{found:?}"
    );
    let (status, said, _) = pack(
        place.path(),
        &[
            "import",
            "csv",
            "crm.csv",
            "--column",
            "name",
            "-o",
            "clients.txt",
        ],
    );
    assert!(status == 0 && said.contains("3 lines"), "{said}");
    for (args, told) in [
        (
            [
                "import",
                "csv",
                "crm.csv",
                "--column",
                "nome",
                "-o",
                "clients.yaml",
            ],
            "no column `nome`",
        ),
        (
            [
                "import",
                "xlsx",
                "crm.xlsx",
                "--column",
                "nome",
                "-o",
                "clients.yaml",
            ],
            "no sheet has the column",
        ),
        (
            [
                "import",
                "csv",
                "crm.csv",
                "--column",
                "name",
                "-o",
                "client.yaml",
            ],
            "no register `client`",
        ),
        (
            [
                "import",
                "csv",
                "crm.csv",
                "--column",
                "name",
                "-o",
                "clients.doc",
            ],
            ".yaml file",
        ),
        (
            [
                "import",
                "csv",
                "none.csv",
                "--column",
                "name",
                "-o",
                "clients.yaml",
            ],
            "no such file",
        ),
    ] {
        let (status, _, errors) = pack(place.path(), &args);
        assert!(status == 2 && errors.contains(told), "{args:?} {errors}");
        assert!(
            !errors.contains("Orsini") && !errors.contains("Quillfeather"),
            "{errors}"
        );
        assert!(!place.path().join(args[6]).exists(), "{args:?}");
    }
}

/// A workbook with a title, a header and names.
fn workbook(path: &Path) {
    let rows = [
        (1, "A", "Clients of the year"),
        (3, "A", "No"),
        (3, "B", "Client"),
        (4, "B", "Quillfeather Ltd"),
        (5, "B", "Ö & Söhne"),
        (6, "B", "Quillfeather Ltd"),
    ];
    let cells: Vec<String> = rows
        .iter()
        .map(|(row, column, text)| {
            let text = text.replace('&', "&amp;");
            format!("<row r=\"{row}\"><c r=\"{column}{row}\" t=\"inlineStr\"><is><t>{text}</t></is></c></row>")
        })
        .collect();
    let cells = cells.concat();
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let mut zip = zip::ZipWriter::new(fs::File::create(path).unwrap());
    for (name, text) in [
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{package}\"><Relationship Id=\"r1\" Type=\"{kind}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{kind}\"><sheets><sheet name=\"CRM\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{package}\"><Relationship Id=\"r1\" Type=\"{kind}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!("<worksheet xmlns=\"{main}\"><sheetData>{cells}</sheetData></worksheet>"),
        ),
    ] {
        zip.start_file(name, zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
}

#[test]
fn a_broken_file_is_told_and_the_others_are_carried_over() {
    let place = tempfile::tempdir().unwrap();
    write(
        place.path(),
        &[
            (
                "s/Good.yml",
                "extends: existence\nignorecase: true\ntokens: [synergy]\n",
            ),
            ("s/Bad.yml", "extends: [\n"),
        ],
    );
    let (status, said, errors) = pack(place.path(), &["import", "vale", "s", "-o", "s.yaml"]);
    assert!(
        status == 2 && errors.contains("Bad.yml") && said.contains("1 rule"),
        "{said}{errors}"
    );
    let (status, _, errors) = pack(
        place.path(),
        &[
            "import", "vale", "s", "-o", "t.yaml", "--clause", "SMP-99.1",
        ],
    );
    assert!(status == 2 && errors.contains("SMP-99.1"), "{errors}");
    assert!(!place.path().join("t.yaml").exists());
}
