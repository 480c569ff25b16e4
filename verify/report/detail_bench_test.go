package report

import (
	"fmt"
	"strings"
	"testing"
)

// Ten thousand details, as a package with as many files has them, in another language.
func BenchmarkDetails(b *testing.B) {
	l, hash := languageFor("de"), strings.Repeat("0a", 32)
	var list []string
	for n := range 10_000 {
		list = append(list, []string{
			fmt.Sprintf("content tree %s, recomputed", hash),
			fmt.Sprintf("size %d, recomputed", n),
			fmt.Sprintf("computed again, the leaf stands at log.AA.example/1#%d", n),
			fmt.Sprintf("the seal %s is closed by %s/%d", hash, hash, n),
			"it is encrypted to its readers, and no key was given: it was not compared",
			fmt.Sprintf("collector of AA (key %s) was enrolled and not revoked at log.AA.example/1#%d", hash[:12], n),
		}[n%6])
	}
	b.ResetTimer()
	for b.Loop() {
		for _, text := range list {
			if w := l.detail(text); !w.translated() {
				b.Fatalf("%q has no words", text)
			}
		}
	}
}
