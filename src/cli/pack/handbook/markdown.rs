//! The handbook in Markdown: plain headings, lists and quotations, for any wiki.

use std::fmt::{self, Write as _};

use super::{Entry, Handbook, MADE, Section, Shown, anchor};
use crate::pack::Example;
use crate::report::visible;

impl Handbook<'_> {
    /// The page in Markdown.
    pub(in crate::cli::pack) fn markdown(&self) -> String {
        let mut page = String::new();
        // Writing into memory cannot fail.
        let _ = self.write_markdown(&mut page);
        page
    }

    fn write_markdown(&self, page: &mut String) -> fmt::Result {
        let words = self.words;
        writeln!(
            page,
            "<!-- {MADE}: made from the policy and its rules; do not edit -->\n"
        )?;
        writeln!(page, "# {}\n", escaped(self.policy.title(self.lang)))?;
        for (label, value) in [
            (words.version, &self.policy.version),
            (words.review_by, &self.policy.review_by),
            (words.ask, &self.policy.owner),
            (words.published, &self.policy.url),
        ] {
            if let Some(value) = value {
                writeln!(page, "- {label}: {}", escaped(value))?;
            }
        }
        if self.languages.len() > 1 {
            let links: Vec<String> = self
                .languages
                .iter()
                .map(|(lang, name)| format!("[{lang}]({name}.md)"))
                .collect();
            writeln!(page, "- {}: {}", words.languages, links.join(", "))?;
        }
        writeln!(page, "\n## {}\n", words.contents)?;
        for section in &self.sections {
            writeln!(
                page,
                "- [{} {}](#{})",
                section.clause.id,
                escaped(&section.text.title),
                anchor(section.clause)
            )?;
        }
        for section in &self.sections {
            self.section(section, page)?;
        }
        Ok(())
    }

    fn section(&self, section: &Section<'_>, page: &mut String) -> fmt::Result {
        let words = self.words;
        writeln!(page, "\n<a id=\"{}\"></a>\n", anchor(section.clause))?;
        writeln!(
            page,
            "## {} {}\n",
            section.clause.id,
            escaped(&section.text.title)
        )?;
        for paragraph in section.text.body.text.lines() {
            writeln!(page, "{}\n", escaped(paragraph))?;
        }
        if let Some(advice) = &section.text.advice {
            writeln!(page, "**{}:** {}\n", words.instead, escaped(&advice.text))?;
        }
        if let Some(owner) = section.owner {
            writeln!(page, "**{}:** {}\n", words.ask, escaped(owner))?;
        }
        if section.rules.is_empty() && section.elsewhere.is_empty() {
            writeln!(page, "*{}*", words.person)?;
        }
        for rule in &section.rules {
            self.rule(rule, page)?;
        }
        if !section.elsewhere.is_empty() {
            let ids: Vec<String> = section
                .elsewhere
                .iter()
                .map(|id| format!("`{id}`"))
                .collect();
            writeln!(page, "{}: {}", words.elsewhere, ids.join(", "))?;
        }
        Ok(())
    }

    fn rule(&self, rule: &Entry<'_>, page: &mut String) -> fmt::Result {
        let words = self.words;
        let severity = words.severity(rule.severity);
        writeln!(
            page,
            "### {} `{}` ({severity})\n",
            words.checked_by, rule.id
        )?;
        if let Some(description) = rule.description {
            writeln!(page, "{}\n", escaped(description))?;
        }
        writeln!(page, "{}: {}\n", words.says, escaped(&rule.message))?;
        if let Some(instead) = &rule.instead {
            writeln!(page, "{}: {}\n", words.instead, escaped(instead))?;
        }
        match &rule.examples {
            Shown::Examples { wrong, right } => {
                for (label, examples) in [(words.wrong, wrong), (words.right, right)] {
                    if examples.is_empty() {
                        continue;
                    }
                    writeln!(page, "{label}:\n")?;
                    for example in *examples {
                        writeln!(page, "- {}", marked(example))?;
                    }
                    writeln!(page)?;
                }
            }
            Shown::Offensive => writeln!(page, "*{}*\n", words.offensive)?,
            Shown::Secret => writeln!(page, "*{}*\n", words.secret)?,
        }
        Ok(())
    }
}

/// An example with what is found in bold.
fn marked(example: &Example) -> String {
    let mut text = String::new();
    let mut at = 0;
    for range in &example.marked {
        text.push_str(&escaped(&example.text[at..range.start]));
        let found = escaped(&example.text[range.clone()]);
        // Elements, not stars: those do not count beside letters.
        text.push_str("<strong>");
        text.push_str(&found);
        text.push_str("</strong>");
        at = range.end;
    }
    text.push_str(&escaped(&example.text[at..]));
    text
}

/// Text without markup, on one line.
fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in visible(text).chars() {
        match letter {
            '\n' | '\t' => shown.push(' '),
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '!' | '|' | '~' => {
                shown.push('\\');
                shown.push(letter);
            }
            letter => shown.push(letter),
        }
    }
    shown
}
