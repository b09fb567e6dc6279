//! `clearpost assets`: keeps the registry of pictures.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::args::{
    AddAssetArgs, AssetsArgs, AssetsCommand, CheckAssetsArgs, ColorArg, PictureArgs, RegistryArgs,
};
use super::config::{self, Config};
use super::files::replace_file;
use super::pictures::{read, registry};
use super::{settings, terminal};
use crate::image::{Entry, Registry, sha256, signatures, stripped, told};
use crate::report::{self, Format, visible};
use crate::text::yaml::Value;
use crate::text::{Lang, Problem, Source, plain_reason};

/// The name of a registry that nobody names.
const FILE_NAME: &str = "assets.yaml";

/// Why nothing was done.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
enum AssetsError {
    #[error("cannot read `{path}`: {reason}")]
    #[diagnostic(
        code(clearpost::assets::unreadable),
        help("check the path and that you may read the file")
    )]
    Unreadable { path: String, reason: String },
    #[error("cannot write `{path}`: {reason}")]
    #[diagnostic(
        code(clearpost::assets::unwritable),
        help("check that you may write there")
    )]
    Unwritable { path: String, reason: String },
    #[error("there is an entry `{id}` already")]
    #[diagnostic(
        code(clearpost::assets::known),
        help("choose another `--id`, or take the entry out first")
    )]
    Known { id: String },
    #[error("“{id}” is no id")]
    #[diagnostic(
        code(clearpost::assets::malformed_id),
        help("use letters, digits, `.`, `-` and `_`: acme-logo")
    )]
    MalformedId { id: String },
    #[error("there is nothing to compare on this picture: it is of one colour")]
    #[diagnostic(
        code(clearpost::assets::blank),
        help("register a picture that shows something")
    )]
    Blank,
    #[error("`assets:` in this registry is no list with an entry a line")]
    #[diagnostic(
        code(clearpost::assets::cannot_add),
        help("write each entry as `- id: …` on lines of its own under `assets:`, as the last key")
    )]
    CannotAdd,
}

/// Runs the command; the value is the exit status.
pub(super) fn run(args: &AssetsArgs) -> io::Result<u8> {
    let mut problems = Vec::new();
    let mut out = io::stdout().lock();
    let status = match &args.command {
        AssetsCommand::Add(add) => add_entry(add, &mut out, &mut problems)?,
        AssetsCommand::Check(check) => check_registry(check, &mut out, &mut problems)?,
        AssetsCommand::List(list) => list_registry(list, &mut out, &mut problems)?,
        AssetsCommand::Hash(hash) => print_hash(hash, &mut out, &mut problems)?,
        AssetsCommand::Strip(strip) => strip_file(strip, &mut out, &mut problems)?,
    };
    let look = terminal::look(ColorArg::Auto, Lang::EN);
    report::problems(
        &problems,
        Format::PRETTY.beside(),
        &look,
        &mut io::stderr().lock(),
    )?;
    Ok(if problems.is_empty() { status } else { 2 })
}

fn shown(path: &Path) -> String {
    visible(&path.display().to_string()).into_owned()
}

/// The registry that is asked for, and the zone of its dates.
fn named(args: &RegistryArgs) -> (PathBuf, TimeZone) {
    let found = config::find(Path::new("."));
    // What is wrong with the configuration is for `check` to tell.
    let config = found.map(|path| Config::read(&path, false, &mut Vec::new()));
    let zone = config.as_ref().map_or(TimeZone::UTC, Config::zone);
    let path = args
        .registry
        .clone()
        .or_else(|| config?.assets_file)
        .unwrap_or_else(|| PathBuf::from(FILE_NAME));
    (path, zone)
}

fn bytes_of(path: &Path, problems: &mut Vec<Problem>) -> Option<Vec<u8>> {
    let reason = match read(path) {
        Ok(Some(bytes)) => return Some(bytes),
        Ok(None) => "it is larger than 64 MB".to_owned(),
        Err(error) => plain_reason(&error),
    };
    let path = shown(path);
    problems.push(Problem::new(&AssetsError::Unreadable { path, reason }));
    None
}

/// What entries have of a picture: its hashes, line by line.
fn hashes(path: &Path, problems: &mut Vec<Problem>) -> Option<Vec<String>> {
    let bytes = bytes_of(path, problems)?;
    match signatures(&bytes) {
        Ok(found) if found.is_empty() => {
            problems.push(Problem::new(&AssetsError::Blank).in_file(shown(path)));
            None
        }
        Ok(found) => {
            let mut lines = vec![format!("sha256: {}", sha256(&bytes))];
            match found.as_slice() {
                [one] => lines.push(format!("hash: {}", one.written())),
                many => {
                    lines.push("hash:".to_owned());
                    lines.extend(many.iter().map(|hash| format!("  - {}", hash.written())));
                }
            }
            Some(lines)
        }
        Err(error) => {
            problems.push(Problem::new(&error).in_file(shown(path)));
            None
        }
    }
}

