use super::*;

fn os(path: &str, text: &str) -> Option<Os> {
    let content = text.as_bytes().to_vec();
    analyse(&File { path, mode: 0o644, content: &content }, &Limits::default()).unwrap().os
}

/// `id version ecosystem` of a file at `path`.
fn words(path: &str, text: &str) -> String {
    match os(path, text) {
        Some(os) => format!("{} {} {}", os.id, os.version, os.ecosystem.as_deref().unwrap_or("-")),
        None => "none".to_owned(),
    }
}

#[test]
fn os_release_names_the_release_in_the_words_of_osv() {
    let cases = [
        ("ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm", "debian 12 Debian:12"),
        ("PRETTY_NAME=\"Debian GNU/Linux forky/sid\"\nVERSION_CODENAME=forky\nID=debian", "debian  Debian:14"),
        ("PRETTY_NAME=\"Debian GNU/Linux trixie/sid\"\nID=debian", "debian  Debian:13"),
        ("PRETTY_NAME=\"Debian GNU/Linux sid\"\nID=debian", "debian  Debian:sid"),
        ("ID=raspbian\nVERSION_ID=\"11\"", "raspbian 11 Debian:11"),
        ("ID=ubuntu\nVERSION_ID=\"22.04\"", "ubuntu 22.04 Ubuntu:22.04:LTS"),
        ("ID=ubuntu\nVERSION_ID=\"24.10\"", "ubuntu 24.10 Ubuntu:24.10"),
        ("ID=ubuntu\nVERSION_ID=\"23.04\"", "ubuntu 23.04 Ubuntu:23.04"),
        ("ID=linuxmint\nVERSION_ID=\"21.3\"\nUBUNTU_CODENAME=jammy", "linuxmint 21.3 Ubuntu:22.04:LTS"),
        ("ID=linuxmint\nVERSION_ID=\"6\"\nDEBIAN_CODENAME=bookworm", "linuxmint 6 Debian:12"),
        ("ID=alpine\nVERSION_ID=3.20.3", "alpine 3.20.3 Alpine:v3.20"),
        ("ID=alpine\nVERSION_ID=3.21_alpha20240807", "alpine 3.21_alpha20240807 Alpine:v3.21"),
        ("ID=wolfi\nVERSION_ID=\"20230201\"", "wolfi 20230201 Wolfi"),
        ("ID=chainguard\nVERSION_ID=\"20230214\"", "chainguard 20230214 Chainguard"),
        ("ID=\"almalinux\"\nVERSION_ID=\"9.4\"", "almalinux 9.4 AlmaLinux:9"),
        ("ID=\"rocky\"\nVERSION_ID=\"8.10\"", "rocky 8.10 Rocky Linux:8"),
        (
            "ID=\"rhel\"\nVERSION_ID=\"9.4\"\nCPE_NAME=\"cpe:/o:redhat:enterprise_linux:9::baseos\"",
            "rhel 9.4 Red Hat:enterprise_linux:9::baseos",
        ),
        ("ID=\"rhel\"\nVERSION_ID=\"8.10\"", "rhel 8.10 Red Hat:enterprise_linux:8::baseos"),
        (
            "ID=\"opensuse-leap\"\nVERSION_ID=\"15.6\"\nPRETTY_NAME=\"openSUSE Leap 15.6\"",
            "opensuse-leap 15.6 openSUSE:Leap 15.6",
        ),
        ("ID=\"opensuse-tumbleweed\"\nVERSION_ID=\"20240801\"", "opensuse-tumbleweed 20240801 openSUSE:Tumbleweed"),
        (
            "ID=\"sles\"\nVERSION_ID=\"15.6\"\nPRETTY_NAME=\"SUSE Linux Enterprise Server 15 SP6\"",
            "sles 15.6 SUSE:Linux Enterprise Server 15 SP6",
        ),
        ("ID=mariner\nVERSION_ID=\"2.0\"", "mariner 2.0 Azure Linux:2"),
        ("ID=azurelinux\nVERSION_ID=\"3.0\"", "azurelinux 3.0 Azure Linux:3"),
        ("ID=photon\nVERSION_ID=5.0", "photon 5.0 Photon OS:5.0"),
        ("ID=mageia\nVERSION_ID=9", "mageia 9 Mageia:9"),
        (
            "ID=\"openEuler\"\nVERSION_ID=\"22.03\"\nVERSION=\"22.03 (LTS-SP3)\"",
            "openeuler 22.03 openEuler:22.03-LTS-SP3",
        ),
        ("ID=\"openEuler\"\nVERSION_ID=\"24.03\"\nVERSION=\"24.03 (LTS)\"", "openeuler 24.03 openEuler:24.03-LTS"),
        ("ID=alpaquita\nVERSION_ID=23", "alpaquita 23 Alpaquita:23"),
        ("ID=fedora\nVERSION_ID=40", "fedora 40 -"),
        ("ID=arch", "arch  -"),
        ("NAME=Nameless", "linux  -"),
        ("", "none"),
    ];
    for (text, expected) in cases {
        assert_eq!(words("usr/lib/os-release", text), expected, "{text}");
    }
}

