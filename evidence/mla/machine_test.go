package mla_test

import (
	"slices"
	"strings"
	"testing"

	"example.org/custody/evidence/mla"
	"example.org/custody/spec"
)

// model is a machine as spec/request.md, "Steps", has it.
type model struct {
	arrows map[[2]mla.State]string // from and to: who, with back and once
	ends   []mla.State
	states []mla.State
}

// models reads the machines from the page, which was written first.
func models(t *testing.T) map[string]*model {
	t.Helper()
	page, err := spec.Pages.ReadFile("request.md")
	if err != nil {
		t.Fatal(err)
	}
	_, steps, _ := strings.Cut(string(page), "\n## Steps\n")
	steps, _, _ = strings.Cut(steps, "\n## ")
	all := map[string]*model{}
	var m *model
	for line := range strings.Lines(steps) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "### "); ok {
			m = &model{arrows: map[[2]mla.State]string{}}
			all[name] = m
		}
		if from, rest, ok := strings.Cut(strings.TrimSpace(line), ": "); ok && strings.HasPrefix(line, "    ") {
			m.add(mla.State(from), rest)
		}
	}
	return all
}

func (m *model) add(from mla.State, rest string) {
	for _, one := range strings.Split(rest, ", ") {
		to, by, _ := strings.Cut(one, " ")
		if from == "ends" {
			m.ends = append(m.ends, mla.State(to))
			m.know(mla.State(to))
			continue
		}
		m.know(from)
		m.know(mla.State(to))
		m.arrows[[2]mla.State{from, mla.State(to)}] = by
	}
}

func (m *model) know(s mla.State) {
	if !slices.Contains(m.states, s) {
		m.states = append(m.states, s)
	}
}

// shown writes an arrow as the page does.
func shown(a mla.Arrow) string {
	var words []string
	for _, s := range a.By {
		words = append(words, string(s))
	}
	if a.Back {
		words = append(words, "back")
	}
	if a.Once {
		words = append(words, "once")
	}
	return "(" + strings.Join(words, " ") + ")"
}

// Over all pairs of states: an arrow that the page has is there, for whom it says;
// every other one is not.
func TestEveryPairOfStates(t *testing.T) {
	all := models(t)
	if len(all) != len(mla.MachineNames()) {
		t.Errorf("the page has %d machines, the code %v", len(all), mla.MachineNames())
	}
	pairs, legal := 0, 0
	for name, want := range all {
		m := mla.MachineOf(name)
		for _, from := range want.states {
			for _, to := range want.states {
				pairs++
				by := want.arrows[[2]mla.State{from, to}]
				if to == mla.Withdrawn && !slices.Contains(want.ends, from) {
					by = "(issuing)"
				}
				got := ""
				if a, ok := m.Arrow(from, to); ok {
					legal++
					got = shown(a)
				}
				if got != by {
					t.Errorf("%s: %s to %s is %q, the page has %q", name, from, to, got, by)
				}
			}
		}
	}
	t.Logf("%d pairs, %d arrows", pairs, legal)
	if legal < 100 {
		t.Errorf("only %d arrows", legal)
	}
}

// Every state is reached from the draft, every one that is no end leads to one,
// and nothing leads on from an end.
func TestEveryStateIsReached(t *testing.T) {
	for _, name := range mla.MachineNames() {
		m := mla.MachineOf(name)
		reached := reach(m, mla.Draft)
		for _, s := range m.States() {
			if !reached[s] {
				t.Errorf("%s: nothing leads to %s", name, s)
			}
			if m.End(s) != (len(m.Next(s)) == 0) {
				t.Errorf("%s: %s leads to %v, and is an end: %t", name, s, m.Next(s), m.End(s))
			}
			if !slices.ContainsFunc(m.States(), func(e mla.State) bool { return m.End(e) && e != mla.Withdrawn && reach(m, s)[e] }) && s != mla.Withdrawn {
				t.Errorf("%s: from %s only a withdrawal leads to an end", name, s)
			}
		}
		if _, ok := m.Arrow("nowhere", mla.Withdrawn); ok {
			t.Errorf("%s: what is no state is withdrawn", name)
		}
	}
	if mla.MachineOf("other") != nil {
		t.Error("there is a machine that nobody made")
	}
}

func reach(m *mla.Machine, from mla.State) map[mla.State]bool {
	seen := map[mla.State]bool{from: true}
	for todo := []mla.State{from}; len(todo) > 0; todo = todo[1:] {
		for _, next := range m.Next(todo[0]) {
			if !seen[next] {
				seen[next] = true
				todo = append(todo, next)
			}
		}
	}
	return seen
}
