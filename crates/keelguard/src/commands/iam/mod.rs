//! `keelguard iam`: one file per subcommand.

mod facts;
mod lint;
mod report;
mod simulate;

use anyhow::Result;

use crate::cli::{Global, Iam, IamCommand};
use crate::exit::Exit;

pub(super) fn run(global: &Global, arguments: &Iam) -> Result<Exit> {
    let Some(command) = &arguments.command else { return report::run(global, arguments) };
    match command {
        IamCommand::Facts(arguments) => facts::run(global, arguments),
        IamCommand::Lint(arguments) => lint::run(global, arguments),
        IamCommand::Simulate(arguments) => simulate::run(arguments),
    }
}
