//! The formats by name.

use std::fmt;
use std::str::FromStr;

/// The format of this name among those that there are, or a sentence that names them.
pub(crate) fn by_name<F: Copy + fmt::Display>(text: &str, all: &[F]) -> Result<F, String> {
    let names: Vec<String> = all.iter().map(ToString::to_string).collect();
    let found = all.iter().zip(&names).find(|(_, name)| *name == text).map(|(format, _)| *format);
    found.ok_or_else(|| format!("no format is called {text:?}; the formats are {}", names.join(", ")))
}

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
        by_name(text, &Self::ALL)
    }
}

/// How what is in an image is written: as any report, or as one of the documents in which the trade tells what is inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ImageFormat {
    /// As any report.
    Report(Format),
    /// CycloneDX 1.6, JSON: packages and vulnerabilities.
    CycloneDx,
    /// SPDX 2.3, JSON: packages.
    Spdx,
    /// OpenVEX 0.2.0: a statement for each vulnerability, to be judged by somebody.
    OpenVex,
}

impl ImageFormat {
    /// Those that only images have, in the order in which help shows them.
    pub const OWN: [Self; 3] = [Self::CycloneDx, Self::Spdx, Self::OpenVex];

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Report(format) => format.name(),
            Self::CycloneDx => "cyclonedx",
            Self::Spdx => "spdx",
            Self::OpenVex => "openvex",
        }
    }
}

impl Default for ImageFormat {
    fn default() -> Self {
        Self::Report(Format::default())
    }
}

impl fmt::Display for ImageFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for ImageFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(own) = Self::OWN.into_iter().find(|format| format.name() == text) {
            return Ok(own);
        }
        text.parse().map(Self::Report).map_err(|known: String| {
            let names: Vec<_> = Self::OWN.iter().map(|format| format.name()).collect();
            format!("{known}, {}", names.join(", "))
        })
    }
}
