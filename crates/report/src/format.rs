//! The formats by name.

use std::fmt;
use std::str::FromStr;

/// How a report is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// For a terminal.
    #[default]
    Table,
    /// The whole report, one JSON document.
    Json,
    /// One finding a line, nothing else.
    Jsonl,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// JUnit XML, for test dashboards.
    Junit,
    /// For a pull request, a ticket or a wiki.
    Markdown,
    /// One page for a browser or paper.
    Html,
    /// GitHub workflow commands.
    Github,
}

impl Format {
    /// All, in the order in which help shows them.
    pub const ALL: [Self; 8] =
        [Self::Table, Self::Json, Self::Jsonl, Self::Sarif, Self::Junit, Self::Markdown, Self::Html, Self::Github];

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Sarif => "sarif",
            Self::Junit => "junit",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Github => "github",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|format| format.name() == text).ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|format| format.name()).collect();
            format!("no format is called {text:?}; the formats are {}", names.join(", "))
        })
    }
}
