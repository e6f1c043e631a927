//! The environment of a container that is made anew: what its image does not bring, and how the values that the facts
//! do not hold get from the old container to the new one.

use keelguard_host::Facts;
use keelguard_host::facts::{Config, Container};
use keelguard_model::secret::is_redacted;
use keelguard_model::text::shell_word;

use super::run_line;

/// Environment that the image does not bring. Two values that the facts do not hold look the same; whether they are was
/// noted when they were taken out.
pub(super) fn own_environment<'c>(container: &'c Container, image: &Config) -> Vec<&'c str> {
    let overridden = |entry: &str| {
        entry.split_once('=').is_some_and(|(name, _)| container.overridden.iter().any(|other| other == name))
    };
    let own = |entry: &&String| !image.env.contains(entry) || overridden(entry);
    container.config.env.iter().filter(own).map(String::as_str).collect()
}

/// The file that carries hidden values from the old container to the new one.
pub(super) fn environment_file(container: &Container) -> String {
    format!("{}.env", container.name)
}

/// Names of the variables whose values the facts do not hold.
pub(super) fn redacted<'c>(container: &'c Container, image: &Config) -> Vec<&'c str> {
    let own = own_environment(container, image);
    own.iter()
        .filter_map(|entry| entry.split_once('='))
        .filter(|(name, value)| is_redacted(value) && can_be_carried(name))
        .map(|(name, _)| name)
        .collect()
}

/// Whether a file of variables can hold this name: a line a variable, and none that begins with `#` or a blank.
pub(super) fn can_be_carried(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('#') && !name.contains(|c: char| c.is_control() || c.is_whitespace())
}

/// A name as `grep -E` takes it literally.
fn literally(name: &str) -> String {
    let special = |c: char| r"\.^$*+?()[]{}|".contains(c);
    name.chars().flat_map(|c| special(c).then_some('\\').into_iter().chain([c])).collect()
}

/// Commands around the run line that carry those values over: the first before the old container goes, the second at the
/// end. None where nothing is hidden.
pub(super) fn carry_environment(facts: &Facts, container: &Container) -> Option<(String, String)> {
    let image = run_line::image_config(facts, container);
    let names: Vec<String> = redacted(container, image).into_iter().map(literally).collect();
    if names.is_empty() {
        return None;
    }
    let (name, file) = (shell_word(&container.name), environment_file(container));
    let file = shell_word(&file);
    let list = "'{{range .Config.Env}}{{println .}}{{end}}'";
    let pattern = format!("^({})=", names.join("|"));
    let pattern = shell_word(&pattern);
    let fill = format!("(umask 077; docker inspect --format {list} {name} | grep -E {pattern} > {file})");
    Some((fill, format!("rm {file}")))
}
