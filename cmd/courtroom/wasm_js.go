package main

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"syscall/js"

	"example.org/custody/verify"
	"example.org/custody/verify/report"
)

// main is the verifier in the page: it hands its functions to worker.js and
// waits for ever, because returning would end the program.
func main() {
	c := &court{}
	js.Global().Call("custodyReady", map[string]any{
		"list":   exported(c.list),
		"verify": exported(c.verify),
		"report": exported(c.report),
		"saved":  exported(c.saved),
		"copy":   exported(c.copy),
	})
	select {}
}

// court is what the worker holds between two calls.
type court struct {
	root    verify.Trust
	listAt  string // name of the file that root came from
	hearing *hearing
	shown   []copyFacts
}

// exported makes f callable from JavaScript: it runs on a goroutine of its own,
// because it may wait for the browser, and settles a Promise. A panic would end
// the program and the page with it, so it comes out as an error too.
func exported(f func(args []js.Value) (any, error)) js.Func {
	return js.FuncOf(func(_ js.Value, args []js.Value) any {
		var run js.Func
		run = js.FuncOf(func(_ js.Value, settle []js.Value) any {
			go func() {
				defer run.Release()
				out, err := guarded(f, args)
				if err != nil {
					settle[1].Invoke(err.Error())
					return
				}
				settle[0].Invoke(out)
			}()
			return nil
		})
		return js.Global().Get("Promise").New(run)
	})
}

func guarded(f func([]js.Value) (any, error), args []js.Value) (out any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errors.New("internal error: the verifier stopped")
		}
	}()
	return f(args)
}

// list takes a trust list: its bytes, where it came from (pinned or given), and
// the name of its file. It answers with what the page shows of it, as JSON. A
// list that cannot be used leaves the one before.
func (c *court) list(args []js.Value) (any, error) {
	b := make([]byte, args[0].Get("length").Int())
	js.CopyBytesToGo(b, args[0])
	root, err := readList(b, verify.Source(args[1].String()))
	if err != nil {
		return nil, err
	}
	c.root, c.listAt = root, args[2].String()
	return asJSON(factsOf(root.List))
}

// verify takes a File, whether the content trees are enough, and a function that
// is told how far it came. It answers with the verdict's status and JSON.
func (c *court) verify(args []js.Value) (any, error) {
	f := newPicked(args[0])
	root := c.root
	if root.List == nil {
		root.Source = verify.SourceNone
	}
	h := &hearing{file: f, name: args[0].Get("name").String(), list: c.listAt, root: root, hash: f.hash}
	told := args[2]
	progress := func(done, total int64) { told.Invoke(float64(done), float64(total)) }
	if err := h.hear(context.Background(), f.size, args[1].Bool(), progress); err != nil {
		return nil, err
	}
	c.hearing, c.shown = h, h.copies()
	line, err := h.json()
	if err != nil {
		return nil, err
	}
	return asJSON(map[string]any{"status": h.verdict.Status, "exit": h.verdict.Exit, "json": line})
}

// report takes a language and answers with the report's parts, as JSON.
func (c *court) report(args []js.Value) (any, error) {
	part, err := report.Parts(c.hearing.verdict, c.hearing.options(args[0].String()))
	if err != nil {
		return nil, err
	}
	return asJSON(map[string]any{
		"title": part.Title, "main": part.Main, "foot": part.Foot, "running": part.Running, "copies": c.shown,
	})
}

// saved takes a language and answers with the report as a page of its own.
func (c *court) saved(args []js.Value) (any, error) {
	var b strings.Builder
	err := report.HTML(&b, c.hearing.verdict, c.hearing.options(args[0].String()))
	return b.String(), err
}

// copy takes the number of a copy, checks its bytes once more, and answers with
// where in the file they are.
func (c *court) copy(args []js.Value) (any, error) {
	n := args[0].Int()
	if c.hearing == nil || n < 0 || n >= len(c.shown) {
		return nil, errChanged
	}
	at, size, err := c.hearing.check(context.Background(), c.shown[n], func(int) {})
	if err != nil {
		return nil, err
	}
	return map[string]any{"at": float64(at), "size": float64(size)}, nil
}

func asJSON(v any) (any, error) {
	b, err := json.Marshal(v)
	return string(b), err
}
