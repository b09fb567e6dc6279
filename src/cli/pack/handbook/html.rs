//! The handbook as one page of HTML that loads nothing, with a search of a few lines; without scripts
//! it shows everything.

use std::fmt::{self, Write as _};

use super::{Entry, Handbook, MADE, Section, Shown, anchor};
use crate::pack::Example;
use crate::report::html_escaped as escaped;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

impl Handbook<'_> {
    /// The page in HTML.
    pub(in crate::cli::pack) fn html(&self) -> String {
        let mut page = String::new();
        // Writing into memory cannot fail.
        let _ = self.write_html(&mut page);
        page
    }

    fn write_html(&self, page: &mut String) -> fmt::Result {
        let words = self.words;
        let title = escaped(self.policy.title(self.lang));
        writeln!(
            page,
            "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"generator\" content=\"{MADE}\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{title}</h1>\n<dl>",
            self.lang
        )?;
        for (label, value) in [
            (words.version, &self.policy.version),
            (words.review_by, &self.policy.review_by),
            (words.ask, &self.policy.owner),
            (words.published, &self.policy.url),
        ] {
            if let Some(value) = value {
                writeln!(page, "<dt>{label}</dt><dd>{}</dd>", escaped(value))?;
            }
        }
        writeln!(page, "</dl>")?;
        if self.languages.len() > 1 {
            writeln!(
                page,
                "<nav aria-label=\"{}\"><ul class=\"row\">",
                words.languages
            )?;
            for (lang, name) in &self.languages {
                let current = if *lang == self.lang {
                    " aria-current=\"page\""
                } else {
                    ""
                };
                writeln!(
                    page,
                    "<li><a href=\"{}.html\" lang=\"{lang}\" hreflang=\"{lang}\"{current}>{lang}</a></li>",
                    escaped(name)
                )?;
            }
            writeln!(page, "</ul></nav>")?;
        }
        writeln!(
            page,
            "<form role=\"search\" hidden><label for=\"words\">{}</label> <input id=\"words\" type=\"search\" autocomplete=\"off\"></form>\n<p id=\"none\" role=\"status\" data-text=\"{}\"></p>\n</header>\n<nav aria-labelledby=\"contents\">\n<h2 id=\"contents\">{}</h2>\n<ul>",
            words.search, words.nothing_found, words.contents
        )?;
        for section in &self.sections {
            writeln!(
                page,
                "<li><a href=\"#{}\">{} {}</a></li>",
                anchor(section.clause),
                section.clause.id,
                escaped(&section.text.title)
            )?;
        }
        writeln!(page, "</ul>\n</nav>\n<main>")?;
        for section in &self.sections {
            self.html_section(section, page)?;
        }
        writeln!(
            page,
            "</main>\n<script>\n{SCRIPT}</script>\n</body>\n</html>"
        )
    }

    fn html_section(&self, section: &Section<'_>, page: &mut String) -> fmt::Result {
        let words = self.words;
        // A clause that is not translated is in the language of the original.
        let lang = if section.text.lang == self.lang {
            String::new()
        } else {
            format!(" lang=\"{}\"", section.text.lang)
        };
        writeln!(
            page,
            "<section id=\"{}\">\n<div{lang}>\n<h2>{} {}</h2>",
            anchor(section.clause),
            section.clause.id,
            escaped(&section.text.title)
        )?;
        for paragraph in section.text.body.text.lines() {
            writeln!(page, "<p>{}</p>", escaped(paragraph))?;
        }
        if let Some(advice) = &section.text.advice {
            writeln!(
                page,
                "<p class=\"advice\"><b>{}:</b> {}</p>",
                words.instead,
                escaped(&advice.text)
            )?;
        }
        writeln!(page, "</div>")?;
        if let Some(owner) = section.owner {
            writeln!(page, "<p><b>{}:</b> {}</p>", words.ask, escaped(owner))?;
        }
        if section.rules.is_empty() && section.elsewhere.is_empty() {
            writeln!(page, "<p><em>{}</em></p>", words.person)?;
        }
        for rule in &section.rules {
            self.html_rule(rule, page)?;
        }
        if !section.elsewhere.is_empty() {
            let ids: Vec<String> = section
                .elsewhere
                .iter()
                .map(|id| format!("<code>{}</code>", escaped(id)))
                .collect();
            writeln!(page, "<p>{}: {}</p>", words.elsewhere, ids.join(", "))?;
        }
        writeln!(page, "</section>")
    }

    fn html_rule(&self, rule: &Entry<'_>, page: &mut String) -> fmt::Result {
        let words = self.words;
        writeln!(
            page,
            "<article>\n<h3>{} <code>{}</code> <span class=\"{}\">{}</span></h3>",
            words.checked_by,
            escaped(rule.id),
            rule.severity,
            words.severity(rule.severity)
        )?;
        if let Some(description) = rule.description {
            writeln!(page, "<p>{}</p>", escaped(description))?;
        }
        writeln!(
            page,
            "<p>{}: <q>{}</q></p>",
            words.says,
            escaped(&rule.message)
        )?;
        if let Some(instead) = &rule.instead {
            writeln!(page, "<p>{}: {}</p>", words.instead, escaped(instead))?;
        }
        match &rule.examples {
            Shown::Examples { wrong, right } => {
                for (label, class, examples) in
                    [(words.wrong, "wrong", wrong), (words.right, "right", right)]
                {
                    if examples.is_empty() {
                        continue;
                    }
                    writeln!(page, "<h4>{label}</h4>\n<ul class=\"{class}\">")?;
                    for example in *examples {
                        writeln!(page, "<li>{}</li>", marked(example))?;
                    }
                    writeln!(page, "</ul>")?;
                }
            }
            Shown::Offensive => writeln!(page, "<p><em>{}</em></p>", words.offensive)?,
            Shown::Secret => writeln!(page, "<p><em>{}</em></p>", words.secret)?,
        }
        writeln!(page, "</article>")
    }
}

/// An example with what is found marked.
fn marked(example: &Example) -> String {
    let mut text = String::new();
    let mut at = 0;
    for range in &example.marked {
        text.push_str(&escaped(&example.text[at..range.start]));
        text.push_str("<mark>");
        text.push_str(&escaped(&example.text[range.clone()]));
        text.push_str("</mark>");
        at = range.end;
    }
    text.push_str(&escaped(&example.text[at..]));
    text
}
