//! All packs in force, compiled.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use jiff::tz::TimeZone;
use serde::Serialize;

use super::condition::{Compiled, Leaves};
use super::index::{Indexes, Wanted};
use super::waive::{FAULTY, UNUSED, WaiverLaw, waiver_clause};
use super::{CitedClause, Lack, NotChecked};
use crate::builtin::builtin;
use crate::draft::read::Skim;
use crate::kind::gate::Gate;
use crate::kind::image::Needs;
use crate::kind::pattern::{Pattern, PatternSpec};
use crate::kind::scan::ScanBuilder;
use crate::kind::terms::{Terms, TermsError, TermsSpec};
use crate::pack::{Loaded, Pack, PolicyRef, Prepared, PreparedRule, Rule, When};
use crate::policy::{Clause, ClauseId, Policy, Severity};
use crate::register::Register;
use crate::text::fold::Resist;
use crate::text::shape::nearest;
use crate::text::{Lang, Problem};

/// What a rulebook is built with besides packs.
#[derive(Clone, Debug)]
pub struct RulebookOptions {
    /// The language in which messages and clauses are shown.
    pub messages: Lang,
    /// The policy for built-in packs, if a company has its own.
    pub policy: PolicyRef,
    /// A built-in clause id → the company's own.
    pub clauses: BTreeMap<String, ClauseId>,
    /// Which rules are in force.
    pub selection: Selection,
    /// The zone of dates without one.
    pub zone: TimeZone,
    /// Whether nothing that is found is repeated in a report.
    pub redact: bool,
    /// What a status may say besides, for a post to be approved.
    pub approved_values: Vec<String>,
}

impl RulebookOptions {
    /// All rules, shown in English, under `policy` with its own ids.
    pub fn under(policy: PolicyRef) -> Self {
        Self {
            messages: Lang::EN,
            policy,
            clauses: BTreeMap::new(),
            selection: Selection::default(),
            zone: TimeZone::UTC,
            redact: false,
            approved_values: Vec::new(),
        }
    }
}

/// Which of the loaded rules are in force.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Only rules that cite one of these clauses, or one below them; empty: all.
    pub clauses: Vec<String>,
    /// Only these rules or packs; empty: all.
    pub only: Vec<String>,
    /// Not these rules, packs or clauses.
    pub exclude: Vec<String>,
}

/// A name in a selection that selects nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("no rule in force is, or cites, `{name}`")]
#[diagnostic(code(clearpost::select::nothing), help("{help}"))]
pub struct SelectionError {
    /// As written.
    pub name: String,
    /// What may have been meant.
    pub help: String,
}

/// A rule in force.
#[derive(Debug)]
pub struct ActiveRule {
    /// Its full name.
    pub id: Arc<str>,
    /// The rule as its pack says it.
    pub rule: Arc<Rule>,
    /// Where its pack was read from.
    pub origin: String,
    /// The clause it cites, in the reader's language.
    pub clause: Arc<CitedClause>,
    /// How much its findings matter.
    pub severity: Severity,
    /// Whether what it finds is not to be repeated.
    pub secret: bool,
    /// Compiled when it is first asked.
    condition: OnceLock<Compiled>,
    /// What has to be seen before it is worth asking.
    pub(super) gate: Gate,
    /// What has to be known of pictures to check it.
    pub(super) needs: Needs,
}

impl ActiveRule {
    /// What it looks for.
    pub(super) fn condition(&self) -> &Compiled {
        self.condition.get_or_init(|| {
            // Only of a prepared rule it was left for later, and everything that such a rule looks
            // for is in the index.
            let mut prepared = Numbered {
                next: self.rule.prepared.as_ref().map_or(0, |known| known.first),
            };
            Compiled::new(&self.rule.condition, &mut prepared)
        })
    }
}

/// Numbers the conditions of a rule all of whose words are prepared.
struct Numbered {
    next: u32,
}

impl Numbered {
    fn number(&mut self) -> u32 {
        self.next += 1;
        self.next - 1
    }
}

