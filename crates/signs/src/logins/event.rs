//! What a line says: somebody tried to get in, got in, left, or changed who may. [`Seen`] borrows from the line, so that
//! millions of lines cost nothing that is kept; [`Login`] is the same for those who show or store it.

use std::borrow::Cow;
use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::parse::exec_command;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Credentials were refused.
    LoginFailed,
    /// Somebody got in.
    LoginOk,
    /// A session began. PAM and systemd-logind say so besides the daemon that let somebody in.
    Session,
    /// A session ended.
    Logout,
    /// A command as somebody else.
    Sudo,
    /// A command as somebody else was refused by the rules.
    SudoDenied,
    /// Accounts, groups, passwords, keys or timed jobs changed.
    AccountChange,
    /// Somebody looked for a way in without showing credentials: an unknown name, a scan, a broken handshake.
    Probe,
    /// An account was locked after failures.
    Lockout,
    /// A command in a container that runs already.
    Exec,
    /// A request to the container engine.
    EngineApi,
    /// A file was opened, or put out of the way, as the audit log says.
    FileAccess,
}

impl Kind {
    /// The name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LoginFailed => "login_failed",
            Self::LoginOk => "login_ok",
            Self::Session => "session",
            Self::Logout => "logout",
            Self::Sudo => "sudo",
            Self::SudoDenied => "sudo_denied",
            Self::AccountChange => "account_change",
            Self::Probe => "probe",
            Self::Lockout => "lockout",
            Self::Exec => "exec",
            Self::EngineApi => "engine_api",
            Self::FileAccess => "file_access",
        }
    }
}

/// Who tells of it. One wrong password is told of by PAM and again by the daemon: counts of different channels are never
/// added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// The daemon that was asked.
    Daemon,
    /// A library beneath the daemon, mostly PAM, or a second log of the same attempts, like a web server's access log.
    Library,
    /// The daemon, of a key: one honest login offers several.
    Key,
    /// The kernel's audit log, to which PAM and the daemon both tell it.
    Audit,
}

/// An event, borrowed from its line. Names are bytes as the line has them: attackers choose them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen<'a> {
    /// What happened.
    pub kind: Kind,
    /// Who tells of it.
    pub channel: Channel,
    /// When, in microseconds since 1970; none where the line has no stamp.
    pub time: Option<i64>,
    /// `sshd`, `sudo`, `dovecot`.
    pub service: &'a str,
    /// Whose account.
    pub user: Option<&'a [u8]>,
    /// Who did it, where that is somebody else: the caller of sudo and su.
    pub by: Option<&'a [u8]>,
    /// From where.
    pub address: Option<IpAddr>,
    /// From where, in places that log a name and no address.
    pub peer: Option<&'a [u8]>,
    /// The peer's port.
    pub port: Option<u16>,
    /// `password`, `publickey`, `PLAIN`.
    pub method: Option<&'a [u8]>,
    /// What else tells one from the other: a key's fingerprint, a command, a reason.
    pub detail: Option<&'a [u8]>,
    /// The container that it was done to.
    pub container: Option<&'a [u8]>,
    /// The host that wrote the line.
    pub host: Option<&'a [u8]>,
    /// How often: "message repeated 5 times".
    pub count: u32,
}

impl<'a> Seen<'a> {
    /// An event of which nothing else is known.
    pub const fn new(kind: Kind, service: &'a str) -> Self {
        Self {
            kind,
            channel: Channel::Daemon,
            time: None,
            service,
            user: None,
            by: None,
            address: None,
            peer: None,
            port: None,
            method: None,
            detail: None,
            container: None,
            host: None,
            count: 1,
        }
    }

    /// When, as a timestamp.
    pub fn timestamp(&self) -> Option<Timestamp> {
        self.time.and_then(|micros| Timestamp::from_microsecond(micros).ok())
    }

    /// The event on its own, with the line it came from.
    pub fn owned(&self, line: &[u8]) -> Login {
        let text = |bytes: Option<&[u8]>| bytes.map(|bytes| lossy(bytes).into_owned());
        Login {
            line: String::from_utf8_lossy(line.get(..LONGEST_SHOWN).unwrap_or(line)).into_owned(),
            time: self.timestamp(),
            kind: self.kind,
            service: self.service.to_owned(),
            user: text(self.user),
            by: text(self.by),
            address: self.address.map(|address| address.to_string()).or_else(|| text(self.peer)),
            port: self.port,
            method: text(self.method),
            detail: if self.kind == Kind::Exec {
                self.detail.map(|raw| exec_command(raw).into_owned())
            } else {
                text(self.detail)
            },
            container: text(self.container),
            host: text(self.host),
            channel: self.channel,
            count: self.count,
        }
    }
}

/// The longest line that an event carries along, in bytes.
const LONGEST_SHOWN: usize = 4096;

/// At most 256 bytes of a name, as text.
pub(crate) fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes.get(..256).unwrap_or(bytes))
}

/// An event as `--events` prints it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// The line as it stands in the log.
    pub line: String,
    /// When; null where the line has no stamp.
    pub time: Option<Timestamp>,
    /// What happened.
    pub kind: Kind,
    /// The service.
    pub service: String,
    /// Whose account.
    pub user: Option<String>,
    /// Who did it, where that is somebody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// From where: an address, or a name where the log has nothing else.
    pub address: Option<String>,
    /// The peer's port.
    pub port: Option<u16>,
    /// How.
    pub method: Option<String>,
    /// A key's fingerprint, a command, a reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The container that it was done to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// The host that wrote the line.
    pub host: Option<String>,
    /// Who tells of it.
    pub channel: Channel,
    /// How often, where one line stands for several.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub count: u32,
}

impl Login {
    /// The same, to be judged.
    pub fn seen(&self) -> Seen<'_> {
        let address = self.address.as_ref().and_then(|text| text.parse().ok());
        Seen {
            kind: self.kind,
            channel: self.channel,
            time: self.time.map(Timestamp::as_microsecond),
            service: &self.service,
            user: self.user.as_deref().map(str::as_bytes),
            by: self.by.as_deref().map(str::as_bytes),
            address,
            peer: self.address.as_deref().map(str::as_bytes).filter(|_| address.is_none()),
            port: self.port,
            method: self.method.as_deref().map(str::as_bytes),
            detail: self.detail.as_deref().map(str::as_bytes),
            container: self.container.as_deref().map(str::as_bytes),
            host: self.host.as_deref().map(str::as_bytes),
            count: self.count,
        }
    }
}

const fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_one(count: &u32) -> bool {
    *count == 1
}