#[test]
fn values_are_read_as_a_shell_reads_them() {
    assert_eq!(value("A=1\nA='2'\n", "A").unwrap(), "2");
    assert_eq!(value("A=\"a \\\"b\\\" \\$c\"  # no comment\n", "A").unwrap(), "a \"b\" $c");
    assert_eq!(value("A='a\\b'", "A").unwrap(), "a\\b");
    assert_eq!(value("A=\"open", "A").unwrap(), "open");
    assert_eq!(value("AA=1", "A"), None);
}

#[test]
fn the_files_before_os_release_are_understood() {
    let suse = "SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\nPATCHLEVEL = 4\n";
    let cases = [
        ("etc/debian_version", "12.5\n", "debian 12.5 Debian:12"),
        ("etc/debian_version", "trixie/sid\n", "debian  Debian:13"),
        ("etc/alpine-release", "3.18.4\n", "alpine 3.18.4 Alpine:v3.18"),
        ("etc/redhat-release", "CentOS release 6.10 (Final)\n", "centos 6.10 -"),
        ("etc/redhat-release", "AlmaLinux release 8.10 (Cerulean Leopard)\n", "almalinux 8.10 AlmaLinux:8"),
        (
            "etc/redhat-release",
            "Red Hat Enterprise Linux Server release 7.9 (Maipo)\n",
            "rhel 7.9 Red Hat:enterprise_linux:7::baseos",
        ),
        ("etc/system-release", "Amazon Linux release 2 (Karoo)\n", "amzn 2 -"),
        ("etc/lsb-release", "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=12.04\n", "ubuntu 12.04 Ubuntu:12.04:LTS"),
        ("etc/lsb-release", "DISTRIB_ID=Arch\nDISTRIB_RELEASE=rolling\n", "arch  -"),
        ("etc/lsb-release", "LSB_VERSION=core-4.1-amd64\n", "none"),
        ("etc/SuSE-release", suse, "sles 11.4 SUSE:Linux Enterprise Server 11 SP4"),
        ("etc/SuSE-release", "openSUSE 42.3 (x86_64)\nVERSION = 42.3\n", "opensuse-leap 42.3 openSUSE:Leap 42.3"),
        ("etc/arch-release", "", "arch  -"),
        ("etc/gentoo-release", "Gentoo Base System release 2.15\n", "gentoo 2.15 -"),
        ("etc/mariner-release", "CBL-Mariner 2.0.20240609\n", "mariner 2.0.20240609 Azure Linux:2"),
        ("etc/photon-release", "VMware Photon OS 4.0\n", "photon 4.0 Photon OS:4.0"),
        ("etc/openEuler-release", "openEuler release 22.03 (LTS-SP3)\n", "openeuler 22.03 openEuler:22.03-LTS-SP3"),
        ("etc/mageia-release", "Mageia release 9 (Official) for x86_64\n", "mageia 9 Mageia:9"),
    ];
    for (path, text, expected) in cases {
        assert_eq!(words(path, text), expected, "{path}: {text}");
    }
}

#[test]
fn os_release_is_believed_before_all_others_and_debian_version_last() {
    assert_eq!(place("etc/os-release"), Some(0));
    assert!(place("usr/lib/os-release") < place("etc/lsb-release"));
    assert!(place("etc/rocky-release") < place("etc/redhat-release"));
    assert_eq!(place("etc/debian_version"), Some(PLACES.len() - 1));
    assert_eq!(place("etc/passwd"), None);
}

#[test]
fn a_release_file_of_unheard_size_is_refused() {
    let content = vec![b'A'; 65 << 10];
    let file = File { path: "etc/os-release", mode: 0o644, content: &content };
    assert!(matches!(analyse(&file, &Limits::default()), Err(AnalyseError::Read(_))));
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC*", place in 0..PLACES.len()) {
        os(PLACES[place].0, &text);
    }

    #[test]
    fn no_version_makes_it_panic(id in "(debian|ubuntu|alpine|rhel|sles|openeuler|photon)", version in "[0-9a-z./ ()-]{0,12}") {
        os("etc/os-release", &format!("ID={id}\nVERSION_ID={version}\nVERSION={version}\nPRETTY_NAME=SUSE {version}"));
    }
}
