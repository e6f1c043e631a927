//! One file per subcommand.

mod advisories;
mod cache;
mod check;
mod config;
mod demo;
mod doctor;
mod explain;
mod facts;
mod help;
mod iam;
mod image;
mod log;
mod paths;
pub(crate) mod progress;
mod registry;
mod rules;
mod signs;
mod trust;

use anyhow::Result;

use crate::cli::{Cli, Command, Global};
use crate::exit::Exit;
use crate::settings::{Flags, Settings};

/// Runs the command that was asked for.
pub(crate) fn run(cli: Cli) -> Result<Exit> {
    let global = cli.global;
    match cli.command {
        Command::Check(arguments) => check::run(&global, &arguments),
        Command::Image(arguments) => image::run(&global, &arguments),
        Command::Iam(arguments) => iam::run(&global, &arguments),
        Command::Advisories(arguments) => advisories::run(&global, &arguments),
        Command::Cache(arguments) => cache::run(&global, &arguments),
        Command::Registry(arguments) => registry::run(&global, &arguments),
        Command::Trust(arguments) => trust::run(&global, &arguments),
        Command::Signs(arguments) => signs::run(&global, &arguments),
        Command::Log(arguments) => log::run(&global, &arguments),
        Command::Facts(arguments) => facts::run(&global, &arguments),
        Command::Paths(arguments) => paths::run(&global, &arguments),
        Command::Explain(arguments) => explain::run(&global, &arguments),
        Command::Rules(arguments) => rules::run(&global, &arguments),
        Command::Doctor(arguments) => doctor::run(&global, &arguments),
        Command::Config(arguments) => config::run(&global, &arguments),
        Command::Demo(arguments) => demo::run(&global, &arguments),
        Command::Completions(arguments) => help::completions(&arguments),
        Command::Man(arguments) => help::man(&arguments),
        Command::Reference => help::reference(),
    }
}

/// The settings under these flags.
fn settings(global: &Global, mut flags: Flags) -> Result<Settings> {
    flags.extend(global.color.as_ref().map(|when| ("color", when.clone())));
    if global.quiet {
        flags.push(("quiet", "true".into()));
    }
    Settings::load(global.config.as_deref(), flags)
}