impl Leaves for Numbered {
    fn terms(&mut self, spec: &TermsSpec) -> (u32, Terms) {
        let mut nothing = ScanBuilder::default();
        let (terms, _) = Terms::new(spec, &[], &mut nothing, |_, _| {}, |_| {});
        (self.number(), terms)
    }

    fn pattern(&mut self, spec: &PatternSpec) -> (u32, Pattern) {
        (self.number(), Pattern::new(spec))
    }
}

/// The clauses that rules cite, each shown once however many do.
struct CitedClauses<'l> {
    lang: Lang,
    known: HashMap<(&'l str, &'l ClauseId), Arc<CitedClause>>,
}

impl<'l> CitedClauses<'l> {
    fn of(&mut self, clause: &'l Clause, policy: &'l Policy) -> Arc<CitedClause> {
        let lang = self.lang;
        let known = self.known.entry((&policy.name, &clause.id));
        Arc::clone(known.or_insert_with(|| Arc::new(cite(clause, policy, lang))))
    }
}

/// All packs in force, compiled; shared by all threads.
#[derive(Debug)]
pub struct Rulebook {
    pub(super) rules: Vec<ActiveRule>,
    /// How many conditions have numbers.
    pub(super) conditions: u32,
    /// The rules that are asked whatever was seen.
    pub(super) always: Vec<u32>,
    /// Of each condition the rules that are worth asking once it saw something.
    pub(super) opened_by: Vec<Vec<u32>>,
    pub(super) indexes: Indexes,
    /// The conditions that look for words.
    words: HashSet<u32>,
    pub(super) messages: Lang,
    pub(super) registers: Vec<Register>,
    /// In which instants are told.
    pub(super) zone: TimeZone,
    pub(super) approved_values: Vec<String>,
    not_checked: Vec<NotChecked>,
    /// `None` only if the program carries no policy at all.
    pub(super) waivers: Option<WaiverLaw>,
    hash: String,
}

impl Rulebook {
    /// Compiles what was loaded. Mistakes that only show here go to `problems`.
    pub fn new(
        loaded: &Loaded,
        registers: &[Register],
        options: &RulebookOptions,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let hash = hash(loaded, registers, options);
        let selected: Vec<Selected<'_>> = selected(loaded, options).collect();
        let mut gathered = Gathered::of(registers, prepared(&selected));
        let mut not_checked = Vec::new();
        let mut cited_clauses = CitedClauses {
            lang: options.messages,
            known: HashMap::new(),
        };
        let rules: Vec<ActiveRule> = selected
            .iter()
            .map(|selected| {
                let Selected {
                    pack,
                    rule,
                    clause,
                    policy,
                } = *selected;
                let Ready {
                    condition,
                    gate,
                    needs,
                    lacks,
                } = gathered.rule(pack, rule, problems);
                let id: Arc<str> = rule.id.as_str().into();
                not_checked.extend(lacks.into_iter().map(|(reason, lacks)| NotChecked {
                    rule: Arc::clone(&id),
                    reason,
                    lacks,
                }));
                ActiveRule {
                    id,
                    severity: rule.severity.or(clause.severity).unwrap_or(Severity::Error),
                    clause: cited_clauses.of(clause, policy),
                    rule: Arc::clone(rule),
                    origin: pack.origin.clone(),
                    secret: rule.secret || options.redact,
                    gate,
                    condition,
                    needs,
                }
            })
            .collect();
        let active: HashSet<&str> = rules.iter().map(|rule| rule.rule.id.as_str()).collect();
        let waivers = WaiverLaw::new(loaded, options, |id| active.contains(id));
        let mut always = Vec::new();
        let mut opened_by = vec![Vec::new(); gathered.conditions as usize];
        for (number, rule) in (0..).zip(&rules) {
            match rule.gate.keys() {
                None => always.push(number),
                Some(keys) => {
                    for key in keys {
                        opened_by[key as usize].push(number);
                    }
                }
            }
        }
        Self {
            rules,
            conditions: gathered.conditions,
            always,
            opened_by,
            indexes: Indexes::new(gathered.wanted),
            words: gathered.words,
            messages: options.messages,
            registers: registers.to_vec(),
            zone: options.zone.clone(),
            approved_values: options.approved_values.clone(),
            not_checked,
            waivers,
            hash,
        }
    }

