use keelguard_image::analyse::Scope;

use crate::{data, declared, installed, purls, refused};

#[test]
fn a_go_mod_counts_after_its_replacements_and_exclusions() {
    // By hand, after the reference of Go modules.
    let text = "\
module example.com/shop // the module itself has no version

go 1.21

toolchain go1.21.3

require (
\tgithub.com/gorilla/mux v1.8.0
\tgolang.org/x/net v0.7.0 // indirect
\tgithub.com/old/a v1.0.0
\tgithub.com/old/b/v2 v2.3.4
\tgithub.com/local/c v0.0.0-20230101000000-0123456789ab
\tgithub.com/out/d v1.0.0
)

require \"gopkg.in/yaml.v3\" v3.0.1+incompatible

replace github.com/old/a => github.com/new/a v1.1.0

replace (
\tgithub.com/old/b/v2 v2.3.4 => github.com/old/b/v2 v2.3.5
\tgithub.com/gorilla/mux v1.7.0 => github.com/gorilla/mux v1.7.1
\tgithub.com/local/c => ../c
)

exclude github.com/out/d v1.0.0
retract [v1.0.0, v1.1.0]
";
    let expected = [
        "golang github.com/gorilla/mux v1.8.0",
        "golang github.com/new/a v1.1.0",
        "golang github.com/old/b/v2 v2.3.5",
        "golang golang.org/x/net v0.7.0",
        "golang gopkg.in/yaml.v3 v3.0.1+incompatible",
    ];
    assert_eq!(declared("src/go.mod", text), expected);
    let old = declared("go.mod", "module x\n\ngo 1.16\n\nrequire github.com/gorilla/mux v1.8.0\n");
    assert_eq!(old[1], "incomplete: it is written for Go before 1.17 and names only what the module needs directly");
}

#[test]
fn cargo_lock_names_crates_with_a_source() {
    assert_eq!(declared("Cargo.lock", data("rust/Cargo.lock")), ["cargo itoa 1.0.10"]);
    let git = "[[package]]\nname = \"forked\"\nversion = \"0.2.0\"\nsource = \"git+https://host/forked#0123\"\n";
    assert_eq!(declared("Cargo.lock", git), ["cargo forked 0.2.0"]);
}

#[test]
fn a_pom_names_itself_and_what_it_depends_on() {
    // By hand, after Maven's reference of the POM.
    let pom = r#"<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <parent><groupId>com.example</groupId><artifactId>parent</artifactId><version>1.2.0</version></parent>
  <artifactId>shop</artifactId>
  <properties><log4j.version>2.14.1</log4j.version><major>5</major><spring>${major}.3.1</spring></properties>
  <dependencyManagement><dependencies>
    <dependency><groupId>org.managed</groupId><artifactId>m</artifactId><version>3.0</version></dependency>
    <dependency><groupId>org.bom</groupId><artifactId>b</artifactId><version>1</version><type>pom</type><scope>import</scope></dependency>
  </dependencies></dependencyManagement>
  <dependencies>
    <!-- why -->
    <dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-core</artifactId><version>${log4j.version}</version>
      <exclusions><exclusion><groupId>x</groupId><artifactId>y</artifactId></exclusion></exclusions></dependency>
    <dependency><groupId>org.springframework</groupId><artifactId>spring-core</artifactId><version> ${spring} </version></dependency>
    <dependency><groupId>${project.groupId}</groupId><artifactId>api</artifactId><version>${project.version}</version></dependency>
    <dependency><groupId>org.managed</groupId><artifactId>m</artifactId></dependency>
    <dependency><groupId>org.exact</groupId><artifactId>e</artifactId><version>[1.5]</version></dependency>
    <dependency><groupId>org.range</groupId><artifactId>r</artifactId><version>[1.0,2.0)</version></dependency>
    <dependency><groupId>org.parents</groupId><artifactId>p</artifactId></dependency>
    <dependency><groupId>org.parents</groupId><artifactId>q</artifactId><version>${not.here}</version></dependency>
    <dependency><groupId>junit</groupId><artifactId>junit</artifactId><version>4.12</version><scope>test</scope></dependency>
    <dependency><groupId>javax</groupId><artifactId>servlet</artifactId><version>3.1</version><scope>provided</scope></dependency>
  </dependencies>
  <build><plugins><plugin><groupId>org.plugin</groupId><artifactId>pl</artifactId><version>9</version>
    <dependencies><dependency><groupId>in.plugin</groupId><artifactId>d</artifactId><version>1</version></dependency></dependencies>
  </plugin></plugins></build>
</project>"#;
    let expected = [
        "maven com.example:api 1.2.0",
        "maven com.example:shop 1.2.0",
        "maven org.apache.logging.log4j:log4j-core 2.14.1",
        "maven org.exact:e 1.5",
        "maven org.managed:m 3.0",
        "maven org.springframework:spring-core 5.3.1",
    ];
    assert_eq!(declared("pom.xml", pom), expected);
}

