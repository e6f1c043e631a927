//! Journals that systemd has written, as they are and damaged.

mod damage;
mod folders;
mod forms;
mod made;