    /// The rules in force, in the order of their packs.
    pub fn rules(&self) -> &[ActiveRule] {
        &self.rules
    }

    /// Rules that can say nothing about any draft, and why.
    pub fn not_checked(&self) -> &[NotChecked] {
        &self.not_checked
    }

    /// What has to be known of pictures to check all rules in force.
    pub fn needs(&self) -> Needs {
        let each = self.rules.iter().map(|rule| rule.needs);
        each.fold(Needs::default(), Needs::and)
    }

    /// Names packs, policies, registers and options: equal hashes find the same.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Says that many drafts will be checked, which makes it worth while to index long lists for
    /// the first. Findings are the same either way.
    pub fn expect_many(&self) {
        self.indexes.expect_many();
    }

    /// What knows of raw Markdown whether any rule can find anything in it; `None` if some rule is
    /// asked whatever a draft says, or looks for more than words.
    pub fn skim(&self) -> Option<Skim> {
        let by_words = |rule: &ActiveRule| {
            let keys = rule.gate.keys().unwrap_or_default();
            !keys.is_empty() && keys.iter().all(|key| self.words.contains(key))
        };
        let all = self.rules.iter().all(by_words);
        all.then(|| self.indexes.skim()).flatten()
    }
}

/// A rule in force.
#[derive(Clone, Copy)]
struct Selected<'l> {
    pack: &'l Pack,
    rule: &'l Arc<Rule>,
    clause: &'l Clause,
    policy: &'l Policy,
}

/// The rules in force, in the order of their packs.
fn selected<'l>(
    loaded: &'l Loaded,
    options: &RulebookOptions,
) -> impl Iterator<Item = Selected<'l>> {
    let rules = loaded
        .packs
        .iter()
        .flat_map(|pack| pack.rules.iter().map(move |rule| (pack, rule)));
    rules.filter_map(|(pack, rule)| {
        let (clause, policy) = cited(loaded, &pack.policy, &rule.clause, options)?;
        let selected = Selected {
            pack,
            rule,
            clause,
            policy,
        };
        let takes = options.selection.takes(&rule.id, &clause.id);
        takes.then_some(selected)
    })
}

