//! The firewall as containers meet it: `iptables -S` of INPUT, FORWARD and DOCKER-USER, in the engine's network namespace.

use super::command;
use crate::facts::Firewall;

/// `inside` is a process in the engine's network namespace, where that is not this one.
pub(super) async fn collect(inside: Option<i32>) -> Firewall {
    let Some(iptables) = command::find("iptables") else {
        return Firewall { error: Some("iptables is not installed here".into()), ..Firewall::default() };
    };
    let pid = inside.unwrap_or_default().to_string();
    let result = if inside.is_some() {
        match command::find("nsenter") {
            Some(nsenter) => command::output(&nsenter, &["-t", &pid, "-n", &iptables, "-w", "2", "-S"]).await,
            None => Err("the engine has a network namespace of its own, and nsenter is not installed".into()),
        }
    } else {
        command::output(&iptables, &["-w", "2", "-S"]).await
    };
    match result {
        Ok(text) => parse(&text),
        Err(error) => Firewall { error: Some(error), ..Firewall::default() },
    }
}

pub(super) fn parse(text: &str) -> Firewall {
    let chain = |name: &str| {
        let rules: Vec<String> =
            text.lines().filter(|line| line.split(' ').nth(1) == Some(name)).take(1000).map(str::to_owned).collect();
        (!rules.is_empty()).then_some(rules)
    };
    Firewall {
        // No such chain is as good as an empty one: nothing is filtered.
        docker_user: Some(chain("DOCKER-USER").unwrap_or_default()),
        input: chain("INPUT"),
        forward: chain("FORWARD"),
        error: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_are_told_apart_by_their_exact_names() {
        let found = parse(
            "-P INPUT DROP\n-P FORWARD ACCEPT\n-N DOCKER-USER\n-A DOCKER-USER -d 169.254.169.254/32 -j DROP\n\
             -A DOCKER-USER-2 -j ACCEPT\n-A INPUT -i lo -j ACCEPT\n",
        );
        assert_eq!(found.input.unwrap(), ["-P INPUT DROP", "-A INPUT -i lo -j ACCEPT"]);
        assert_eq!(found.docker_user.unwrap().len(), 2);
    }
}
