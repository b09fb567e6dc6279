//! The `identifier` kind: what each of its kinds finds, to the byte, and what it leaves alone.
//!
//! Numbers come from public specifications (the IBAN registry, the test numbers of card networks,
//! documentation ranges of addresses and telephone numbers) or are made with their check digits.

#![allow(clippy::print_stderr, reason = "a test says what went wrong and stops")]

use crate::support::{finds_exactly, register, rulebook_of, rulebook_with};
use clearpost::draft::{Draft, Scope, StatedFacts};
use clearpost::engine::Rulebook;
use clearpost::kind::identifier::Identifier;
use jiff::Timestamp;
use proptest::prelude::*;

fn of(kind: &str) -> Rulebook {
    rulebook_of(&format!("identifier: {{kind: {kind}}}"))
}

#[test]
fn mail_addresses() {
    finds_exactly(
        &of("email"),
        &[
            "Write to [[c.rossi82@mail.example]], or not.",
            "([[anna+news@a-b.example.org]])",
            "[[o'neil@example.com]].",
            "hidden: [[anna [at] example (dot) com]] and [[anna(at)example.com]]",
            "[[ＡＮＮＡ＠example．com]]",
            "@anna@mastodon.example and @anna, logo@2x.png, a @ b, a@b, x@",
            "https://user@example.com/ and https://medium.example/@anna",
        ],
    );
}

#[test]
fn telephone_numbers() {
    finds_exactly(
        &of("phone"),
        &[
            "chiamate il [[+39 347 555 0142]].",
            "[[+44 20 7946 0018]], [[+1 (212) 555-0142]], [[+40-21-555-0100]]",
            "[[0039 051 555 0100]]",
            "[[+39\u{A0}347\u{2011}5550142]]",
            "sunați la [[0722 555 014]] sau [[0722555014]]",
            "[[020 7946 0018]] and [[07700 900123]] and [[(212) 555-0142]]",
            "tel. [[051 5550100]], cell. [[3475550142]], llama al [[612345678]]",
            "[[347 555 0142]] o [[612 34 56 78]] o [[93 555 01 42]]",
            // Prices, dates, hours, order numbers, versions, crowds.
            "Costa 1.234.567,00 € o 12.500 euro, 347 555 0142 €",
            "01.02.2026 18.30, 2026-12-01 18:30, 31/12/2026",
            "Aperti 09.00-13.00 15.00-19.00, 09:00 - 13:00",
            "Ordine n. 3475550142, order #612345678, ordine 0722 555 014",
            "1 200 300 visite, 612.345.678 visite, 600 000 000",
            "versione 10.20.300.4000, 192.0.2.146, ISBN 978-3-16-148410-0",
            "Call before 31.12.2026 18.30!",
            "2009-2026, 12-15, 1234567890123",
            "https://example.com/post/0722555014",
        ],
    );
}

#[test]
fn account_and_card_numbers() {
    // Examples of the SWIFT registry.
    finds_exactly(
        &of("iban"),
        &[
            "[[GB82 WEST 1234 5698 7654 32]], as agreed",
            "[[IT60X0542811101000000123456]]. [[ES9121000418450200051332]]",
            "iban: [[RO49 AAAA 1B31 0075 9384 0000]], [[de89 3704 0044 0532 0130 00]]",
            "[[NO93\u{A0}8601\u{A0}1117\u{A0}947]]",
            "GB82 WEST 1234 5698 7654 33, GB82WEST1234569876543, XIT60X0542811101000000123456",
        ],
    );
    // Test numbers of the networks.
    finds_exactly(
        &of("payment_card"),
        &[
            "[[4111 1111 1111 1111]] 12/27",
            "[[4111-1111-1111-1111]] 123",
            "[[5555555555554444]], [[3782 822463 10005]], [[30569309025904]]",
            "[[6011111111111117]] [[3530111333300000]] [[2223003122003222]]",
            "4111 1111 1111 1112, order 1234567890123452, 41111111111111111111",
            "4 111 111 111 111 111, DE89 3704 0044 0532 0130 00",
            "1700000000000 and 9781861972712",
        ],
    );
}

#[test]
fn italian_numbers() {
    finds_exactly(
        &of("codice_fiscale"),
        &[
            "CF [[RSSMRA85T10A562S]]",
            "[[rss mra 85t10 a562s]] e [[RSSMRA85T10A56NH]]",
            "RSSMRA85T10A562T, RSSMRA85T72A562S, RSSMRA85T10A562SX",
        ],
    );
    finds_exactly(
        &of("partita_iva"),
        &[
            "P.IVA [[01234560124]], [[IT01234560124]], [[IT 01234560124]]",
            "01234567898, 12345678903, 00000000000, 0123456789, 012345678970",
        ],
    );
}

