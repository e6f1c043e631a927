//! A host as they are: two dozen containers, a handful of them dangerous, two with names made to do harm.

use keelguard_model::{
    Area, AttackPath, Counts, Effort, Finding, FixStep, Incomplete, Manual, PathStep, Report, Rule, Severity, Subject,
    SubjectKind, Suppressed, Verdict, verdict,
};

/// A container whose name tries every door at once.
pub const HOSTILE: &str =
    "<script>alert(1)</script>\"><img src=x onerror=alert(1)>&'`\u{1b}[2J\u{202e}|]]>@all::error::%0A";
/// A mount's path that tries to end lines and cells.
pub const HOSTILE_PATH: &str = "/srv/a\n::error::b | c ``` \u{1b}]0;x\u{7} </pre><svg/onload=alert(1)> \u{fffe}";

pub const NAMES: [&str; 22] = [
    "web",
    "api",
    "db",
    "cache",
    "queue",
    "worker-1",
    "worker-2",
    "worker-3",
    "mail",
    "grafana",
    "prometheus",
    "loki",
    "registry",
    "ci-runner",
    "backup",
    "vpn",
    "dns",
    "shop",
    "blog",
    "search",
    "auth",
    "データベース",
];

macro_rules! rules {
    ($($name:ident $id:literal $area:ident $severity:ident $effort:ident $title:literal $fix:literal;)*) => {
        $(static $name: Rule = Rule {
            id: $id, area: Area::$area, title: $title, severity: Severity::$severity, wrong: "It is set.",
            why: "It lets an attacker on.", fix: $fix, effort: Effort::$effort, cis: &["5.1"], cis_aws: &[], attack: &["T1611"],
            cve: &[], links: &["https://docs.docker.com/engine/security/"], covers: &[],
        };)*
    };
}

rules! {
    SOCKET "KG-B070" Breakout Critical Recreate "Engine's socket is in the container" "Take the socket out of the container, or put a filtering proxy before it.";
    PRIVILEGED "KG-B003" Breakout Critical Recreate "Container runs privileged" "Run it without --privileged and add only the capabilities and devices it needs.";
    ROOT_MOUNT "KG-B071" Breakout Critical Recreate "Host's root directory is mounted" "Mount only the directory it needs, read-only.";
    PID "KG-B020" Breakout High Recreate "Shares the host's process namespace" "Run it without --pid=host.";
    ADMIN "KG-B005" Breakout High Recreate "Capability CAP_SYS_ADMIN is added" "Drop it; mount file systems on the host instead.";
    NET "KG-B021" Breakout High Recreate "Shares the host's network namespace" "Publish the ports it needs instead of --network=host.";
    SECRETS "KG-B080" Breakout High Recreate "Host's secrets are readable through a mount" "Mount the one file it needs.";
    ROOT_USER "KG-B040" Breakout Medium Recreate "Runs as root without user namespace" "Run it with --user, or give the image a USER.";
    NO_NEW "KG-B041" Breakout Medium Recreate "no-new-privileges is not set" "Run it with --security-opt no-new-privileges.";
    MEMORY "KG-R001" Resources Medium Live "No memory limit" "Give it a limit: docker update --memory.";
    PIDS "KG-R003" Resources Medium Live "No limit on processes" "Give it a limit: docker update --pids-limit.";
    ULIMIT "KG-R006" Resources Low Recreate "No limit on open files" "Run it with --ulimit nofile=1024:2048.";
    HEALTH "KG-B050" Breakout Low Recreate "No health check" "Give the image a HEALTHCHECK.";
    ROOTFS "KG-B051" Breakout Low Recreate "Root file system is writable" "Run it with --read-only and a tmpfs where it writes.";
    RESTART "KG-R009" Resources Info Recreate "Restarts without bound" "Run it with --restart on-failure:5.";
    ICC "KG-B110" Breakout Medium Daemon "Containers on the default bridge reach each other" "Set \"icc\": false in daemon.json.";
    RUNC "KG-B201" Breakout High Upgrade "runc 1.1.5 has CVE-2024-21626 (leaked file descriptor)" "Upgrade runc to 1.1.12 or later.";
    AUDIT "KG-B120" Breakout Low Live "Nobody audits the engine's files" "Add audit rules for /etc/docker and /var/lib/docker.";
    TCP "KG-B101" Breakout Critical Daemon "Engine listens on TCP without TLS" "Take -H tcp:// out of the unit, or require client certificates.";
}

