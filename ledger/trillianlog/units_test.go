package trillianlog

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var serverFlag = regexp.MustCompile(`--[a-z_]+(?:=[^\s\\&]+)?`)

// The units for systemd start log server and signer with the flags of the page, which
// .ci/readmes types as they stand there; only the database is another.
func TestUnits(t *testing.T) {
	page := read(t, "README.md")
	for _, program := range []string{"trillian_log_server", "trillian_log_signer"} {
		_, typed, ok := strings.Cut(page, "tmp/servers/trillian/"+program+" ")
		typed, _, ends := strings.Cut(typed, "&\n")
		_, unit, starts := strings.Cut(read(t, strings.ReplaceAll(program, "_", "-")+".service"), program+" --")
		unit, _, _ = strings.Cut("--"+unit, "\n")
		if !ok || !ends || !starts {
			t.Fatalf("%s is not started", program)
		}
		if got, want := flagsOf(unit), flagsOf(typed); !slices.Equal(got, want) || len(want) < 4 {
			t.Errorf("%s: the unit has %q, the page %q", program, got, want)
		}
	}
}

func flagsOf(line string) []string {
	all := serverFlag.FindAllString(line, -1)
	return slices.DeleteFunc(all, func(f string) bool { return strings.HasPrefix(f, "--postgresql_uri=") })
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
