package report_test

import (
	stdhtml "html"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// pages are the pages of every world, and a sender's.
func pages(t testing.TB) map[string]string {
	all := map[string]string{}
	for name, world := range worlds {
		s := world(t)
		all[name] = html(t, s)
		if name == "holds" || name == "hostile" {
			all["statement "+name] = string(statement(t, s))
		}
	}
	return all
}

// tag is one tag of a page.
type tag struct {
	name  string
	close bool
	attr  map[string]string
}

var (
	tagPattern  = regexp.MustCompile(`<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:\s+[a-zA-Z:-]+(?:="[^"]*")?)*)\s*(/?)>`)
	attrPattern = regexp.MustCompile(`([a-zA-Z:-]+)(?:="([^"]*)")?`)
)

// tags reads a page's tags in order, and fails when they are not nested. A "<"
// that begins none is a fault of escaping.
func tags(t testing.TB, page string) []tag {
	t.Helper()
	body := regexp.MustCompile(`(?s)<style>.*?</style>`).ReplaceAllString(strings.TrimPrefix(page, "<!doctype html>\n"), "")
	if rest := tagPattern.ReplaceAllString(body, ""); strings.ContainsAny(rest, "<>") {
		t.Fatalf("a sign of markup outside a tag: %.80s", rest[max(0, strings.IndexAny(rest, "<>")-40):])
	}
	var list []tag
	var open []string
	for _, m := range tagPattern.FindAllStringSubmatch(body, -1) {
		x := tag{name: m[2], close: m[1] != "", attr: map[string]string{}}
		for _, a := range attrPattern.FindAllStringSubmatch(m[3], -1) {
			if _, twice := x.attr[a[1]]; twice {
				t.Fatalf("<%s> has %s twice", x.name, a[1])
			}
			x.attr[a[1]] = stdhtml.UnescapeString(a[2])
		}
		list = append(list, x)
		switch {
		case m[4] != "" || slices.Contains([]string{"meta", "br"}, x.name):
		case !x.close:
			open = append(open, x.name)
		case len(open) == 0 || open[len(open)-1] != x.name:
			t.Fatalf("</%s> closes %v", x.name, open)
		default:
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Fatalf("not closed: %v", open)
	}
	return list
}

// visible returns a page's text.
func visible(t testing.TB, page string) string {
	t.Helper()
	_, body, ok := strings.Cut(page, "<body>")
	if !ok {
		t.Fatal("no body")
	}
	return stdhtml.UnescapeString(tagPattern.ReplaceAllString(body, " "))
}

// TestAccessible checks the pages against style.md section 16 (WCAG 2.2 AA).
func TestAccessible(t *testing.T) {
	for name, page := range pages(t) {
		t.Run(name, func(t *testing.T) {
			list := tags(t, page)
			count := map[string]int{}
			ids := map[string]bool{}
			level := 0
			for i, x := range list {
				if x.close {
					continue
				}
				count[x.name]++
				if id, ok := x.attr["id"]; ok {
					if ids[id] {
						t.Errorf("id %q twice", id)
					}
					ids[id] = true
				}
				if len(x.name) == 2 && x.name[0] == 'h' && x.name != "hr" {
					n := int(x.name[1] - '0')
					if n > level+1 {
						t.Errorf("h%d follows h%d", n, level)
					}
					level = n
				}
				checkTag(t, list, i)
			}
			for _, once := range []string{"html", "h1", "header", "main", "footer", "title"} {
				if count[once] != 1 && once != "title" {
					t.Errorf("%d %s", count[once], once)
				}
			}
			for _, x := range list {
				for _, a := range []string{"aria-labelledby", "href"} {
					if to := strings.TrimPrefix(x.attr[a], "#"); to != "" && !ids[to] {
						t.Errorf("<%s %s=%q> leads nowhere", x.name, a, x.attr[a])
					}
				}
			}
			if root := list[0]; root.attr["lang"] != "en" || root.attr["dir"] != "ltr" {
				t.Errorf("html has %v", root.attr)
			}
			for _, want := range []string{`role="status" aria-live="polite"`, `name="viewport"`} {
				if !strings.Contains(page, want) {
					t.Errorf("no %s", want)
				}
			}
		})
	}
}

// checkTag checks what one element needs to be understood without seeing it.
func checkTag(t *testing.T, list []tag, i int) {
	t.Helper()
	x := list[i]
	next := func() tag { return list[i+1] }
	switch x.name {
	case "table":
		if next().name != "caption" {
			t.Error("a table without caption")
		}
	case "th":
		if s := x.attr["scope"]; s != "col" && s != "row" {
			t.Errorf("a th with the scope %q", s)
		}
	case "details":
		if next().name != "summary" {
			t.Error("details without summary")
		}
	case "section":
		if x.attr["aria-labelledby"] == "" && x.attr["aria-label"] == "" {
			t.Error("a section without name")
		}
	case "svg":
		if x.attr["role"] != "img" || next().name != "title" || x.attr["aria-labelledby"] != next().attr["id"] {
			t.Errorf("a picture without name: %v", x.attr)
		}
	}
}

// The page needs nothing else and can run nothing.
func TestSelfContained(t *testing.T) {
	for name, page := range pages(t) {
		if !strings.Contains(page, `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`) {
			t.Errorf("%s: no policy", name)
		}
		for _, x := range tags(t, page) {
			switch x.name {
			case "script", "img", "link", "iframe", "object", "embed", "form", "base", "image", "use", "foreignObject":
				t.Errorf("%s: <%s>", name, x.name)
			}
			for a, v := range x.attr {
				if strings.HasPrefix(a, "on") || a == "style" || a == "src" || a == "href" && !strings.HasPrefix(v, "#") {
					t.Errorf("%s: <%s %s=%q>", name, x.name, a, v)
				}
			}
		}
		if regexp.MustCompile(`@import|url\(`).MatchString(styleOf(t, page)) {
			t.Errorf("%s: the style sheet fetches something", name)
		}
	}
}

func styleOf(t testing.TB, page string) string {
	t.Helper()
	_, rest, ok := strings.Cut(page, "<style>")
	style, _, ok2 := strings.Cut(rest, "</style>")
	if !ok || !ok2 {
		t.Fatal("no style sheet")
	}
	return style
}

// Text stands out from its ground by 4.5 to 1 at least (WCAG 1.4.3). Every
// colour is one of a pair; none stands anywhere else.
func TestContrast(t *testing.T) {
	b, err := os.ReadFile("page.css")
	if err != nil {
		t.Fatal(err)
	}
	style := string(b)
	root := regexp.MustCompile(`(?s):root \{(.*?)\}`).FindStringSubmatch(style)
	if root == nil {
		t.Fatal("no palette")
	}
	colours := map[string]string{}
	for _, m := range regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6});`).FindAllStringSubmatch(root[1], -1) {
		colours[m[1]] = m[2]
	}
	pairs := 0
	for name, fg := range colours {
		pair, ok := strings.CutSuffix(name, "-fg")
		if !ok {
			continue
		}
		bg, ok := colours[pair+"-bg"]
		if !ok {
			t.Errorf("%s has no ground", name)
			continue
		}
		pairs++
		if c := contrast(t, fg, bg); c < 4.5 {
			t.Errorf("%s on its ground: %.2f", name, c)
		}
	}
	if pairs < 8 || len(colours) != 2*pairs {
		t.Errorf("%d pairs of %d colours", pairs, len(colours))
	}
	// What is not on its own ground: results and remarks on the page and on the grounds of the lead.
	for _, on := range [][2]string{
		{"holds-fg", "page-bg"}, {"fails-tint-fg", "page-bg"}, {"undecided-fg", "page-bg"}, {"idle-fg", "page-bg"}, {"dim-fg", "note-bg"},
		{"page-fg", "holds-bg"}, {"page-fg", "fails-tint-bg"}, {"page-fg", "undecided-bg"}, {"page-fg", "note-bg"},
		{"dim-fg", "holds-bg"}, {"dim-fg", "fails-tint-bg"}, {"dim-fg", "undecided-bg"}, {"fails-bg", "page-bg"},
	} {
		if c := contrast(t, colours[on[0]], colours[on[1]]); c < 4.5 {
			t.Errorf("%s on %s: %.2f", on[0], on[1], c)
		}
	}
	rest := strings.Replace(style, root[0], "", 1)
	for _, m := range regexp.MustCompile(`#[0-9a-fA-F]{3,8}\b`).FindAllString(rest, -1) {
		if m != colours["page-fg"] { // margins of a printed page know no variables
			t.Errorf("the colour %s stands outside the palette", m)
		}
	}
}