pub fn report() -> Report {
    let mut findings = findings();
    findings.sort_by(|a, b| {
        b.severity.cmp(&a.severity).then_with(|| a.rule.cmp(&b.rule)).then_with(|| a.subject.cmp(&b.subject))
    });
    let mut report = keelguard_report::empty_report("edge-07");
    report.tool.version = "0.1.0".into();
    report.host.os = "Debian GNU/Linux 12 (bookworm)".into();
    report.host.kernel = "6.1.0-28-amd64".into();
    report.host.engine = Some("20.10.24+dfsg1".into());
    report.host.containers = 24;
    report.host.images = 17;
    report.started = "2026-11-23T03:12:41.2Z".parse().unwrap();
    report.finished = "2026-11-23T03:12:41.61Z".parse().unwrap();
    for area in &mut report.areas {
        area.counts = Counts::of(findings.iter().filter(|finding| finding.area == area.area));
        "judged from a later release on".clone_into(&mut area.reason);
        if matches!(area.area, Area::Resources | Area::Breakout) {
            area.verdict = verdict(area.counts, 0);
            "found".clone_into(&mut area.reason);
        }
        if area.area == Area::Downtime {
            area.verdict = Verdict::Green;
            "no unexpected stop in 30 days".clone_into(&mut area.reason);
        }
    }
    report.paths = paths(&findings);
    report.fix_set = fix_set(&findings);
    report.findings = findings;
    report.manual = (1..=14)
        .map(|section| Manual {
            cis: format!("1.1.{section}"),
            title: "Ensure it is so".into(),
            look_at: "the file".into(),
        })
        .collect();
    report.incomplete = vec![
        Incomplete::new(Area::Breakout, "/proc/*/status of containers", "not root; run it with sudo"),
        Incomplete::new(Area::Resources, "/proc/*/status of containers", "not root; run it with sudo"),
        Incomplete::new(
            Area::Breakout,
            format!("inspect of {HOSTILE}"),
            "the engine answered after the time-out of 10 s",
        ),
    ];
    report
}

fn findings() -> Vec<Finding> {
    let container = |name: &str| Subject::container(name, "4f1c0d");
    let mut all = vec![
        SOCKET
            .on(container("web"))
            .evidence("Mounts[0].Source", "/var/run")
            .evidence("HostConfig.Binds[0]", "/var/run:/run/host"),
        SOCKET.on(container("ci-runner")).evidence("Mounts[0].Source", "/var/run/docker.sock"),
        SOCKET.on(container("grafana")).evidence("Mounts[1].Source", "/var/run/docker.sock"),
        PRIVILEGED.on(container("vpn")).evidence("HostConfig.Privileged", "true"),
        PRIVILEGED.on(container(HOSTILE)).evidence("HostConfig.Privileged", "true"),
        ROOT_MOUNT.on(container("backup")).evidence("Mounts[0].Source", "/").evidence("Mounts[0].RW", "true"),
        PID.on(container("prometheus")).evidence("HostConfig.PidMode", "host"),
        ADMIN.on(container("backup")).evidence("HostConfig.CapAdd", "CAP_SYS_ADMIN"),
        NET.on(container("prometheus")).evidence("HostConfig.NetworkMode", "host"),
        NET.on(container("dns")).evidence("HostConfig.NetworkMode", "host"),
        SECRETS.on(container(HOSTILE)).evidence("Mounts[2].Source", HOSTILE_PATH).about("path"),
        TCP.on(Subject::engine()).evidence("dockerd -H", "tcp://0.0.0.0:2375"),
        RUNC.on(Subject::engine()).evidence("runc package", "1.1.5+ds1-1+deb12u1").cve("CVE-2024-21626"),
        ICC.on(Subject::new(SubjectKind::Network, "bridge")).evidence("Options.enable_icc", "true"),
        AUDIT.on(Subject::new(SubjectKind::File, "/etc/docker")).evidence("auditctl -l", "no rule"),
    ];
    for name in NAMES.into_iter().chain([HOSTILE]) {
        let on = |rule: &Rule, what: &str, value: &str| rule.on(container(name)).evidence(what, value);
        all.push(on(&MEMORY, "HostConfig.Memory", "0"));
        all.push(on(&PIDS, "HostConfig.PidsLimit", "null"));
        all.push(on(&ULIMIT, "HostConfig.Ulimits", "null"));
        all.push(on(&HEALTH, "Config.Healthcheck", "null"));
        all.push(on(&RESTART, "HostConfig.RestartPolicy.Name", "always"));
    }
    for name in NAMES.into_iter().take(14) {
        all.push(ROOT_USER.on(container(name)).evidence("Config.User", ""));
        all.push(ROOTFS.on(container(name)).evidence("HostConfig.ReadonlyRootfs", "false"));
    }
    for name in ["auth", "shop", "blog"] {
        all.push(NO_NEW.on(container(name)).evidence("HostConfig.SecurityOpt", "null"));
    }
    if let Some(finding) = all.iter_mut().find(|finding| finding.rule == "KG-B070" && finding.subject.name == "grafana")
    {
        finding.suppressed = Some(Suppressed { reason: "moves to the proxy".into(), until: Some("2027-01-31".into()) });
    }
    for finding in &mut all {
        finding.time = "2026-11-23T03:12:41Z".parse().unwrap();
        if finding.severity >= Severity::High {
            finding.fix.commands.push(command(&finding.subject));
            finding.fix.snippets.push(keelguard_model::Snippet {
                file: "compose.yaml".into(),
                text: "services:\n  web:\n    image: nginx\n".into(),
            });
        }
    }
    all
}

