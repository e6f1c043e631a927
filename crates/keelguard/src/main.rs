//! Keelguard: finds and closes the ways into a Docker host, and watches for the signs that somebody is in.
//! This file only hands over; each subcommand has its own.

mod account;
mod assess;
mod cli;
mod cloud;
mod commands;
mod data;
mod downtime;
mod examine;
mod exceptions;
mod exit;
mod fix_steps;
mod host_images;
mod logs;
mod output;
mod own_log;
mod performance;
mod registries;
mod settings;
mod sigma;
mod stores;
mod vex;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let verbose = cli.global.verbose;
    match commands::run(cli) {
        Ok(code) => code.into(),
        Err(error) => exit::explain(&error, verbose).into(),
    }
}
