//! MITRE ATT&CK (Enterprise, version 17) as far as rules name it: techniques with their names and tactics. A rule that names
//! another needs its row here; the test of this file says so.

/// The version of ATT&CK whose names these are.
pub const ATTACK_VERSION: &str = "17.1";

/// A tactic: what an attacker wants at that moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tactic {
    /// TA0043
    Reconnaissance,
    /// TA0042
    ResourceDevelopment,
    /// TA0001
    InitialAccess,
    /// TA0002
    Execution,
    /// TA0003
    Persistence,
    /// TA0004
    PrivilegeEscalation,
    /// TA0005
    DefenseEvasion,
    /// TA0006
    CredentialAccess,
    /// TA0007
    Discovery,
    /// TA0008
    LateralMovement,
    /// TA0009
    Collection,
    /// TA0011
    CommandAndControl,
    /// TA0010
    Exfiltration,
    /// TA0040
    Impact,
}

use Tactic::{
    Collection, CommandAndControl, CredentialAccess, DefenseEvasion, Discovery, Execution, Exfiltration, Impact,
    InitialAccess, LateralMovement, Persistence, PrivilegeEscalation, Reconnaissance, ResourceDevelopment,
};

impl Tactic {
    /// `TA0006`.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Reconnaissance => "TA0043",
            Self::ResourceDevelopment => "TA0042",
            Self::InitialAccess => "TA0001",
            Self::Execution => "TA0002",
            Self::Persistence => "TA0003",
            Self::PrivilegeEscalation => "TA0004",
            Self::DefenseEvasion => "TA0005",
            Self::CredentialAccess => "TA0006",
            Self::Discovery => "TA0007",
            Self::LateralMovement => "TA0008",
            Self::Collection => "TA0009",
            Self::CommandAndControl => "TA0011",
            Self::Exfiltration => "TA0010",
            Self::Impact => "TA0040",
        }
    }

    /// `Credential Access`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reconnaissance => "Reconnaissance",
            Self::ResourceDevelopment => "Resource Development",
            Self::InitialAccess => "Initial Access",
            Self::Execution => "Execution",
            Self::Persistence => "Persistence",
            Self::PrivilegeEscalation => "Privilege Escalation",
            Self::DefenseEvasion => "Defense Evasion",
            Self::CredentialAccess => "Credential Access",
            Self::Discovery => "Discovery",
            Self::LateralMovement => "Lateral Movement",
            Self::Collection => "Collection",
            Self::CommandAndControl => "Command and Control",
            Self::Exfiltration => "Exfiltration",
            Self::Impact => "Impact",
        }
    }
}

/// A technique or sub-technique.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// `T1110.001`.
    pub id: &'static str,
    /// `Password Guessing`.
    pub name: &'static str,
    /// What it serves, the most usual on a server first.
    pub tactics: &'static [Tactic],
}

/// The technique called `id`, in whatever case.
pub fn technique(id: &str) -> Option<&'static Known> {
    TECHNIQUES.iter().find(|known| known.id.eq_ignore_ascii_case(id))
}

/// `T1110` for `T1110.001`; the id itself where it is no sub-technique.
pub fn parent(id: &str) -> &str {
    id.split_once('.').map_or(id, |(parent, _)| parent)
}

const fn row(id: &'static str, name: &'static str, tactics: &'static [Tactic]) -> Known {
    Known { id, name, tactics }
}

