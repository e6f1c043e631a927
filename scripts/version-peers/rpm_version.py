"""rpm.ver, of Debian's python3-rpm."""
import sys
import rpm

for line in sys.stdin:
    a, _, b = line.rstrip("\n").partition("\t")
    try:
        a, b = rpm.ver(a), rpm.ver(b)
        print("<" if a < b else ">" if a > b else "=")
    except ValueError:
        print("?")
