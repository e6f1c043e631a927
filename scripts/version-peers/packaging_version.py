"""PyPI's packaging. Before release 22 it also orders what PEP 440 refuses."""
import sys
import warnings
from packaging.version import InvalidVersion, parse

warnings.simplefilter("ignore")
for line in sys.stdin:
    a, _, b = line.rstrip("\n").partition("\t")
    try:
        a, b = parse(a), parse(b)
        print("<" if a < b else ">" if a > b else "=")
    except InvalidVersion:
        print("?")