/// What was prepared of the built-in rules, unless those in force look for so little that it is less
/// work to index that than to look for the words of all.
fn prepared(selected: &[Selected<'_>]) -> Option<&'static Prepared> {
    let built_in = selected
        .iter()
        .filter_map(|selected| selected.rule.prepared.as_ref());
    let literals: usize = built_in.map(|known| known.literals).sum();
    builtin().prepared.as_ref().filter(|_| literals >= MANY)
}

/// Literals that take longer to index than it takes to meet those of rules that are not in force.
const MANY: usize = 2_000;

/// Whether all that a prepared rule looks for is in the index: the company has filled no register
/// that would add to it.
fn is_settled(known: &PreparedRule, registers: &[Register]) -> bool {
    let adds = |name: &String| !is_empty(name, registers) || is_sealed(name, registers);
    !known.sources.iter().chain(&known.clearing).any(adds)
}

/// What the conditions of all rules look for, for the one scan that serves them.
struct Gathered<'r> {
    registers: &'r [Register],
    wanted: Wanted,
    /// How many conditions there are; each has a number of its own.
    conditions: u32,
    /// The conditions that look for words.
    words: HashSet<u32>,
    /// The number of the next condition, if the rule at hand is prepared.
    next: Option<u32>,
    /// What is wrong with the terms of the rule at hand.
    mistakes: Vec<TermsError>,
    /// What of its sources has nothing to look for.
    silent: Vec<(String, Lack)>,
}

/// What of a rule does not depend on the policy.
struct Ready {
    condition: OnceLock<Compiled>,
    gate: Gate,
    needs: Needs,
    /// What it has nothing of, and what to do about that.
    lacks: Vec<(String, Lack)>,
}

impl<'r> Gathered<'r> {
    fn of(registers: &'r [Register], prepared: Option<&'static Prepared>) -> Self {
        Self {
            registers,
            wanted: Wanted {
                prepared,
                ..Wanted::default()
            },
            conditions: prepared.map_or(0, |prepared| prepared.conditions),
            words: HashSet::new(),
            next: None,
            mistakes: Vec::new(),
            silent: Vec::new(),
        }
    }

    /// Makes a rule of `pack` ready; mistakes in what it looks for go to `problems`.
    fn rule(&mut self, pack: &Pack, rule: &Rule, problems: &mut Vec<Problem>) -> Ready {
        let registers = self.registers;
        let known = rule.prepared.as_ref();
        let known = known.filter(|_| self.wanted.prepared.is_some());
        let mut first = known.map_or(self.conditions, |known| known.first);
        let mut ready = match known.filter(|known| is_settled(known, registers)) {
            Some(known) => Ready {
                condition: OnceLock::new(),
                gate: known.gate.clone(),
                needs: known.needs,
                lacks: known
                    .sources
                    .iter()
                    .map(|name| lacks_register(name))
                    .collect(),
            },
            None => {
                self.next = known.map(|known| known.first);
                let condition = Compiled::new(&rule.condition, self);
                let mistakes = self.mistakes.drain(..);
                problems.extend(
                    mistakes.map(|mistake| Problem::new(&mistake).in_file(pack.origin.clone())),
                );
                Ready {
                    condition: condition.into(),
                    gate: known.map_or_else(
                        || Gate::of(&rule.condition, &mut first),
                        |known| known.gate.clone(),
                    ),
                    needs: rule.condition.needs(),
                    lacks: self.silent.drain(..).collect(),
                }
            }
        };
        let groups = match known {
            Some(known) => known.registers.clone(),
            None => rule.condition.registers(),
        };
        for group in groups {
            if group.iter().all(|name| is_empty(name, registers)) {
                let lack = Lack::Register(group[0].clone());
                ready
                    .lacks
                    .push((unread_register(&group[0], registers), lack));
            }
        }
        ready
    }

    fn number(&mut self) -> u32 {
        let next = self.next.as_mut().unwrap_or(&mut self.conditions);
        *next += 1;
        *next - 1
    }
}

impl Leaves for Gathered<'_> {
    fn terms(&mut self, spec: &TermsSpec) -> (u32, Terms) {
        let number = self.number();
        self.words.insert(number);
        let Wanted {
            scan,
            uses,
            long_lists,
            sealed,
            ..
        } = &mut self.wanted;
        let registers = self.registers;
        let (terms, mistakes) = Terms::new(
            spec,
            registers,
            scan,
            |needle, role| uses.push((needle, (number, role))),
            |list| sealed.add(number, list),
        );
        self.mistakes.extend(mistakes);
        if self.next.is_none() {
            let mistakes = spec.add_own(false, scan, |needle, role| {
                uses.push((needle, (number, role)));
            });
            self.mistakes.extend(mistakes);
            long_lists.extend(spec.long_lists().map(|list| (number, list)));
        }
        self.silent.extend(empty_sources(spec, registers));
        (number, terms)
    }

    fn pattern(&mut self, spec: &PatternSpec) -> (u32, Pattern) {
        let number = self.number();
        let Wanted {
            scan, uses, sealed, ..
        } = &mut self.wanted;
        let mut use_needle = |needle, role| uses.push((needle, (number, role)));
        let (except, typing) = (&spec.except, Resist::Typing);
        if self.next.is_none() {
            let mistakes = except.add_phrases(typing, scan, &mut use_needle);
            self.mistakes.extend(mistakes);
        }
        let mistakes = except.add_names(typing, self.registers, scan, &mut use_needle);
        self.mistakes.extend(mistakes);
        except.add_sealed(typing, self.registers, &mut |list| sealed.add(number, list));
        if self.next.is_none() {
            self.wanted.patterns.add(number, spec.needles.as_ref());
        }
        (number, Pattern::new(spec))
    }
}

/// Whether a company has not filled a register.
pub(super) fn is_empty(name: &str, registers: &[Register]) -> bool {
    let mut named = registers.iter().filter(|have| have.name == name);
    named.all(|register| register.entries.is_empty())
}

