//! One line a finding: `path:line:col: severity[rule] message (clause)`.

use std::io;

use super::visible::on_one_line;
use super::{Beside, Look, Report, Run};
#[cfg(feature = "cli")]
use crate::text::{Place, Problem, Remark, Weight};

/// The format.
#[derive(Debug)]
pub(super) struct Compact;

impl Report for Compact {
    fn name(&self) -> &'static str {
        "compact"
    }

    fn about(&self) -> &'static str {
        "one line a finding"
    }

    fn write(&self, run: &Run, _: &Look, out: &mut dyn io::Write) -> io::Result<()> {
        for (finding, waived) in run.shown() {
            writeln!(
                out,
                "{}:{}: {}[{}] {} ({})",
                on_one_line(finding.source.name()),
                on_one_line(&finding.source.location(finding.span).to_string()),
                waived.map_or(finding.severity.as_str(), |_| "waived"),
                finding.rule,
                on_one_line(&finding.message),
                finding.clause.id,
            )?;
        }
        Ok(())
    }

    fn beside(&self) -> Beside {
        Beside::Lines { closing: true }
    }
}

#[cfg(feature = "cli")]
pub(super) fn problems(problems: &[Problem], out: &mut dyn io::Write) -> io::Result<()> {
    for problem in problems {
        let path = problem.path.as_deref().map(on_one_line);
        if let Some(path) = path {
            write!(out, "{path}:")?;
            if let Some(place) = &problem.place {
                let location = place.source.location(place.span).to_string();
                write!(out, "{}:", on_one_line(&location))?;
            }
            write!(out, " ")?;
        }
        write!(out, "not checked: {}", on_one_line(&problem.message))?;
        if let Some(help) = &problem.help {
            write!(out, " ({})", on_one_line(help))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

#[cfg(feature = "cli")]
pub(super) fn remarks(remarks: &[Remark], out: &mut dyn io::Write) -> io::Result<()> {
    let shown = |place: &Place| {
        let location = place.source.location(place.span).to_string();
        on_one_line(&format!("{}:{location}", place.source.name()))
    };
    for remark in remarks {
        let weight = match remark.weight {
            Weight::Warning => "warning",
            Weight::Note => "note",
        };
        write!(
            out,
            "{}: {weight}[{}] {}",
            shown(&remark.place),
            remark.code,
            on_one_line(&remark.message)
        )?;
        if let Some(other) = &remark.other {
            write!(out, "; {}: {}", on_one_line(&other.label), shown(other))?;
        }
        if let Some(help) = &remark.help {
            write!(out, " ({})", on_one_line(help))?;
        }
        writeln!(out)?;
    }
    Ok(())
}
