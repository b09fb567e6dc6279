//! One pack's YAML → checked rules. Every mistake is reported; what is right is kept.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::load::Files;
use super::sealed::{SEALED, open_sealed};
use super::{Change, Example, MarkError, Pack, PolicyRef, Rule, RuleExamples, Waivable, When};
use crate::draft::{Scope, Scopes, known_values};
use crate::kind::Kind;
use crate::kind::condition::{All, Condition};
use crate::kind::except::Except;
use crate::kind::pattern::PatternSpec;
use crate::kind::remarks::TermsSeen;
use crate::kind::require::{Place, RequireSpec};
use crate::kind::terms::{As, RegisterUse, TermSettings, TermsSpec, Within};
use crate::policy::{ClauseId, Severity};
use crate::register::{NAMES, PERIODS, read_csv};
use crate::text::fold::Resist;
use crate::text::forms::spelled_out;
use crate::text::literals::has_letters;
use crate::text::shape::{Fields, Reader, ShapeError};
use crate::text::time::{Bound, instant, is_local};
use crate::text::yaml::{Node, Value};
use crate::text::{LocalText, Problem, Remark, Source, Span};

/// Why a pack was refused. Each variant points at the YAML that has to change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum PackError {
    /// Two rules with one id.
    #[error("rule `{id}` stands here a second time")]
    #[diagnostic(
        code(clearpost::pack::duplicate_rule),
        help("give one of the two another id")
    )]
    DuplicateRule {
        /// The id.
        id: String,
    },
    /// An id that could not be named on the command line.
    #[error("“{id}” is no id")]
    #[diagnostic(
        code(clearpost::pack::malformed_id),
        help("use small letters, digits and hyphens: unapproved-client")
    )]
    MalformedId {
        /// The id as written.
        id: String,
    },
    /// A rule that looks for nothing.
    #[error("rule `{id}` does not say what to look for")]
    #[diagnostic(
        code(clearpost::pack::no_kind),
        help("add `terms:` or `pattern:`, or one of {kinds}")
    )]
    NoKind {
        /// The rule.
        id: String,
        /// The other kinds.
        kinds: String,
    },
    /// A rule that looks for two things.
    #[error("rule `{id}` has both `{first}` and `{second}`")]
    #[diagnostic(
        code(clearpost::pack::two_kinds),
        help("make two rules of it, or put both under `all:` or `any:`")
    )]
    TwoKinds {
        /// The rule.
        id: String,
        /// One kind.
        first: &'static str,
        /// Another.
        second: &'static str,
    },
    /// A list of conditions with nothing in it.
    #[error("`{key}: []` asks for nothing")]
    #[diagnostic(
        code(clearpost::pack::no_condition),
        help("list conditions, or leave `{key}:` out")
    )]
    NoCondition {
        /// The key.
        key: &'static str,
    },
    /// A place in a post that is none.
    #[error("“{value}” is no place in a post")]
    #[diagnostic(
        code(clearpost::pack::malformed_place),
        help("write first_line, title, end, or `first: 125 characters`")
    )]
    MalformedPlace {
        /// As written.
        value: String,
    },
    /// A clause that the policy does not have.
    #[error("rule `{rule}` cites unknown clause `{clause}`")]
    #[diagnostic(
        code(clearpost::pack::unknown_clause),
        help("{}", unknown_clause_help(clause, policy, nearest.as_deref()))
    )]
    UnknownClause {
        /// The rule that cites it.
        rule: String,
        /// The citation as written.
        clause: String,
        /// The policy.
        policy: String,
        /// The clause that looks most like it.
        nearest: Option<String>,
    },
    /// A register that there is not.
    #[error("there is no register `{name}`")]
    #[diagnostic(code(clearpost::pack::unknown_register), help("{help}"))]
    UnknownRegister {
        /// As written.
        name: String,
        /// What to do.
        help: String,
    },
    /// A list file that cannot be read.
    #[error("cannot read `{path}`: {reason}")]
    #[diagnostic(
        code(clearpost::pack::unreadable_list),
        help("paths are relative to the pack")
    )]
    UnreadableList {
        /// As written.
        path: String,
        /// What the system says.
        reason: String,
    },
    /// A list file outside the repository.
    #[error("`{path}` leads out of the pack's folder")]
    #[diagnostic(
        code(clearpost::pack::list_outside),
        help("keep lists beside the pack or below it")
    )]
    ListOutside {
        /// As written.
        path: String,
    },
    /// A list in a format that is not read, or a pack.
    #[error("`{path}` is no list of terms")]
    #[diagnostic(
        code(clearpost::pack::list_is_pack),
        help("name a .txt, .csv or .sealed file")
    )]
    ListIsPack {
        /// As written.
        path: String,
    },
    /// A distance that is none.
    #[error("“{value}” is no distance")]
    #[diagnostic(
        code(clearpost::pack::malformed_within),
        help("write `5 words`, `sentence`, `paragraph` or `draft`")
    )]
    MalformedWithin {
        /// As written.
        value: String,
    },
    /// A gap where only words count.
    #[error("what stands under `near` or `except` has no gaps")]
    #[diagnostic(
        code(clearpost::pack::gap_beside),
        help("write the words without ` … `, or a condition under `near: {{…}}` or `not:`")
    )]
    GapBeside,
    /// A time that ends before it begins.
    #[error("this rule never holds: it ends before it begins")]
    #[diagnostic(code(clearpost::pack::never_holds), help("correct `from` or `until`"))]
    NeverHolds,
    /// A rule that nothing can make find anything.
    #[error("this rule can never find anything: {reason}")]
    #[diagnostic(
        code(clearpost::pack::never_fires),
        help("correct the two so that some text meets the one and not the other")
    )]
    NeverFires {
        /// Why.
        reason: &'static str,
    },
    /// An instant that is another one elsewhere.
    #[error("“{0}” is another instant in every time zone")]
    #[diagnostic(
        code(clearpost::pack::no_zone),
        help("add the zone: 2026-12-01T08:00:00+01:00, or Z for UTC")
    )]
    NoZone(String),
    /// A placeholder that nothing fills.
    #[error("nothing fills `{{{name}}}` in this text")]
    #[diagnostic(
        code(clearpost::pack::unknown_placeholder),
        help("use {{match}}, or write {{{{ for a brace")
    )]
    UnknownPlaceholder {
        /// Its name.
        name: String,
    },
}

