//! An AWS account as its owners keep it: root, passwords, keys, second factors, the organisation (`KG-A060`–`099`).

table! {
    ROOT_KEYS = "KG-A060", Iam, Critical, Live, "The account's root has access keys" {
        wrong: "There are access keys of the account's root user.",
        why: "They may do everything, no policy of the account bounds them, and they never end.",
        fix: "Delete them; use roles.",
        covers: [], cis: [], cis_aws: ["2.4"], attack: ["T1078.004"], cve: [],
        links: ["https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html"],
    }
    ROOT_WITHOUT_FACTOR = "KG-A061", Iam, Critical, Live, "The account's root has no second factor" {
        wrong: "The root user logs in with a password alone.",
        why: "Its password, or the mailbox that resets it, is the account.",
        fix: "Register a passkey or a hardware key for root, or let the organisation remove root's credentials.",
        covers: [], cis: [], cis_aws: ["2.5"], attack: ["T1078.004", "T1110"], cve: [],
        links: ["https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html"],
    }
    ROOT_SOFT_FACTOR = "KG-A062", Iam, Low, Live, "The second factor of the account's root is an app" {
        wrong: "The root user's second factor is a virtual device.",
        why: "An app can be copied with the phone or its backup; whoever has both has the account.",
        fix: "Register a hardware key for root and keep it in a safe.",
        covers: [], cis: [], cis_aws: ["2.6"], attack: ["T1111"], cve: [],
        links: ["https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html"],
    }
    ROOT_USED = "KG-A063", Iam, Medium, Live, "The account's root is used" {
        wrong: "Somebody has logged in as root, or used its keys, in the last ninety days.",
        why: "Nothing bounds root, and what it does cannot be told from one person to another.",
        fix: "Work with roles; keep root for the few tasks that need it, and have its logins reported.",
        covers: [], cis: [], cis_aws: ["2.7"], attack: ["T1078.004"], cve: [],
        links: ["https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-tasks.html"],
    }
    SHORT_PASSWORDS = "KG-A064", Iam, Medium, Live, "Passwords may be short" {
        wrong: "The account's password policy asks for fewer than fourteen letters, or there is none.",
        why: "Short passwords are guessed and found in lists.",
        fix: "Set the least length to fourteen.",
        covers: [], cis: [], cis_aws: ["2.8"], attack: ["T1110"], cve: [],
        links: ["https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html"],
    }
    PASSWORDS_AGAIN = "KG-A065", Iam, Low, Live, "Old passwords may be taken again" {
        wrong: "The account's password policy does not keep the last twenty-four passwords from being used again.",
        why: "A password that was lost once comes back.",
        fix: "Let the policy remember twenty-four passwords.",
        covers: [], cis: [], cis_aws: ["2.9"], attack: ["T1110"], cve: [],
        links: ["https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html"],
    }
    PASSWORD_ALONE = "KG-A066", Iam, High, Live, "User logs in with a password alone" {
        wrong: "The user has a password and no second factor.",
        why: "Passwords are guessed, phished and reused; nothing else stands before what the user may do.",
        fix: "Register a passkey or an app for the user, or take the password away.",
        covers: [], cis: [], cis_aws: ["2.10"], attack: ["T1078.004", "T1110"], cve: [],
        links: ["https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa.html"],
    }
    STALE_CREDENTIALS = "KG-A067", Iam, Medium, Live, "Credentials are not used any more" {
        wrong: "A password or an access key has not been used for forty-five days or more, and still opens the account.",
        why: "Nobody misses it and nobody watches it: it is what a former colleague, or whoever has their laptop, still has.",
        fix: "Take the password away or make the key inactive, and delete it later.",
        covers: [], cis: [], cis_aws: ["2.11"], attack: ["T1078.004"], cve: [],
        links: ["https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_finding-unused.html"],
    }
    OLD_KEY = "KG-A068", Iam, Medium, Live, "Access key is old" {
        wrong: "An active access key is older than ninety days.",
        why: "The longer a key is about, the more copies of it there are.",
        fix: "Make a new key, change over, delete the old one; better, use a role.",
        covers: [], cis: [], cis_aws: ["2.12"], attack: ["T1078.004"], cve: [],
        links: ["https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html"],
    }
    DIRECT_POLICIES = "KG-A069", Iam, Low, Live, "User has policies of its own" {
        wrong: "Policies are attached to the user, not to a group or a role.",
        why: "Rights of single users are forgotten when their work changes, and reviews of groups do not show them.",
        fix: "Move them to a group or a role.",
        covers: [], cis: [], cis_aws: ["2.13"], attack: [], cve: [],
        links: ["https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html"],
    }
    NO_SUPPORT_ROLE = "KG-A070", Iam, Low, Live, "Nobody may speak to AWS's support" {
        wrong: "No role, group or user has the policy AWSSupportAccess.",
        why: "In an incident nobody but administrators can ask AWS for help.",
        fix: "Make a role with AWSSupportAccess for those on duty.",
        covers: [], cis: [], cis_aws: ["2.15"], attack: [], cve: [],
        links: ["https://docs.aws.amazon.com/awssupport/latest/user/getting-started.html"],
    }
    INSTANCE_WITHOUT_ROLE = "KG-A071", Iam, Low, Live, "Instance has no role" {
        wrong: "The instance runs without an instance profile.",
        why: "Programs on it that call AWS must have keys lying about.",
        fix: "Give it an instance profile with what its programs call.",
        covers: [], cis: [], cis_aws: ["2.16"], attack: ["T1552.001"], cve: [],
        links: ["https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2.html"],
    }
    EXPIRED_CERTIFICATE = "KG-A072", Iam, Low, Live, "A certificate has ended and still lies in the store" {
        wrong: "A server certificate in the account's store has ended.",
        why: "It may be put in front of a service by mistake, which then fails for everybody.",
        fix: "Delete it; keep certificates in Certificate Manager, which renews them.",
        covers: [], cis: [], cis_aws: ["2.17"], attack: [], cve: [],
        links: ["https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_server-certs.html"],
    }
    NO_ANALYZER = "KG-A073", Iam, Low, Live, "Nobody watches for access from outside" {
        wrong: "A region that is in use has no active access analyzer.",
        why: "Resources that are opened to strangers stay unseen there.",
        fix: "Switch IAM Access Analyzer on in every region.",
        covers: [], cis: [], cis_aws: ["2.18"], attack: [], cve: [],
        links: ["https://docs.aws.amazon.com/IAM/latest/UserGuide/what-is-access-analyzer.html"],
    }
    LOCAL_LOGINS = "KG-A074", Iam, Low, Live, "People log in with users of the account" {
        wrong: "The account trusts an identity provider, or belongs to an organisation, and still has users with passwords.",
        why: "Whoever leaves is locked out of the provider and keeps the user here.",
        fix: "Let people log in through the provider or IAM Identity Center, and take the passwords away.",
        covers: [], cis: [], cis_aws: ["2.19"], attack: ["T1078.004"], cve: [],
        links: ["https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html"],
    }
    CLOUD_SHELL = "KG-A075", Iam, Low, Live, "Somebody has full access to CloudShell" {
        wrong: "The policy AWSCloudShellFullAccess is attached.",
        why: "Its upload and download are a way for data past the company's own network.",
        fix: "Take it away, or use a policy without file transfer.",
        covers: [], cis: [], cis_aws: ["2.20"], attack: ["T1537"], cve: [],
        links: ["https://docs.aws.amazon.com/cloudshell/latest/userguide/sec-auth-with-identities.html"],
    }
    TWO_KEYS = "KG-A076", Iam, Low, Live, "User has two active access keys" {
        wrong: "Both places for access keys hold an active one.",
        why: "The second is for changing over; where it stays, nobody knows which is where.",
        fix: "Find out which is used, and delete the other.",
        covers: [], cis: [], cis_aws: [], attack: ["T1078.004"], cve: [],
        links: ["https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html"],
    }
    NO_GUARDRAIL = "KG-A077", Iam, Low, Live, "The organisation bounds the account by nothing" {
        wrong: "No service control or resource control policy above the account denies or leaves out anything.",
        why: "Whoever is administrator of the account may switch off its logs, leave the organisation and use every region.",
        fix: "Attach policies that keep logs, regions and root under the organisation's control.",
        covers: [], cis: [], cis_aws: ["2.1.2"], attack: [], cve: [],
        links: ["https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html"],
    }
    WORK_IN_MANAGEMENT = "KG-A078", Iam, Medium, Live, "Work runs in the account that manages the organisation" {
        wrong: "Instances, functions or containers run in the management account.",
        why: "No policy of the organisation bounds that account, and whoever takes it has all the others.",
        fix: "Move the work to a member account; keep the management account empty.",
        covers: [], cis: [], cis_aws: ["2.1.3"], attack: [], cve: [],
        links: ["https://docs.aws.amazon.com/organizations/latest/userguide/orgs_best-practices_mgmt-acct.html"],
    }
    ACCOUNT_IN_ROOT = "KG-A079", Iam, Low, Live, "The account lies in no unit of the organisation" {
        wrong: "The account hangs on the organisation's root itself.",
        why: "What is meant for production, tests or a team cannot be said of it.",
        fix: "Move it into a unit.",
        covers: [], cis: [], cis_aws: ["2.1.4"], attack: [], cve: [],
        links: ["https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_ous.html"],
    }
}
