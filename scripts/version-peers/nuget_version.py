"""NuGet versions of PyPI's univers, which descends from OSV's own. What NuGet itself would refuse is left out, and so are
labels that look negative or do not fit 32 bits, which univers does not read as NuGet does."""
import re
import sys
from univers.nuget import Version

NUMBER = "[0-9]{1,9}"
LABEL = "(?:0|[1-9][0-9]{0,8}|[0-9]*[A-Za-z][0-9A-Za-z-]*)"
GRAMMAR = re.compile(rf"{NUMBER}(?:\.{NUMBER}){{0,3}}(?:-{LABEL}(?:\.{LABEL})*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?")
for line in sys.stdin:
    a, _, b = line.rstrip("\n").partition("\t")
    if GRAMMAR.fullmatch(a) and GRAMMAR.fullmatch(b):
        a, b = Version.from_string(a), Version.from_string(b)
        print("<" if a < b else ">" if b < a else "=")
    else:
        print("?")
