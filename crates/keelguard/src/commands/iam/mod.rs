//! `keelguard iam`: one file per subcommand.

mod ask;
mod compare;
mod facts;
mod lint;
mod report;
mod shrink;
mod simulate;

use anyhow::Result;

use crate::cli::{Global, Iam, IamCommand};
use crate::exit::Exit;

pub(super) fn run(global: &Global, arguments: &Iam) -> Result<Exit> {
    let Some(command) = &arguments.command else { return report::run(global, arguments) };
    match command {
        IamCommand::Facts(arguments) => facts::run(global, arguments),
        IamCommand::Compare(arguments) => compare::run(arguments),
        IamCommand::Shrink(arguments) => shrink::run(global, arguments),
        IamCommand::Lint(arguments) => lint::run(global, arguments),
        IamCommand::Can(arguments) => ask::can(global, arguments),
        IamCommand::Who(arguments) => ask::who(global, arguments),
        IamCommand::What(arguments) => ask::what(global, arguments),
        IamCommand::Simulate(arguments) => simulate::run(arguments),
    }
}
