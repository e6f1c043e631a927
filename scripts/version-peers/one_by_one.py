"""Programs that compare one pair a call: dpkg, vercmp, apk."""
import subprocess
import sys


def dpkg(a, b):
    for relation, verdict in (("lt", "<"), ("gt", ">"), ("eq", "=")):
        call = subprocess.run(["dpkg", "--compare-versions", a, relation, b], stderr=subprocess.DEVNULL)
        if call.returncode == 0:
            return verdict
        if call.returncode != 1:
            return "?"
    return "?"


def vercmp(a, b):
    call = subprocess.run(["vercmp", a, b], capture_output=True, text=True)
    return {"-1": "<", "0": "=", "1": ">"}.get(call.stdout.strip(), "?")


def apk(a, b):
    call = subprocess.run(["apk", "version", "-t", a, b], capture_output=True, text=True)
    return call.stdout.strip() or "?"


compare = {"dpkg": dpkg, "vercmp": vercmp, "apk": apk}[sys.argv[1]]
for line in sys.stdin:
    a, _, b = line.rstrip("\n").partition("\t")
    print(compare(a, b))
