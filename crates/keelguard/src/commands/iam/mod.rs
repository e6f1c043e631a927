//! `keelguard iam`: one file per subcommand.

mod facts;
mod lint;
mod simulate;

use anyhow::Result;

use crate::cli::{Global, Iam, IamCommand};
use crate::exit::Exit;

pub(super) fn run(global: &Global, arguments: &Iam) -> Result<Exit> {
    match &arguments.command {
        IamCommand::Facts(arguments) => facts::run(global, arguments),
        IamCommand::Lint(arguments) => lint::run(global, arguments),
        IamCommand::Simulate(arguments) => simulate::run(arguments),
    }
}