fn unknown_clause_help(clause: &str, policy: &str, nearest: Option<&str>) -> String {
    match nearest {
        Some(nearest) => format!("did you mean `{nearest}`? Else add `{clause}` to {policy}"),
        None => format!("add `{clause}` to {policy}, or correct `clause:`"),
    }
}

const PACK_KEYS: [&str; 9] = [
    "pack",
    "version",
    "policy",
    "description",
    "content_warning",
    "defaults",
    "extends",
    "changes",
    "rules",
];

/// Keys of a rule besides those of its condition.
const RULE_KEYS: [&str; 13] = [
    "id",
    "clause",
    "severity",
    "description",
    "message",
    "instead",
    "fix",
    "languages",
    "when",
    "unless",
    "secret",
    "adjustable",
    "examples",
];

/// Keys of a condition besides those that name its kind.
const CONDITION_KEYS: [&str; 10] = [
    "except", "near", "within", "in_order", "as", "resist", "inflect", "quoted", "negated", "count",
];

/// Keys that name a kind and are read here, since more than one value is read for it or since it has
/// conditions inside.
const KIND_KEYS: [&str; 7] = [
    "terms",
    "terms_from",
    "pattern",
    "require",
    "all",
    "any",
    "not",
];

/// Every key that names a kind.
fn kind_keys() -> impl Iterator<Item = &'static str> {
    KIND_KEYS
        .into_iter()
        .chain(Kind::BY_KEY.into_iter().map(|(key, _)| key))
}

/// Facts that `when` and `unless` may ask for, by their keys there.
const WHEN_FACTS: [(&str, &str); 14] = [
    ("accounts", "account"),
    ("account", "account"),
    ("roles", "author_role"),
    ("role", "author_role"),
    ("author_role", "author_role"),
    ("campaigns", "campaign"),
    ("campaign", "campaign"),
    ("status", "status"),
    ("sponsored", "sponsored"),
    ("gifted", "gifted"),
    ("paid_boost", "paid_boost"),
    ("ai_generated", "ai_generated"),
    ("employer_declared", "employer_declared"),
    ("premises_authorised", "premises_authorised"),
];

const RESIST: [(&str, Resist); 3] = [
    ("none", Resist::None),
    ("typing", Resist::Typing),
    ("evasion", Resist::Evasion),
];

/// A pack and what is still to be checked against the outside.
#[derive(Debug)]
pub(super) struct ReadPack {
    pub(super) pack: Pack,
    /// Other packs it brings along, as written.
    pub(super) extends: Vec<(String, Span)>,
    /// What it changes in those.
    pub(super) changes: Vec<Change>,
    /// Where each rule cites its clause.
    pub(super) citations: Vec<Span>,
    /// The list files it names.
    pub(super) lists: Vec<PathBuf>,
    /// What is worth telling about its terms.
    pub(super) remarks: Vec<Remark>,
}

/// Reads one pack; mistakes go to `problems`. With `doubles`, terms of a rule that are alike are
/// remarked on, too.
pub(super) fn read(
    source: &Arc<Source>,
    path: &Path,
    zone: &TimeZone,
    files: &dyn Files,
    doubles: bool,
    problems: &mut Vec<Problem>,
) -> Option<ReadPack> {
    let mut reader = Reader::new(source, problems);
    let root = reader.root()?;
    let fields = reader.map(&root, "a pack", &PACK_KEYS)?;
    let name_node = reader.required(&fields, "pack", "a pack");
    let name = name_node.and_then(|node| id(&mut reader, node))?;
    let text = |reader: &mut Reader<'_>, key: &str| {
        fields
            .get(key)
            .and_then(|node| reader.text(node, key))
            .map(str::to_owned)
    };
    let version = text(&mut reader, "version");
    let policy = match text(&mut reader, "policy") {
        None => PolicyRef::Default,
        Some(text) => match text.strip_prefix("builtin:") {
            Some(name) => PolicyRef::Builtin(name.to_owned()),
            None => PolicyRef::File(beside(path, &text)),
        },
    };
    let resist = fields
        .get("defaults")
        .and_then(|node| reader.map(node, "`defaults`", &["resist"]))
        .and_then(|defaults| defaults.get("resist"))
        .and_then(|node| reader.one_of(node, "resist", &RESIST))
        .unwrap_or_default();
    let extends = fields
        .get("extends")
        .map(|node| match &node.value {
            Value::List(items) => items.iter().collect(),
            _ => vec![node],
        })
        .unwrap_or_default()
        .into_iter()
        .filter_map(|node| {
            reader
                .text(node, "extends")
                .map(|text| (text.to_owned(), node.at))
        })
        .collect();
    let description = fields
        .get("description")
        .and_then(|node| reader.local_text(node, "description"));
    let content_warning = fields
        .get("content_warning")
        .and_then(|node| reader.truth(node, "content_warning"))
        .unwrap_or_default();
    let mut read = ReadPack {
        pack: Pack {
            name,
            version,
            description,
            content_warning,
            policy,
            origin: source.name().to_owned(),
            rules: Vec::new(),
        },
        extends,
        changes: fields
            .get("changes")
            .map(|node| Change::read_all(node, "changes", &mut reader))
            .unwrap_or_default(),
        citations: Vec::new(),
        lists: Vec::new(),
        remarks: Vec::new(),
    };
    // A pack may do no more than bring others and change them.
    if fields.get("rules").is_none() && !read.extends.is_empty() {
        return Some(read);
    }
    let Some(rules) = reader.required(&fields, "rules", "a pack") else {
        return Some(read);
    };
    for node in reader.list(rules, "rules").unwrap_or_default() {
        let mut rule_reader = RuleReader {
            reader: &mut reader,
            pack: &read.pack.name,
            path,
            zone,
            files,
            resist,
            lists: &mut read.lists,
            seen: TermsSeen::new(doubles),
            remarks: &mut read.remarks,
        };
        let Some((rule, citation, id_at)) = rule_reader.rule(node) else {
            continue;
        };
        if read.pack.rules.iter().any(|known| known.id == rule.id) {
            reader.report(
                &PackError::DuplicateRule { id: rule.id },
                id_at,
                "the second one",
            );
            continue;
        }
        read.pack.rules.push(Arc::new(rule));
        read.citations.push(citation);
    }
    Some(read)
}

