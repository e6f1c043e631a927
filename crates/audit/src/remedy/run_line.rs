//! To be filled.

use keelguard_host::Facts;
use keelguard_host::facts::Container;

pub(super) fn render(_facts: &Facts, container: &Container) -> String {
    container.name.clone()
}
