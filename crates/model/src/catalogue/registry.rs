//! Registries and the credentials for them: `KG-A101`–`KG-A199`. Findings of `keelguard registry` and of the `iam` area of
//! `check`.

table! {
    ANONYMOUS_PUSH = "KG-A101", Iam, Critical, Daemon, "Anybody may put images into the registry" {
        wrong: "The registry takes images from whoever comes, without a login.",
        why: "Whoever reaches it puts their own image under the name of yours, and every host that pulls it runs theirs.",
        fix: "Ask for a login: an auth section in the registry's configuration, or a proxy in front that does.",
        covers: [], cis: [], attack: ["T1525", "T1195.002"], cve: [],
        links: ["https://distribution.github.io/distribution/about/configuration/#auth"],
    }
    ANONYMOUS_DELETE = "KG-A102", Iam, Critical, Daemon, "Anybody may delete images from the registry" {
        wrong: "The registry deletes images for whoever comes, without a login.",
        why: "What is deleted cannot be pulled when a container has to be started anew, on whichever host.",
        fix: "Ask for a login, and switch deleting off (storage.delete.enabled: false) where nobody needs it.",
        covers: [], cis: [], attack: ["T1485"], cve: [],
        links: ["https://distribution.github.io/distribution/about/configuration/#delete"],
    }
    ANONYMOUS_PULL = "KG-A103", Iam, Medium, Daemon, "Anybody may read the registry's images" {
        wrong: "The registry gives images to whoever comes, without a login.",
        why: "Images hold programs, configuration and often secrets; they show an attacker what runs, and how old it is.",
        fix: "Ask for a login, also to read.",
        covers: [], cis: [], attack: ["T1213", "T1552.001"], cve: [],
        links: ["https://distribution.github.io/distribution/about/configuration/#auth"],
    }
    OPEN_CATALOGUE = "KG-A104", Iam, Low, Daemon, "Anybody may list the registry's images" {
        wrong: "The registry names all its repositories to whoever comes, without a login.",
        why: "The names tell what runs here, and what is worth an attack.",
        fix: "Ask for a login, or close /v2/_catalog in the proxy in front of it.",
        covers: [], cis: [], attack: ["T1613"], cve: [],
        links: ["https://distribution.github.io/distribution/spec/api/#listing-repositories"],
    }
    PLAIN_REGISTRY = "KG-A105", Iam, Medium, Daemon, "The registry is spoken to without encryption" {
        wrong: "The registry answers over plain HTTP.",
        why: "Whoever sits between reads the images and puts their own in their place.",
        fix: "Give it a certificate (http.tls in its configuration, or a proxy in front), and close the plain port.",
        covers: [], cis: [], attack: ["T1557", "T1525"], cve: [],
        links: ["https://distribution.github.io/distribution/about/insecure/"],
    }
    PASSWORD_IN_PLAIN = "KG-A106", Iam, High, Daemon, "The registry asks for a password without encryption" {
        wrong: "The registry asks for name and password over plain HTTP, where each request carries them.",
        why: "Whoever sits between reads the password, and has the registry for good.",
        fix: "Give it a certificate, close the plain port, and change the passwords.",
        covers: [], cis: [], attack: ["T1557", "T1040", "T1552"], cve: [],
        links: ["https://distribution.github.io/distribution/about/insecure/"],
    }
    OLD_TLS = "KG-A107", Iam, Medium, Daemon, "The registry speaks an old version of TLS" {
        wrong: "The registry speaks TLS 1.0 or 1.1, which RFC 8996 takes out of use.",
        why: "Both rest on broken hashes, and whoever sits between may have the connection begun with them.",
        fix: "Let it speak TLS 1.2 and later (http.tls.minimumtls: tls1.2).",
        covers: [], cis: [], attack: ["T1557"], cve: [],
        links: ["https://www.rfc-editor.org/rfc/rfc8996"],
    }
    BAD_CERTIFICATE = "KG-A108", Iam, Medium, Daemon, "The registry's certificate is not trusted here" {
        wrong: "The certificate has ended, is for another name, or is signed by nobody that this host trusts.",
        why: "Clients that reach it all the same check nothing, and take anybody's certificate for its own.",
        fix: "Have it signed, or put its authority under /etc/docker/certs.d; renew it where it has ended.",
        covers: [], cis: [], attack: ["T1557"], cve: [],
        links: ["https://docs.docker.com/engine/security/certificates/"],
    }
    CERTIFICATE_ENDS = "KG-A109", Iam, Low, Daemon, "The registry's certificate ends soon" {
        wrong: "The certificate, or one that it rests on, ends within 30 days.",
        why: "On that day nothing can be pulled any more, and somebody will switch the check off.",
        fix: "Renew it, and let it be renewed by itself.",
        covers: [], cis: [], attack: [], cve: [],
        links: ["https://docs.docker.com/engine/security/certificates/"],
    }
    WEAK_CERTIFICATE = "KG-A110", Iam, Medium, Daemon, "The registry's certificate is weak" {
        wrong: "A certificate of the chain has an RSA key of less than 2048 bits, or is signed by way of MD5 or SHA-1.",
        why: "Such a certificate can be forged, and a forged one is the registry to every client.",
        fix: "Have a new one signed, with an EC key or RSA of 2048 bits or more, and SHA-256.",
        covers: [], cis: [], attack: ["T1557", "T1649"], cve: [],
        links: ["https://csrc.nist.gov/pubs/sp/800/131/a/r2/final"],
    }
    OPEN_DEBUG = "KG-A111", Iam, Medium, Daemon, "The registry shows its inside to anybody" {
        wrong: "Profiles, variables or metrics of the registry answer without a login.",
        why: "Profiles hold pieces of its memory and cost it time; variables hold its command line; metrics tell what is in use.",
        fix: "Bind http.debug.addr to 127.0.0.1, or leave it out.",
        covers: [], cis: [], attack: ["T1046", "T1499.003"], cve: [],
        links: ["https://distribution.github.io/distribution/about/configuration/#debug"],
    }
    DEFAULT_LOGIN = "KG-A112", Iam, Critical, Live, "The registry takes a login that everybody knows" {
        wrong: "A name and password that stand in the documentation are taken.",
        why: "They are the first that anybody tries.",
        fix: "Change the password now, and look into the registry's log for who has used it.",
        covers: [], cis: [], attack: ["T1078.001", "T1525"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1078/001/"],
    }
    WIDE_TOKEN = "KG-A113", Iam, High, Daemon, "The registry's tokens are good for more than was asked" {
        wrong: "A token that was asked for to read one repository may do more.",
        why: "Whoever gets hold of a token of a build or a host has what the token may do, not what the build needed.",
        fix: "Have the token server grant what is asked for, cut down to what the account may do.",
        covers: [], cis: [], attack: ["T1528", "T1550.001"], cve: [],
        links: ["https://distribution.github.io/distribution/spec/auth/scope/"],
    }
    UNHURRIED_GUESSING = "KG-A114", Iam, Low, Daemon, "Nothing slows down who guesses the registry's passwords" {
        wrong: "Wrong passwords were answered one after another, without a pause, a limit or a lock.",
        why: "Whoever has time finds a password that is not long.",
        fix: "Have a proxy or fail2ban in front of it limit attempts, or use an account service that does.",
        covers: [], cis: [], attack: ["T1110"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1110/"],
    }
    PULLS_USED_UP = "KG-A115", Iam, Low, Live, "Hardly any pulls are left" {
        wrong: "The registry allows this address a number of pulls, and nine of ten are used up.",
        why: "Once they are, a host that has to pull an image anew cannot start its containers.",
        fix: "Log in (docker login), or keep a mirror of the images that you use.",
        covers: [], cis: [], attack: [], cve: [],
        links: ["https://docs.docker.com/docker-hub/usage/"],
    }
    DELETE_ENABLED = "KG-A116", Iam, Low, Daemon, "The login may delete images" {
        wrong: "With the login that was given, the registry deletes images.",
        why: "Whoever has it removes what the next start of a container needs, and the traces of what they pushed.",
        fix: "Pull with a login that may only read; switch deleting off where only cleaning up needs it.",
        covers: [], cis: [], attack: ["T1485", "T1070.004"], cve: [],
        links: ["https://distribution.github.io/distribution/about/configuration/#delete"],
    }

    SELF_REGISTRATION = "KG-A130", Iam, High, Live, "Anybody may make an account at the registry" {
        wrong: "The registry lets whoever comes make an account.",
        why: "An account reads every project that is open to accounts, and may make projects and fill the disk.",
        fix: "Switch self-registration off.",
        covers: [], cis: [], attack: ["T1136.003", "T1078.004"], cve: [],
        links: ["https://goharbor.io/docs/latest/administration/configure-authentication/db-auth/"],
    }
    NO_SECOND_FACTOR = "KG-A131", Iam, Medium, Live, "The registry's account has no second factor" {
        wrong: "The account is opened by a password alone, or its organisation asks nobody for more.",
        why: "A password that was guessed, reused or phished puts an image of somebody else's under your name.",
        fix: "Switch the second factor on, for the whole organisation.",
        covers: [], cis: [], attack: ["T1078.004", "T1110"], cve: [],
        links: ["https://docs.docker.com/security/2fa/"],
    }
    SPACE_PUBLIC = "KG-A132", Iam, Medium, Live, "A repository is open to everybody" {
        wrong: "A project, repository or package of the registry may be read by anybody.",
        why: "Images hold programs, configuration and often secrets.",
        fix: "Make it private, unless it is meant for everybody.",
        covers: [], cis: [], attack: ["T1213", "T1530"], cve: [],
        links: ["https://goharbor.io/docs/latest/working-with-projects/create-projects/"],
    }
    SPACE_WRITABLE = "KG-A133", Iam, Critical, Live, "A repository's policy lets everybody write" {
        wrong: "The policy of a repository allows everybody to put or delete images.",
        why: "Any account at that cloud puts its own image under the name of yours.",
        fix: "Name in the policy the accounts that need it, and what they need.",
        covers: [], cis: [], attack: ["T1525", "T1195.002"], cve: [],
        links: ["https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html"],
    }
    TAGS_MOVE = "KG-A134", Iam, Low, Live, "Tags of a repository can be moved" {
        wrong: "A tag that was pushed can be pushed again with another image.",
        why: "What was tested is not what is pulled, whoever has moved the tag.",
        fix: "Make tags immutable, and pull by digest.",
        covers: [], cis: [], attack: ["T1525", "T1195.002"], cve: [],
        links: ["https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html"],
    }
    NOT_SCANNED = "KG-A135", Iam, Low, Live, "Images of a repository are not scanned" {
        wrong: "Images are not looked at for known vulnerabilities when they are pushed.",
        why: "What is known to be exploited is pulled and run by whoever does not look for themselves.",
        fix: "Switch scanning on push on; keelguard image looks at an image wherever it is.",
        covers: [], cis: ["4.4"], attack: ["T1190"], cve: [],
        links: ["https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html"],
    }
    WIDE_ACCOUNT = "KG-A136", Iam, Medium, Live, "A token or robot of the registry may do everything" {
        wrong: "A token or robot account may write to, or administer, more than one repository.",
        why: "Such accounts lie in build servers and on hosts; whoever finds one has all images.",
        fix: "Make one for each use, with only what it needs: reading, on a host.",
        covers: [], cis: [], attack: ["T1528", "T1078.004"], cve: [],
        links: ["https://docs.docker.com/security/access-tokens/"],
    }
    ENDLESS_ACCOUNT = "KG-A137", Iam, Low, Live, "A token or robot of the registry never ends" {
        wrong: "A token or robot account is good for ever.",
        why: "One that leaked years ago still opens the registry.",
        fix: "Give it an end, and replace it before that.",
        covers: [], cis: [], attack: ["T1528"], cve: [],
        links: ["https://goharbor.io/docs/latest/working-with-projects/project-configuration/create-robot-accounts/"],
    }

    LOGIN_IN_FILE = "KG-A150", Iam, Medium, Live, "Logins for registries lie in a file as they are" {
        wrong: "The file holds passwords or tokens for registries; base64 is no encryption.",
        why: "Whoever reads the file, a backup of it, or a container that mounts it, is you to the registry.",
        fix: "Name a credential helper (credsStore), and log in anew.",
        covers: [], cis: [], attack: ["T1552.001"], cve: [],
        links: ["https://docs.docker.com/reference/cli/docker/login/#credential-stores"],
    }
    LOGIN_FILE_OPEN = "KG-A151", Iam, High, Live, "Others can read the logins for registries" {
        wrong: "The file of logins can be read, or written, by accounts other than its owner's.",
        why: "Every account and every program of this host is you to the registry; who writes it runs a program as you, as a helper.",
        fix: "Let only its owner read it, and change the passwords.",
        covers: [], cis: [], attack: ["T1552.001", "T1222.002"], cve: [],
        links: ["https://docs.docker.com/reference/cli/docker/login/#credential-stores"],
    }
    HELPER_MISSING = "KG-A152", Iam, Low, Live, "A credential helper is named and is not there" {
        wrong: "The configuration names a program that keeps the logins, and this host does not have it.",
        why: "Logins fail, and the next one who gets it to work takes the line out and has the password in the file.",
        fix: "Install the helper.",
        covers: [], cis: [], attack: ["T1552.001"], cve: [],
        links: ["https://github.com/docker/docker-credential-helpers"],
    }
    LOGIN_IN_CONTAINER = "KG-A153", Iam, High, Recreate, "A container has logins for registries" {
        wrong: "The container mounts a file of logins for registries, or has a volume in which one was left.",
        why: "Whoever takes the container over is you to the registry, and from there in every host that pulls.",
        fix: "Give the container a login of its own that may do what it needs and no more, and take the host's away.",
        covers: [], cis: [], attack: ["T1552.001", "T1525"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1552/001/"],
    }
    INSECURE_MIRROR = "KG-A155", Iam, Medium, Daemon, "Images are fetched from a place that is not checked" {
        wrong: "The configuration fetches images without TLS, or from whoever has any certificate.",
        why: "Whoever sits between puts their own image in place of yours.",
        fix: "Use an address that begins with https:// and has a certificate, and take the exception out.",
        covers: [], cis: ["2.5"], attack: ["T1557", "T1525"], cve: [],
        links: ["https://docs.docker.com/docker-hub/image-library/mirror/"],
    }
    CERTIFICATE_FILE_OPEN = "KG-A156", Iam, Medium, Live, "Others can read or change a registry's certificate files" {
        wrong: "A private key of certs.d can be read, or an authority there can be written, by accounts other than root.",
        why: "The key is who this host is; whoever writes an authority decides which registry is the right one.",
        fix: "Let root alone read keys and write there.",
        covers: [], cis: ["3.7", "3.8"], attack: ["T1552.004", "T1557"], cve: [],
        links: ["https://docs.docker.com/engine/security/certificates/"],
    }
    UNSIGNED_ACCEPTED = "KG-A157", Iam, Info, Live, "Images need no signature here" {
        wrong: "The policy for signatures accepts any image from anywhere.",
        why: "The image runs that the registry gives, or whoever has taken it over.",
        fix: "Name in policy.json whose signatures count, and set the default to reject.",
        covers: [], cis: [], attack: ["T1525", "T1195.002"], cve: [],
        links: ["https://github.com/containers/image/blob/main/docs/containers-policy.json.5.md"],
    }

    SERVED_WITHOUT_LOGIN = "KG-A170", Iam, High, Daemon, "A registry of this host asks for no login" {
        wrong: "Its configuration has no auth section, and others reach it.",
        why: "Whoever reaches it reads your images and puts their own in their place.",
        fix: "Add an auth section (htpasswd at the least), and TLS.",
        covers: [], cis: [], attack: ["T1525", "T1190"], cve: [],
        links: ["https://distribution.github.io/distribution/about/configuration/#auth"],
    }
    INVENTED_USER = "KG-A171", Iam, High, Daemon, "A registry of this host invents its user and writes the password into its log" {
        wrong: "The file of logins that its configuration names is missing; Distribution then makes one, with one user.",
        why: "The password stands in the log, for whoever reads logs, and the file goes with the container.",
        fix: "Make the file (htpasswd -B), mount it, make the container anew, and remove the old log.",
        covers: [], cis: [], attack: ["T1552.001", "T1078.001"], cve: [],
        links: ["https://distribution.github.io/distribution/about/configuration/#htpasswd"],
    }
    WEAK_HTTP_SECRET = "KG-A172", Iam, Low, Daemon, "A registry of this host signs uploads with a secret that can be guessed" {
        wrong: "http.secret is one that stands in examples, or is short; it signs the state of uploads that clients hold.",
        why: "Whoever knows it makes up the state of an upload, and has the registry write where they say.",
        fix: "Set http.secret to 32 random characters or more, the same for all its replicas.",
        covers: [], cis: [], attack: ["T1552"], cve: [],
        links: ["https://distribution.github.io/distribution/about/configuration/#http"],
    }
    SERVED_DELETES = "KG-A173", Iam, Low, Daemon, "A registry of this host deletes images" {
        wrong: "storage.delete.enabled is set.",
        why: "Whoever may write may also remove what the next start of a container needs.",
        fix: "Switch it on for cleaning up alone, or keep copies of what you run.",
        covers: [], cis: [], attack: ["T1485"], cve: [],
        links: ["https://distribution.github.io/distribution/about/configuration/#delete"],
    }
    SERVED_DEBUG = "KG-A174", Iam, Medium, Daemon, "A registry of this host shows its inside to others" {
        wrong: "http.debug.addr is bound to every address.",
        why: "Profiles hold pieces of its memory and cost it time; metrics tell what is in use.",
        fix: "Bind it to 127.0.0.1, or leave it out.",
        covers: [], cis: [], attack: ["T1046", "T1499.003"], cve: [],
        links: ["https://distribution.github.io/distribution/about/configuration/#debug"],
    }
    SERVED_PLAIN = "KG-A175", Iam, Medium, Daemon, "A registry of this host speaks without encryption" {
        wrong: "Its configuration has no http.tls, and other machines reach it.",
        why: "Whoever sits between reads images and passwords, and puts their own image in place of yours.",
        fix: "Set http.tls, or bind it to 127.0.0.1 behind a proxy that has a certificate.",
        covers: [], cis: [], attack: ["T1557", "T1040"], cve: [],
        links: ["https://distribution.github.io/distribution/about/configuration/#tls"],
    }
    OPEN_CACHE = "KG-A176", Iam, Medium, Daemon, "A mirror of this host gives away what its own login may read" {
        wrong: "The registry mirrors another with a login of yours, and asks nobody for one itself.",
        why: "Whoever reaches it reads your private images there.",
        fix: "Ask for a login, bind it to the machines that need it, or mirror with a login that reads public images only.",
        covers: [], cis: [], attack: ["T1213", "T1552.001"], cve: [],
        links: ["https://distribution.github.io/distribution/recipes/mirror/"],
    }
    SECRET_IN_CONFIG = "KG-A177", Iam, Low, Daemon, "The configuration of a registry of this host holds secrets" {
        wrong: "Passwords or keys stand in its configuration or its environment.",
        why: "Whoever reads the file, or may say docker inspect, has the storage behind the registry.",
        fix: "Give the machine a role where the cloud has such; else keep the file readable by the registry alone.",
        covers: [], cis: [], attack: ["T1552.001"], cve: [],
        links: ["https://distribution.github.io/distribution/about/configuration/#storage"],
    }
    WEAK_HTPASSWD = "KG-A178", Iam, Low, Live, "The logins of a registry of this host are hashed too fast, or lie open" {
        wrong: "The file of logins can be read by everybody, or its hashes cost next to nothing to try.",
        why: "Whoever has the file tries passwords against it at leisure.",
        fix: "Hash with htpasswd -B -C 10, and let the registry alone read the file.",
        covers: [], cis: [], attack: ["T1110.002", "T1552.001"], cve: [],
        links: ["https://distribution.github.io/distribution/about/configuration/#htpasswd"],
    }

    NEW_PUBLISHER = "KG-A190", Iam, Low, Live, "Images come from a publisher that nobody has accepted" {
        wrong: "Images of this host come from a publisher that is not on the list of those that were accepted.",
        why: "A name like that of a known project is how malicious images come in; it is seen best when it is new.",
        fix: "Look who it is; then accept the publisher, or stop using its images.",
        covers: [], cis: ["4.2"], attack: ["T1195.002", "T1204.003"], cve: [],
        links: ["https://docs.docker.com/docker-hub/image-library/trusted-content/"],
    }
}
