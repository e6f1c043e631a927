// golang.org/x/mod/semver, of Debian's golang-golang-x-mod-dev. Without its v a text is no version to it.
package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/semver"
)

func main() {
	in := bufio.NewScanner(os.Stdin)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for in.Scan() {
		a, b, _ := strings.Cut(in.Text(), "\t")
		if !strings.HasPrefix(a, "v") || !strings.HasPrefix(b, "v") {
			fmt.Fprintln(out, "?")
			continue
		}
		fmt.Fprintln(out, [...]string{"<", "=", ">"}[semver.Compare(a, b)+1])
	}
}