fn print_hash(
    args: &PictureArgs,
    out: &mut impl Write,
    problems: &mut Vec<Problem>,
) -> io::Result<u8> {
    for line in hashes(&args.file, problems).unwrap_or_default() {
        writeln!(out, "{line}")?;
    }
    Ok(0)
}

fn add_entry(
    args: &AddAssetArgs,
    out: &mut impl Write,
    problems: &mut Vec<Problem>,
) -> io::Result<u8> {
    let (path, zone) = named(&args.registry);
    let is_id = !args.id.is_empty()
        && args
            .id
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'));
    if !is_id {
        let id = args.id.clone();
        problems.push(Problem::new(&AssetsError::MalformedId { id }));
        return Ok(2);
    }
    let Some(hashes) = hashes(&args.picture.file, problems) else {
        return Ok(2);
    };
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => {
            let (path, reason) = (shown(&path), plain_reason(&error));
            problems.push(Problem::new(&AssetsError::Unreadable { path, reason }));
            return Ok(2);
        }
    };
    let source = Arc::new(Source::from_text(path.display().to_string(), text.clone()));
    let before = Registry::read(&source, &zone, problems);
    if !problems.is_empty() {
        return Ok(2);
    }
    if before.entries.iter().any(|known| known.asset.id == args.id) {
        let id = args.id.clone();
        problems.push(Problem::new(&AssetsError::Known { id }).in_file(shown(&path)));
        return Ok(2);
    }
    let mut entry = vec![
        format!("id: '{}'", args.id),
        format!("kind: {}", args.kind.as_str()),
    ];
    if let Some(file) = beside(&path, &args.picture.file) {
        entry.push(format!("file: '{}'", file.replace('\'', "''")));
    }
    if args.protected {
        entry.push("protected: true".to_owned());
    }
    entry.extend(hashes);
    let made = with_entry(&source, &entry);
    // What was there is never lost to a registry that is written in another way.
    let check = Arc::new(Source::from_text(path.display().to_string(), made.clone()));
    let after = Registry::read(&check, &zone, &mut Vec::new());
    let ids = |registry: &Registry| -> Vec<String> {
        let entries = registry.entries.iter();
        entries.map(|entry| entry.asset.id.clone()).collect()
    };
    let mut wanted = ids(&before);
    wanted.push(args.id.clone());
    if ids(&after) != wanted {
        problems.push(Problem::new(&AssetsError::CannotAdd).in_file(shown(&path)));
        return Ok(2);
    }
    if let Err(error) = replace_file(&path, |file| file.write_all(made.as_bytes())) {
        let (path, reason) = (shown(&path), plain_reason(&error));
        problems.push(Problem::new(&AssetsError::Unwritable { path, reason }));
        return Ok(2);
    }
    writeln!(out, "added {} to {}", args.id, shown(&path))?;
    Ok(0)
}

/// The registry's text with one more entry, at the end of its list.
fn with_entry(source: &Source, entry: &[String]) -> String {
    let text = source.text();
    let root = crate::text::yaml::parse(source).ok();
    let list = root.as_ref().and_then(|root| match &root.value {
        Value::Map(entries) => entries.iter().find(|(key, _)| key.text == "assets"),
        _ => None,
    });
    let final_item = list.and_then(|(_, value)| match &value.value {
        Value::List(items) => items.last(),
        _ => None,
    });
    let lines = |indent: &str| -> String {
        let mut made = String::new();
        for (number, line) in entry.iter().enumerate() {
            let mark = if number == 0 { "- " } else { "  " };
            made.extend([indent, mark, line, "\n"]);
        }
        made
    };
    match (list, final_item) {
        (Some(_), Some(item)) => {
            let line = text[..item.at.start()].rfind('\n').map_or(0, |at| at + 1);
            let indent: String = text[line..].chars().take_while(|c| *c == ' ').collect();
            // The entry ends before the next line that is not further in than its dash.
            let mut at = line;
            for (number, row) in text[line..].split_inclusive('\n').enumerate() {
                let inside = row.trim().is_empty()
                    || row.len() - row.trim_start_matches(' ').len() > indent.len();
                if number > 0 && !inside {
                    break;
                }
                at += row.len();
            }
            let ended = at > 0 && !text[..at].ends_with('\n');
            let end = if ended { "\n" } else { "" };
            format!("{}{end}{}{}", &text[..at], lines(&indent), &text[at..])
        }
        (Some((key, value)), None) => {
            // `assets: []` or nothing yet; nothing has no place of its own.
            let from = match value.value {
                Value::Null => key.at.range().start,
                _ => value.at.range().start,
            };
            let line = text[from..].find('\n').map_or(text.len(), |at| from + at);
            let head = match value.value {
                Value::Null => &text[..line],
                _ => text[..from].trim_end_matches(['[', ' ']),
            };
            let rest = text[line..].trim_start_matches('\n');
            format!("{head}\n{}{rest}", lines("  "))
        }
        (None, _) if text.trim().is_empty() => format!("assets:\n{}", lines("  ")),
        (None, _) => format!("{}\nassets:\n{}", text.trim_end(), lines("  ")),
    }
}