#[rustfmt::skip]
static TECHNIQUES: &[Known] = &[
    row("T1003", "OS Credential Dumping", &[CredentialAccess]),
    row("T1003.007", "Proc Filesystem", &[CredentialAccess]),
    row("T1003.008", "/etc/passwd and /etc/shadow", &[CredentialAccess]),
    row("T1005", "Data from Local System", &[Collection]),
    row("T1006", "Direct Volume Access", &[DefenseEvasion]),
    row("T1014", "Rootkit", &[DefenseEvasion]),
    row("T1016", "System Network Configuration Discovery", &[Discovery]),
    row("T1018", "Remote System Discovery", &[Discovery]),
    row("T1020", "Automated Exfiltration", &[Exfiltration]),
    row("T1021", "Remote Services", &[LateralMovement]),
    row("T1021.004", "SSH", &[LateralMovement]),
    row("T1027", "Obfuscated Files or Information", &[DefenseEvasion]),
    row("T1030", "Data Transfer Size Limits", &[Exfiltration]),
    row("T1033", "System Owner/User Discovery", &[Discovery]),
    row("T1036", "Masquerading", &[DefenseEvasion]),
    row("T1036.003", "Rename Legitimate Utilities", &[DefenseEvasion]),
    row("T1036.004", "Masquerade Task or Service", &[DefenseEvasion]),
    row("T1036.005", "Match Legitimate Resource Name or Location", &[DefenseEvasion]),
    row("T1036.007", "Double File Extension", &[DefenseEvasion]),
    row("T1037", "Boot or Logon Initialization Scripts", &[Persistence, PrivilegeEscalation]),
    row("T1037.004", "RC Scripts", &[Persistence, PrivilegeEscalation]),
    row("T1040", "Network Sniffing", &[CredentialAccess, Discovery]),
    row("T1041", "Exfiltration Over C2 Channel", &[Exfiltration]),
    row("T1046", "Network Service Discovery", &[Discovery]),
    row("T1048", "Exfiltration Over Alternative Protocol", &[Exfiltration]),
    row("T1048.003", "Exfiltration Over Unencrypted Non-C2 Protocol", &[Exfiltration]),
    row("T1049", "System Network Connections Discovery", &[Discovery]),
    row("T1053", "Scheduled Task/Job", &[Persistence, Execution, PrivilegeEscalation]),
    row("T1053.002", "At", &[Persistence, Execution, PrivilegeEscalation]),
    row("T1053.003", "Cron", &[Persistence, Execution, PrivilegeEscalation]),
    row("T1053.006", "Systemd Timers", &[Persistence, Execution, PrivilegeEscalation]),
    row("T1055", "Process Injection", &[DefenseEvasion, PrivilegeEscalation]),
    row("T1055.008", "Ptrace System Calls", &[DefenseEvasion, PrivilegeEscalation]),
    row("T1056", "Input Capture", &[Collection, CredentialAccess]),
    row("T1056.001", "Keylogging", &[Collection, CredentialAccess]),
    row("T1057", "Process Discovery", &[Discovery]),
    row("T1059", "Command and Scripting Interpreter", &[Execution]),
    row("T1059.004", "Unix Shell", &[Execution]),
    row("T1059.006", "Python", &[Execution]),
    row("T1068", "Exploitation for Privilege Escalation", &[PrivilegeEscalation]),
    row("T1069", "Permission Groups Discovery", &[Discovery]),
    row("T1069.001", "Local Groups", &[Discovery]),
    row("T1070", "Indicator Removal", &[DefenseEvasion]),
    row("T1070.002", "Clear Linux or Mac System Logs", &[DefenseEvasion]),
    row("T1070.003", "Clear Command History", &[DefenseEvasion]),
    row("T1070.004", "File Deletion", &[DefenseEvasion]),
    row("T1070.006", "Timestomp", &[DefenseEvasion]),
    row("T1071", "Application Layer Protocol", &[CommandAndControl]),
    row("T1071.001", "Web Protocols", &[CommandAndControl]),
    row("T1071.003", "Mail Protocols", &[CommandAndControl]),
    row("T1071.004", "DNS", &[CommandAndControl]),
    row("T1072", "Software Deployment Tools", &[Execution, LateralMovement]),
    row("T1074", "Data Staged", &[Collection]),
    row("T1074.001", "Local Data Staging", &[Collection]),
    row("T1078", "Valid Accounts", &[InitialAccess, Persistence, PrivilegeEscalation, DefenseEvasion]),
    row("T1078.001", "Default Accounts", &[InitialAccess, Persistence, PrivilegeEscalation, DefenseEvasion]),
    row("T1078.003", "Local Accounts", &[InitialAccess, Persistence, PrivilegeEscalation, DefenseEvasion]),
    row("T1078.004", "Cloud Accounts", &[InitialAccess, Persistence, PrivilegeEscalation, DefenseEvasion]),
    row("T1080", "Taint Shared Content", &[LateralMovement]),
    row("T1082", "System Information Discovery", &[Discovery]),
    row("T1083", "File and Directory Discovery", &[Discovery]),
    row("T1087", "Account Discovery", &[Discovery]),
    row("T1087.001", "Local Account", &[Discovery]),
    row("T1090", "Proxy", &[CommandAndControl]),
    row("T1090.003", "Multi-hop Proxy", &[CommandAndControl]),
    row("T1095", "Non-Application Layer Protocol", &[CommandAndControl]),
    row("T1098", "Account Manipulation", &[Persistence, PrivilegeEscalation]),
    row("T1098.001", "Additional Cloud Credentials", &[Persistence, PrivilegeEscalation]),
    row("T1098.003", "Additional Cloud Roles", &[Persistence, PrivilegeEscalation]),
    row("T1098.004", "SSH Authorized Keys", &[Persistence, PrivilegeEscalation]),
    row("T1098.007", "Additional Local or Domain Groups", &[Persistence, PrivilegeEscalation]),
    row("T1102", "Web Service", &[CommandAndControl]),
    row("T1105", "Ingress Tool Transfer", &[CommandAndControl]),
    row("T1110", "Brute Force", &[CredentialAccess]),
    row("T1110.001", "Password Guessing", &[CredentialAccess]),
    row("T1110.002", "Password Cracking", &[CredentialAccess]),
    row("T1110.003", "Password Spraying", &[CredentialAccess]),
    row("T1110.004", "Credential Stuffing", &[CredentialAccess]),
    row("T1111", "Multi-Factor Authentication Interception", &[CredentialAccess]),
    row("T1113", "Screen Capture", &[Collection]),
    row("T1114", "Email Collection", &[Collection]),
    row("T1115", "Clipboard Data", &[Collection]),
    row("T1119", "Automated Collection", &[Collection]),
    row("T1123", "Audio Capture", &[Collection]),
    row("T1124", "System Time Discovery", &[Discovery]),
    row("T1129", "Shared Modules", &[Execution]),
    row("T1132", "Data Encoding", &[CommandAndControl]),
    row("T1132.001", "Standard Encoding", &[CommandAndControl]),
    row("T1133", "External Remote Services", &[InitialAccess, Persistence]),
    row("T1135", "Network Share Discovery", &[Discovery]),
    row("T1136", "Create Account", &[Persistence]),
    row("T1136.001", "Local Account", &[Persistence]),
    row("T1136.003", "Cloud Account", &[Persistence]),
    row("T1140", "Deobfuscate/Decode Files or Information", &[DefenseEvasion]),
    row("T1176", "Software Extensions", &[Persistence]),
    row("T1189", "Drive-by Compromise", &[InitialAccess]),
    row("T1190", "Exploit Public-Facing Application", &[InitialAccess]),
    row("T1195", "Supply Chain Compromise", &[InitialAccess]),
    row("T1195.001", "Compromise Software Dependencies and Development Tools", &[InitialAccess]),
    row("T1195.002", "Compromise Software Supply Chain", &[InitialAccess]),
    row("T1199", "Trusted Relationship", &[InitialAccess]),
    row("T1201", "Password Policy Discovery", &[Discovery]),
    row("T1203", "Exploitation for Client Execution", &[Execution]),
    row("T1204", "User Execution", &[Execution]),
    row("T1204.003", "Malicious Image", &[Execution]),
    row("T1205", "Traffic Signaling", &[CommandAndControl, DefenseEvasion, Persistence]),
    row("T1210", "Exploitation of Remote Services", &[LateralMovement]),
    row("T1211", "Exploitation for Defense Evasion", &[DefenseEvasion]),
    row("T1212", "Exploitation for Credential Access", &[CredentialAccess]),
    row("T1213", "Data from Information Repositories", &[Collection]),
    row("T1217", "Browser Information Discovery", &[Discovery]),
    row("T1218", "System Binary Proxy Execution", &[DefenseEvasion]),
    row("T1219", "Remote Access Tools", &[CommandAndControl]),
    row("T1222", "File and Directory Permissions Modification", &[DefenseEvasion]),
    row("T1222.002", "Linux and Mac File and Directory Permissions Modification", &[DefenseEvasion]),
    row("T1480", "Execution Guardrails", &[DefenseEvasion]),
    row("T1485", "Data Destruction", &[Impact]),
    row("T1486", "Data Encrypted for Impact", &[Impact]),
    row("T1489", "Service Stop", &[Impact]),
    row("T1490", "Inhibit System Recovery", &[Impact]),
    row("T1491", "Defacement", &[Impact]),
    row("T1495", "Firmware Corruption", &[Impact]),
    row("T1496", "Resource Hijacking", &[Impact]),
    row("T1496.001", "Compute Hijacking", &[Impact]),
    row("T1496.002", "Bandwidth Hijacking", &[Impact]),
    row("T1496.003", "SMS Pumping", &[Impact]),
    row("T1498", "Network Denial of Service", &[Impact]),
    row("T1499", "Endpoint Denial of Service", &[Impact]),
    row("T1499.001", "OS Exhaustion Flood", &[Impact]),
    row("T1499.002", "Service Exhaustion Flood", &[Impact]),
    row("T1499.003", "Application Exhaustion Flood", &[Impact]),
    row("T1499.004", "Application or System Exploitation", &[Impact]),
    row("T1505", "Server Software Component", &[Persistence]),
    row("T1505.003", "Web Shell", &[Persistence]),
    row("T1518", "Software Discovery", &[Discovery]),
    row("T1518.001", "Security Software Discovery", &[Discovery]),
    row("T1525", "Implant Internal Image", &[Persistence]),
    row("T1528", "Steal Application Access Token", &[CredentialAccess]),
    row("T1529", "System Shutdown/Reboot", &[Impact]),
    row("T1530", "Data from Cloud Storage", &[Collection]),
    row("T1531", "Account Access Removal", &[Impact]),
    row("T1534", "Internal Spearphishing", &[LateralMovement]),
    row("T1537", "Transfer Data to Cloud Account", &[Exfiltration]),
    row("T1542", "Pre-OS Boot", &[Persistence, DefenseEvasion]),
    row("T1543", "Create or Modify System Process", &[Persistence, PrivilegeEscalation]),
    row("T1543.002", "Systemd Service", &[Persistence, PrivilegeEscalation]),
    row("T1543.005", "Container Service", &[Persistence, PrivilegeEscalation]),
    row("T1546", "Event Triggered Execution", &[Persistence, PrivilegeEscalation]),
    row("T1546.004", "Unix Shell Configuration Modification", &[Persistence, PrivilegeEscalation]),
    row("T1547", "Boot or Logon Autostart Execution", &[Persistence, PrivilegeEscalation]),
    row("T1547.006", "Kernel Modules and Extensions", &[Persistence, PrivilegeEscalation]),
    row("T1548", "Abuse Elevation Control Mechanism", &[PrivilegeEscalation, DefenseEvasion]),
    row("T1548.001", "Setuid and Setgid", &[PrivilegeEscalation, DefenseEvasion]),
    row("T1548.003", "Sudo and Sudo Caching", &[PrivilegeEscalation, DefenseEvasion]),
    row("T1548.005", "Temporary Elevated Cloud Access", &[PrivilegeEscalation, DefenseEvasion]),
    row("T1550", "Use Alternate Authentication Material", &[LateralMovement, DefenseEvasion]),
    row("T1550.001", "Application Access Token", &[LateralMovement, DefenseEvasion]),
    row("T1552", "Unsecured Credentials", &[CredentialAccess]),
    row("T1552.001", "Credentials In Files", &[CredentialAccess]),
    row("T1552.003", "Shell History", &[CredentialAccess]),
    row("T1552.004", "Private Keys", &[CredentialAccess]),
    row("T1552.005", "Cloud Instance Metadata API", &[CredentialAccess]),
    row("T1552.007", "Container API", &[CredentialAccess]),
    row("T1553", "Subvert Trust Controls", &[DefenseEvasion]),
    row("T1553.004", "Install Root Certificate", &[DefenseEvasion]),
    row("T1554", "Compromise Host Software Binary", &[Persistence]),
    row("T1555", "Credentials from Password Stores", &[CredentialAccess]),
    row("T1555.006", "Cloud Secrets Management Stores", &[CredentialAccess]),
    row("T1556", "Modify Authentication Process", &[Persistence, CredentialAccess, DefenseEvasion]),
    row("T1556.003", "Pluggable Authentication Modules", &[Persistence, CredentialAccess, DefenseEvasion]),
    row("T1557", "Adversary-in-the-Middle", &[CredentialAccess, Collection]),
    row("T1557.002", "ARP Cache Poisoning", &[CredentialAccess, Collection]),
    row("T1559", "Inter-Process Communication", &[Execution]),
    row("T1560", "Archive Collected Data", &[Collection]),
    row("T1560.001", "Archive via Utility", &[Collection]),
    row("T1561", "Disk Wipe", &[Impact]),
    row("T1561.001", "Disk Content Wipe", &[Impact]),
    row("T1562", "Impair Defenses", &[DefenseEvasion]),
    row("T1562.001", "Disable or Modify Tools", &[DefenseEvasion]),
    row("T1562.003", "Impair Command History Logging", &[DefenseEvasion]),
    row("T1562.004", "Disable or Modify System Firewall", &[DefenseEvasion]),
    row("T1562.006", "Indicator Blocking", &[DefenseEvasion]),
    row("T1562.012", "Disable or Modify Linux Audit System", &[DefenseEvasion]),
    row("T1564", "Hide Artifacts", &[DefenseEvasion]),
    row("T1564.001", "Hidden Files and Directories", &[DefenseEvasion]),
    row("T1564.002", "Hidden Users", &[DefenseEvasion]),
    row("T1564.013", "Bind Mounts", &[DefenseEvasion]),
    row("T1565", "Data Manipulation", &[Impact]),
    row("T1565.001", "Stored Data Manipulation", &[Impact]),
    row("T1566", "Phishing", &[InitialAccess]),
    row("T1566.001", "Spearphishing Attachment", &[InitialAccess]),
    row("T1566.002", "Spearphishing Link", &[InitialAccess]),
    row("T1567", "Exfiltration Over Web Service", &[Exfiltration]),
    row("T1567.002", "Exfiltration to Cloud Storage", &[Exfiltration]),
    row("T1568", "Dynamic Resolution", &[CommandAndControl]),
    row("T1568.002", "Domain Generation Algorithms", &[CommandAndControl]),
    row("T1569", "System Services", &[Execution]),
    row("T1570", "Lateral Tool Transfer", &[LateralMovement]),
    row("T1571", "Non-Standard Port", &[CommandAndControl]),
    row("T1572", "Protocol Tunneling", &[CommandAndControl]),
    row("T1573", "Encrypted Channel", &[CommandAndControl]),
    row("T1574", "Hijack Execution Flow", &[Persistence, PrivilegeEscalation, DefenseEvasion]),
    row("T1574.006", "Dynamic Linker Hijacking", &[Persistence, PrivilegeEscalation, DefenseEvasion]),
    row("T1578", "Modify Cloud Compute Infrastructure", &[DefenseEvasion]),
    row("T1578.002", "Create Cloud Instance", &[DefenseEvasion]),
    row("T1580", "Cloud Infrastructure Discovery", &[Discovery]),
    row("T1583", "Acquire Infrastructure", &[ResourceDevelopment]),
    row("T1583.001", "Domains", &[ResourceDevelopment]),
    row("T1584", "Compromise Infrastructure", &[ResourceDevelopment]),
    row("T1585", "Establish Accounts", &[ResourceDevelopment]),
    row("T1586", "Compromise Accounts", &[ResourceDevelopment]),
    row("T1586.002", "Email Accounts", &[ResourceDevelopment]),
    row("T1587", "Develop Capabilities", &[ResourceDevelopment]),
    row("T1588", "Obtain Capabilities", &[ResourceDevelopment]),
    row("T1589", "Gather Victim Identity Information", &[Reconnaissance]),
    row("T1589.001", "Credentials", &[Reconnaissance]),
    row("T1590", "Gather Victim Network Information", &[Reconnaissance]),
    row("T1592", "Gather Victim Host Information", &[Reconnaissance]),
    row("T1592.004", "Client Configurations", &[Reconnaissance]),
    row("T1595", "Active Scanning", &[Reconnaissance]),
    row("T1595.001", "Scanning IP Blocks", &[Reconnaissance]),
    row("T1595.002", "Vulnerability Scanning", &[Reconnaissance]),
    row("T1598", "Phishing for Information", &[Reconnaissance]),
    row("T1609", "Container Administration Command", &[Execution]),
    row("T1610", "Deploy Container", &[Execution, DefenseEvasion]),
    row("T1611", "Escape to Host", &[PrivilegeEscalation]),
    row("T1612", "Build Image on Host", &[DefenseEvasion]),
    row("T1613", "Container and Resource Discovery", &[Discovery]),
    row("T1614", "System Location Discovery", &[Discovery]),
    row("T1620", "Reflective Code Loading", &[DefenseEvasion]),
    row("T1622", "Debugger Evasion", &[DefenseEvasion, Discovery]),
    row("T1648", "Serverless Execution", &[Execution]),
    row("T1649", "Steal or Forge Authentication Certificates", &[CredentialAccess]),
    row("T1651", "Cloud Administration Command", &[Execution]),
    row("T1657", "Financial Theft", &[Impact]),
    row("T1667", "Email Bombing", &[Impact]),
    row("T1672", "Email Spoofing", &[DefenseEvasion]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_technique_that_a_rule_names_is_in_the_table() {
        for rule in crate::rules() {
            for id in rule.attack {
                assert!(technique(id).is_some(), "{} of {} has no row in attack.rs", id, rule.id);
            }
        }
    }

    #[test]
    fn ids_stand_once_and_each_sub_technique_has_its_parent() {
        for known in TECHNIQUES {
            assert_eq!(TECHNIQUES.iter().filter(|other| other.id == known.id).count(), 1, "{}", known.id);
            assert!(technique(parent(known.id)).is_some(), "{} has no parent here", known.id);
            assert!(!known.tactics.is_empty() && !known.name.is_empty(), "{}", known.id);
        }
    }
}
