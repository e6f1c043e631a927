//! Erlang and Elixir: the applications of a release or an installation, and the lock files of mix and rebar3.

use keelguard_model::image::PackageKind;

use super::Listing;
use crate::Limits;
use crate::analyse::{AnalyseError, File, Found, FoundPackage};

/// Applications that come with Erlang/OTP and Elixir: they are not from Hex, and what is called so there is not them.
const OWN: &[&str] = &[
    "asn1",
    "common_test",
    "compiler",
    "crypto",
    "debugger",
    "dialyzer",
    "diameter",
    "edoc",
    "eex",
    "eldap",
    "elixir",
    "erl_docgen",
    "erl_interface",
    "erts",
    "et",
    "eunit",
    "ex_unit",
    "ftp",
    "iex",
    "inets",
    "jinterface",
    "kernel",
    "logger",
    "megaco",
    "mix",
    "mnesia",
    "observer",
    "odbc",
    "os_mon",
    "parsetools",
    "public_key",
    "reltool",
    "runtime_tools",
    "sasl",
    "snmp",
    "ssh",
    "ssl",
    "stdlib",
    "syntax_tools",
    "tftp",
    "tools",
    "wx",
    "xmerl",
];

/// One application: `NAME/ebin/NAME.app`, which begins `{application, NAME, [… {vsn, "1.0.0"} …]}`.
pub(super) fn app(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let mut listing = Listing::new(limits);
    if file.path.rsplit('/').nth(1) != Some("ebin") {
        return Ok(listing.done());
    }
    let text = file.text(limits)?;
    let name = after(&text, "{application").and_then(|rest| {
        let rest = rest.trim_start().strip_prefix(',')?.trim_start();
        rest.split([',', ' ', '\n']).next().map(|name| name.trim_matches('\''))
    });
    let version = after(&text, "{vsn").and_then(|rest| rest.trim_start().strip_prefix(',')).and_then(string);
    match name.zip(version) {
        Some((name, version)) if !OWN.contains(&name) => listing.add(package(name, version)),
        Some(_) => {}
        None => return Err(AnalyseError::malformed("it names no application with a version")),
    }
    Ok(listing.done())
}

/// `mix.lock`: `"name": {:hex, :package, "1.0.0", …}`; repositories have no version.
pub(super) fn mix_lock(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let text = file.text(limits)?;
    let mut listing = Listing::new(limits);
    for entry in text.split("{:hex,").skip(1) {
        let Some(entry) = entry.trim_start().strip_prefix(':') else { continue };
        let Some((name, rest)) = entry.split_once(',') else { continue };
        listing.add(package(name.trim().trim_matches('"'), string(rest).unwrap_or_default()));
    }
    Ok(listing.done())
}

/// `rebar.lock`: `{<<"name">>,{pkg,<<"package">>,<<"1.0.0">>},0}`.
pub(super) fn rebar_lock(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let text = file.text(limits)?;
    let mut listing = Listing::new(limits);
    for entry in text.split("{pkg,").skip(1) {
        let mut strings = entry.split("<<\"").skip(1).filter_map(|text| text.split('"').next());
        if let Some((name, version)) = strings.next().zip(strings.next()) {
            listing.add(package(name, version));
        }
    }
    Ok(listing.done())
}

fn after<'a>(text: &'a str, what: &str) -> Option<&'a str> {
    text.split_once(what).map(|(_, rest)| rest)
}

/// The string literal that a text begins with.
fn string(text: &str) -> Option<&str> {
    text.trim_start().strip_prefix('"')?.split('"').next()
}

fn package(name: &str, version: &str) -> FoundPackage {
    FoundPackage::new(PackageKind::Hex, name, version.trim())
}