/// Whether a register is sealed.
fn is_sealed(name: &str, registers: &[Register]) -> bool {
    let mut named = registers.iter().filter(|have| have.name == name);
    named.any(|register| register.sealed.is_some())
}

/// Why a rule that reads a register has nothing of it.
fn unread_register(name: &str, registers: &[Register]) -> String {
    if is_sealed(name, registers) {
        return format!("the register `{name}` is sealed, and this rule has to read it");
    }
    empty_register(name)
}

fn lacks_register(name: &str) -> (String, Lack) {
    (empty_register(name), Lack::Register(name.to_owned()))
}

/// What to do about a register that is empty.
pub(super) fn empty_register(name: &str) -> String {
    format!("the register `{name}` is empty: list your {name} in a register file")
}

/// What of a rule's sources has nothing to look for, and what to do about it.
fn empty_sources(spec: &TermsSpec, registers: &[Register]) -> Vec<(String, Lack)> {
    let register = spec
        .register
        .as_ref()
        .filter(|wanted| is_empty(&wanted.name, registers) && !is_sealed(&wanted.name, registers))
        .map(|wanted| lacks_register(&wanted.name));
    let lists = spec
        .lists
        .iter()
        .filter(|list| list.lines.is_empty())
        .map(|list| (format!("`{}` lists nothing", list.file), Lack::Other));
    register.into_iter().chain(lists).collect()
}

impl Selection {
    /// Whether the rule `id`, which cites `clause`, is in force.
    pub(super) fn takes(&self, id: &str, clause: &ClauseId) -> bool {
        let named = |name: &String| names_rule(name, id) || names_clause(name, clause);
        (self.clauses.is_empty() || self.clauses.iter().any(|name| names_clause(name, clause)))
            && (self.only.is_empty() || self.only.iter().any(|name| names_rule(name, id)))
            && !self.exclude.iter().any(named)
    }

    /// Whether the clause `id` itself is asked for.
    pub fn takes_clause(&self, id: &ClauseId) -> bool {
        (self.clauses.is_empty() || self.clauses.iter().any(|name| names_clause(name, id)))
            && !self.exclude.iter().any(|name| names_clause(name, id))
    }

    /// Reports every name that selects none of what was loaded.
    pub fn check(&self, loaded: &Loaded, options: &RulebookOptions, problems: &mut Vec<Problem>) {
        // What is told about waivers can be left out like any rule.
        let own = waiver_clause(loaded, options)
            .into_iter()
            .flat_map(|(clause, _)| [(FAULTY, clause.clone()), (UNUSED, clause)]);
        let rules: Vec<(&str, ClauseId)> = loaded
            .packs
            .iter()
            .flat_map(|pack| pack.rules.iter().map(move |rule| (pack, rule)))
            .filter_map(|(pack, rule)| {
                let (clause, _) = cited(loaded, &pack.policy, &rule.clause, options)?;
                Some((rule.id.as_str(), clause.id.clone()))
            })
            .chain(own)
            .collect();
        let mut look = |name: &String, rules_too: bool, clauses_too: bool| {
            let known = rules.iter().any(|(id, clause)| {
                (rules_too && names_rule(name, id)) || (clauses_too && names_clause(name, clause))
            });
            if known {
                return;
            }
            let words = rules
                .iter()
                .flat_map(|(id, clause)| {
                    [
                        rules_too.then_some(*id),
                        clauses_too.then_some(clause.as_str()),
                    ]
                })
                .flatten();
            let help = nearest(name, words).map_or_else(
                || "`clearpost packs` lists the rules in force".to_owned(),
                |near| format!("did you mean `{near}`? `clearpost packs` lists the rules in force"),
            );
            problems.push(Problem::new(&SelectionError {
                name: name.clone(),
                help,
            }));
        };
        self.clauses.iter().for_each(|name| look(name, false, true));
        self.only.iter().for_each(|name| look(name, true, false));
        self.exclude.iter().for_each(|name| look(name, true, true));
    }
}