/// `text` as a path relative to the folder of the file at `path`.
pub(super) fn beside(path: &Path, text: &str) -> String {
    let joined = path.parent().unwrap_or(Path::new("")).join(text);
    tidy(&joined)
}

/// Takes `.` and `x/..` out of a path, without asking the file system.
pub(crate) fn tidy(path: &Path) -> String {
    use std::path::Component;
    let mut parts: Vec<Component<'_>> = Vec::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(parts.last(), Some(Component::Normal(_))) => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    if parts.is_empty() {
        return ".".to_owned();
    }
    parts
        .iter()
        .collect::<std::path::PathBuf>()
        .display()
        .to_string()
}

fn id(reader: &mut Reader<'_>, node: &Node) -> Option<String> {
    let text = reader.text(node, "id")?;
    let fits = text
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_'));
    if !fits {
        reader.report(
            &PackError::MalformedId {
                id: text.to_owned(),
            },
            node.at,
            "not an id",
        );
        return None;
    }
    Some(text.to_owned())
}

struct RuleReader<'r, 'p> {
    reader: &'r mut Reader<'p>,
    pack: &'r str,
    path: &'r Path,
    zone: &'r TimeZone,
    files: &'r dyn Files,
    resist: Resist,
    lists: &'r mut Vec<PathBuf>,
    seen: TermsSeen,
    remarks: &'r mut Vec<Remark>,
}

impl RuleReader<'_, '_> {
    fn rule(&mut self, node: &Node) -> Option<(Rule, Span, Span)> {
        let keys: Vec<&str> = RULE_KEYS
            .into_iter()
            .chain(["waivable"])
            .chain(CONDITION_KEYS)
            .chain(kind_keys())
            .collect();
        let fields = self.reader.map(node, "a rule", &keys)?;
        let id_node = self.reader.required(&fields, "id", "a rule");
        let name = id_node.and_then(|node| id(self.reader, node));
        let clause_node = self.reader.required(&fields, "clause", "a rule");
        let clause = clause_node.and_then(|node| self.clause(node));
        let languages = fields
            .get("languages")
            .map(|node| self.reader.langs(node, "languages"))
            .unwrap_or_default();
        self.seen.languages(&languages);
        let condition = self.condition(&fields, name.as_deref().unwrap_or("?"));
        let said = self.seen.take_remarks();
        if condition.as_ref().is_some_and(Condition::is_bare_terms) {
            self.remarks.extend(said);
        }
        let when = fields
            .get("when")
            .map(|node| self.when(node))
            .unwrap_or_default();
        let mut captures = condition.as_ref().map(captures).unwrap_or_default();
        captures.extend(when.during.is_some().then_some("until"));
        let message_node = self.reader.required(&fields, "message", "a rule");
        let message = message_node.and_then(|node| self.message(node, "message", &captures));
        let (severity, severity_where) = fields
            .get("severity")
            .map(|node| self.severity(node))
            .unwrap_or_default();
        let adjustable = fields
            .get("adjustable")
            .and_then(|node| self.reader.truth(node, "adjustable"))
            .unwrap_or_default();
        let description = fields
            .get("description")
            .and_then(|node| self.reader.local_text(node, "description"));
        let instead = fields
            .get("instead")
            .and_then(|node| self.message(node, "instead", &captures));
        let fix_is_safe = fields
            .get("fix")
            .and_then(|node| {
                let known = [("safe", true), ("unsafe", false)];
                self.reader.one_of(node, "fix", &known)
            })
            .unwrap_or_default();
        let unless = fields.get("unless").map(|node| self.when(node));
        if let (Some(unless), Some(node)) = (&unless, fields.get("unless"))
            && unless.always_holds_with(&when)
        {
            self.reader.report(
                &PackError::NeverFires {
                    reason: "`unless` holds whenever `when` does",
                },
                node.at,
                "always so",
            );
        }
        let waivable = fields
            .get("waivable")
            .map(|node| self.waivable(node))
            .unwrap_or_default();
        let secret = fields
            .get("secret")
            .and_then(|node| self.reader.truth(node, "secret"))
            .unwrap_or_default();
        let examples = fields
            .get("examples")
            .map(|node| self.examples(node))
            .unwrap_or_default();
        let id_at = fields.get("id").map_or(node.at, |node| node.at);
        let citation = fields.get("clause").map_or(node.at, |node| node.at);
        let rule = Rule {
            id: format!("{}/{}", self.pack, name?),
            clause: clause?,
            severity,
            severity_where,
            adjustable,
            description,
            message: message?,
            instead,
            fix_is_safe,
            languages,
            when,
            unless,
            condition: condition?.into(),
            secret,
            waivable,
            examples: RuleExamples::into(examples),
            line: self.reader.source().line_col(id_at.start()).0,
            prepared: None,
        };
        Some((rule, citation, id_at))
    }

    /// A severity, or a list of those that hold somewhere, the last for everywhere else:
    /// `[{is: error, when: {account: company}}, warning]`.
    fn severity(&mut self, node: &Node) -> (Option<Severity>, Vec<(Severity, When)>) {
        let Value::List(items) = &node.value else {
            let severity = self.reader.one_of(node, "severity", &Severity::WORDS);
            return (severity, Vec::new());
        };
        let mut otherwise = None;
        let mut somewhere = Vec::new();
        for item in items {
            let Value::Map(_) = item.value else {
                otherwise = self.reader.one_of(item, "severity", &Severity::WORDS);
                continue;
            };
            let read = || -> Option<(Severity, When)> {
                let fields = self.reader.map(item, "a severity", &["is", "when"])?;
                let is = self.reader.required(&fields, "is", "a severity")?;
                let is = self.reader.one_of(is, "is", &Severity::WORDS)?;
                let when = self.reader.required(&fields, "when", "a severity")?;
                Some((is, self.when(when)))
            };
            let mut read = read;
            somewhere.extend(read());
        }
        (otherwise, somewhere)
    }

