//! Logins: `KG-L001`–`KG-L049`. Detections: what somebody did, not what stands open.

table! {
    BRUTE_FORCE = "KG-L001", Logins, Low, Live, "An address guesses passwords" {
        wrong: "One address failed to log in ten times or more within ten minutes.",
        why: "Somebody tries passwords by machine; a weak one will be found.",
        fix: "Block the address (keelguard signs logins --format nftables), and let nobody in by password: PasswordAuthentication no.",
        covers: [], cis: [], attack: ["T1110.001"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1110/001/"],
    }
    SLOW_BRUTE_FORCE = "KG-L002", Logins, Low, Live, "An address guesses passwords slowly" {
        wrong: "One address failed to log in twenty times or more within a day, never fast.",
        why: "Whoever guesses slowly knows of the limits that stop the fast ones, and means it.",
        fix: "Block the address (keelguard signs logins --format nftables), and let nobody in by password.",
        covers: [], cis: [], attack: ["T1110.001"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1110/001/"],
    }
    DISTRIBUTED_BRUTE_FORCE = "KG-L003", Logins, Low, Live, "Many addresses guess the password of one user" {
        wrong: "Ten addresses or more failed to log in as one user within a day, each only a few times.",
        why: "Whoever commands many machines passes every limit for one address.",
        fix: "Let this user in by key only, and only from where they work; blocking addresses does not help.",
        covers: [], cis: [], attack: ["T1110.001", "T1110.004"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1110/"],
    }
    PASSWORD_SPRAYING = "KG-L004", Logins, Low, Live, "An address tries a few passwords for many users" {
        wrong: "One address failed to log in as ten users or more, with a few passwords each.",
        why: "A few common passwords over many names find the one weak account, and lock nobody out.",
        fix: "Block the address (keelguard signs logins --format nftables), and let nobody in by password.",
        covers: [], cis: [], attack: ["T1110.003"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1110/003/"],
    }
    USER_ENUMERATION = "KG-L005", Logins, Info, Live, "An address looks for user names" {
        wrong: "One address asked for ten user names or more without trying passwords.",
        why: "Names that exist are what the next attack begins with.",
        fix: "Block the address (keelguard signs logins --format nftables).",
        covers: [], cis: [], attack: ["T1589.001", "T1087.001"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1589/001/"],
    }
    SUCCESS_AFTER_FAILURES = "KG-L006", Logins, Critical, Live, "An address got in after guessing" {
        wrong: "An address that failed to log in many times, or as many users, has logged in.",
        why: "The password was found: whoever guessed it is in, or was.",
        fix: "End the sessions, lock the account, change its password and keys, and look at what it did since.",
        covers: [], cis: [], attack: ["T1110", "T1078"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1078/"],
    }
    FIRST_LOGIN = "KG-L010", Logins, Low, Live, "A user logged in for the first time" {
        wrong: "An account that was never used before has logged in.",
        why: "It may be new; or it was forgotten, and somebody else has found it.",
        fix: "Ask its owner; lock the account if they know nothing of it.",
        covers: [], cis: [], attack: ["T1078"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1078/"],
    }
    NEW_NETWORK = "KG-L011", Logins, Info, Live, "A user logged in from a network they never used" {
        wrong: "A user logged in from a network from which they never came before.",
        why: "People travel; stolen passwords and keys travel further.",
        fix: "Ask the user; if it was not them, end the session, and change password and keys.",
        covers: [], cis: [], attack: ["T1078"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1078/"],
    }
    NEW_METHOD = "KG-L012", Logins, Low, Live, "A user logged in in a way they never did" {
        wrong: "A user logged in with a method that they never used before, such as a password in place of a key.",
        why: "Whoever has stolen a password does not have the key.",
        fix: "Ask the user; if it was not them, end the session, and change password and keys.",
        covers: [], cis: [], attack: ["T1078", "T1556"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1078/"],
    }
    ODD_HOURS = "KG-L013", Logins, Low, Live, "A user logged in at an hour they never keep" {
        wrong: "A user with a steady habit logged in at an hour at which they never did.",
        why: "Attackers work when their victims sleep.",
        fix: "Ask the user; if it was not them, end the session, and change password and keys.",
        covers: [], cis: [], attack: ["T1078"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1078/"],
    }
    NEW_COUNTRY = "KG-L014", Logins, Low, Live, "A user logged in from a country they never came from" {
        wrong: "A user logged in from a country from which they never came before, as the database of addresses says.",
        why: "People travel; stolen passwords and keys are mostly used from abroad.",
        fix: "Ask the user; if it was not them, end the session, and change password and keys.",
        covers: [], cis: [], attack: ["T1078"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1078/"],
    }
    IMPOSSIBLE_TRAVEL = "KG-L015", Logins, High, Live, "A user was at two places at once" {
        wrong: "Two logins of one user came from places farther apart than a plane flies in the time between them.",
        why: "Two people use the account, or one of the addresses is a VPN's; a thief's login looks like this.",
        fix: "Ask the user whether both were them; if not, end the sessions, and change password and keys.",
        covers: [], cis: [], attack: ["T1078"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1078/"],
    }
    ROOT_LOGIN = "KG-L020", Logins, Medium, Live, "Root logged in directly" {
        wrong: "Somebody logged in as root, not as themselves.",
        why: "Nobody can say who it was, and the one password or key opens everything.",
        fix: "Set PermitRootLogin no, log in as a person and use sudo.",
        covers: [], cis: [], attack: ["T1078.003", "T1021.004"], cve: [],
        links: ["https://man.openbsd.org/sshd_config#PermitRootLogin"],
    }
    SERVICE_ACCOUNT_LOGIN = "KG-L021", Logins, High, Live, "An account of the system logged in" {
        wrong: "An account that runs a service, and that no person uses, logged in with a shell.",
        why: "Such accounts have no password of their own: somebody gave it one, or a key, to come back by.",
        fix: "End its sessions, lock it (usermod --lock --shell /usr/sbin/nologin NAME), and look at its authorized_keys.",
        covers: [], cis: [], attack: ["T1078.001", "T1098"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1078/001/"],
    }
    MANY_USERS = "KG-L022", Logins, Low, Live, "Many users logged in from one address" {
        wrong: "Eight users or more logged in from one address within a day.",
        why: "It is an office or a jump host; or somebody has a list of passwords that work.",
        fix: "Find out whose address it is; if nobody knows it, lock the accounts and change their passwords.",
        covers: [], cis: [], attack: ["T1110.004", "T1078"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1110/004/"],
    }
    LOCKED_OUT = "KG-L023", Logins, Low, Live, "An account was locked after failures" {
        wrong: "An account was locked because too many logins failed.",
        why: "Somebody guesses its password, or locks its owner out.",
        fix: "See where the failures come from (keelguard signs logins --events), then unlock it: faillock --user NAME --reset.",
        covers: [], cis: [], attack: ["T1110.001", "T1531"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1531/"],
    }
    NEW_ACCOUNT = "KG-L030", Logins, Low, Live, "An account was created" {
        wrong: "A new account was created on this host.",
        why: "Packages and administrators make accounts; intruders make one to come back by.",
        fix: "If nobody knows of it, lock it (usermod --lock NAME) and find out who made it.",
        covers: [], cis: [], attack: ["T1136.001"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1136/001/"],
    }
    MORE_POWER = "KG-L031", Logins, Medium, Live, "An account was given power over the machine" {
        wrong: "An account was made a member of a group that can become root, or has the user id 0.",
        why: "Whoever has the account owns the machine; the group docker is one of these.",
        fix: "If nobody meant it, take it back (gpasswd --delete NAME GROUP) and find out who did it.",
        covers: [], cis: [], attack: ["T1098.007", "T1548"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1098/007/"],
    }
    ACCOUNT_CHANGED = "KG-L032", Logins, Info, Live, "An account was changed" {
        wrong: "The password or shell of an account was changed, or it was unlocked.",
        why: "It opens an account to whoever did it.",
        fix: "Ask the owner of the account; if they know nothing of it, lock it.",
        covers: [], cis: [], attack: ["T1098"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1098/"],
    }
    TIMED_JOB = "KG-L033", Logins, Low, Live, "Timed jobs of a user were replaced" {
        wrong: "The crontab of a user was replaced.",
        why: "A timed job brings an intruder back after every cleaning.",
        fix: "Read it (crontab -l -u NAME) and take out what nobody knows.",
        covers: [], cis: [], attack: ["T1053.003"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1053/003/"],
    }
    SUDO_RULES = "KG-L034", Logins, Medium, Live, "The rules of sudo were touched" {
        wrong: "Somebody edited, or could edit, the rules that say who may become root.",
        why: "One line there makes root of anybody.",
        fix: "Read /etc/sudoers and /etc/sudoers.d, and take out what nobody knows.",
        covers: [], cis: [], attack: ["T1548.003"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1548/003/"],
    }
    LOGIN_KEYS = "KG-L035", Logins, Medium, Live, "Login keys were touched" {
        wrong: "Somebody wrote to a file of keys that may log in, as another user.",
        why: "A key of one's own in there is a way back that no change of password closes.",
        fix: "Read the authorized_keys of the account and take out what nobody knows.",
        covers: [], cis: [], attack: ["T1098.004"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1098/004/"],
    }
    SUDO_DENIED = "KG-L036", Logins, Medium, Live, "A user wanted to become somebody else and may not" {
        wrong: "The rules of sudo or cron refused what a user wanted to do.",
        why: "It is a mistake, or somebody tries what the account that they have can do.",
        fix: "Ask the user; if it was not them, end the session, and change password and keys.",
        covers: [], cis: [], attack: ["T1548.003"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1548/003/"],
    }
    FIRST_PRIVILEGE = "KG-L037", Logins, Low, Live, "A user became somebody else for the first time" {
        wrong: "A user who never used sudo before ran a command as somebody else.",
        why: "New power is used soon after it was gained, by whoever gained it.",
        fix: "Ask the user; if it was not them, end the session, and change password and keys.",
        covers: [], cis: [], attack: ["T1548.003", "T1078"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1548/003/"],
    }
    LOGS_ERASED = "KG-L038", Logins, High, Live, "Somebody erased logs" {
        wrong: "Logs of this host, or the record of somebody's commands, were removed, emptied or kept from being written.",
        why: "Nobody who works honestly needs it: logrotate and journald make room by themselves.",
        fix: "Keep what is left at another place, ask the user, and look at what happened before.",
        covers: [], cis: [], attack: ["T1070.002", "T1070.003"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1070/002/"],
    }
    CONTAINER_SHELL = "KG-L040", Logins, Low, Live, "A shell was opened in a container" {
        wrong: "Somebody opened a shell in a container where there never was one, or who never opened one before.",
        why: "Who can run commands in containers has their data and secrets, and leaves no login behind.",
        fix: "Ask who may use the engine; if nobody knows of it, make the container anew and change the secrets in it.",
        covers: [], cis: [], attack: ["T1609", "T1059.004"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1609/"],
    }
    EXEC_AFTER_LOGIN = "KG-L041", Logins, Medium, Live, "A user went into a container right after logging in" {
        wrong: "Within five minutes after a login of a user who never did that, a command was run in a container.",
        why: "Whoever has stolen an account looks first at what it can reach, and the engine reaches everything.",
        fix: "Ask the user; if it was not them, end the session, take the account out of the group docker, and change the container's secrets.",
        covers: [], cis: [], attack: ["T1609", "T1078"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1609/"],
    }
    ENGINE_NEWCOMER = "KG-L042", Logins, Medium, Live, "Somebody used the container engine for the first time" {
        wrong: "A user, a program or an address that never used the engine's interface has used it.",
        why: "Who may use the engine is root on this host: it starts containers that hold all of its files.",
        fix: "Find out who it is; if nobody knows, close the way in (group docker, mounts of the socket, TCP) and look at new containers.",
        covers: [], cis: [], attack: ["T1610", "T1609", "T1613"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1610/"],
    }
    MASS_FILE_ACCESS = "KG-L043", Logins, Medium, Live, "Somebody went through far more files than ever" {
        wrong: "One login opened hundreds of different files in ten minutes with one program, far more than it ever did.",
        why: "Whoever takes data away, or encrypts it, goes through all of it, and fast.",
        fix: "Ask the user; if it was not them, end the session, and look at what left the host since.",
        covers: [], cis: [], attack: ["T1005", "T1083", "T1486"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1005/"],
    }
}
