//! The answer for people.

use std::io::{self, Write};

use keelguard_model::text::printable;

use super::{Comparison, Relation, Witness};

/// Writes the answer as text.
pub fn table(answer: &Comparison, out: &mut dyn Write) -> io::Result<()> {
    let date = &answer.catalogue_date;
    let says = match answer.relation {
        Relation::Equal if answer.gained_later.is_some() || answer.lost_later.is_some() => {
            format!("equal for the actions known on {date}")
        }
        Relation::Equal => "equal: both policies allow the same".to_owned(),
        Relation::Narrower if answer.gained_later.is_some() => {
            format!("narrower for the actions known on {date}: the new policy grants nothing new today")
        }
        Relation::Narrower if answer.lost.is_none() => {
            "equal or narrower: the new policy grants nothing new".to_owned()
        }
        Relation::Narrower => "narrower: the new policy grants nothing new".to_owned(),
        Relation::Wider => "wider: the new policy grants what the old one does not".to_owned(),
        Relation::Incomparable => "incomparable: each policy grants what the other does not".to_owned(),
        Relation::Unknown => "unknown: that the new policy grants nothing new cannot be proved".to_owned(),
    };
    writeln!(out, "{says}")?;
    for (witness, what) in [
        (&answer.gained, "the new policy allows, and the old one does not"),
        (&answer.lost, "the old policy allows, and the new one does not"),
        (&answer.gained_later, "should AWS add such an action, the new policy would allow, and the old one not"),
        (&answer.lost_later, "should AWS add such an action, the old policy would allow, and the new one not"),
    ] {
        if let Some(witness) = witness {
            writeln!(out, "\n  {what}:")?;
            write_witness(witness, out)?;
        }
    }
    if let Some(because) = &answer.because {
        writeln!(out, "\n  cannot prove more, because {}", printable(because))?;
    }
    Ok(())
}

fn write_witness(witness: &Witness, out: &mut dyn Write) -> io::Result<()> {
    if let Some(principal) = &witness.principal {
        writeln!(out, "    principal  {}", printable(principal))?;
    }
    writeln!(out, "    action     {}", printable(&witness.action))?;
    writeln!(out, "    resource   {}", printable(&witness.resource))?;
    for (number, (key, values)) in witness.context.iter().enumerate() {
        let head = if number == 0 { "context" } else { "" };
        let values = if values.is_empty() { "not there".to_owned() } else { format!("= {}", values.join(", ")) };
        writeln!(out, "    {head:<9}  {} {}", printable(key), printable(&values))?;
    }
    Ok(())
}
