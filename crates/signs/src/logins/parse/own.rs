//! Message forms of the user's own: those of programs that are not in the tables. They come from the settings, once.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use super::row::{Row, Table, row};
use crate::logins::event::{Kind, Seen};
use crate::read::template::Template;

/// One form, as it stands in the settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// The message, with gaps: `{user} failed to log in from {address}`.
    pub form: String,
    /// What it means.
    pub kind: Kind,
    /// The program that writes it to syslog or the journal; without one, lines of files of its own are looked at, from
    /// behind their stamp on.
    #[serde(default)]
    pub program: Option<String>,
    /// What the service is called in events; else the program.
    #[serde(default)]
    pub service: Option<String>,
    /// How somebody tried to get in, where the form does not say.
    #[serde(default)]
    pub method: Option<String>,
    /// A line of a log that has this form: it is read at the start, so that a form that fits nothing is noticed.
    #[serde(default)]
    pub sample: Option<String>,
}

/// The gaps that a form may have.
const GAPS: [&str; 10] = ["user", "by", "address", "port", "method", "detail", "count", "service", "time", "any"];

/// Why a form cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// See the text.
    #[error("there is no gap {{{0}}}; there are {known}; {{user>}} takes all up to the last place where the rest fits", known = GAPS.join(", "))]
    NoSuchGap(String),
    /// See the text.
    #[error("nothing says where one gap ends and the next begins; put text between them")]
    GapsTouch,
    /// See the text.
    #[error(
        "it needs at least {LEAST} letters of fixed text in one piece; whatever has less would fit lines of other programs"
    )]
    TooLittleText,
    /// See the text.
    #[error("there may be {MOST} forms, each of {LONGEST} letters")]
    TooMuch,
    /// See the text.
    #[error("its sample does not have this form: {0:?}")]
    SampleDoesNotFit(String),
}

/// Fixed text that every form must have in one piece, letters.
const LEAST: usize = 4;
/// The most forms.
const MOST: usize = 1000;
/// The longest form, letters.
const LONGEST: usize = 2000;

#[derive(Debug, Default)]
struct Own {
    by_program: BTreeMap<&'static [u8], (&'static str, Table)>,
    files: Option<Table>,
}

static OWN: OnceLock<Own> = OnceLock::new();

/// Adds forms to the tables, for as long as the program runs; only the first call does. The tables' own rows come first.
///
/// # Errors
/// The number of the form that cannot be used, from one on, and why.
pub fn add_forms(forms: &[Form]) -> Result<(), (usize, FormError)> {
    if forms.len() > MOST {
        return Err((MOST + 1, FormError::TooMuch));
    }
    let mut by_program: BTreeMap<&'static str, Vec<Row>> = BTreeMap::new();
    for (index, form) in forms.iter().enumerate() {
        let program = leak(form.program.as_deref().unwrap_or_default());
        by_program.entry(program).or_default().push(checked(form).map_err(|error| (index + 1, error))?);
    }
    // Forms are read once and used until the end.
    let files = by_program.remove("").map(|rows| Table::anywhere(&[&rows]));
    let by_program = by_program.into_iter().map(|(name, rows)| (name.as_bytes(), (name, Table::new(&rows)))).collect();
    let own = OWN.get_or_init(|| Own { by_program, files });
    for (index, form) in forms.iter().enumerate() {
        let Some(sample) = &form.sample else { continue };
        // Whichever year a stamp without one is given.
        let mut clock = super::Clock::utc(jiff::Timestamp::UNIX_EPOCH);
        let fits = own.fits(form)
            && super::parse_line(sample.as_bytes(), &mut clock).is_some_and(|seen| seen.kind == form.kind);
        if !fits {
            return Err((index + 1, FormError::SampleDoesNotFit(sample.clone())));
        }
    }
    Ok(())
}

impl Own {
    fn fits(&self, form: &Form) -> bool {
        match &form.program {
            Some(program) => self.by_program.contains_key(program.as_bytes()),
            None => self.files.is_some(),
        }
    }
}

