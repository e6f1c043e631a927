//! The page: no script, nothing fetched, all that is foreign escaped.

use std::io::{self, Write};

use keelguard_model::downtime::DowntimeReport;
use keelguard_model::{Counts, Verdict};

use super::heat::{DAYS, level, mark, of_count, weeks};
use super::{COLUMNS, columns};
use crate::html::{head, text, write_finding};
use crate::sign::Looked;
use crate::{Options, words};

const STYLE: &str = "<style>.heat{border-collapse:separate;border-spacing:2px;width:auto}.heat td,.heat th{padding:0;border:0;font-size:.7rem;text-align:center}\
.heat td{width:1rem;height:1rem;border-radius:3px;background:var(--card);color:var(--fg)}.heat .l0{background:none}.heat .l2{outline:1px dashed var(--soft)}\
.heat .l3{background:var(--amberbg)}.heat .l4{background:var(--amber);color:var(--bg)}.heat .l5{background:var(--redbg)}.heat .l6{background:var(--red);color:var(--bg)}\
.num{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}</style>";

pub(super) fn write(report: &DowntimeReport, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    head(out, "Keelguard: downtime")?;
    writeln!(out, "{STYLE}<header><p class=brand>Keelguard</p><h1>Downtime</h1>")?;
    let looked = Looked { lines: report.lines, events: report.events, from: report.from, to: report.to };
    let span = looked.span(" · ");
    writeln!(out, "<p class=facts>{} lines · {} events{span}</p></header>\n<main>", report.lines, report.events)?;
    let verdict = report.verdict.name();
    let open = report.findings.iter().filter(|finding| finding.suppressed.is_none());
    let counts = words::counts(Counts::of(open));
    let detail = match (counts.is_empty(), report.verdict) {
        (false, _) => counts,
        (true, Verdict::Unknown) => "not everything could be looked at".to_owned(),
        (true, _) => "nothing was found".to_owned(),
    };
    writeln!(
        out,
        "<section class=strip aria-label=Verdict><div class=\"card {verdict}\"><b>downtime</b><span>{verdict}</span><small>{detail}</small></div></section>"
    )?;
    subjects(report, out)?;
    calendar(report, out)?;
    let shown: Vec<_> = report
        .findings
        .iter()
        .filter(|finding| options.show_suppressed || finding.suppressed.is_none())
        .filter(|finding| options.min_severity.is_none_or(|least| finding.severity >= least))
        .collect();
    writeln!(out, "<section><h2>Findings</h2>")?;
    if shown.is_empty() {
        writeln!(out, "<p>None.</p>")?;
    }
    for finding in shown {
        writeln!(out, "<article><h3>{}</h3>", text(&words::subject(&finding.subject)))?;
        write_finding(finding, false, out)?;
        writeln!(out, "</article>")?;
    }
    writeln!(out, "</section>")?;
    if !report.incomplete.is_empty() {
        writeln!(out, "<section><h2>Could not look at</h2><p>What is not seen is not judged clean.</p><ul>")?;
        for gap in &report.incomplete {
            writeln!(out, "<li><b>{}</b>: {}</li>", text(&gap.what), text(&gap.why))?;
        }
        writeln!(out, "</ul></section>")?;
    }
    writeln!(out, "</main>\n<footer>Made by Keelguard {}.</footer>\n</body></html>", text(&report.tool.version))
}

fn subjects(report: &DowntimeReport, out: &mut dyn Write) -> io::Result<()> {
    if report.subjects.is_empty() {
        return Ok(());
    }
    writeln!(out, "<section><h2>Machines, services and containers</h2><table><thead><tr><th>Which</th>")?;
    for title in COLUMNS {
        writeln!(out, "<th>{title}</th>")?;
    }
    writeln!(out, "<th>verdict</th></tr></thead><tbody>")?;
    for row in &report.subjects {
        writeln!(out, "<tr><td>{}</td>", text(&words::subject(&row.subject)))?;
        for cell in columns(row) {
            writeln!(out, "<td class=num>{}</td>", text(&cell))?;
        }
        let verdict = row.verdict.name();
        writeln!(out, "<td class=\"outcome {verdict}\">{verdict}</td></tr>")?;
    }
    writeln!(
        out,
        "</tbody></table><p><small>Availability of the last day, week and month; ~ where the logs do not hold all of it. \
         MTBF: mean time between failures. MTTR: mean time to repair.</small></p></section>"
    )
}

fn calendar(report: &DowntimeReport, out: &mut dyn Write) -> io::Result<()> {
    let calendar = &report.calendar;
    if calendar.days.is_empty() {
        return Ok(());
    }
    writeln!(out, "<section><h2>Calendar</h2><p>Outages by day; {}.</p><table class=heat>", text(&calendar.zone))?;
    let weeks = weeks(calendar, 53);
    for (index, name) in DAYS.iter().enumerate() {
        write!(out, "<tr><th>{name}</th>")?;
        for week in &weeks {
            let day = week.days.get(index).copied().flatten();
            let level = level(day);
            let title = day.map_or_else(String::new, |day| match (level, day.planned) {
                (0, _) => format!("{}: no log covers it", day.date),
                (_, 0) => format!("{}: {}", day.date, words::count(number(day.outages), "outage")),
                (_, planned) => {
                    format!("{}: {}, {planned} planned", day.date, words::count(number(day.outages), "outage"))
                }
            });
            write!(out, "<td class=l{level} title=\"{}\">{}</td>", text(&title), mark(level))?;
        }
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "</table><p>By day of the week and hour.</p><table class=heat><tr><th></th>")?;
    for hour in 0..24 {
        write!(out, "<th>{hour}</th>")?;
    }
    writeln!(out, "</tr>")?;
    for (name, hours) in DAYS.iter().zip(&calendar.hours) {
        write!(out, "<tr><th>{name}</th>")?;
        for (hour, count) in hours.iter().enumerate() {
            let level = of_count(*count);
            let title = format!("{name} {hour}:00: {}", words::count(number(*count), "outage"));
            write!(out, "<td class=l{level} title=\"{title}\">{}</td>", mark(level))?;
        }
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "</table></section>")
}

fn number(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
