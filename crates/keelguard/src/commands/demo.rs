//! `keelguard demo`: the whole story on a lab, in under a minute, and nothing left behind.

use std::time::Instant;

use anyhow::{Context as _, Result};
use keelguard_lab::{Install, Lab, Set};
use keelguard_report::{Format, Options};

use super::progress::{Progress, say};
use crate::assess::Commands;
use crate::cli::{Demo, Global};
use crate::exit::Exit;
use crate::{assess, output};

pub(super) fn run(global: &Global, arguments: &Demo) -> Result<Exit> {
    let begun = Instant::now();
    let install = if arguments.install { Install::Missing } else { Install::Never };
    // The lab's own name for its engine wins over whatever DOCKER_HOST says.
    let quiet = super::settings(global, Vec::new())?;
    let mut lab = {
        let _progress = Progress::begin(&quiet, "Starting a lab: a private engine with risky containers");
        let mut lab = Lab::up(&keelguard_lab::Options { install, ..keelguard_lab::Options::default() })?;
        lab.populate(Set::Demo)?;
        lab
    };
    let settings = super::settings(global, vec![("engine", lab.endpoint())])?;
    let mut facts = assess::collect(&settings)?;
    facts.source = Some("lab".into());
    let assessment = assess::assess(&facts, None, &settings, Commands::FixSet);
    let options = Options {
        color: output::colour(settings.text("color").unwrap_or("auto"), false),
        width: output::width(),
        ..Options::default()
    };
    output::write(None, |out| {
        keelguard_report::render(&assessment.report, Format::Table, &options, out)?;
        writeln!(out)?;
        if arguments.keep {
            let place = lab.dir().display();
            writeln!(
                out,
                "This was a lab, and it still runs. Look around: keelguard check --engine {}",
                lab.endpoint()
            )?;
            writeln!(out, "Take it down: scripts/lab down {place}")?;
        } else {
            writeln!(
                out,
                "This was a lab: a private engine that is now taken down again. Your own host: sudo keelguard check"
            )?;
        }
        Ok(())
    })?;
    if arguments.keep {
        lab.stay().context("leave the lab running")?;
    } else {
        let _progress = Progress::begin(&quiet, "Taking the lab down");
        lab.down().context("take the lab down")?;
    }
    say(&quiet, &format!("keelguard: the demonstration took {:.1} s", begun.elapsed().as_secs_f32()));
    Ok(Exit::Done)
}