/// Whether `name` is the rule, its pack, or the rule without its pack.
fn names_rule(name: &str, id: &str) -> bool {
    id == name
        || id
            .split_once('/')
            .is_some_and(|(pack, rule)| pack == name || rule == name)
}

/// Whether `name` is the clause or one above it.
pub(super) fn names_clause(name: &str, clause: &ClauseId) -> bool {
    clause
        .as_str()
        .strip_prefix(name)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The clause a rule cites once the company's own policy has been taken into account.
pub(super) fn cited<'l>(
    loaded: &'l Loaded,
    policy: &PolicyRef,
    clause: &ClauseId,
    options: &RulebookOptions,
) -> Option<(&'l Clause, &'l Policy)> {
    if matches!(policy, PolicyRef::Builtin(_))
        && let Some(own) = loaded.policies.get(&options.policy)
    {
        let id = options.clauses.get(clause.as_str()).unwrap_or(clause);
        if let Some(found) = own.clause(id) {
            return Some((found, own));
        }
    }
    let policy = loaded.policies.get(policy)?;
    Some((policy.clause(clause)?, policy))
}

pub(super) fn cite(clause: &Clause, policy: &Policy, lang: Lang) -> CitedClause {
    let text = clause.text(lang);
    let anchored = || {
        policy
            .url
            .as_ref()
            .map(|url| format!("{url}#{}", clause.id.as_str().to_lowercase()))
    };
    CitedClause {
        id: clause.id.clone(),
        title: text.title.clone(),
        policy: policy.name.clone(),
        text: text.body.text.clone(),
        advice: text.advice.as_ref().map(|advice| advice.text.clone()),
        owner: clause.owner.clone().or_else(|| policy.owner.clone()),
        url: clause.url.clone().or_else(anchored),
        file: text.file.clone(),
        line: text.line,
    }
}

/// Bytes that are hashed at a time.
const BLOCK: usize = 16 * 1024;

/// Hashes what is written into it, since a list of names is too long to be copied for its hash.
struct Hashed {
    hasher: blake3::Hasher,
    waiting: Vec<u8>,
}

impl Hashed {
    fn finish(mut self) -> blake3::Hasher {
        self.hasher.update(&self.waiting);
        self.hasher
    }
}

impl Extend<u8> for Hashed {
    fn extend<T: IntoIterator<Item = u8>>(&mut self, bytes: T) {
        self.waiting.extend(bytes);
        if self.waiting.len() >= BLOCK {
            self.hasher.update(&self.waiting);
            self.waiting.clear();
        }
    }
}

/// What of a built-in rule another pack may have changed.
type Changed<'p> = (&'p str, Option<Severity>, &'p [(Severity, When)]);

/// What a pack says, for its hash.
#[derive(Serialize)]
enum Said<'p> {
    /// A built-in one: what the program carries, and of each rule what another pack may have changed.
    BuiltIn(&'p str, &'static str, Vec<Changed<'p>>),
    Own(&'p Pack),
}

impl<'p> Said<'p> {
    fn of(pack: &'p Pack) -> Self {
        if pack.rules.iter().any(|rule| rule.prepared.is_none()) {
            return Self::Own(pack);
        }
        let rules = pack.rules.iter();
        let rules = rules.map(|rule| (&*rule.id, rule.severity, &*rule.severity_where));
        Self::BuiltIn(&pack.name, &builtin().hash, rules.collect())
    }
}

fn hash(loaded: &Loaded, registers: &[Register], options: &RulebookOptions) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(env!("CARGO_PKG_VERSION").as_bytes());
    let policies: Vec<&Policy> = loaded.policies.values().collect();
    let packs: Vec<Said<'_>> = loaded.packs.iter().map(Said::of).collect();
    // Encoding plain data into a hasher does not fail.
    let into = || Hashed {
        hasher: hasher.clone(),
        waiting: Vec::with_capacity(BLOCK),
    };
    let encoded = postcard::to_extend(&(&packs, &policies, registers), into());
    let mut hasher = encoded.unwrap_or_else(|_| into()).finish();
    hasher.update(format!("{options:?}").as_bytes());
    hasher.finalize().to_hex()[..16].to_owned()
}
