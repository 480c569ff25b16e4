package ui

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// jsonPrinter writes every event as one JSON object on its own line, ended by a
// newline, first member message_type.
type jsonPrinter struct{ t *Terminal }

type jsonStatus struct {
	Stage       string   `json:"stage"`
	File        string   `json:"file,omitempty"`
	BytesDone   int64    `json:"bytes_done"`
	BytesTotal  *int64   `json:"bytes_total,omitempty"`
	FilesDone   int      `json:"files_done"`
	FilesTotal  *int     `json:"files_total,omitempty"`
	Seconds     float64  `json:"seconds"`
	SecondsLeft *float64 `json:"seconds_left,omitempty"`
	Rate        int64    `json:"bytes_per_second"`
}

type jsonText struct {
	Text string `json:"text"`
}

type jsonExitError struct {
	Code  Code     `json:"code"`
	Exit  int      `json:"exit"`
	What  string   `json:"what"`
	Means string   `json:"means"`
	Do    []string `json:"do"`
}

func (j jsonPrinter) status(s Status) {
	out := jsonStatus{Stage: s.Stage, File: s.File, BytesDone: s.BytesDone, FilesDone: s.FilesDone,
		Seconds: seconds(s.Elapsed), Rate: int64(s.Rate())}
	if s.BytesTotal >= 0 {
		out.BytesTotal = &s.BytesTotal
	}
	if s.FilesTotal >= 0 {
		out.FilesTotal = &s.FilesTotal
	}
	if left, ok := s.Left(); ok {
		l := seconds(left)
		out.SecondsLeft = &l
	}
	j.toErr("status", out)
}

func (j jsonPrinter) finding(f Finding) error { return j.toOut("finding", "", f) }

func (j jsonPrinter) emit(kind string, data any) error { return j.toOut(kind, "", data) }

func (j jsonPrinter) summary(verb string, data any, _ func(io.Writer) error) error {
	return j.toOut("summary", verb, data)
}

func (j jsonPrinter) note(s string)    { j.toErr("note", jsonText{s}) }
func (j jsonPrinter) warning(s string) { j.toErr("warning", jsonText{s}) }

// exitError is printed for shown problems too: a program reads it to the end.
func (j jsonPrinter) exitError(p *Problem, code int, _ bool) {
	q := p.filled()
	j.toErr("exit_error", jsonExitError{Code: q.Code, Exit: code, What: q.What, Means: q.Means, Do: q.Do})
}

func (j jsonPrinter) toOut(kind, verb string, data any) error {
	line, err := jsonLine(kind, verb, data)
	if err != nil {
		return err
	}
	_, err = j.t.out.Write(line)
	return err
}

func (j jsonPrinter) toErr(kind string, data any) {
	line, err := jsonLine(kind, "", data)
	if err != nil {
		panic("internal error: " + err.Error()) // only types of this file come here
	}
	j.t.writeErr(string(line))
}

// jsonLine encodes data, an object, with message_type and verb as its first
// members. Characters that HTML escapes are left as they are.
func jsonLine(kind, verb string, data any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(data); err != nil {
		return nil, fmt.Errorf("%s line: %w", kind, err)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(b.Bytes(), &members); err != nil || members == nil {
		return nil, fmt.Errorf("internal error: %s line is no JSON object: %T", kind, data)
	}
	for _, own := range []string{"message_type", "verb"} {
		if _, taken := members[own]; taken && (own != "verb" || verb != "") {
			return nil, fmt.Errorf("internal error: %s line has a member %s of its own", kind, own)
		}
	}
	head := fmt.Appendf(nil, `{"message_type":%q`, kind)
	if verb != "" {
		head = fmt.Appendf(head, `,"verb":%q`, verb)
	}
	if len(members) > 0 {
		head = append(head, ',')
	}
	return append(head, b.Bytes()[1:]...), nil
}

// seconds is d in seconds, to the millisecond.
func seconds(d time.Duration) float64 { return float64(d.Milliseconds()) / 1000 }
