//! The catalogue for readers: one rule explained, all of them listed, and the generated reference page.

use keelguard_model::{Area, Rule, rules};

use crate::layout::{Line, Screen};
use crate::markdown;
use crate::style::{BOLD, CYAN, DIM, PLAIN, of_severity, severity_mark};

/// One rule: what is wrong, why it matters, how to fix it, where to read on.
pub fn explain(rule: &Rule, color: bool, width: usize) -> String {
    text(color, width, |screen| {
        screen.hang(&Line::new().styled(BOLD, rule.id).plain("  "), BOLD, rule.title, 3)?;
        let mark = severity_mark(rule.severity).trim_end();
        let head = Line::new().to(9).styled(of_severity(rule.severity), mark).plain("   ");
        let remark = format!("{}: {}", rule.area, rule.area.question());
        screen.hang(&head, DIM, &remark, 2)?;
        screen.line(
            &Line::new().to(9).styled(DIM, "The severity on a container follows what an attacker gains there."),
        )?;
        for (title, sentence) in
            [("What is wrong", rule.wrong), ("Why it matters", rule.why), ("How to fix it", rule.fix)]
        {
            screen.blank()?;
            screen.line(&Line::new().styled(BOLD, title))?;
            screen.hang(&Line::new().to(2), PLAIN, sentence, 20)?;
        }
        screen.hang(&Line::new().to(2), DIM, &format!("What that costs: {}.", rule.effort.words()), 2)?;
        let lists = [
            ("CIS Docker 1.6", rule.cis),
            ("CIS AWS 7.0", rule.cis_aws),
            ("MITRE ATT&CK", rule.attack),
            ("CVE", rule.cve),
        ];
        if lists.iter().any(|(_, list)| !list.is_empty()) || !rule.links.is_empty() {
            screen.blank()?;
            screen.line(&Line::new().styled(BOLD, "Where to read on"))?;
        }
        for (title, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
            screen.hang(&Line::new().to(2).plain(title).to(18), PLAIN, &list.join(", "), 9)?;
        }
        for link in rule.links {
            screen.hang(&Line::new().to(2), CYAN, link, 9)?;
        }
        Ok(())
    })
}

/// All of `rules`, a line each.
pub fn rule_list<'a>(rules: impl IntoIterator<Item = &'a Rule>, color: bool, width: usize) -> String {
    text(color, width, |screen| {
        let mut area = None;
        for rule in rules {
            if area != Some(rule.area) {
                if area.is_some() {
                    screen.blank()?;
                }
                screen.hang(&Line::new().styled(BOLD, rule.area.name()).plain("   "), DIM, rule.area.question(), 1)?;
                area = Some(rule.area);
            }
            let head = Line::new().plain("  ").styled(BOLD, rule.id).plain("  ");
            let head = head.styled(of_severity(rule.severity), severity_mark(rule.severity)).plain("  ");
            screen.hang(&head, PLAIN, rule.title, 2)?;
        }
        Ok(())
    })
}

/// The reference page of all rules, Markdown. Its first line says that it is generated.
pub fn rules_markdown() -> String {
    let mut page = String::from(
        "<!-- Generated from the catalogue of rules by `cargo xtask generate`. Do not edit. -->\n\n# Rules\n\n\
         The severity is the one where nothing on the subject makes it better or worse; on a container it follows what an\n\
         attacker gains there.\n",
    );
    for area in Area::ALL {
        let mut rows: Vec<&Rule> = rules().filter(|rule| rule.area == area).collect();
        if rows.is_empty() {
            continue;
        }
        rows.sort_by_key(|rule| rule.id);
        page.push_str(&format!("\n## {area}\n\n{}.\n", sentence_case(area.question())));
        for rule in rows {
            page.push_str(&format!(
                "\n### {}: {}\n\n**{}**, {}\n\n{} {}\n\n**Fix:** {}\n",
                rule.id,
                markdown::text(rule.title),
                rule.severity,
                rule.effort.words(),
                markdown::text(rule.wrong),
                markdown::text(rule.why),
                markdown::text(rule.fix)
            ));
            let mut refs: Vec<String> = Vec::new();
            for (title, list) in [("CIS Docker 1.6", rule.cis), ("CIS AWS 7.0", rule.cis_aws), ("ATT&CK", rule.attack)]
            {
                if !list.is_empty() {
                    refs.push(format!("{} {}", markdown::text(title), list.join(", ")));
                }
            }
            refs.extend(rule.cve.iter().map(ToString::to_string));
            refs.extend(rule.links.iter().map(|link| format!("<{link}>")));
            if !refs.is_empty() {
                page.push_str(&format!("\n{}\n", refs.join(" · ")));
            }
        }
    }
    page
}

fn sentence_case(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

fn text(color: bool, width: usize, write: impl FnOnce(&mut Screen<'_>) -> std::io::Result<()>) -> String {
    let mut bytes = Vec::new();
    // A vector takes whatever is written to it.
    let _ = write(&mut Screen::new(&mut bytes, color, width));
    String::from_utf8(bytes).unwrap_or_default()
}