fn checked(form: &Form) -> Result<Row, FormError> {
    if form.form.len() > LONGEST {
        return Err(FormError::TooMuch);
    }
    let mut rest = form.form.as_str();
    while let Some((_, behind)) = rest.split_once('{') {
        let Some((name, behind)) = behind.split_once('}') else { break };
        if !GAPS.contains(&name.trim_end_matches(['>', '='])) {
            return Err(FormError::NoSuchGap(name.to_owned()));
        }
        rest = behind;
    }
    let text = leak(&form.form);
    let template = Template::new(text);
    if template.gaps_touch() {
        return Err(FormError::GapsTouch);
    }
    if template.longest().len() < LEAST {
        return Err(FormError::TooLittleText);
    }
    let mut row = row(form.kind, text, "");
    if let Some(service) = form.service.as_deref().or(form.program.as_deref()) {
        row = row.service(leak(service));
    }
    if let Some(method) = &form.method {
        row = row.method(leak(method));
    }
    Ok(row)
}

fn leak(text: &str) -> &'static str {
    text.to_owned().leak()
}

/// Whether there is a form of this program.
pub(super) fn is_of(program: &[u8]) -> bool {
    OWN.get().is_some_and(|own| own.by_program.contains_key(program))
}

/// The event of a message of a program that is in no table.
pub(super) fn of_program<'a>(program: &[u8], message: &'a [u8]) -> Option<Seen<'a>> {
    let (service, table) = OWN.get()?.by_program.get(program)?;
    table.read(message, service)
}

/// The event of a line of a program that does not name itself.
pub(super) fn of_line(message: &[u8]) -> Option<Seen<'_>> {
    OWN.get()?.files.as_ref()?.read(message, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(text: &str) -> Form {
        toml_form(&format!("form = '{text}'\nkind = 'login_failed'"))
    }

    fn toml_form(text: &str) -> Form {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn forms_of_the_users_own_are_read_beside_the_tables() {
        let forms = [
            toml_form(
                "program = 'shopd'\nform = 'bad password of {user>} at {address}'\nkind = 'login_failed'\nsample = 'Nov 24 08:10:02 edge shopd[42]: bad password of alice at 192.0.2.7'",
            ),
            toml_form(
                "service = 'till'\nform = 'LOGIN {user} OK ip={address}'\nkind = 'login_ok'\nmethod = 'card'\nsample = '2026-11-24T08:10:02Z LOGIN bob OK ip=192.0.2.8'",
            ),
        ];
        add_forms(&forms).unwrap();
        let mut clock = super::super::Clock::utc("2026-11-24T12:00:00Z".parse().unwrap());
        let seen =
            super::super::parse_line(b"Nov 24 08:10:02 edge shopd[7]: bad password of x at y at 192.0.2.9", &mut clock)
                .unwrap();
        // The name is the attacker's: the address is the last one.
        assert_eq!((seen.service, seen.user), ("shopd", Some(&b"x at y"[..])));
        assert_eq!(seen.address, Some("192.0.2.9".parse().unwrap()));
        let seen = super::super::parse_line(b"2026-11-24T08:10:02Z LOGIN bob OK ip=192.0.2.8", &mut clock).unwrap();
        assert_eq!((seen.kind, seen.service, seen.method), (Kind::LoginOk, "till", Some(&b"card"[..])));
        // The tables' own rows are still there.
        let line = b"Nov 24 08:10:02 edge sshd[42]: Failed password for root from 192.0.2.7 port 4711 ssh2";
        assert_eq!(super::super::parse_line(line, &mut clock).unwrap().service, "sshd");
    }

    #[test]
    fn forms_that_cannot_be_used_say_why() {
        let why = |text: &str| checked(&form(text)).unwrap_err();
        assert_eq!(why("login of {who} failed"), FormError::NoSuchGap("who".to_owned()));
        assert_eq!(why("login of {user}{address} failed"), FormError::GapsTouch);
        assert_eq!(why("{user}@{address}"), FormError::TooLittleText);
        assert_eq!(why(&"x".repeat(3000)), FormError::TooMuch);
        assert!(toml::from_str::<Form>("form = 'x'\nkind = 'login_failed'\nusre = 'y'").is_err());
        assert!(toml::from_str::<Form>("form = 'x'\nkind = 'hacked'").is_err());
    }
}