#[test]
fn properties_that_call_or_double_each_other_end() {
    let doubled = (1..64).map(|i| (i, i - 1)).map(|(i, below)| format!("<x{i}>${{x{below}}}${{x{below}}}</x{i}>"));
    let properties = format!("<a>${{b}}</a><b>${{a}}</b><x0>xxxxxxxx</x0>{}", doubled.collect::<String>());
    for version in ["${a}", "${x63}", "${", "${}", "${a"] {
        let pom = format!(
            "<project><groupId>g</groupId><artifactId>a</artifactId><version>{version}</version><properties>{properties}</properties></project>"
        );
        assert!(declared("pom.xml", pom).is_empty(), "{version}");
    }
}

#[test]
fn gradle_locks_leave_tests_out() {
    let lock = "# This is a Gradle generated file for dependency locking.\n# Manual edits can break the build and are not advised.\norg.slf4j:slf4j-api:1.7.30=compileClasspath,testCompileClasspath\njunit:junit:4.12=testCompileClasspath,testRuntimeClasspath\nempty=annotationProcessor\n";
    assert_eq!(declared("gradle.lockfile", lock), ["maven org.slf4j:slf4j-api 1.7.30"]);
    assert_eq!(declared("buildscript-gradle.lockfile", "g:a:1=classpath\n"), ["maven g:a 1"]);
}

#[test]
fn gems_are_read_from_their_specifications_and_nowhere_else() {
    let gems = "usr/lib/ruby/gems/3.1.0";
    let rexml = data("ruby/rexml-3.3.9.gemspec");
    assert_eq!(installed(&format!("{gems}/specifications/rexml-3.3.9.gemspec"), &rexml), ["gem rexml 3.3.9"]);
    let bigdecimal = data("ruby/bigdecimal-3.1.1.gemspec");
    let default = format!("{gems}/specifications/default/bigdecimal-3.1.1.gemspec");
    assert_eq!(installed(&default, bigdecimal), ["gem bigdecimal 3.1.1"]);
    assert!(installed(&format!("{gems}/gems/rexml-3.3.9/rexml.gemspec"), &rexml).is_empty());
    let by_hand = "Gem::Specification.new do |spec|\n  spec.name          = 'x'\n  spec.version       = Gem::Version.new(\"1.0.b2\")\n  spec.add_dependency \"y\", \"= 2\"\nend\n";
    assert_eq!(installed("specifications/x.gemspec", by_hand), ["gem x 1.0.b2"]);
    let only_stub = "# stub: z 2.0 ruby lib\nGem::Specification.new { |s| s.name = NAME; s.version = V }\n";
    assert_eq!(installed("specifications/z.gemspec", only_stub), ["gem z 2.0"]);
    assert!(refused(Scope::Installed, "specifications/z.gemspec", "puts 1").is_some());
}

#[test]
fn a_gemfile_lock_names_gems_of_servers_and_repositories_without_their_platform() {
    // By hand, as bundler 2 writes it.
    let lock = "\
GIT
  remote: https://host/forked.git
  revision: 0123
  specs:
    forked (0.2.0)
      rack (>= 2)

PATH
  remote: engines/own
  specs:
    own (0.1.0)

GEM
  remote: https://registry.example/
  specs:
    nokogiri (1.13.6)
      racc (~> 1.4)
    nokogiri (1.13.6-x86_64-linux)
      racc (~> 1.4)
    racc (1.6.0)
    rack (3.0.0.beta1)

PLATFORMS
  ruby
  x86_64-linux

DEPENDENCIES
  forked!
  nokogiri (= 1.13.6)

BUNDLED WITH
   2.3.15
";
    let expected = ["gem forked 0.2.0", "gem nokogiri 1.13.6", "gem racc 1.6.0", "gem rack 3.0.0.beta1"];
    assert_eq!(declared("Gemfile.lock", lock), expected);
}

