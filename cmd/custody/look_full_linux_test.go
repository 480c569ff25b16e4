package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A full disk ends each verb that writes with its problem, and leaves nothing
// where the output should have been. The disk is a small one in memory, in a
// mount namespace of the test's own.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	env := append(os.Environ(), "PATH="+buildTool(t)+":"+os.Getenv("PATH"), "HOME="+dir, "CUSTODY_HOME=d/de",
		"CUSTODY_PASSPHRASE_COMMAND=cat d/passphrase.txt", "CUSTODY_PROGRESS=off")
	script := `
custody tour --out d >/dev/null 2>&1 && custody backup b.tar >/dev/null 2>&1 || exit 90
mkdir full && mount -t tmpfs -o size=64k full full || exit 91
fails() {
  "$@" >out 2>err
  code=$?
  [ $code = 1 ] || { echo "exit code $code of $*"; cat err; }
  grep -q 'no space left on device' err || { echo "another problem of $*"; cat err; }
  [ "$(grep -c '^custody: \(error\|means\|do\): ' err)" = 3 ] || { echo "not three lines of $*"; cat err; }
  [ -z "$(ls -A full)" ] || { echo "left by $*:"; ls -AR full; rm -rf full/* full/.[!.]*; }
}
fails custody pack --out full/p.asice E-1
fails custody open --trust d/trust.note --out full/o d/package.asice
fails custody verify --trust d/trust.note --report full/r.html d/package.asice
fails custody backup full/b.tar
fails custody restore --home full/home b.tar
fails custody tour --out full/t
`
	cmd := exec.Command("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script)
	cmd.Dir, cmd.Env = filepath.Clean(dir), env
	out, err := cmd.CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != "" {
		t.Errorf("%v\n%s", err, out)
	}
}
