use keelguard_image::analyse::Scope;

use crate::{data, declared, installed, refused};

#[test]
fn metadata_of_a_wheel_is_an_installed_distribution_under_its_normalised_name() {
    let site = "usr/lib/python3.11/site-packages";
    let found = installed(&format!("{site}/zope.event-5.0.dist-info/METADATA"), data("python/zope.event.METADATA"));
    assert_eq!(found, ["pypi zope-event 5.0"]);
    let found = installed(&format!("{site}/six-1.16.0.dist-info/METADATA"), data("python/six.METADATA"));
    assert_eq!(found, ["pypi six 1.16.0"]);
}

#[test]
fn egg_info_is_read_as_folder_as_file_and_in_an_unpacked_egg() {
    let text = "Metadata-Version: 1.1\nName: Foo__Bar.-baz\nVersion: 1.0.post1\nSummary: x\n";
    for path in [
        "usr/lib/python3/dist-packages/Foo.egg-info/PKG-INFO",
        "usr/lib/python3/dist-packages/Foo-1.0.egg-info",
        "usr/lib/python3/dist-packages/Foo-1.0-py3.11.egg/EGG-INFO/PKG-INFO",
    ] {
        assert_eq!(installed(path, text), ["pypi foo-bar-baz 1.0.post1"], "{path}");
    }
    assert!(installed("src/PKG-INFO", text).is_empty());
}

#[test]
fn the_readme_after_the_header_and_continued_lines_are_not_the_header() {
    let text = "Metadata-Version: 2.1\nName: a\nLicense: x\n Version: 9\n\nVersion: 8\n";
    assert!(refused(Scope::Installed, "a.dist-info/METADATA", text).is_some());
    let text = "Metadata-Version: 2.1\r\nVersion: 1\r\nName: a\r\nName: b\r\n\r\nx";
    assert_eq!(installed("a.dist-info/METADATA", text), ["pypi a 1"]);
}

#[test]
fn name_and_version_behind_a_long_header_are_found() {
    let text = format!("Metadata-Version: 2.1\nName: a\nLicense: {}\nVersion: 1.2.3\n\nreadme", "x\n  ".repeat(5000));
    assert_eq!(installed("a.dist-info/METADATA", &text), ["pypi a 1.2.3"]);
    // The version lies across the end of what is read first.
    let text = format!("Name: a\nLicense: {}\nVersion: 1.2.3\n\n", "x".repeat(4096 - 31));
    assert_eq!(installed("a.dist-info/METADATA", &text), ["pypi a 1.2.3"]);
}

#[test]
fn a_broken_version_is_counted() {
    let found = installed("a.egg-info", "Name: a\nVersion: 1 2\n");
    assert_eq!(found, ["incomplete: 1 packages in it have no usable name or version"]);
}