#[test]
fn composer_is_read_in_both_generations() {
    let one = r#"[{"name":"Symfony/HTTP-Kernel","version":"v5.4.0","version_normalized":"5.4.0.0","type":"library"},{"name":"a/b","version":"dev-main"}]"#;
    assert_eq!(installed("app/vendor/composer/installed.json", one), ["composer symfony/http-kernel v5.4.0"]);
    let two = format!(r#"{{"packages":{one},"dev":true,"dev-package-names":["a/b"]}}"#);
    assert_eq!(installed("app/vendor/composer/installed.json", &two), ["composer symfony/http-kernel v5.4.0"]);
    let lock = r#"{"packages":[{"name":"monolog/monolog","version":"2.9.1"}],"packages-dev":[{"name":"phpunit/phpunit","version":"9.5.0"}]}"#;
    assert_eq!(declared("composer.lock", lock), ["composer monolog/monolog 2.9.1"]);
    assert!(installed("app/other/installed.json", one).is_empty());
}

#[test]
fn a_published_dotnet_program_names_what_it_loads_and_its_own_runtime() {
    // By hand, after the description of the format in the documentation of .NET's host.
    let deps = r#"{"runtimeTarget":{"name":".NETCoreApp,Version=v8.0/linux-x64","signature":""},
      "targets":{".NETCoreApp,Version=v8.0":{},".NETCoreApp,Version=v8.0/linux-x64":{
        "Shop/1.0.0":{"dependencies":{"Newtonsoft.Json":"13.0.1"},"runtime":{"Shop.dll":{}}},
        "runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.0":{"runtime":{"System.dll":{"assemblyVersion":"8.0.0.0"}}},
        "Newtonsoft.Json/13.0.1":{"runtime":{"lib/netstandard2.0/Newtonsoft.Json.dll":{"assemblyVersion":"13.0.0.0"}}},
        "Build.Only/1.0.0":{},
        "Native/2.0.0":{"native":{"x.so":{}}}}},
      "libraries":{"Shop/1.0.0":{"type":"project","serviceable":false,"sha512":""},
        "runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.0":{"type":"runtimepack"},
        "Newtonsoft.Json/13.0.1":{"type":"package","serviceable":true},
        "Build.Only/1.0.0":{"type":"package"},"Native/2.0.0":{"type":"package"},
        "Unlisted/3.0.0":{"type":"package"},"System.Ref/4.0.0":{"type":"referenceassembly"}}}"#;
    let expected = [
        "nuget Microsoft.NETCore.App.Runtime.linux-x64 8.0.0",
        "nuget Native 2.0.0",
        "nuget Newtonsoft.Json 13.0.1",
        "nuget Unlisted 3.0.0",
    ];
    assert_eq!(installed("app/Shop.deps.json", deps), expected);
    assert!(installed("app/deps.json", deps).is_empty());
}