#[test]
fn spanish_numbers() {
    finds_exactly(
        &of("dni"),
        &[
            "DNI [[12345678Z]], [[12345678-Z]], [[12.345.678-Z]], [[12345678 z]].",
            "12345678A, 1234567Z, 123456789Z, 12345678ZZ",
        ],
    );
    finds_exactly(&of("nie"), &["[[X1234567L]] [[Y-1234567-X]] X1234567A"]);
    finds_exactly(
        &of("cif"),
        &["[[A58818501]] [[P2807900B]] A58818502 P28079002 Z58818501"],
    );
}

#[test]
fn romanian_numbers() {
    finds_exactly(
        &of("cnp"),
        &[
            "CNP [[1800101221144]], [[1 800101 221144]]",
            "1800101221145, 1801301221144, 180010122114",
        ],
    );
    finds_exactly(
        &of("cui"),
        &[
            "[[RO18547290]] [[RO 18547290]], CUI: [[18547290]]; CIF [[18547290]]",
            "18547290, RO18547291, circui 18547290, RO49 AAAA",
        ],
    );
}

#[test]
fn documents_and_machines() {
    finds_exactly(
        &of("passport"),
        &[
            "Passaporto n. [[YA1234567]]; passport [[123456789]]; pașaportul [[05123456]]",
            "order YA1234567, passport 2026, passports! 123456789",
        ],
    );
    finds_exactly(
        &of("ip"),
        &[
            "at [[192.0.2.146]]:8080, [[198.51.100.7]]. [[2001:db8::1]] or [[2001:db8:0:0:0:0:0:a]]",
            "127.0.0.1 0.0.0.0 255.255.255.0 ::1 v1.2.3.4 versione 1.2.3.4 1.2.3.4.5 256.1.1.1",
            "12:30:45 std::net dead::beef",
        ],
    );
    finds_exactly(
        &of("coordinates"),
        &[
            "qui: [[44.4949, 11.3426]]!",
            "[[44°29'41\"N 11°20'34\"E]] o [[44° 29′ 41″ N, 11° 20′ 34″ O]]",
            "44.49, 11.34 e 95.4949, 11.3426 e 1.2345.6789, 3.4567",
        ],
    );
    finds_exactly(
        &of("licence_plate"),
        &[
            "La [[AB 123 CD]] e la [[AB123CD]]. Matrícula [[1234 BCD]]",
            "mașina [[CJ-12-ABC]], [[B 123 XYZ]]",
            "OK 123 OK, 1000 CHF, AB 12 CD, SOLO DA 100 AL MESE, XX 12 ABC",
        ],
    );
    finds_exactly(
        &of("birth_date"),
        &[
            "nata a Bologna il [[12 marzo 1985]], nacido el [[12 de marzo de 1985]]",
            "născută la [[12.03.1985]]; born on [[March 12, 1985]]; nascut el [[12/03/85]]",
            "date of birth: [[1985-03-12]]",
            "il 12 marzo 1985, nata nel 1985, born 31.02.1985",
        ],
    );
}

#[test]
fn keys_and_passwords() {
    let key = "-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----";
    finds_exactly(
        &of("api_key"),
        &[
            "AWS [[AKIAIOSFODNN7EXAMPLE]]",
            "API_KEY=[[lk_live_9fA2c77Qd0Xb31]]",
            "[[ghp_0123456789abcdefghijABCDEFGHIJ012345]] [[glpat-0123456789abcdefghij]]",
            "[[xoxb-123456789012-abcdef]]",
            "[[eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P]]",
            "client_secret: \"[[0123456789abcdef0123]]\"",
            "postgres://app:[[s3cret]]@db.example/x",
            "[[Password: Girasole!2026]]. [[parola Lumina#77]], [[contraseña: Sol2026]]!",
            "[[PIN 4471]], [[passcode 77310]]",
            &format!("[[{key}]]"),
            "La parola amore. Parola: iubire. Password: dimenticata? Password: ********",
            "password: <yours>, una parola nel 2026, pin 2026, my password manager",
            "token, secret: the recipe, unit_test_names, is_live_streaming_2",
        ],
    );
}

#[test]
fn what_is_ones_own_is_allowed() {
    let registers = [
        register("domains", &["example.com"]),
        register("organisation", &["Acme", "+39 051 555 0100"]),
    ];
    let rule = "identifier: {kind: [email, phone], allow: [\"press@*\", register: domains, register: organisation]}";
    finds_exactly(
        &rulebook_with(rule, &registers),
        &[
            "info@example.com, info@shop.example.com, press@mail.example",
            "[[info@evil-example.com]] [[info@example.com.evil.net]]",
            "+39 051 5550100, [[+39 051 555 0101]]",
        ],
    );
}