/// `file` as seen from the folder of the registry, if it lies there.
fn beside(registry: &Path, file: &Path) -> Option<String> {
    let folder = registry
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let relative = file
        .canonicalize()
        .ok()?
        .strip_prefix(folder.canonicalize().ok()?)
        .ok()?
        .to_owned();
    Some(relative.to_str()?.replace('\\', "/"))
}

fn open(args: &RegistryArgs, problems: &mut Vec<Problem>) -> Option<(PathBuf, Registry)> {
    let (path, zone) = named(args);
    let source = config::read_source("the registry of pictures", &path, problems)?;
    let registry = registry(&source, &path, &zone, problems);
    Some((path, registry))
}

fn list_registry(
    args: &RegistryArgs,
    out: &mut impl Write,
    problems: &mut Vec<Problem>,
) -> io::Result<u8> {
    let Some((_, registry)) = open(args, problems) else {
        return Ok(2);
    };
    for Entry { asset, .. } in &registry.entries {
        let mut words = vec![asset.id.clone(), asset.kind.as_str().to_owned()];
        words.extend(asset.protected.then(|| "protected".to_owned()));
        words.extend(asset.owner.clone());
        words.extend(asset.licence.clone());
        if !asset.terms.channels.is_empty() {
            words.push(asset.terms.channels.join(", "));
        }
        words.extend(asset.terms.expires.map(|end| format!("until {end}")));
        words.extend(asset.file.clone());
        writeln!(out, "{}", visible(&words.join("  ")))?;
    }
    let count = registry.entries.len();
    writeln!(out, "{count} pictures")?;
    Ok(0)
}

fn check_registry(
    args: &CheckAssetsArgs,
    out: &mut impl Write,
    problems: &mut Vec<Problem>,
) -> io::Result<u8> {
    let now = settings::now(args.now.as_deref(), problems);
    let (path, zone) = named(&args.registry);
    let Some(source) = config::read_source("the registry of pictures", &path, problems) else {
        return Ok(2);
    };
    let registry = Registry::read(&source, &zone, problems);
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut faults = 0;
    let mut tell = |id: &str, what: &str| writeln!(out, "{}: {what}", visible(id));
    for entry in &registry.entries {
        let asset = &entry.asset;
        if let Some(end) = asset.terms.expires {
            if end <= now {
                faults += 1;
                tell(&asset.id, &format!("its licence is over since {end}"))?;
            } else if ends_soon(end, now, args.within) {
                tell(&asset.id, &format!("its licence ends on {end}"))?;
            }
        }
        if asset.kind == crate::image::AssetKind::People
            && asset.release.is_none()
            && !asset.protected
        {
            faults += 1;
            tell(&asset.id, "it shows people, and has no `release`")?;
        }
        let Some(file) = &asset.file else { continue };
        match read(&folder.join(file)) {
            Ok(Some(bytes)) => {
                let is_same = entry
                    .sha256
                    .as_ref()
                    .is_none_or(|known| *known == sha256(&bytes));
                if !is_same {
                    faults += 1;
                    tell(&asset.id, &format!("{file} is not what was registered"))?;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                faults += 1;
                tell(&asset.id, &format!("there is no file {file}"))?;
            }
            Ok(None) | Err(_) => {
                let path = file.clone();
                let reason = "it is too large, or you may not".to_owned();
                problems.push(Problem::new(&AssetsError::Unreadable { path, reason }));
            }
        }
    }
    let count = registry.entries.len();
    writeln!(out, "{count} pictures, {faults} to look after")?;
    Ok(u8::from(faults > 0))
}

fn ends_soon(end: Timestamp, now: Timestamp, days: u32) -> bool {
    let left = end.duration_since(now).as_secs();
    left < i64::from(days) * 86_400
}

fn strip_file(
    args: &PictureArgs,
    out: &mut impl Write,
    problems: &mut Vec<Problem>,
) -> io::Result<u8> {
    let path = &args.file;
    let Some(bytes) = bytes_of(path, problems) else {
        return Ok(2);
    };
    let made = match stripped(&bytes) {
        Ok(made) => made,
        Err(error) => {
            problems.push(Problem::new(&error).in_file(shown(path)));
            return Ok(2);
        }
    };
    if made == bytes {
        writeln!(out, "{}: nothing to take out", shown(path))?;
        return Ok(0);
    }
    if let Err(error) = replace_file(path, |file| file.write_all(&made)) {
        let (path, reason) = (shown(path), plain_reason(&error));
        problems.push(Problem::new(&AssetsError::Unwritable { path, reason }));
        return Ok(2);
    }
    let places = told(&bytes).locations.len();
    writeln!(
        out,
        "{}: {} bytes taken out, {places} places among them",
        shown(path),
        bytes.len() - made.len()
    )?;
    Ok(0)
}
