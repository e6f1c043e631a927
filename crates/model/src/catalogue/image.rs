//! What images bring: traps for the runtime, secrets, and how they were built and are kept. `KG-B250`–`KG-B299`.

table! {
    WORKDIR_TRAP = "KG-B250", Breakout, High, Recreate, "Working folder leads out of the container" {
        wrong: "The working folder of the image or container is a file descriptor below /proc/self/fd.",
        why: "On runc from 1.0.0-rc93 to 1.1.11 the first process then stands in a folder of the host. No honest image does this.",
        fix: "Do not run this image; find out where it came from, and bring runc up to date.",
        covers: ["D13"], cis: [], attack: ["T1611", "T1525"], cve: ["CVE-2024-21626"],
        links: ["https://github.com/opencontainers/runc/security/advisories/GHSA-xr7r-f8xq-vfvv"],
    }
    PRELOAD_HOOK = "KG-B251", Breakout, Critical, Recreate, "Library of the container is loaded by a hook on the host" {
        wrong: "The environment sets LD_PRELOAD, LD_LIBRARY_PATH or LD_AUDIT, and the NVIDIA runtime starts the container.",
        why: "NVIDIA Container Toolkit up to 1.17.7 runs a hook as root on the host with the container's environment, so the container's library runs there too.",
        fix: "Bring the NVIDIA Container Toolkit to 1.17.8 or later, and take the variable away.",
        covers: ["D12"], cis: [], attack: ["T1611", "T1574.006"], cve: ["CVE-2025-23266"],
        links: ["https://nvidia.custhelp.com/app/answers/detail/a_id/5659"],
    }
    LINK_TRAP = "KG-B252", Breakout, Medium, Upgrade, "Image holds links where the runtime mounts" {
        wrong: "The image has symbolic links at places such as /dev/null, /dev/pts, /proc or /sys.",
        why: "runc before 1.2.8, 1.3.3 and 1.4.0-rc.3 follows such links while it masks and mounts, and opens the host's /proc for writing. No honest image does this.",
        fix: "Do not run this image; build it anew from a base that is trusted, and bring runc up to date.",
        covers: ["D14"], cis: [], attack: ["T1611", "T1525"],
        cve: ["CVE-2025-31133", "CVE-2025-52565", "CVE-2025-52881"],
        links: ["https://github.com/opencontainers/runc/security/advisories/GHSA-9493-h29p-rfm2"],
    }
    VOLUME_TRAP = "KG-B253", Breakout, Low, Upgrade, "Image puts a volume over a device that the runtime uses" {
        wrong: "The image declares a VOLUME at a place such as /dev/null, /dev/console or /dev/pts.",
        why: "runc before 1.2.8, 1.3.3 and 1.4.0-rc.3 masks the host's /proc with whatever lies at /dev/null and mounts the terminal on whatever lies at /dev/console. No honest image declares such a volume.",
        fix: "Do not run this image; build it anew without that VOLUME, and bring runc up to date.",
        covers: ["D14"], cis: [], attack: ["T1611", "T1525"],
        cve: ["CVE-2025-31133", "CVE-2025-52565", "CVE-2025-52881"],
        links: ["https://github.com/opencontainers/runc/security/advisories/GHSA-9493-h29p-rfm2"],
    }
    COVERED_DEVICE = "KG-B254", Breakout, Low, Recreate, "Mount covers a device that the runtime uses" {
        wrong: "A volume or a folder of the host is mounted over a place such as /dev/null, /dev/console or /dev/pts of the container.",
        why: "runc before 1.2.8, 1.3.3 and 1.4.0-rc.3 masks the host's /proc with whatever lies at /dev/null and mounts the terminal on whatever lies at /dev/console; whoever writes to the mount chooses what that is. On any version, programs that throw data away fill the mount instead.",
        fix: "Take the mount away, and bring runc up to date.",
        covers: ["D14"], cis: [], attack: ["T1611"],
        cve: ["CVE-2025-31133", "CVE-2025-52565", "CVE-2025-52881"],
        links: ["https://github.com/opencontainers/runc/security/advisories/GHSA-9493-h29p-rfm2"],
    }
    IMAGE_SECRET = "KG-B260", Breakout, Medium, Upgrade, "Image holds a secret in its configuration" {
        wrong: "An environment variable or a build step of the image sets a password, token or key.",
        why: "Whoever has the image reads it with docker inspect or docker history, and so does every program in its containers.",
        fix: "Build the image without it (RUN --mount=type=secret), give it at run time as a file, and change the secret.",
        covers: [], cis: ["4.10"], attack: ["T1552.001"], cve: [],
        links: ["https://docs.docker.com/build/building/secrets/"],
    }
    IMAGE_WITHOUT_HEALTHCHECK = "KG-B261", Breakout, Info, Upgrade, "Image has no health check" {
        wrong: "The image defines no HEALTHCHECK.",
        why: "The engine cannot tell a container that hangs, or was made to, from one that works.",
        fix: "Add a HEALTHCHECK to its Dockerfile.",
        covers: [], cis: ["4.6"], attack: [], cve: [],
        links: ["https://docs.docker.com/reference/dockerfile/#healthcheck"],
    }
    UPDATE_ALONE = "KG-B262", Breakout, Info, Upgrade, "Package lists are updated in a build step of their own" {
        wrong: "A build step of the image updates package lists without installing anything.",
        why: "The build cache keeps that step, so later steps install old packages with known flaws.",
        fix: "Update and install in the same RUN instruction.",
        covers: [], cis: ["4.7"], attack: [], cve: [],
        links: ["https://docs.docker.com/build/building/best-practices/#apt-get"],
    }
    ADD_INSTRUCTION = "KG-B263", Breakout, Info, Upgrade, "Image was built with ADD where COPY would do" {
        wrong: "A build step of the image uses ADD, which fetches addresses and unpacks archives.",
        why: "What is fetched or unpacked that way is not checked, and can change from build to build.",
        fix: "Use COPY, and fetch what comes from elsewhere with a checksum (ADD --checksum).",
        covers: [], cis: ["4.9"], attack: [], cve: [],
        links: ["https://docs.docker.com/build/building/best-practices/#add-or-copy"],
    }
    OLD_IMAGE = "KG-B265", Breakout, Info, Recreate, "Container runs an image that its tag no longer names" {
        wrong: "The container was made from an image whose tag names a newer one by now.",
        why: "What the newer image fixes is not fixed in this container.",
        fix: "Make the container anew from the image that the tag names now.",
        covers: [], cis: ["5.28"], attack: [], cve: [],
        links: ["https://docs.docker.com/reference/cli/docker/container/run/#pull"],
    }
    CONTAINER_SECRET = "KG-B270", Breakout, Info, Recreate, "Container is given a secret in its environment" {
        wrong: "An environment variable of the container holds a password, token or key.",
        why: "Every program inside, everybody who may inspect containers, and many a crash report can read it.",
        fix: "Give it as a file (a secret of compose or swarm) and name the file in NAME_FILE.",
        covers: [], cis: [], attack: ["T1552.001"], cve: [],
        links: ["https://docs.docker.com/compose/how-tos/use-secrets/"],
    }
    IMAGE_SPRAWL = "KG-B280", Breakout, Info, Live, "Many images without a name or use" {
        wrong: "The engine keeps many images that have no name and that no container uses.",
        why: "They fill the disk, and an old one with known flaws is started more easily than it should be.",
        fix: "Remove images that nothing names and nothing uses.",
        covers: [], cis: ["6.1"], attack: [], cve: [],
        links: ["https://docs.docker.com/engine/manage-resources/pruning/"],
    }
    CONTAINER_SPRAWL = "KG-B281", Breakout, Info, Live, "Many containers that ended" {
        wrong: "The engine keeps many containers that ended.",
        why: "They fill the disk, keep volumes and secrets, and hide those that matter.",
        fix: "Remove containers that are not needed any more.",
        covers: [], cis: ["6.2"], attack: [], cve: [],
        links: ["https://docs.docker.com/engine/manage-resources/pruning/"],
    }
    NO_CONTENT_TRUST = "KG-B282", Breakout, Info, Live, "Signatures of images are not asked for" {
        wrong: "DOCKER_CONTENT_TRUST is not set to 1 in the environment that was looked at.",
        why: "The client then takes whatever image a registry, or somebody between, hands out under a name.",
        fix: "Set DOCKER_CONTENT_TRUST=1 where images are pulled, or name them by digest.",
        covers: ["D03"], cis: ["4.5"], attack: ["T1195.002"], cve: [],
        links: ["https://docs.docker.com/engine/security/trust/"],
    }
}