#[test]
fn a_zipped_egg_is_read_for_its_metadata() {
    let egg = data("python/shop_tool.egg");
    assert_eq!(installed("usr/lib/python3/dist-packages/Shop_Tool-0.1.0-py3.11.egg", &egg), ["pypi shop-tool 0.1.0"]);
    assert!(refused(Scope::Installed, "x.egg", b"PK\x03\x04 and no more").is_some());
    // An archive of another kind may have this extension.
    assert!(installed("x.egg", b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0").is_empty());
}

#[test]
fn requirements_count_where_they_are_pinned() {
    let found = declared("requirements.txt", data("python/requirements.txt"));
    assert_eq!(found, ["pypi setuptools 82.0.1", "pypi setuptools 84.2.1", "pypi six 1.16.0", "pypi zope-event 5.0"]);
    let text = "\
# a comment
Django [argon2, bcrypt] == 4.2.1 ; python_version >= '3.8'   # why
requests==2.31.0,>=2.0
legacy===1.0-custom
brackets (==1.5)
ranged>=1.0
either==1.* 
-r other==1.0.txt
--index-url https://user:secret@host/==1/
git+https://host/x.git@v1==2#egg=x
x @ https://host/x-1.0.whl#sha256==1
flask==3.0.0 --hash=sha256:abc \\
    fake==1.0
tilde~=1.4
";
    assert_eq!(
        declared("a/requirements.txt", text),
        [
            "pypi brackets 1.5",
            "pypi django 4.2.1",
            "pypi flask 3.0.0",
            "pypi legacy 1.0-custom",
            "pypi requests 2.31.0"
        ]
    );
}

#[test]
fn each_file_of_requirements_is_read_for_itself_under_the_names_that_projects_use() {
    let text = "-r base.txt\n-c constraints.txt\n--requirement=more/other.in\n--constraint c.txt\nsix==1.16.0\n";
    for name in [
        "requirements.txt",
        "requirements-dev.txt",
        "requirements_test.txt",
        "a/dev-requirements.txt",
        "requirements/base.txt",
        "a/requirements/deep.prod.txt",
    ] {
        assert_eq!(declared(name, text), ["pypi six 1.16.0"], "{name}");
    }
    for name in ["base.txt", "requirements/a/b.txt", "myrequirements/b.txt", "requirements.md", "robots.txt"] {
        assert_eq!(declared(name, text), [""; 0], "{name}");
    }
    assert_eq!(installed("srv/requirements/base.txt", text), [""; 0], "nobody knows whether that was installed");
}

#[test]
fn requirements_that_powershell_wrote_are_read() {
    let text = "six==1.16.0\r\nflask==3.0.0\r\n";
    let little: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let big: Vec<u8> = [0xfe, 0xff].into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect();
    for bytes in [little, big, format!("\u{feff}{text}").into_bytes()] {
        assert_eq!(declared("requirements.txt", bytes), ["pypi flask 3.0.0", "pypi six 1.16.0"]);
    }
}

#[test]
fn pipenv_and_uv_locks_leave_development_out() {
    assert_eq!(
        declared("Pipfile.lock", data("python/Pipfile.lock")),
        ["pypi setuptools 84.2.1", "pypi zope-event 5.0"]
    );
    assert_eq!(
        declared("uv.lock", data("python/uv.lock")),
        ["pypi setuptools 82.0.1", "pypi setuptools 84.2.1", "pypi zope-event 5.0"]
    );
    assert_eq!(
        declared("pylock.toml", data("python/pylock.toml")),
        ["pypi setuptools 82.0.1", "pypi setuptools 84.2.1", "pypi six 1.16.0", "pypi zope-event 5.0"]
    );
}

#[test]
fn poetry_and_pdm_locks_are_read_in_all_their_generations() {
    // By hand, after the formats of poetry 1.1, 1.8 and 2.1 and of pdm 2.
    let old = "[[package]]\nname = \"Foo.Bar\"\nversion = \"1.0\"\ncategory = \"main\"\noptional = false\n\n[package.dependencies]\nsix = {version = \"*\", optional = true}\n\n[[package]]\nname = \"pytest\"\nversion = \"7.0\"\ncategory = \"dev\"\n\n[metadata]\nlock-version = \"1.1\"\n\n[metadata.files]\npytest = []\n";
    assert_eq!(declared("poetry.lock", old), ["pypi foo-bar 1.0"]);
    let new = "[[package]]\nname = \"foo\"\nversion = \"1.0\"\ngroups = [\"main\", \"dev\"]\nmarkers = {main = \"a\"}\nfiles = [{file = \"x\", hash = \"y\"}]\n\n[[package]]\nname = \"pytest\"\nversion = \"7.0\"\ngroups = [\"dev\"]\n\n[[package]]\nname = \"own\"\nversion = \"0.1.0\"\n\n[package.source]\ntype = \"directory\"\nurl = \"../own\"\n\n[[package]]\nname = \"forked\"\nversion = \"2.0\"\n\n[package.source]\ntype = \"git\"\nurl = \"https://host/forked.git\"\n";
    assert_eq!(declared("poetry.lock", new), ["pypi foo 1.0", "pypi forked 2.0"]);
    let pdm = "[metadata]\ngroups = [\"default\", \"dev\"]\n\n[[package]]\nname = \"foo\"\nversion = \"1.0\"\ngroups = [\"default\"]\ndependencies = [\"six>=1\", \"x; python_version < '3'\"]\n\n[[package]]\nname = \"own\"\nversion = \"1.0\"\npath = \"./own\"\n\n[[package]]\nname = \"pytest\"\nversion = \"7.0\"\ngroups = [\"dev\"]\n";
    assert_eq!(declared("pdm.lock", pdm), ["pypi foo 1.0"]);
}

#[test]
fn conda_packages_are_read_from_the_environment_and_from_its_file() {
    let record = r#"{"build": "h7f8727e_0", "depends": ["libgcc-ng >=11.2.0"], "files": ["lib/libz.so"], "name": "zlib", "version": "1.2.13"}"#;
    assert_eq!(installed("opt/conda/conda-meta/zlib-1.2.13-h5eee18b_0.json", record), ["conda zlib 1.2.13"]);
    assert!(installed("opt/conda/share/zlib.json", record).is_empty());
    let environment = "name: x\nchannels: [defaults]\ndependencies:\n  - python=3.11.5=h955ad1f_0\n  - conda-forge::numpy==1.26.0\n  - scipy>=1.0\n  - pandas=2.*\n  - pip\n  - pip:\n    - Flask==3.0.0\n    - requests\n";
    assert_eq!(
        declared("environment.yml", environment),
        ["pypi flask 3.0.0", "conda numpy 1.26.0", "conda python 3.11.5"]
    );
}