#[test]
fn a_message_names_the_kind() {
    let rulebook = rulebook_of("identifier: {kind: [email, iban]}\n    message: \"{kind}\"");
    let draft = Draft::example(&Scope::Body, "a@b.example", &StatedFacts::default());
    let found = rulebook.check(&draft, Timestamp::UNIX_EPOCH).findings;
    assert_eq!(found[0].message, "email");
}

fn finds(rulebook: &Rulebook, text: &str) -> bool {
    let draft = Draft::example(&Scope::Body, text, &StatedFacts::default());
    let found = rulebook.check(&draft, Timestamp::UNIX_EPOCH).findings;
    found.iter().any(|finding| finding.matched == text)
}

/// Another digit in place of the one at `at`.
fn changed(number: &str, at: usize, by: u8) -> String {
    let mut bytes = number.as_bytes().to_vec();
    let digits: Vec<usize> = (0..bytes.len())
        .filter(|at| bytes[*at].is_ascii_digit())
        .collect();
    let at = digits[at % digits.len()];
    bytes[at] = (bytes[at] - b'0' + by) % 10 + b'0';
    String::from_utf8(bytes).unwrap()
}

fn weighted(digits: &str, weights: &[u32]) -> u32 {
    digits
        .chars()
        .zip(weights)
        .map(|(digit, weight)| digit.to_digit(10).unwrap() * weight)
        .sum()
}

fn luhn_digit(digits: &str) -> u32 {
    let sum: u32 = digits
        .chars()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let digit = digit.to_digit(10).unwrap();
            let digit = if place % 2 == 0 { digit * 2 } else { digit };
            digit / 10 + digit % 10
        })
        .sum();
    (10 - sum % 10) % 10
}

/// Valid numbers made from `digits`: twenty of them.
fn made(digits: &str) -> Vec<(&'static str, String)> {
    let part = |from: usize, len: usize| &digits[from..from + len];
    let number = |from: usize, len: usize| part(from, len).parse::<u64>().unwrap();
    let letters = "TRWAGMYFPDXBNJZSQVHLCKE".as_bytes();
    let dni = part(0, 8);
    let body = part(0, 18);
    // DE = 1314.
    let remainder = format!("{body}131400").parse::<u128>().unwrap() % 97;
    let card = format!("4{}", part(0, 14));
    let iva = format!("{}{:03}", part(0, 7), number(7, 2) + 1);
    let cnp = format!(
        "{}{}{:02}{:02}{:02}{}",
        1 + number(0, 1) % 2,
        part(1, 2),
        1 + number(3, 2) % 12,
        1 + number(5, 2) % 28,
        1 + number(7, 2) % 46,
        part(9, 3)
    );
    let control = weighted(&cnp, &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
    let cui = format!("1{}", part(0, 7));
    let cui_check = weighted(&cui, &[5, 3, 2, 1, 7, 5, 3, 2]) * 10 % 11 % 10;
    let cif = part(0, 7);
    let cif_sum = luhn_digit(cif);
    vec![
        ("iban", format!("DE{:02}{body}", 98 - remainder)),
        ("payment_card", format!("{card}{}", luhn_digit(&card))),
        ("partita_iva", format!("{iva}{}", luhn_digit(&iva))),
        (
            "dni",
            format!("{dni}{}", char::from(letters[(number(0, 8) % 23) as usize])),
        ),
        (
            "nie",
            format!(
                "Z{cif}{}",
                char::from(letters[((20_000_000 + number(0, 7)) % 23) as usize])
            ),
        ),
        ("cif", format!("B{cif}{cif_sum}")),
        (
            "cnp",
            format!("{cnp}{}", if control == 10 { 1 } else { control }),
        ),
        ("cui", format!("RO{cui}{cui_check}")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn numbers_with_their_check_digit_are_found_and_others_are_not(
        digits in "[1-9][0-9]{19}", at in 0_usize..20, by in 1_u8..10,
    ) {
        for (kind, valid) in made(&digits) {
            let rulebook = of(kind);
            prop_assert!(finds(&rulebook, &valid), "{kind} {valid}");
            let wrong = changed(&valid, at, by);
            // 10 and 0, 10 and 1 are one check digit of a CUI and of a CNP.
            if !matches!(kind, "cui" | "cnp") {
                prop_assert!(!finds(&rulebook, &wrong), "{kind} {wrong} from {valid}");
            }
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "([0-9]{1,4}|[ ./+()@:°-]|[A-Z]{1,3}|nato |passport |ö|\u{301}|\u{AD}){0,30}|\\PC{0,40}") {
        let all = Identifier::WORDS.map(|(word, _)| word).join(", ");
        let rulebook = of(&format!("[{all}]"));
        let draft = Draft::example(&Scope::Body, &text, &StatedFacts::default());
        for finding in rulebook.check(&draft, Timestamp::UNIX_EPOCH).findings {
            prop_assert!(!finding.matched.is_empty());
        }
    }
}
