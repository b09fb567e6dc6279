//! Editorial calendars in YAML: a list of posts, or posts under a key.

use super::fields::{Syntax, posts};
use super::json::post;
use super::{RawFile, ReadOptions, Reader, Sink};
use crate::text::yaml;
use crate::text::{Problem, Span};

/// Calendars in YAML.
#[derive(Debug)]
pub(super) struct Yaml;

impl Reader for Yaml {
    fn name(&self) -> &'static str {
        "yaml"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["yaml", "yml"]
    }

    fn about(&self) -> &'static str {
        "an editorial calendar: a list of posts"
    }

    fn is_found_in_folders(&self) -> bool {
        false
    }

    fn read(
        &self,
        file: RawFile<'_>,
        options: &ReadOptions,
        sink: Sink<'_>,
        problems: &mut Vec<Problem>,
    ) {
        let Some(source) = file.decode(problems) else {
            return;
        };
        match yaml::parse(&source) {
            Ok(root) => {
                let drafts = posts(&root)
                    .posts
                    .into_iter()
                    .map(|(record, node)| {
                        post(&source, node, record, Syntax::Yaml, options, problems)
                    })
                    .collect();
                sink(drafts);
            }
            Err(error) => {
                problems.push(Problem::new(&error).at(
                    &source,
                    Span::covering(source.text(), error.at.range()),
                    "here",
                ));
            }
        }
    }
}
