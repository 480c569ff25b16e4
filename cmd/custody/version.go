package main

import (
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/urfave/cli/v2"

	"example.org/custody/spec"
)

// versionInfo is what `custody version` prints: the program, and the versions of
// the formats it writes. It reads every version of them ever released.
type versionInfo struct {
	Version  string            `json:"version"`            // of the module, "(devel)" if built from a work tree
	Commit   string            `json:"commit,omitempty"`   // of the source, if the build knows it
	Time     string            `json:"time,omitempty"`     // of the commit
	Modified bool              `json:"modified,omitempty"` // the source was not as committed
	Go       string            `json:"go"`
	Platform string            `json:"platform"`
	Formats  map[string]string `json:"formats"` // page of the specification to version
	// Courtroom is the SHA-256 of the judge's page that was made from the same
	// source; empty if this build was made without one (make courtroom).
	Courtroom string `json:"courtroom,omitempty"`
}

// courtroomDigest is set by the linker (make courtroom).
var courtroomDigest string

// versionVerb is `custody version`, the same as --version.
func versionVerb(t *tool) *cli.Command {
	return &cli.Command{
		Name:      "version",
		Category:  groupTool,
		Usage:     "print the version, the commit, and the formats written",
		UsageText: "custody version --json",
		Action:    func(*cli.Context) error { return t.showVersion() },
	}
}

// showVersion prints the version on standard output.
func (t *tool) showVersion() error {
	v := readVersion()
	return t.term.Summary("version", v, func(w io.Writer) error { return v.write(w) })
}

// readVersion asks the build.
func readVersion() versionInfo {
	v := versionInfo{Version: "(unknown)", Go: runtime.Version(),
		Platform: runtime.GOOS + "/" + runtime.GOARCH, Formats: formatVersions(), Courtroom: courtroomDigest}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	v.Version = info.Main.Version
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Commit = s.Value
		case "vcs.time":
			v.Time = s.Value
		case "vcs.modified":
			v.Modified = s.Value == "true"
		}
	}
	return v
}

// write prints v for people.
func (v versionInfo) write(w io.Writer) error {
	commit := "unknown"
	if v.Commit != "" {
		commit = v.Commit
	}
	if v.Modified {
		commit += ", modified"
	}
	var formats []string
	for _, page := range formatPages() {
		formats = append(formats, page+" "+v.Formats[page])
	}
	page := "made without one; make courtroom makes it"
	if v.Courtroom != "" {
		page = "courtroom.html has SHA-256 " + v.Courtroom
	}
	_, err := fmt.Fprintf(w, "custody %s\ncommit  %s\nbuilt   %s %s\nformats %s\npage    %s\n",
		v.Version, commit, v.Go, v.Platform, strings.Join(formats, ", "), page)
	return err
}

// formatPages lists the pages of the specification without README, sorted.
func formatPages() []string {
	names, err := fs.Glob(spec.Pages, "*.md")
	if err != nil {
		panic("internal error: " + err.Error())
	}
	var pages []string
	for _, n := range names {
		if n != "README.md" {
			pages = append(pages, strings.TrimSuffix(n, ".md"))
		}
	}
	return pages
}

var (
	pageVersion = regexp.MustCompile(`(?m)^Version (\d+)\.|\. Version (\d+)\.`)
	allVersion  = regexp.MustCompile(`Version (\d+) of everything`)
)

// formatVersions reads the version of each format from its page; a page that
// gives none has the one that README gives for all.
func formatVersions() map[string]string {
	all := allVersion.FindStringSubmatch(specPage("README"))[1]
	versions := make(map[string]string)
	for _, page := range formatPages() {
		versions[page] = all
		if m := pageVersion.FindStringSubmatch(specPage(page)); m != nil {
			versions[page] = m[1] + m[2]
		}
	}
	return versions
}

// specPage returns the text of a page of the specification.
func specPage(page string) string {
	b, err := spec.Pages.ReadFile(page + ".md")
	if err != nil {
		panic("internal error: " + err.Error())
	}
	return string(b)
}