#[test]
fn dotnet_projects_are_read_from_locks_and_manifests() {
    let lock = r#"{"version":1,"dependencies":{"net8.0":{"A":{"type":"Direct","requested":"[1.0.0, )","resolved":"1.0.0"},
        "B":{"type":"Transitive","resolved":"2.0.0","dependencies":{"A":"1.0.0"}},"own":{"type":"Project"}}}}"#;
    assert_eq!(declared("packages.lock.json", lock), ["nuget A 1.0.0", "nuget B 2.0.0"]);
    let config = "\u{feff}<?xml version=\"1.0\"?>\n<packages>\n  <package id=\"A\" version=\"1.0.0\" targetFramework=\"net48\" />\n  <package id=\"T\" version=\"2.0.0\" developmentDependency=\"true\" />\n</packages>";
    assert_eq!(declared("packages.config", config), ["nuget A 1.0.0"]);
    let project = r#"<Project Sdk="Microsoft.NET.Sdk"><ItemGroup>
        <PackageReference Include="A" Version="1.0.0" />
        <PackageReference Include="B"><Version>2.0.0</Version></PackageReference>
        <PackageReference Include="C" Version="[3.0.0]" />
        <PackageReference Include="D" Version="4.*" /><PackageReference Include="E" Version="[1.0,2.0)" />
        <PackageReference Include="F" Version="$(F)" /><PackageReference Include="G" />
        <PackageReference Include="H" Version="1.0"><PrivateAssets>all</PrivateAssets></PackageReference>
        <PackageReference Include="I" Version="5.0.0" />
      </ItemGroup></Project>"#;
    for name in ["Shop.csproj", "Shop.FSPROJ", "Directory.Packages.props"] {
        assert_eq!(
            declared(name, project),
            ["nuget A 1.0.0", "nuget B 2.0.0", "nuget C 3.0.0", "nuget I 5.0.0"],
            "{name}"
        );
    }
}

#[test]
fn erlang_applications_count_and_otps_own_do_not() {
    assert_eq!(
        installed("usr/lib/erlang/lib/jiffy-1.1.1/ebin/jiffy.app", data("erlang/jiffy.app")),
        ["hex jiffy 1.1.1"]
    );
    assert!(installed("usr/lib/erlang/lib/xmerl-1.3.30/ebin/xmerl.app", data("erlang/xmerl.app")).is_empty());
    assert!(installed("Applications/x.app", data("erlang/jiffy.app")).is_empty());
    assert!(refused(Scope::Installed, "ebin/x.app", "{application, x, []}.").is_some());
}

#[test]
fn locks_of_mix_and_rebar_are_read() {
    let mix = "%{\n  \"cowboy\": {:hex, :cowboy, \"2.9.0\", \"865dd8b6\", [:make, :rebar3], [{:cowlib, \"2.11.0\", [hex: :cowlib, repo: \"hexpm\", optional: false]}], \"hexpm\", \"2c729f93\"},\n  \"alias\": {:hex, :plug, \"1.14.0\", \"ba4f\", [:mix], [], \"hexpm\", \"bf02\"},\n  \"forked\": {:git, \"https://host/forked.git\", \"0123\", []},\n}\n";
    assert_eq!(declared("mix.lock", mix), ["hex cowboy 2.9.0", "hex plug 1.14.0"]);
    let rebar = "{\"1.2.0\",\n[{<<\"cowlib\">>,{pkg,<<\"cowlib\">>,<<\"2.11.0\">>},1},\n {<<\"forked\">>,\n  {git,\"https://host/forked.git\",\n       {ref,\"0123\"}},\n  0}]}.\n[\n{pkg_hash,[\n {<<\"cowlib\">>, <<\"0B9F\">>}]}\n].\n";
    assert_eq!(declared("rebar.lock", rebar), ["hex cowlib 2.11.0"]);
}

#[test]
fn a_pubspec_lock_leaves_the_sdk_folders_and_development_out() {
    let lock = "packages:\n  http:\n    dependency: \"direct main\"\n    description:\n      name: http\n      url: \"https://registry.example\"\n    source: hosted\n    version: \"0.13.5\"\n  lints:\n    dependency: \"direct dev\"\n    source: hosted\n    version: \"2.0.1\"\n  flutter:\n    dependency: \"direct main\"\n    description: flutter\n    source: sdk\n    version: \"0.0.0\"\n  own:\n    dependency: transitive\n    source: path\n    version: \"1.0.0\"\nsdks:\n  dart: \">=2.19.0 <3.0.0\"\n";
    assert_eq!(declared("pubspec.lock", lock), ["pub http 0.13.5"]);
}

