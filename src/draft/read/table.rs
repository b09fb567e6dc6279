//! Tables of posts: one draft a row, whatever file the table is in.

use std::cell::Cell;
use std::ops::Range;
use std::sync::Arc;

use super::ReadOptions;
use super::cell::{add_post, add_value};
use super::columns::{Role, of_header};
use super::dates::{DateOrder, written};
use crate::draft::build::DraftBuilder;
use crate::draft::{Alt, Draft, Facts, Scope};
use crate::text::{MappedText, Problem, Source, Span};

/// Who names the column of dates in one of these languages writes days first.
fn order_of_headers(headers: &[String]) -> Option<DateOrder> {
    headers
        .iter()
        .map(|header| header.trim().to_lowercase())
        .any(|header| header.starts_with("data") || header.starts_with("fecha"))
        .then_some(DateOrder::DayFirst)
}

/// A table whose columns are known.
#[derive(Debug)]
pub(super) struct Table<'o> {
    columns: Vec<(String, Role)>,
    options: &'o ReadOptions,
    /// How `03/04/2026` is meant, as far as the file says.
    pub(super) order: Option<DateOrder>,
    /// Whether the reader of the file was told that a date is ambiguous.
    told: Cell<bool>,
}

impl<'o> Table<'o> {
    /// A table with these headers.
    pub(super) fn with_header(headers: &[String], options: &'o ReadOptions) -> Self {
        let columns = headers
            .iter()
            .map(|header| (header.clone(), of_header(header, &options.fields)))
            .collect();
        Self {
            order: options.date_order.or_else(|| order_of_headers(headers)),
            columns,
            options,
            told: Cell::new(false),
        }
    }

    /// A table without headers, whose columns hold these.
    pub(super) fn without_header(roles: Vec<Role>, options: &'o ReadOptions) -> Self {
        Self {
            columns: roles
                .into_iter()
                .map(|role| (String::new(), role))
                .collect(),
            options,
            order: options.date_order,
            told: Cell::new(false),
        }
    }

    /// How many columns there are.
    pub(super) fn width(&self) -> usize {
        self.columns.len()
    }

    /// The column that holds dates.
    pub(super) fn date_column(&self) -> Option<usize> {
        self.columns
            .iter()
            .position(|(_, role)| *role == Role::Date)
    }

    /// The draft in a row: `head` is the row in the file, `cells` what stands in its columns. What
    /// stands beyond the last column is read as text.
    pub(super) fn draft(
        &self,
        source: &Arc<Source>,
        record: usize,
        head: Range<usize>,
        cells: Vec<MappedText>,
        problems: &mut Vec<Problem>,
    ) -> Draft {
        let mut builder = DraftBuilder::new(source);
        builder.set_record(Some(record));
        builder.set_head(head);
        let mut facts = Facts::new(&self.options.stated);
        let mut date: Option<(String, Span)> = None;
        let mut time = None;
        let mut alt = None;
        for (number, cell) in cells.into_iter().enumerate() {
            let words = cell.text().trim().to_owned();
            if words.is_empty() {
                continue;
            }
            let origin = cell.map().origin(&(0..cell.text().len()));
            let at = Span::covering(source.text(), origin.unwrap_or(0..0));
            let extra = (String::new(), Role::Text);
            let (name, role) = self.columns.get(number).unwrap_or(&extra);
            match role {
                Role::Text => add_post(&mut builder, cell, self.options.text_format, None),
                Role::Piece(scope) => {
                    add_value(&mut builder, scope.clone(), cell, None);
                    if *scope == Scope::Alt {
                        alt = builder.last_of(scope, 0);
                    }
                }
                Role::Fact(key) => {
                    facts.set_own(key, &words, at);
                    let scope = Scope::Metadata(key.clone());
                    add_value(&mut builder, scope, cell, None);
                }
                Role::Date => date = Some((words, at)),
                Role::Time => time = Some(words),
                Role::Id => builder.set_record_id(&words),
                Role::Waiver => builder.waive_text(&cell, name),
                Role::Ignored => {}
            }
        }
        let has_alts = self
            .columns
            .iter()
            .any(|(_, role)| *role == Role::Piece(Scope::Alt));
        if has_alts {
            builder.describe_pictures(0, &alt.map_or(Alt::Missing, Alt::Text));
        }
        if let Some((words, at)) = date {
            match written(&words, time.as_deref(), self.order) {
                Ok(instant) => facts.set_own("publish_at", &instant, at),
                // One setting mends all dates of the file.
                Err(_) if self.told.replace(true) => {}
                Err(error) => {
                    problems.push(Problem::new(&error).at(source, at, "can be read two ways"));
                }
            }
        }
        facts.settle(source, &self.options.channels, &self.options.zone, problems);
        builder.finish(facts)
    }
}
