//! What is in an image: `KG-I001`–`KG-I059`. Findings of `keelguard image` and of the `image` area of `check`.

table! {
    EXPLOITED = "KG-I001", Image, Critical, Upgrade, "Package has a vulnerability that is being exploited" {
        wrong: "A package of the image has a vulnerability that CISA's catalogue lists as exploited in the field.",
        why: "Whoever reaches the program has working attacks at hand; nobody has to find one first.",
        fix: "Upgrade the package, rebuild the image and make its containers anew; where nothing fixes it, take the package out.",
        covers: [], cis: ["4.4"], attack: ["T1190", "T1203"], cve: [],
        links: ["https://www.cisa.gov/known-exploited-vulnerabilities-catalog"],
    }
    FIXABLE = "KG-I002", Image, High, Upgrade, "Package has a known vulnerability that an upgrade fixes" {
        wrong: "A package of the image has known vulnerabilities, and a version without them exists.",
        why: "The fix tells attackers where to look, and only this image still lacks it.",
        fix: "Upgrade the package to the fixed version, rebuild the image and make its containers anew.",
        covers: [], cis: ["4.4"], attack: ["T1190", "T1203"], cve: [],
        links: ["https://osv.dev/"],
    }
    UNFIXED = "KG-I003", Image, Medium, Upgrade, "Package has a known vulnerability without a fix" {
        wrong: "A package of the image has known vulnerabilities, and nothing fixes them yet.",
        why: "Attackers may use what cannot be repaired; it helps to have less of it, and to know.",
        fix: "Take the package out where it is not needed, keep the program unreachable, and watch for a fix.",
        covers: [], cis: ["4.4"], attack: ["T1190", "T1203"], cve: [],
        links: ["https://osv.dev/"],
    }
    MALICIOUS = "KG-I004", Image, Critical, Upgrade, "Package is known to be malicious" {
        wrong: "A package of the image was published to do harm.",
        why: "It has run when the image was built or its container started: whatever it could reach is the attacker's.",
        fix: "Do not run the image; take the package out, rebuild, and change every secret that the build or a container could read.",
        covers: [], cis: [], attack: ["T1195.001", "T1195.002"], cve: [],
        links: ["https://github.com/ossf/malicious-packages"],
    }
    END_OF_LIFE = "KG-I010", Image, High, Upgrade, "Distribution gets no security updates any more" {
        wrong: "The distribution that the image is built on has reached the end of its life.",
        why: "New vulnerabilities are found in it and stay; a scanner that sees none may only have nobody left to report them.",
        fix: "Build the image on a release that is still supported.",
        covers: [], cis: ["4.2"], attack: ["T1190"], cve: [],
        links: ["https://endoflife.date/"],
    }
    OLD_BASE = "KG-I011", Image, Low, Upgrade, "Image was built long ago" {
        wrong: "The image was built more than half a year ago.",
        why: "What its base has fixed since is not in it.",
        fix: "Rebuild it on the current base (docker build --pull), best every week and by itself.",
        covers: [], cis: ["4.4"], attack: [], cve: [],
        links: ["https://docs.docker.com/build/building/best-practices/#rebuild-your-images-often"],
    }
    RUNS_AS_ROOT = "KG-I020", Image, Low, Upgrade, "Image runs as root" {
        wrong: "The image sets no user, so its program runs as root.",
        why: "Whoever takes the program over has every default capability, and is root on whatever is mounted.",
        fix: "Make a user in the Dockerfile and end with USER; give it only the folders it writes to.",
        covers: [], cis: ["4.1"], attack: ["T1611"], cve: [],
        links: ["https://docs.docker.com/build/building/best-practices/#user"],
    }
    NOT_PINNED = "KG-I021", Image, Info, Upgrade, "Image is named by a tag that moves" {
        wrong: "The image is asked for by a tag, or by none, and not by its digest.",
        why: "What the tag names can change between two pulls, by its publisher or by whoever has taken the registry over.",
        fix: "Name it with its digest: NAME:TAG@sha256:….",
        covers: [], cis: [], attack: ["T1195.002", "T1525"], cve: [],
        links: ["https://docs.docker.com/build/building/best-practices/#pin-base-image-versions"],
    }
    LATEST = "KG-I022", Image, Info, Upgrade, "Image is named latest" {
        wrong: "The image is asked for as latest, or without a tag, which means the same.",
        why: "Nobody can say which version runs, and a new host gets another one.",
        fix: "Name the version that is meant.",
        covers: [], cis: [], attack: [], cve: [],
        links: ["https://docs.docker.com/build/building/best-practices/#pin-base-image-versions"],
    }
    SECRET_IN_BUILD = "KG-I030", Image, Medium, Upgrade, "Image holds a secret in its configuration or history" {
        wrong: "An environment variable or a build step of the image sets a password, token or key.",
        why: "Whoever has the image reads it with docker inspect or docker history.",
        fix: "Build without it (RUN --mount=type=secret), give it at run time as a file, and change the secret.",
        covers: [], cis: ["4.10"], attack: ["T1552.001"], cve: [],
        links: ["https://docs.docker.com/build/building/secrets/"],
    }
    CREDENTIALS_FILE = "KG-I031", Image, High, Upgrade, "Image holds a file of credentials" {
        wrong: "The image holds a private key or a file in which a program keeps credentials.",
        why: "Whoever has the image has them, even where a later layer removes the file.",
        fix: "Build without it (RUN --mount=type=secret or --ssh), change the credentials, and remove the old image.",
        covers: [], cis: ["4.10"], attack: ["T1552.001", "T1552.004"], cve: [],
        links: ["https://docs.docker.com/build/building/secrets/"],
    }
    ADD_FROM_ADDRESS = "KG-I032", Image, Low, Upgrade, "A build step fetches from an address without a checksum" {
        wrong: "A build step of the image is ADD of an address, without --checksum.",
        why: "Whatever the address gives on the day of the build is in the image, and nobody has looked at it.",
        fix: "Use ADD --checksum=sha256:…, or fetch and verify it in a RUN step.",
        covers: [], cis: ["4.9"], attack: ["T1195.002"], cve: [],
        links: ["https://docs.docker.com/reference/dockerfile/#add---checksum"],
    }
    SETUID_FILES = "KG-I040", Image, Low, Upgrade, "Image holds programs that run as root for anybody" {
        wrong: "The image holds setuid or setgid programs beside those that its distribution always brings.",
        why: "A flaw in one of them makes root of whoever is in the container.",
        fix: "Take the bit away where nobody needs it (RUN chmod a-s FILE), and run with --security-opt no-new-privileges.",
        covers: [], cis: ["4.8"], attack: ["T1548.001"], cve: [],
        links: ["https://docs.docker.com/reference/cli/docker/container/run/#security-opt"],
    }
    WORLD_WRITABLE = "KG-I041", Image, Low, Upgrade, "Image holds files that anybody may change" {
        wrong: "The image holds files or folders outside of temporary folders that every user may write.",
        why: "Any program in the container, whoever it runs as, can change what others run or read.",
        fix: "Take the permission away in the Dockerfile (RUN chmod o-w FILE).",
        covers: [], cis: [], attack: ["T1222.002", "T1574"], cve: [],
        links: ["https://docs.docker.com/reference/dockerfile/#copy---chmod"],
    }
    PACKAGE_CACHES = "KG-I042", Image, Info, Upgrade, "Image holds what its package managers downloaded" {
        wrong: "The image holds the caches or package lists of its package managers.",
        why: "They make it larger and are of no use there; lists also lead to old versions being installed from them later.",
        fix: "Remove them in the same RUN step, or mount them only for the build (RUN --mount=type=cache).",
        covers: [], cis: [], attack: [], cve: [],
        links: ["https://docs.docker.com/build/cache/optimize/#use-cache-mounts"],
    }
    MOUNT_TRAP = "KG-I043", Image, High, Recreate, "Image holds links where the runtime mounts" {
        wrong: "The image has symbolic links at places such as /dev/null, /dev/pts, /proc or /sys.",
        why: "runc before 1.2.8, 1.3.3 and 1.4.0-rc.3 follows such links while it masks and mounts, and opens the host's /proc for writing. No honest image does this.",
        fix: "Do not run this image; find out where it came from, and bring runc up to date.",
        covers: ["D14"], cis: [], attack: ["T1611", "T1525"],
        cve: ["CVE-2025-31133", "CVE-2025-52565", "CVE-2025-52881"],
        links: ["https://github.com/opencontainers/runc/security/advisories/GHSA-9493-h29p-rfm2"],
    }
}
