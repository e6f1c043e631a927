//! What lines and files say that matters here: marks of log daemons, logins, logrotate's own files.

pub(super) mod logrotate;
pub(super) mod mark;
