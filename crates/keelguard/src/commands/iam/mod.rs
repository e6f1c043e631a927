//! `keelguard iam`: one file per subcommand.

mod simulate;

use anyhow::Result;

use crate::cli::{Global, Iam, IamCommand};
use crate::exit::Exit;

pub(super) fn run(_global: &Global, arguments: &Iam) -> Result<Exit> {
    match &arguments.command {
        IamCommand::Simulate(arguments) => simulate::run(arguments),
    }
}