    fn clause(&mut self, node: &Node) -> Option<ClauseId> {
        match self.reader.text(node, "clause")?.parse() {
            Ok(id) => Some(id),
            Err(error) => {
                let error: crate::policy::NotAClauseId = error;
                self.reader.report(&error, node.at, "not an id");
                None
            }
        }
    }

    /// `true`, `false`, or a map that says who may.
    fn waivable(&mut self, node: &Node) -> Waivable {
        if !matches!(node.value, Value::Map(_)) {
            // What is not understood is refused, and until then nobody may.
            return match self.reader.truth(node, "waivable") {
                Some(true) => Waivable::Always,
                _ => Waivable::Never,
            };
        }
        let Some(fields) = self.reader.map(node, "`waivable`", &["by"]) else {
            return Waivable::Never;
        };
        self.reader
            .required(&fields, "by", "`waivable`")
            .map_or(Waivable::Never, |by| {
                Waivable::By(self.reader.texts(by, "by"))
            })
    }

    /// Text with placeholders.
    fn message(&mut self, node: &Node, key: &str, captures: &[&str]) -> Option<LocalText> {
        let text = self.reader.local_text(node, key)?;
        let unknown: Option<String> = text
            .texts()
            .find_map(|text| unknown_placeholder(text, captures));
        if let Some(name) = unknown {
            let at = match &node.value {
                Value::Map(entries) => entries
                    .iter()
                    .find(|(_, node)| matches!(&node.value, Value::Scalar(text) if unknown_placeholder(text, captures).is_some()))
                    .map_or(node.at, |(_, node)| node.at),
                _ => node.at,
            };
            self.reader.report(
                &PackError::UnknownPlaceholder { name },
                at,
                "nothing fills it",
            );
        }
        Some(text)
    }

    fn when(&mut self, node: &Node) -> When {
        let own = [
            "channels", "channel", "scopes", "from", "until", "embargo", "during",
        ];
        let keys: Vec<&str> = own
            .into_iter()
            .chain(WHEN_FACTS.into_iter().map(|(key, _)| key))
            .collect();
        let Some(fields) = self.reader.map(node, "`when`", &keys) else {
            return When::default();
        };
        let facts = WHEN_FACTS
            .into_iter()
            .filter_map(|(key, fact)| {
                let node = fields.get(key)?;
                Some((fact.to_owned(), self.fact_values(node, key, fact)))
            })
            .collect();
        let mut when = When {
            channels: fields
                .get("channels")
                .or_else(|| fields.get("channel"))
                .map(|node| self.reader.texts(node, "channels"))
                .unwrap_or_default(),
            facts,
            embargo: fields.get("embargo").and_then(|node| self.embargo(node)),
            during: fields
                .get("during")
                .and_then(|node| {
                    let known = PERIODS.map(|name| (name, name));
                    self.reader.one_of(node, "during", &known)
                })
                .map(str::to_owned),
            scopes: Scopes::Published,
            from: fields
                .get("from")
                .and_then(|node| self.instant(node, "from", Bound::Start)),
            until: fields
                .get("until")
                .and_then(|node| self.instant(node, "until", Bound::End)),
        };
        if let (Some(from), Some(until)) = (when.from, when.until)
            && from >= until
        {
            self.reader.report(
                &PackError::NeverHolds,
                fields.key_at("until"),
                "before `from`",
            );
        }
        if let Some(scopes) = fields.get("scopes").and_then(|node| self.scopes(node)) {
            when.scopes = scopes;
        }
        when
    }

    /// The values that a fact may have for a rule to hold: of those that it can have at all.
    fn fact_values(&mut self, node: &Node, key: &str, fact: &str) -> Vec<String> {
        let values = self.reader.texts(node, key);
        let known = known_values(fact);
        let values = values.into_iter().map(|value| value.to_lowercase());
        values
            .inspect(|value| {
                if !known.is_empty() && !known.contains(&value.as_str()) {
                    self.reader
                        .unknown_value(node.at, value, known.iter().copied());
                }
            })
            .collect()
    }

    fn scopes(&mut self, node: &Node) -> Option<Scopes> {
        let mut scopes = Vec::new();
        let items = match &node.value {
            Value::Scalar(_) => std::slice::from_ref(node),
            _ => self.reader.list(node, "scopes").unwrap_or_default(),
        };
        for item in items {
            let Some(text) = self.reader.text(item, "scopes") else {
                continue;
            };
            match text.parse::<Scope>() {
                Ok(scope) => scopes.push(scope),
                Err(_) => {
                    self.reader.unknown_value(
                        item.at,
                        text,
                        Scope::words().chain(["metadata:KEY"]),
                    );
                }
            }
        }
        (!scopes.is_empty()).then_some(Scopes::Only(scopes))
    }

    /// The instant of an embargo, which is the same for everybody: a time needs its zone.
    fn embargo(&mut self, node: &Node) -> Option<jiff::Timestamp> {
        let text = self.reader.text(node, "embargo")?;
        if is_local(text) {
            let error = PackError::NoZone(text.to_owned());
            self.reader.report(&error, node.at, "no time zone");
            return None;
        }
        self.instant(node, "embargo", Bound::Start)
    }

    fn instant(&mut self, node: &Node, key: &str, bound: Bound) -> Option<jiff::Timestamp> {
        match instant(self.reader.text(node, key)?, self.zone, bound) {
            Ok(at) => Some(at),
            Err(error) => {
                self.reader.report(&error, node.at, "not a date");
                None
            }
        }
    }

    /// A kind with what narrows it: a rule, or one of the conditions inside one.
    fn condition(&mut self, fields: &Fields<'_>, id: &str) -> Option<Condition> {
        let kind = self.kind(fields, id)?;
        let mut condition = Condition::from(kind);
        condition.unquoted = self.is_ignored(fields, "quoted");
        condition.affirmed = self.is_ignored(fields, "negated");
        if let Some(node) = fields.get("count") {
            let inner = self.reader.map(node, "`count`", &["at_least"])?;
            let least = self.reader.required(&inner, "at_least", "`count`")?;
            condition.at_least = self.reader.number(least, "at_least")?;
        }
        if let Some(node) = fields.get("near")
            && matches!(node.value, Value::Map(_))
        {
            let near = self.inner(node, id, &[])?;
            let within = self.distance(node).unwrap_or_default();
            condition.near = Some(Box::new((near, within)));
        }
        Some(condition)
    }