#[test]
fn swift_packages_are_known_by_their_repository() {
    let one = r#"{"object":{"pins":[{"package":"swift-nio","repositoryURL":"https://github.com/apple/swift-nio.git","state":{"branch":null,"revision":"01","version":"2.40.0"}}]},"version":1}"#;
    assert_eq!(declared("Package.resolved", one), ["swift github.com/apple/swift-nio 2.40.0"]);
    let two = r#"{"pins":[{"identity":"a","kind":"remoteSourceControl","location":"git@github.com:owner/a.git","state":{"revision":"01","version":"1.0.0"}},
        {"identity":"b","kind":"remoteSourceControl","location":"https://user:pw@host.example:8443/b/","state":{"branch":"main","revision":"01"}},
        {"identity":"scope.c","kind":"registry","location":"","state":{"version":"3.0.0"}}],"version":2}"#;
    assert_eq!(declared("Package.resolved", two), ["swift github.com/owner/a 1.0.0", "swift scope.c 3.0.0"]);
}

#[test]
fn subspecs_are_part_of_their_pod() {
    let lock = "PODS:\n  - Firebase/Core (10.0.0):\n    - Firebase/Analytics\n  - Firebase/Analytics (10.0.0)\n  - AFNetworking (4.0.1)\n  - Own (0.1.0)\n\nDEPENDENCIES:\n  - AFNetworking (~> 4.0)\n\nEXTERNAL SOURCES:\n  Own:\n    :path: \"../Own\"\n\nCOCOAPODS: 1.12.0\n";
    assert_eq!(declared("Podfile.lock", lock), ["cocoapods AFNetworking 4.0.1", "cocoapods Firebase 10.0.0"]);
}

#[test]
fn r_packages_count_where_they_are_built() {
    let description = data("r/magrittr.DESCRIPTION");
    assert_eq!(installed("usr/lib/R/site-library/magrittr/DESCRIPTION", &description), ["cran magrittr 2.0.3"]);
    let source = String::from_utf8(description).unwrap().replace("Built:", "Rebuilt:");
    assert!(installed("src/magrittr/DESCRIPTION", source).is_empty());
    assert!(
        installed(
            "usr/lib/R/library/base/DESCRIPTION",
            "Package: base\nVersion: 4.2.2\nPriority: base\nBuilt: R 4.2.2\n"
        )
        .is_empty()
    );
    let renv = r#"{"R":{"Version":"4.2.0"},"Packages":{"markdown":{"Package":"markdown","Version":"1.0","Source":"Repository","Hash":"46"}}}"#;
    assert_eq!(declared("renv.lock", renv), ["cran markdown 1.0"]);
}

#[test]
fn conan_locks_are_read_in_both_versions_without_build_tools() {
    let one = r#"{"graph_lock":{"nodes":{"0":{"ref":"shop/1.0","path":"conanfile.py","context":"host"},"1":{"ref":"zlib/1.2.11#abc","context":"host"},
        "2":{"ref":"cmake/3.20.0@user/stable#def","context":"build"},"3":{"ref":"openssl/1.1.1k@u/c#1","options":""}}},"version":"0.4"}"#;
    assert_eq!(declared("conan.lock", one), ["conan openssl 1.1.1k", "conan zlib 1.2.11"]);
    let whose = purls(
        "conan.lock",
        r#"{"version":"0.5","requires":["own/1.0@me/stable#1%2","plain/2.0@_/_#1","half/3.0@me#1"]}"#,
    );
    let whole = ["pkg:conan/half@3.0?user=me", "pkg:conan/own@1.0?channel=stable&user=me", "pkg:conan/plain@2.0"];
    assert_eq!(whose, whole);
    let two = r#"{"version":"0.5","requires":["zlib/1.2.13#97d5%1675278126.05"],"build_requires":["cmake/3.26.0#1"],"python_requires":[]}"#;
    assert_eq!(declared("conan.lock", two), ["conan zlib 1.2.13"]);
}

