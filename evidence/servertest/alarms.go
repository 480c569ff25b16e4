package servertest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// Exporter is a server that shows how it is.
type Exporter struct {
	Program string      // file of its program; the last part of it is its name
	At      string      // http://HOST:PORT
	Metrics string      // path at which Prometheus reads
	Header  http.Header // with which it reads; may be nil
}

// Alarms fails the test unless a server has all that a list says to alarm on. A line of
// the list is the name of a program, and
//
//	metric NAME     that Prometheus reads
//	answers PATH    with 200, when all is well
//	says TEXT       in its log, when something is not: the text stands in the program
//
// Lines of other programs and comments are passed over. The server is asked until all is
// there, for as long as one may take to start.
func (e Exporter) Alarms(t testing.TB, list string) {
	t.Helper()
	b, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	name := e.Program[strings.LastIndex(e.Program, "/")+1:]
	n := 0
	for line := range strings.Lines(string(b)) {
		words := strings.SplitN(strings.TrimSpace(line), " ", 3)
		if words[0] != name {
			continue
		}
		n++
		if err := e.soon(words[1], words[2]); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n == 0 {
		t.Errorf("%s names nothing of %s", list, name)
	}
}

// soon asks until the server has it.
func (e Exporter) soon(kind, what string) error {
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	for deadline := time.Now().Add(upIn); ; <-tick.C {
		if err := e.has(kind, what); err == nil || time.Now().After(deadline) {
			return err
		}
	}
}

// has reports the lack of what a line of a list names.
func (e Exporter) has(kind, what string) error {
	var from []byte
	var err error
	var marks []string
	switch kind {
	case "metric":
		from, err = e.get(e.Metrics)
		marks = []string{"\n" + what + " ", "\n" + what + "{"}
	case "answers":
		_, err = e.get(what)
		return err
	case "says":
		from, err = os.ReadFile(e.Program)
		marks = []string{what}
	}
	if err != nil {
		return err
	}
	for _, m := range marks {
		if bytes.Contains(from, []byte(m)) {
			return nil
		}
	}
	return fmt.Errorf("there is no %s %s", kind, what)
}

func (e Exporter) get(path string) ([]byte, error) {
	r, err := http.NewRequest(http.MethodGet, e.At+path, nil)
	if err != nil {
		return nil, err
	}
	if e.Header != nil {
		r.Header = e.Header
	}
	c := http.Client{Timeout: upIn}
	answer, err := c.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answers %s", path, answer.Status)
	}
	return b, err
}
