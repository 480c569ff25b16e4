package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// unshared runs a script in a mount namespace of its own, below a new folder that has
// a tour in d, with the home d/de. What the script prints is what is wrong.
func unshared(t *testing.T, script string) {
	t.Helper()
	dir := t.TempDir()
	const helpers = `
custody tour --out d >/dev/null 2>&1 || exit 90
# holds VERB…: it works, and says nothing else is possible
holds() {
  custody "$@" >out 2>err || { echo "exit code $? of $*"; cat out err; }
  grep -q 'warning: the desk can be looked at and nothing else' err || { echo "no warning of $*"; cat err; }
}
# fails WORDS VERB…: one problem in three lines, with the words
fails() {
  words=$1; shift
  custody "$@" >out 2>err
  code=$?
  [ $code = 1 ] || { echo "exit code $code of $*"; cat err; }
  grep -q "error: .*$words" err || { echo "another problem of $*"; cat err; }
  [ "$(grep -c '^custody: \(error\|means\|do\): ' err)" = 3 ] || { echo "not three lines of $*"; cat err; }
}
`
	cmd := exec.Command("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", helpers+script)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+buildTool(t)+":"+os.Getenv("PATH"), "HOME="+dir, "CUSTODY_HOME=d/de",
		"CUSTODY_PASSPHRASE_COMMAND=cat d/passphrase.txt", "CUSTODY_PROGRESS=off")
	out, err := cmd.CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != "" {
		t.Errorf("%v\n%s", err, out)
	}
}

// A desk on a medium that cannot be written can be looked at and saved.
func TestReadOnlyHome(t *testing.T) {
	unshared(t, `
mkdir ro && mount -t tmpfs -o size=32m ro ro && cp -r d/de ro/de && mount -o remount,ro ro || exit 91
export CUSTODY_HOME=ro/de
for verb in list 'show E-1' 'history E-1' 'label E-1' 'key list' 'key card lab --out -'; do holds $verb; done
fails 'checks\? fails\?' doctor --unlock
grep -q 'FAILS .*home.acts: .*read-only file system' out || { echo 'doctor does not say it'; cat out; }
grep -q 'FAILS .*store: .*read-only file system' out || { echo 'doctor does not look at the store'; cat out; }
grep -q 'HOLDS .*items' out || { echo 'doctor does not read the items'; cat out; }
holds backup saved.tar
custody inspect saved.tar | grep -q 'yes, every file' || echo 'the backup is not whole'
custody inspect ro/de >/dev/null || echo 'inspect'
fails 'read-only file system' examine E-1 --purpose x
fails 'read-only file system' seal d/trust.note
fails 'read-only file system' trust cosigners d/fr/cosigner
`)
}

// On a full disk a desk can be looked at, loses nothing, and goes on when there is
// room again.
func TestFullHome(t *testing.T) {
	unshared(t, `
mkdir full && mount -t tmpfs -o size=4m full full && cp -r d/de full/de && mkdir full/fr && cp -r d/fr/cosigner full/fr || exit 91
cp -r d/fr/trust full/fr || exit 92
export CUSTODY_HOME=full/de
head -c 1m /dev/urandom >big
cat /dev/zero >full/filler 2>/dev/null
for verb in list 'show E-1' 'history E-1' 'label E-1' 'key list'; do
  custody $verb >out 2>err || { echo "exit code $? of $verb"; cat err; }
done
fails 'checks\? fails\?' doctor --unlock
fails 'no space left on device' seal big
fails 'no space left on device' examine E-1 --purpose x
custody backup saved.tar >out 2>err || { echo 'backup'; cat err; }
custody inspect saved.tar | grep -q 'yes, every file' || echo 'the backup is not whole'
custody list | grep -q '4 items, ' || echo 'an item was lost or half made'
rm full/filler
custody examine E-1 --purpose 'room again' >out 2>err || { echo 'an act after that'; cat err; }
custody list | grep -q '4 items, ' || echo 'an item came from nowhere'
custody doctor --unlock 2>/dev/null | grep -q 'HOLDS .*items.*every history folds' || echo 'doctor after that'
custody seal big >out 2>err || { echo 'the sealing after that'; cat err; }
`)
}