fn command(subject: &Subject) -> String {
    let name = keelguard_model::text::shell_word(&subject.name);
    format!(
        "docker rm -f {name} && docker run -d --name {name} --restart always -p 8080:80 -v data:/var/lib/data -e A=1 -e B=2 --memory 512m nginx:1.27"
    )
}

fn path(findings: &[Finding], rule: &str, nodes: &[&str], hows: &[(&str, u32)]) -> AttackPath {
    let node = |name: &str| match name {
        "internet" => Subject::internet(),
        "root" => Subject::host_root(),
        name => Subject::container(name, "4f1c0d"),
    };
    let steps: Vec<_> = nodes
        .windows(2)
        .zip(hows)
        .map(|(pair, (how, cost))| {
            let last = pair[1] == "root";
            let finding = findings
                .iter()
                .find(|finding| finding.rule == rule && (finding.subject.name == pair[0] || rule == "KG-B101"));
            PathStep {
                from: node(pair[0]),
                to: node(pair[1]),
                cost: *cost,
                how: (*how).to_owned(),
                needs: Vec::new(),
                rule: last.then(|| rule.to_owned()),
                fingerprint: finding.filter(|_| last).map(|finding| finding.fingerprint.clone()),
            }
        })
        .collect();
    AttackPath { from: node(nodes[0]), to: Subject::host_root(), cost: steps.iter().map(|step| step.cost).sum(), steps }
}

fn paths(findings: &[Finding]) -> Vec<AttackPath> {
    let socket = "tells the engine through its socket to start a privileged container";
    let mut paths = vec![
        path(
            findings,
            "KG-B101",
            &["internet", "root"],
            &[("tells the engine on port 2375 to start a privileged container", 1)],
        ),
        path(findings, "KG-B070", &["web", "root"], &[(socket, 1)]),
        path(findings, "KG-B070", &["ci-runner", "root"], &[(socket, 1)]),
        path(findings, "KG-B003", &["vpn", "root"], &[("mounts the host's disk", 1)]),
        path(findings, "KG-B003", &[HOSTILE, "root"], &[("mounts the host's disk", 1)]),
        path(findings, "KG-B071", &["backup", "root"], &[("writes /etc/cron.d through the mount /host", 1)]),
        path(findings, "KG-B020", &["prometheus", "root"], &[("traces a process of the host", 3)]),
    ];
    for name in ["api", "db", "cache", "queue", "shop"] {
        paths.push(path(
            findings,
            "KG-B070",
            &[name, "web", "root"],
            &[("connects to port 80 on network front and exploits the service", 5), (socket, 1)],
        ));
    }
    paths
}

fn fix_set(findings: &[Finding]) -> Vec<FixStep> {
    let wanted = [("KG-B101", 1), ("KG-B070", 7), ("KG-B003", 1), ("KG-B071", 1), ("KG-B020", 1)];
    let steps = wanted.iter().flat_map(|(rule, cuts)| {
        findings.iter().filter(move |finding| finding.rule == *rule && finding.suppressed.is_none()).map(
            move |finding| FixStep {
                rules: vec![finding.rule.clone()],
                findings: vec![finding.fingerprint.clone()],
                subject: finding.subject.clone(),
                summary: finding.fix.summary.clone(),
                commands: finding.fix.commands.clone(),
                snippets: finding.fix.snippets.clone(),
                effort: 2,
                cuts: *cuts,
            },
        )
    });
    steps.collect()
}

/// A drawing such as the paths crate makes.
pub fn graph() -> String {
    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 640 90\" width=\"640\" height=\"90\"><g fill=\"none\" \
     stroke=\"currentColor\"><rect x=\"5\" y=\"25\" width=\"120\" height=\"36\" rx=\"6\"/><rect x=\"255\" y=\"25\" width=\"120\" \
     height=\"36\" rx=\"6\"/><rect x=\"505\" y=\"25\" width=\"120\" height=\"36\" rx=\"6\"/><path d=\"M125 43H255M375 43H505\"/></g>\
     <g fill=\"currentColor\" font-size=\"14\" text-anchor=\"middle\"><text x=\"65\" y=\"48\">internet</text><text x=\"315\" \
     y=\"48\">web</text><text x=\"565\" y=\"48\">host root</text></g></svg>"
        .to_owned()
}