#[test]
fn julia_is_read_from_depots_and_manifests() {
    let project = "name = \"JSON\"\nuuid = \"682c06a0-de6a-54ab-a142-c8b1cf79cde6\"\nversion = \"0.21.3\"\n\n[deps]\nDates = \"ade2ca70\"\n";
    assert_eq!(installed("root/.julia/packages/JSON/NeJ9k/Project.toml", project), ["julia JSON 0.21.3"]);
    assert!(installed("srv/app/Project.toml", project).is_empty());
    assert!(installed("root/.julia/packages/JSON/NeJ9k/test/Project.toml", project).is_empty());
    let two = "julia_version = \"1.9.0\"\nmanifest_format = \"2.0\"\n\n[[deps.Dates]]\nuuid = \"ade2\"\n\n[[deps.JSON]]\ndeps = [\"Dates\"]\nversion = \"0.21.3\"\n\n[[deps.Own]]\npath = \"own\"\nversion = \"0.1.0\"\n";
    assert_eq!(declared("Manifest.toml", two), ["julia JSON 0.21.3"]);
    let one = "[[Dates]]\nuuid = \"ade2\"\n\n[[JSON]]\ndeps = [\"Dates\"]\nversion = \"0.21.1\"\n";
    assert_eq!(declared("Manifest.toml", one), ["julia JSON 0.21.1"]);
    let three = "[[deps.JSON]]\nuuid = \"682c06a0-de6a-54ab-a142-c8b1cf79cde6\"\nversion = \"0.21.3\"\n";
    assert_eq!(purls("Manifest.toml", three), ["pkg:julia/JSON@0.21.3?uuid=682c06a0-de6a-54ab-a142-c8b1cf79cde6"]);
    let depot = purls("root/.julia/packages/JSON/NeJ9k/Project.toml", project);
    assert_eq!(depot, ["pkg:julia/JSON@0.21.3?uuid=682c06a0-de6a-54ab-a142-c8b1cf79cde6"]);
    // Other tools have a file of this name.
    assert!(declared("Manifest.toml", "[package]\nname = \"x\"\n").is_empty());
}

#[test]
fn haskells_frozen_packages_are_read() {
    let stack = "packages:\n- completed:\n    hackage: aeson-1.4.7.1@sha256:0123,5678\n    pantry-tree:\n      size: 1\n  original:\n    hackage: aeson-1.4.7.1\n- completed:\n    commit: '01'\n    git: https://host/x\n    name: x\n    version: '1'\nsnapshots:\n- original: lts-18.0\n";
    assert_eq!(declared("stack.yaml.lock", stack), ["hackage aeson 1.4.7.1"]);
    let cabal = "active-repositories: hackage.haskell.org:merge\nconstraints: any.aeson ==2.0.3.0,\n             aeson -bytestring-builder +ordered-keymap,\n             any.base ==4.16.0.0\nindex-state: 2022-01-01T00:00:00Z\n";
    assert_eq!(declared("cabal.project.freeze", cabal), ["hackage aeson 2.0.3.0", "hackage base 4.16.0.0"]);
}

#[test]
fn perl_distributions_are_read_from_cpanms_record_and_cartons_snapshot() {
    let meta = r#"{"abstract":"x","author":["y"],"name":"Try-Tiny","prereqs":{"runtime":{"requires":{"perl":"5.006"}}},"version":"0.31"}"#;
    assert_eq!(
        installed("usr/local/lib/perl5/x86_64-linux/.meta/Try-Tiny-0.31/MYMETA.json", meta),
        ["cpan Try-Tiny 0.31"]
    );
    assert!(installed("root/.cpanm/work/1/Try-Tiny-0.31/MYMETA.json", meta).is_empty());
    let snapshot = "# carton snapshot format: version 1.0\nDISTRIBUTIONS\n  Try-Tiny-0.31\n    pathname: E/ET/ETHER/Try-Tiny-0.31.tar.gz\n    provides:\n      Try::Tiny 0.31\n    requirements:\n      ExtUtils::MakeMaker 0\n  Moo-v2.5.4\n    pathname: x\n";
    assert_eq!(declared("cpanfile.snapshot", snapshot), ["cpan Moo v2.5.4", "cpan Try-Tiny 0.31"]);
    assert_eq!(purls("cpanfile.snapshot", snapshot), ["pkg:cpan/Moo@v2.5.4", "pkg:cpan/ETHER/Try-Tiny@0.31"]);
    let install = r#"{"name":"Try::Tiny","target":"Try::Tiny","version":"0.31","dist":"Try-Tiny-0.31","pathname":"E/ET/ETHER/Try-Tiny-0.31.tar.gz","provides":{}}"#;
    let folder = "usr/local/lib/perl5/x86_64-linux/.meta/Try-Tiny-0.31";
    assert_eq!(purls(&format!("{folder}/install.json"), install), ["pkg:cpan/ETHER/Try-Tiny@0.31"]);
}