// contrast is the ratio of WCAG 2.2, "contrast ratio".
func contrast(t *testing.T, a, b string) float64 {
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	l := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		if len(colour) != 7 {
			t.Fatalf("colour %q", colour)
		}
		n, err := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		l += weight * c
	}
	return l
}

// Results and kinds of custody differ in shape and word, not in colour alone.
func TestNothingRestsOnColour(t *testing.T) {
	words := map[string]string{}
	for _, name := range []string{"several", "undecided"} {
		for _, m := range regexp.MustCompile(`<span class="mark ([a-z]+)"><span class="sign"[^>]*>(.)</span> ([A-Z ]+)</span>`).FindAllStringSubmatch(html(t, worlds[name](t)), -1) {
			if m[3] != "ALWAYS" {
				words[m[1]] = m[2] + m[3]
			}
		}
	}
	if len(words) != 4 || words["holds"] != "✓HOLDS" || words["fails"] != "✗FAILS" || words["undecided"] != "?UNDECIDED" || words["idle"] != "–NOT APPLICABLE" {
		t.Errorf("marks are %v", words)
	}
	page := html(t, worlds["gaps"](t))
	for _, want := range []string{`class="held"`, `-offered)"`, `-disputed)"`, `class="gapmark"`, "Gap 1: the numbers of the physical seals do", "Gap 2: offered, and answered late or not at"} {
		if !strings.Contains(page, want) {
			t.Errorf("the picture has no %s", want)
		}
	}
}

// On paper: page size, what must not be torn apart, and on every sheet which
// items and which package.
func TestPrint(t *testing.T) {
	s := worlds["holds"](t)
	style := styleOf(t, html(t, s))
	head := regexp.MustCompile(`@top-left \{ content: "([^"]*)"`).FindStringSubmatch(style)
	if head == nil {
		t.Fatal("nothing stands at the head of a printed page")
	}
	for _, want := range []string{s.v.Items[0].Item.Short(), s.v.Package.Manifest} {
		if !strings.Contains(head[1], want) {
			t.Errorf("the head %q lacks %s", head[1], want)
		}
	}
	for _, want := range []string{"@page", "size: A4", "break-inside: avoid", "details::details-content"} {
		if !strings.Contains(style, want) {
			t.Errorf("no %s", want)
		}
	}
	if regexp.MustCompile(`position:\s*(fixed|sticky)`).MatchString(style) {
		t.Error("something is sticky")
	}
}
