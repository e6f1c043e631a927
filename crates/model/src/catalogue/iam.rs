//! Identities in AWS: who becomes whom (`KG-A001`–`019`), who is let in from outside (`020`–`039`), who may do more than
//! needed (`040`–`059`).

table! {
    ESCALATION = "KG-A001", Iam, Critical, Live, "Principal can make itself administrator of the account" {
        wrong: "The permissions of the principal, taken together, suffice for a known way of becoming administrator: by changing policies or keys, or by letting a service or another principal act for it.",
        why: "Whoever gets the principal's credentials, out of a container, a laptop or a log, has the whole account a few calls later, whatever the principal was meant for.",
        fix: "Take away the one permission that the way hangs on, or narrow it to what is needed: roles that may be passed, users whose keys may be made.",
        covers: [], cis: [], cis_aws: [], attack: ["T1098.003", "T1078.004"], cve: [],
        links: ["https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html", "https://pathfinding.cloud/"],
    }
    ADMINISTRATOR_BY_TRUST = "KG-A002", Iam, High, Live, "Principal can assume its way to administrator of the account" {
        wrong: "A chain of roles, each of which trusts the one before it, leads from the principal to administrator.",
        why: "The principal is administrator in all but name: whoever gets its credentials is two or three calls from everything, and reviews of administrators do not list it.",
        fix: "Take the principal out of the role's trust policy, or ask there for a second factor, a source address or tags; keep administrator roles for people who log in.",
        covers: [], cis: [], cis_aws: [], attack: ["T1548.005", "T1078.004"], cve: [],
        links: ["https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-trust-policy.html"],
    }
    LATERAL = "KG-A003", Iam, Medium, Live, "Principal can become others that do not trust it" {
        wrong: "The permissions of the principal suffice to act as users or roles that were never given to it.",
        why: "What these may do, the principal may do: their data, their systems, and whatever they can reach next. Nothing in its own policies shows it.",
        fix: "Narrow the permission to the roles, users or functions that the principal works with.",
        covers: [], cis: [], cis_aws: [], attack: ["T1078.004"], cve: [],
        links: ["https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html"],
    }
    METADATA_ROLE = "KG-A010", Iam, High, Live, "Containers of an instance can take its role" {
        wrong: "The instance answers at its metadata address to containers, too: it takes requests without a session token, or lets the answer travel more than one hop, or a container shares its network.",
        why: "Any program in any of its containers, or anybody who makes one of them fetch an address, gets the credentials of the instance's role.",
        fix: "Ask for session tokens (IMDSv2) and let answers travel one hop only; give each task a role of its own.",
        covers: [], cis: [], cis_aws: [], attack: ["T1552.005", "T1078.004"], cve: [],
        links: ["https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-options.html"],
    }
    POWERFUL_WORKLOAD = "KG-A011", Iam, High, Live, "Something that runs code has the rights of an administrator" {
        wrong: "A function, task, build, notebook or instance runs with a role that is administrator of the account, or a few steps from it.",
        why: "One flaw in that code, one poisoned dependency or build step, is enough to take the account.",
        fix: "Give it a role with what the code calls, and nothing else.",
        covers: [], cis: [], cis_aws: [], attack: ["T1078.004", "T1552.005"], cve: [],
        links: ["https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html"],
    }
    EXECUTION_ROLE_WIDE = "KG-A012", Iam, Medium, Live, "The role that starts tasks may do more than start them" {
        wrong: "The execution role of a task is the task's own role as well, or an administrator.",
        why: "It is there for the agent, to fetch images and secrets; a container that shares the network or the disk of its instance can take it, and then has every secret of every task.",
        fix: "Give the task a role of its own, and the execution role only the images, secrets and logs of this task.",
        covers: [], cis: [], cis_aws: [], attack: ["T1552.005"], cve: [],
        links: ["https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html"],
    }
    KEY_LEFT = "KG-A013", Iam, High, Live, "Lasting access key lies where code runs" {
        wrong: "The id of an access key stands in variables of a container, a task, a function or a build, or in an image; its secret stands beside it.",
        why: "Such keys never end. Whoever reads the variables (a dump, a log, an image that was pushed, an API that describes the task) has the user until somebody notices.",
        fix: "Give the code a role, make the key inactive, and delete it once nothing fails.",
        covers: [], cis: [], cis_aws: ["2.16"], attack: ["T1552.001", "T1078.004"], cve: [],
        links: ["https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html"],
    }
    CLOUD_CREDENTIALS_IN_CONTAINER = "KG-A014", Iam, High, Recreate, "Container holds credentials of a cloud account" {
        wrong: "The container has variables, files or folders of the host that hold credentials of a cloud account.",
        why: "Whoever breaks into the container has them, and with them whatever their owner may do in the account, from anywhere.",
        fix: "Take them out and let the container get a role from the machine or the task; make keys that were in it inactive.",
        covers: [], cis: [], cis_aws: [], attack: ["T1552.001", "T1078.004"], cve: [],
        links: ["https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html"],
    }
    ROLE_OPEN_TO_ALL = "KG-A020", Iam, Critical, Live, "Anybody in AWS may assume the role" {
        wrong: "The role's trust policy names everybody, and no condition in it keeps strangers out.",
        why: "Every AWS account in the world gets the role's permissions with one call; the role's name is all that must be guessed.",
        fix: "Name the accounts or principals that need the role, or add a condition on aws:PrincipalOrgID.",
        covers: [], cis: [], cis_aws: ["2.21"], attack: ["T1199", "T1078.004"], cve: [],
        links: ["https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"],
    }
    ROLE_OPEN_TO_ACCOUNT = "KG-A021", Iam, Medium, Live, "Another account may assume the role without further proof" {
        wrong: "The role trusts a whole account outside the organisation, without an external id, without naming a principal and without a second factor.",
        why: "Whoever that account lets, has the role; and where the account belongs to a provider of services, any other of its customers may talk it into using the role (the confused deputy).",
        fix: "Ask for sts:ExternalId or name the one role that needs it; remove accounts that nobody knows.",
        covers: [], cis: [], cis_aws: [], attack: ["T1199"], cve: [],
        links: ["https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html"],
    }
    PROVIDER_WITHOUT_SUBJECT = "KG-A022", Iam, Critical, Live, "Any user of a public identity provider may assume the role" {
        wrong: "The role trusts an identity provider that serves everybody (a forge, a build service), and no condition says whose token it must be.",
        why: "Anybody with an account there makes a token that the role accepts: a build in a repository of their own is enough.",
        fix: "Add a condition on the provider's sub claim that names the organisation, repository and branch, and one on aud.",
        covers: [], cis: [], cis_aws: [], attack: ["T1199", "T1078.004"], cve: [],
        links: ["https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws"],
    }
    CONFUSED_DEPUTY = "KG-A023", Iam, Low, Live, "A service may act with the role for whoever asks it to" {
        wrong: "The role or resource trusts a service that acts on behalf of many accounts, without saying for which account or resource.",
        why: "Somebody else's configuration of that service may name this role or resource, and the service then acts on it for them.",
        fix: "Add conditions on aws:SourceAccount and aws:SourceArn.",
        covers: [], cis: [], cis_aws: [], attack: ["T1199"], cve: [],
        links: ["https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html"],
    }
    RESOURCE_OPEN_TO_ALL = "KG-A024", Iam, High, Live, "Anybody may use the resource" {
        wrong: "The resource's policy allows everybody, and no condition in it really keeps strangers out.",
        why: "Whatever the policy allows, the whole world may do, in part without any account: read the data, write it, start the code.",
        fix: "Name the principals that need it, or add a condition on aws:PrincipalOrgID, aws:SourceAccount, aws:SourceArn or aws:SourceVpce.",
        covers: [], cis: [], cis_aws: ["2.21"], attack: ["T1530", "T1078.004"], cve: [],
        links: ["https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html"],
    }
    RESOURCE_OPEN_TO_ACCOUNT = "KG-A025", Iam, Medium, Live, "Another account may use the resource" {
        wrong: "The resource's policy allows an account outside the organisation.",
        why: "Its data and its uses are as safe as that account is.",
        fix: "Check that the account is known and still needs it; allow single actions to single principals.",
        covers: [], cis: [], cis_aws: [], attack: ["T1199", "T1530"], cve: [],
        links: ["https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_identity-vs-resource.html"],
    }
    ROLE_FOR_GUESTS = "KG-A026", Iam, High, Live, "Anybody gets the role as a guest" {
        wrong: "An identity pool gives the role to whoever asks, without any login.",
        why: "The pool's id stands in every app and page that uses it; with it, the role's permissions are public.",
        fix: "Switch guests off, or give them a role that may do nothing else than what the public may.",
        covers: [], cis: [], cis_aws: [], attack: ["T1078.004"], cve: [],
        links: ["https://docs.aws.amazon.com/cognito/latest/developerguide/iam-roles.html"],
    }
    PUBLIC_POLICY_HELD_BACK = "KG-A027", Iam, Low, Live, "A public policy is held back by a block alone" {
        wrong: "The bucket's policy lets everybody in; S3 does not heed that, as long as RestrictPublicBuckets is on for the bucket or the whole account.",
        why: "One call switches the block off, and the bucket is open to the world at once, without its policy being touched.",
        fix: "Name in the policy who needs the bucket, and leave the block on.",
        covers: [], cis: [], cis_aws: ["2.21"], attack: ["T1530"], cve: [],
        links: ["https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html"],
    }
    DELETED_PRINCIPAL = "KG-A028", Iam, Info, Live, "A policy names a principal that is deleted" {
        wrong: "Where the policy named a user or role, its unique id stands now: AWS writes it once the principal is deleted. A new one of the same name has another id.",
        why: "Nobody gets in by it; but whoever reads the policy takes it for access that somebody needs, and whoever brings the principal back finds that it does not work, and is tempted to allow more.",
        fix: "Take the id out of the policy; name the principal that has taken its place, if one has.",
        covers: [], cis: [], cis_aws: [], attack: ["T1078.004"], cve: [],
        links: ["https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html"],
    }
    ADMINISTRATOR_POLICY = "KG-A040", Iam, High, Live, "A policy allows everything on everything" {
        wrong: "The policy allows all actions on all resources, and somebody has it.",
        why: "Each who has it is administrator; each of their keys and sessions is worth the account.",
        fix: "Give each what it needs; keep administrator for few people, with a second factor and short sessions.",
        covers: [], cis: [], cis_aws: ["2.14"], attack: ["T1078.004"], cve: [],
        links: ["https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html"],
    }
    WHOLE_SERVICE = "KG-A041", Iam, Medium, Live, "A policy allows whole services on all resources" {
        wrong: "The policy allows every action of a service that holds data or rights, on every resource.",
        why: "It contains deleting, making public and giving away, which hardly anybody needs; and what the service learns to do tomorrow.",
        fix: "List the actions that are used; keelguard iam shrink writes the list from what was used.",
        covers: [], cis: [], cis_aws: [], attack: ["T1078.004"], cve: [],
        links: ["https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html"],
    }
    ALL_BUT = "KG-A042", Iam, Medium, Live, "A policy allows everything that it does not name" {
        wrong: "A statement that allows is written with NotAction or NotResource, so that it allows whatever it leaves out.",
        why: "Every service and every action that AWS adds is allowed on the day that it appears, and what was left out is easily forgotten.",
        fix: "Write down what is allowed; use NotAction only to deny.",
        covers: [], cis: [], cis_aws: [], attack: ["T1078.004"], cve: [],
        links: ["https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html"],
    }
    READS_ALL_DATA = "KG-A043", Iam, Medium, Live, "Principal may read all data of a service" {
        wrong: "The principal may read objects, records, snapshots or messages of a service, whichever they are.",
        why: "With its credentials, everything there can be copied away, backups included.",
        fix: "Name the buckets, tables and queues that it works with.",
        covers: [], cis: [], cis_aws: [], attack: ["T1530", "T1537"], cve: [],
        links: ["https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html"],
    }
    READS_CREDENTIALS = "KG-A044", Iam, Medium, Live, "Principal may fetch credentials, whichever they are" {
        wrong: "The principal may call actions that answer with passwords, keys, tokens or secrets, on all resources.",
        why: "They are other people's and other systems' keys: with them the next step leads out of this principal's permissions.",
        fix: "Name the secrets and parameters that it needs.",
        covers: [], cis: [], cis_aws: [], attack: ["T1555.006", "T1552"], cve: [],
        links: ["https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_examples.html"],
    }
    EXPOSES_RESOURCES = "KG-A045", Iam, Medium, Live, "Principal may open resources to the world" {
        wrong: "The principal may change policies or sharing of resources, whichever they are.",
        why: "One call makes a bucket, snapshot, key or function public or gives it to a stranger's account; it is the quietest way to copy data out.",
        fix: "Name the resources whose policies it keeps, or keep that for few administrators.",
        covers: [], cis: [], cis_aws: [], attack: ["T1537", "T1098"], cve: [],
        links: ["https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_identity-vs-resource.html"],
    }
    UNUSED_PERMISSIONS = "KG-A046", Iam, Low, Live, "Permissions are not used" {
        wrong: "The principal may use services, or single actions of them, that it has not used in the time that AWS, or the logs that were given, look back.",
        why: "Nobody misses what nobody uses, except whoever steals the credentials.",
        fix: "Take them out of its policies; keelguard iam shrink writes the least policy that still allows what was used.",
        covers: [], cis: [], cis_aws: [], attack: ["T1078.004"], cve: [],
        links: ["https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html"],
    }
    UNUSED_ROLE = "KG-A047", Iam, Low, Live, "Role is not used" {
        wrong: "Nobody has used the role for ninety days or more.",
        why: "It keeps its permissions and its trust, and nobody would notice who uses it.",
        fix: "Delete it, or take its permissions away and see who calls.",
        covers: [], cis: [], cis_aws: [], attack: ["T1078.004"], cve: [],
        links: ["https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html"],
    }
    PASSES_ANY_ROLE = "KG-A048", Iam, Medium, Live, "Principal may hand any role to a service" {
        wrong: "iam:PassRole is allowed on all roles.",
        why: "Each new role that trusts a service becomes the principal's own, as soon as it may also start something there.",
        fix: "Name the roles, and say with iam:PassedToService for which service.",
        covers: [], cis: [], cis_aws: [], attack: ["T1098.003"], cve: [],
        links: ["https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html"],
    }
}