    fn is_ignored(&mut self, fields: &Fields<'_>, key: &str) -> bool {
        fields
            .get(key)
            .and_then(|node| {
                self.reader
                    .one_of(node, key, &[("ignore", true), ("count", false)])
            })
            .unwrap_or_default()
    }

    /// A condition inside another; `more` are keys that its owner reads.
    fn inner(&mut self, node: &Node, id: &str, more: &[&'static str]) -> Option<Condition> {
        let keys: Vec<&str> = CONDITION_KEYS
            .into_iter()
            .chain(kind_keys())
            .chain(["scopes", "languages"])
            .chain(more.iter().copied())
            .collect();
        let fields = self.reader.map(node, "a condition", &keys)?;
        let mut condition = self.condition(&fields, id)?;
        condition.scopes = fields.get("scopes").and_then(|node| self.scopes(node));
        if let Some(node) = fields.get("languages") {
            condition.languages = self.reader.langs(node, "languages");
        }
        Some(condition)
    }

    fn inners(&mut self, node: &Node, key: &'static str, id: &str) -> Option<Vec<Condition>> {
        let items = self.reader.list(node, key)?;
        if items.is_empty() {
            self.reader
                .report(&PackError::NoCondition { key }, node.at, "no condition");
            return None;
        }
        let read: Vec<Option<Condition>> =
            items.iter().map(|item| self.inner(item, id, &[])).collect();
        read.into_iter().collect()
    }

    /// The `within` of a map, unless the terms in it read that for themselves.
    fn distance(&mut self, node: &Node) -> Option<Within> {
        let Value::Map(entries) = &node.value else {
            return None;
        };
        let (_, value) = entries.iter().find(|(key, _)| key.text == "within")?;
        self.within(value)
    }

    fn within(&mut self, node: &Node) -> Option<Within> {
        let text = self.reader.text(node, "within")?;
        let found = within(text);
        if found.is_none() {
            let error = PackError::MalformedWithin {
                value: text.to_owned(),
            };
            self.reader.report(&error, node.at, "not a distance");
        }
        found
    }

    fn kind(&mut self, fields: &Fields<'_>, id: &str) -> Option<Kind> {
        // Terms may come from two keys at once.
        let named = |key: &&str| *key != "terms_from" || fields.get("terms").is_none();
        let mut keys = kind_keys()
            .filter(named)
            .filter(|key| fields.get(key).is_some());
        let Some(first) = keys.next() else {
            let error = PackError::NoKind {
                id: id.to_owned(),
                kinds: kind_keys().skip(3).collect::<Vec<_>>().join(", "),
            };
            let at = fields.entries().first().map(|(key, _)| key.at);
            let at = if fields.get("id").is_some() {
                Some(fields.key_at("id"))
            } else {
                at
            };
            if let Some(at) = at {
                self.reader.report(&error, at, "looks for nothing");
            }
            return None;
        };
        if let Some(second) = keys.next() {
            let error = PackError::TwoKinds {
                id: id.to_owned(),
                first,
                second,
            };
            self.reader
                .report(&error, fields.key_at(second), "the second kind");
            return None;
        }
        if matches!(first, "terms" | "terms_from") {
            return self.terms(fields).map(Kind::Terms);
        }
        let node = fields.get(first)?;
        self.refuse_term_keys(first, fields);
        match first {
            "pattern" => self.pattern(node, fields).map(Kind::Pattern),
            "require" => self
                .require(node, id)
                .map(|spec| Kind::Require(Box::new(spec))),
            "not" => Some(Kind::Not(Box::new(self.inner(node, id, &[])?))),
            "any" => Some(Kind::Any(self.inners(node, "any", id)?)),
            "all" => {
                let conditions = self.inners(node, "all", id)?;
                if denies_itself(&conditions) {
                    let error = PackError::NeverFires {
                        reason: "it asks for something and for its absence",
                    };
                    self.reader.report(&error, node.at, "both at once");
                    return None;
                }
                Some(Kind::All(All {
                    in_order: match fields.get("in_order") {
                        Some(node) => self.reader.truth(node, "in_order")?,
                        None => false,
                    },
                    conditions,
                    within: fields
                        .get("within")
                        .and_then(|node| self.within(node))
                        .unwrap_or(Within::Paragraph),
                }))
            }
            key => {
                let (_, read) = Kind::BY_KEY.into_iter().find(|(known, _)| *known == key)?;
                read(node, self.reader)
            }
        }
    }

    fn require(&mut self, node: &Node, id: &str) -> Option<RequireSpec> {
        let keys = ["any_of", "condition", "where", "first", "trigger", "insert"];
        let fields = self.reader.map(node, "`require`", &keys)?;
        let mut wanted = Vec::new();
        if let Some(list) = fields.get("any_of") {
            let shared = TermSettings {
                resist: self.resist,
                ..TermSettings::default()
            };
            let mut terms = TermsSpec::default();
            for item in self.reader.list(list, "any_of")? {
                match &item.value {
                    // A map that is no term is a condition of any kind.
                    Value::Map(entries) if !entries.iter().any(|(key, _)| key.text == "term") => {
                        wanted.push(self.inner(item, id, &[])?);
                    }
                    _ => self.term(item, &shared, &mut terms),
                }
            }
            if !terms.terms.is_empty() || !terms.phrases.is_empty() {
                wanted.push(Kind::Terms(terms).into());
            }
        }
        if let Some(inner) = fields.get("condition") {
            wanted.push(self.inner(inner, id, &[])?);
        }
        if wanted.is_empty() {
            let error = PackError::NoCondition { key: "any_of" };
            self.reader.report(&error, node.at, "asks for nothing");
            return None;
        }
        let place = match (fields.get("where"), fields.get("first")) {
            (Some(node), _) | (None, Some(node)) => {
                // `where: {first: 125 characters}` says the same as `first: 125 characters`.
                let inner = match &node.value {
                    Value::Map(_) => {
                        let inner = self.reader.map(node, "`where`", &["first"])?;
                        self.reader.required(&inner, "first", "`where`")?
                    }
                    _ => node,
                };
                let text = self.reader.text(inner, "where")?;
                let short = text.strip_prefix("first:").unwrap_or(text);
                let place = Place::read(short);
                if place.is_none() {
                    let error = PackError::MalformedPlace {
                        value: text.to_owned(),
                    };
                    self.reader.report(&error, inner.at, "not a place");
                }
                place?
            }
            (None, None) => Place::Anywhere,
        };
        let trigger = match fields.get("trigger") {
            Some(node) => Some(Box::new(self.inner(node, id, &[])?)),
            None => None,
        };
        Some(RequireSpec {
            wanted,
            place,
            trigger,
            insert: fields
                .get("insert")
                .and_then(|node| self.reader.local_text(node, "insert")),
        })
    }

    /// Reports keys that say something about terms on a rule that has none.
    fn refuse_term_keys(&mut self, kind: &str, fields: &Fields<'_>) {
        for key in [
            "near", "within", "in_order", "as", "resist", "inflect", "except",
        ] {
            let fits = match key {
                "near" => fields
                    .get(key)
                    .is_some_and(|node| matches!(node.value, Value::Map(_))),
                "within" | "in_order" => kind == "all",
                "except" => kind == "pattern",
                _ => false,
            };
            if fields.get(key).is_some() && !fits {
                let error = ShapeError::UnknownKey {
                    key: key.to_owned(),
                    owner: format!("a `{kind}` rule"),
                    nearest: None,
                    known: format!("{kind}, when, unless, quoted, negated, count"),
                };
                self.reader
                    .report(&error, fields.key_at(key), "this is for terms");
            }
        }
    }

    fn pattern(&mut self, node: &Node, fields: &Fields<'_>) -> Option<PatternSpec> {
        let except = self.except(fields, Resist::Typing);
        let text = self.reader.text(node, "pattern")?;
        match PatternSpec::new(text) {
            Ok(spec) => Some(PatternSpec { except, ..spec }),
            Err((error, at)) => {
                // The pattern usually stands in the YAML as it is; else the whole value is labelled.
                let raw = &self.reader.source().text()[node.at.range()];
                let at = raw.find(text).map_or(node.at, |start| {
                    let base = node.at.start() + start;
                    Span::covering(
                        self.reader.source().text(),
                        base + at.start..base + at.end.max(at.start + 1),
                    )
                });
                self.reader.report(&error, at, "here");
                None
            }
        }
    }

    fn terms(&mut self, fields: &Fields<'_>) -> Option<TermsSpec> {
        let before = self.reader.mistakes();
        let shared = self.settings(
            fields,
            &TermSettings {
                resist: self.resist,
                ..TermSettings::default()
            },
        );
        let mut spec = TermsSpec::default();
        if let Some(node) = fields.get("terms") {
            match &node.value {
                Value::Map(_) => spec.register = self.register(node, &shared),
                _ => {
                    for item in self.reader.list(node, "terms").unwrap_or_default() {
                        self.term(item, &shared, &mut spec);
                    }
                }
            }
        }
        if let Some(node) = fields.get("terms_from") {
            self.terms_from(node, &shared, &mut spec);
        }
        spec.except = self.except(fields, shared.resist);
        if spec.lets_all_through()
            && let Some(node) = fields.get("except")
        {
            let error = PackError::NeverFires {
                reason: "`except` lets every one of its terms through",
            };
            self.reader.report(&error, node.at, "all of them");
        }
        (self.reader.mistakes() == before).then_some(spec)
    }

    fn except(&mut self, fields: &Fields<'_>, resist: Resist) -> Except {
        let mut except = Except::default();
        let Some(node) = fields.get("except") else {
            return except;
        };
        for item in self.reader.list(node, "except").unwrap_or_default() {
            if let Value::Map(_) = item.value {
                let name = self
                    .reader
                    .map(item, "an entry of `except`", &["register"])
                    .and_then(|fields| {
                        self.reader
                            .required(&fields, "register", "an entry of `except`")
                    })
                    .and_then(|node| self.register_name(node));
                except.registers.extend(name);
            } else if let Some(text) = self.reader.text(item, "except") {
                except.phrases.extend(self.forms(text, resist, item.at));
            }
        }
        except
    }

    fn has_letters(&mut self, text: &str, resist: Resist, at: Span) -> bool {
        match has_letters(text, resist) {
            Ok(()) => true,
            Err(error) => {
                self.reader.report(&error, at, "nothing to look for");
                false
            }
        }
    }

    fn term(&mut self, node: &Node, shared: &TermSettings, spec: &mut TermsSpec) {
        let (text, settings, at) = match &node.value {
            Value::Map(_) => {
                let keys = ["term", "as", "near", "within", "resist", "inflect"];
                let Some(fields) = self.reader.map(node, "a term", &keys) else {
                    return;
                };
                let settings = self.settings(&fields, shared);
                let Some(term) = self.reader.required(&fields, "term", "a term") else {
                    return;
                };
                (self.reader.text(term, "term"), settings, term.at)
            }
            _ => (self.reader.text(node, "a term"), shared.clone(), node.at),
        };
        let Some(text) = text else { return };
        if settings.compare == As::Exact {
            if self.has_letters(text, settings.resist, at) {
                spec.push(text, settings);
            }
            return;
        }
        let parts = match spelled_out(text) {
            Ok(parts) => parts,
            Err(error) => return self.reader.report(&error, at, "these forms"),
        };
        for form in parts.iter().flatten() {
            if !self.has_letters(form, settings.resist, at) {
                return;
            }
        }
        if let [forms] = &parts[..] {
            let texts = forms.iter().map(String::as_str);
            let source = self.reader.source();
            self.seen
                .look_at_forms(texts, &settings, source, &at.range());
            for form in forms {
                spec.push(form, settings.clone());
            }
        } else {
            spec.push_phrase(text, &parts, settings);
        }
    }

    /// What a word beside terms stands for, each with letters to look for; it has no gaps.
    fn forms(&mut self, text: &str, resist: Resist, at: Span) -> Vec<String> {
        let forms = match spelled_out(text) {
            Ok(parts) if parts.len() == 1 => parts.into_iter().flatten(),
            Ok(_) => {
                self.reader
                    .report(&PackError::GapBeside, at, "a gap of some words");
                return Vec::new();
            }
            Err(error) => {
                self.reader.report(&error, at, "these forms");
                return Vec::new();
            }
        };
        forms
            .filter(|form| self.has_letters(form, resist, at))
            .collect()
    }

    fn settings(&mut self, fields: &Fields<'_>, shared: &TermSettings) -> TermSettings {
        let mut settings = shared.clone();
        if let Some(compare) = fields
            .get("as")
            .and_then(|node| self.reader.one_of(node, "as", &As::WORDS))
        {
            settings.compare = compare;
        }
        if let Some(resist) = fields
            .get("resist")
            .and_then(|node| self.reader.one_of(node, "resist", &RESIST))
        {
            settings.resist = resist;
        }
        if let Some(inflect) = fields
            .get("inflect")
            .and_then(|node| self.reader.truth(node, "inflect"))
        {
            settings.inflect = inflect;
        }
        if let Some(node) = fields.get("near")
            && !matches!(node.value, Value::Map(_))
        {
            settings.near.clear();
            for word in self.reader.texts(node, "near") {
                let forms = self.forms(&word, settings.resist, node.at);
                settings.near.extend(forms);
            }
        }
        if let Some(within) = fields.get("within").and_then(|node| self.within(node)) {
            settings.within = within;
        }
        settings
    }

    fn register(&mut self, node: &Node, shared: &TermSettings) -> Option<RegisterUse> {
        let keys = [
            "register", "held", "as", "near", "within", "resist", "inflect",
        ];
        let fields = self.reader.map(node, "`terms`", &keys)?;
        let name_node = self.reader.required(&fields, "register", "`terms`")?;
        let settings = self.settings(&fields, shared);
        let held = match fields.get("held") {
            Some(node) => self.reader.truth(node, "held")?,
            None => false,
        };
        Some(RegisterUse {
            name: self.register_name(name_node)?,
            settings,
            held,
        })
    }

    /// The name of a register that there is.
    fn register_name(&mut self, node: &Node) -> Option<String> {
        let name = self.reader.text(node, "register")?;
        if !NAMES.contains(&name) {
            let near = crate::text::shape::nearest(name, NAMES);
            let help = near.map_or_else(
                || format!("one of: {}", NAMES.join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            self.reader.report(
                &PackError::UnknownRegister {
                    name: name.to_owned(),
                    help,
                },
                node.at,
                "no such register",
            );
            return None;
        }
        Some(name.to_owned())
    }

    fn terms_from(&mut self, node: &Node, shared: &TermSettings, spec: &mut TermsSpec) {
        let Some(text) = self.reader.text(node, "terms_from") else {
            return;
        };
        let (file, column) = match text.split_once('#') {
            Some((file, column)) => (file, Some(column)),
            None => (text, None),
        };
        let extension = Path::new(file)
            .extension()
            .and_then(|e| e.to_str())
            .unwrap_or_default()
            .to_ascii_lowercase();
        if !matches!(extension.as_str(), "txt" | "csv" | SEALED) {
            self.reader.report(
                &PackError::ListIsPack {
                    path: file.to_owned(),
                },
                node.at,
                "not a list",
            );
            return;
        }
        let path = beside(self.path, file);
        if !self.files.may_read(self.path, Path::new(&path)) {
            self.reader.report(
                &PackError::ListOutside {
                    path: file.to_owned(),
                },
                node.at,
                "outside",
            );
            return;
        }
        self.lists.push(PathBuf::from(&path));
        let bytes = match self.files.read(Path::new(&path)) {
            Ok(bytes) => bytes,
            Err(error) => {
                let error = PackError::UnreadableList {
                    path: file.to_owned(),
                    reason: crate::text::plain_reason(&error),
                };
                self.reader.report(&error, node.at, "this file");
                return;
            }
        };
        if extension == SEALED {
            let opened = open_sealed(bytes, |sealing| self.files.seal_key(sealing));
            match opened {
                Ok(names) => spec.push_sealed(text, names, shared.clone()),
                Err(error) => self.reader.report(&error, node.at, "this list"),
            }
            return;
        }
        let source = match Source::decode(path.clone(), bytes, None) {
            Ok(source) => source,
            Err(error) => {
                self.reader.adopt([Problem::new(&error).in_file(path)]);
                return;
            }
        };
        let source = Arc::new(source);
        let plain = || plain_list(source.text(), |term| self.seen.may_remark_on(term, shared));
        if extension == "txt"
            && let Some(worth_a_look) = plain()
        {
            for line in worth_a_look {
                let term = &source.text()[line.clone()];
                self.seen.look(term, shared, &source, line);
            }
            // A copy is made only for a list that something was said about.
            let lines = Arc::try_unwrap(source)
                .map_or_else(|kept| kept.text().to_owned(), Source::into_text);
            spec.push_list(text, lines, shared.clone());
            return;
        }
        let mut problems = Vec::new();
        let mut list = ListLines::new(&source, shared, &mut self.seen);
        if extension == "csv" {
            // Names of a table are what they are.
            read_csv(&source, column, &mut problems, |cell, at| {
                list.add(cell, at);
            });
        } else {
            list_lines(&source, |term, at| list.add_forms(term, at));
        }
        let ListLines {
            lines,
            phrases,
            mistakes,
            ..
        } = list;
        problems.extend(mistakes);
        self.reader.adopt(problems);
        for (text, parts) in phrases {
            spec.push_phrase(&text, &parts, shared.clone());
        }
        if !lines.is_empty() || spec.phrases.is_empty() {
            spec.push_list(text, lines, shared.clone());
        }
    }

    fn examples(&mut self, node: &Node) -> RuleExamples {
        let Some(fields) = self.reader.map(node, "`examples`", &["violates", "allows"]) else {
            return RuleExamples::default();
        };
        RuleExamples {
            violates: self.example_list(&fields, "violates", true),
            allows: self.example_list(&fields, "allows", false),
        }
    }

    fn example_list(&mut self, fields: &Fields<'_>, key: &str, violates: bool) -> Vec<Example> {
        let Some(node) = fields.get(key) else {
            return Vec::new();
        };
        let mut examples = Vec::new();
        for item in self.reader.list(node, key).unwrap_or_default() {
            let Some(text) = self.reader.text(item, key) else {
                continue;
            };
            let mistake = match Example::parse(text) {
                Ok(example) if example.marked.is_empty() == violates => {
                    if violates {
                        MarkError::Unmarked
                    } else {
                        MarkError::Marked
                    }
                }
                Ok(example) => {
                    examples.push(example);
                    continue;
                }
                Err(error) => error,
            };
            self.reader.report(&mistake, item.at, "this example");
        }
        examples
    }
}

/// The terms of a list, one a line, as they are read.
struct ListLines<'s> {
    source: &'s Arc<Source>,
    settings: &'s TermSettings,
    seen: &'s mut TermsSeen,
    lines: String,
    /// Terms with gaps, as written and in parts.
    phrases: Vec<(String, Vec<Vec<String>>)>,
    mistakes: Vec<Problem>,
}

impl<'s> ListLines<'s> {
    fn new(source: &'s Arc<Source>, settings: &'s TermSettings, seen: &'s mut TermsSeen) -> Self {
        Self {
            source,
            settings,
            seen,
            lines: String::with_capacity(source.text().len()),
            phrases: Vec::new(),
            mistakes: Vec::new(),
        }
    }

    /// Adds all that a term at `at` stands for.
    fn add_forms(&mut self, term: &str, at: Range<usize>) {
        if self.settings.compare == As::Exact {
            self.add(term, at);
            return;
        }
        match spelled_out(term) {
            Ok(parts) if parts.len() == 1 => {
                let forms = || parts.iter().flatten().map(String::as_str);
                self.seen
                    .look_at_forms(forms(), self.settings, self.source, &at);
                forms().for_each(|form| self.add_unseen(form, at.clone()));
            }
            Ok(parts) => {
                let empty = parts
                    .iter()
                    .flatten()
                    .find_map(|form| has_letters(form, self.settings.resist).err());
                match empty {
                    Some(error) => self.refuse(&error, at, "nothing to look for"),
                    None => self.phrases.push((term.to_owned(), parts)),
                }
            }
            Err(error) => self.refuse(&error, at, "these forms"),
        }
    }

    fn refuse(&mut self, error: &dyn miette::Diagnostic, at: Range<usize>, label: &'static str) {
        let span = Span::covering(self.source.text(), at);
        self.mistakes
            .push(Problem::new(error).at(self.source, span, label));
    }

    /// Adds a term that stands at `at`; a line break in it is a space.
    fn add(&mut self, term: &str, at: Range<usize>) {
        self.seen.look(term, self.settings, self.source, at.clone());
        self.add_unseen(term, at);
    }

    /// As [`Self::add`] for a term that was looked at.
    fn add_unseen(&mut self, term: &str, at: Range<usize>) {
        if let Err(error) = has_letters(term, self.settings.resist) {
            self.refuse(&error, at, "nothing to look for");
            return;
        }
        let start = self.lines.len();
        self.lines.push_str(term);
        if memchr::memchr2(b'\n', b'\r', &self.lines.as_bytes()[start..]).is_some() {
            let one_line = term
                .lines()
                .collect::<Vec<_>>()
                .join(" ")
                .replace('\r', " ");
            self.lines.truncate(start);
            self.lines.push_str(&one_line);
        }
        self.lines.push('\n');
    }
}

/// The lines that are `worth` a look of a list that holds nothing but names, which long ones do: it is
/// taken as it stands then.
fn plain_list(text: &str, worth: impl Fn(&str) -> bool) -> Option<Vec<Range<usize>>> {
    let bytes = text.as_bytes();
    let may_be_plain =
        memchr::memchr2(b'#', b'\r', bytes).is_none() && text.ends_with('\n') && text.is_ascii();
    if !may_be_plain {
        return None;
    }
    let mut lines = Vec::new();
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', bytes) {
        if end == 0 || !bytes[end - 1].is_ascii_alphanumeric() {
            return None;
        }
        if worth(&text[start..end]) {
            lines.push(start..end);
        }
        start = end + 1;
    }
    Some(lines)
}

/// Reads the terms of a text file: one a line, `#` and a space begin a comment.
pub(super) fn list_lines(source: &Source, mut each: impl FnMut(&str, Range<usize>)) {
    let mut start = 0;
    let ends = memchr::memchr2_iter(b'\n', b'\r', source.text().as_bytes());
    for end in ends.chain([source.text().len()]) {
        let at = start..end;
        start = end + 1;
        let line = &source.text()[at.clone()];
        let term = match memchr::memchr(b'#', line.as_bytes()) {
            None => line.trim(),
            Some(0) if line.len() < 2 || line[1..].starts_with([' ', '#', '\t', '\r']) => continue,
            Some(_) => line.split_once(" # ").map_or(line, |(term, _)| term).trim(),
        };
        if !term.is_empty() {
            each(term, at);
        }
    }
}

/// Whether one of the conditions is the denial of another.
fn denies_itself(conditions: &[Condition]) -> bool {
    let written = |condition: &Condition| postcard::to_allocvec(condition).ok();
    conditions.iter().any(|condition| match &condition.kind {
        Kind::Not(denied) => {
            let denied = written(denied);
            conditions.iter().any(|said| written(said) == denied)
        }
        _ => false,
    })
}

fn within(text: &str) -> Option<Within> {
    match text {
        "sentence" => return Some(Within::Sentence),
        "paragraph" => return Some(Within::Paragraph),
        "draft" => return Some(Within::Draft),
        _ => {}
    }
    let (number, unit) = text.split_once(' ')?;
    matches!(unit, "words" | "word").then(|| number.parse().ok().map(Within::Words))?
}

/// What every message may use.
const PLACEHOLDERS: [&str; 4] = ["match", "count", "publish_at", "embargo"];

/// What a condition and those inside it capture.
fn captures(condition: &Condition) -> Vec<&'static str> {
    let mut names = Vec::new();
    condition.walk(&mut |inner| names.extend_from_slice(inner.kind.captures()));
    names
}

/// The first placeholder in `text` that nothing fills. `{{` stands for a brace.
fn unknown_placeholder(text: &str, captures: &[&str]) -> Option<String> {
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        let inside = &rest[at + 1..];
        if let Some(after) = inside.strip_prefix('{') {
            rest = after;
            continue;
        }
        let (name, after) = inside.split_once('}')?;
        if !PLACEHOLDERS.contains(&name) && !captures.contains(&name) {
            return Some(name.to_owned());
        }
        rest = after;
    }
    None
}
