package main

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence"
	"example.org/custody/evidence/rules"
)

// asFlag names who acts.
func asFlag() cli.Flag {
	return &cli.StringFlag{Name: "as", EnvVars: []string{"CUSTODY_OFFICER"}, Usage: "the `OFFICER` who acts, when the desk has several"}
}

// secondFlag names who signs beside the one who acts.
func secondFlag(when string) cli.Flag {
	return &cli.StringFlag{Name: "second", Usage: "the `OFFICER` who signs as well, " + when}
}

// caseFlag chooses, or says, the proceeding.
func caseFlag(usage string) cli.Flag {
	return &cli.StringFlag{Name: "case", Usage: usage}
}

// receiptFlag asks for the receipts as a file.
func receiptFlag() cli.Flag {
	return &cli.PathFlag{Name: "receipt", Usage: "write the receipt to `FILE`; of several items, all of them in one file"}
}

// whenFlags say when an act took place, by which clock.
func whenFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "at", DefaultText: "now", Usage: "when it took place: `TIME` as 2026-03-02T09:14:00+01:00"},
		&cli.StringFlag{Name: "until", DefaultText: "the same", Usage: "when it was over: `TIME` as for --at"},
		choiceFlag("clock", "what that was read from: `CLOCK` is operator, system, gnss, ntp or unknown", "operator", "system", "gnss", "ntp", "unknown"),
		&cli.DurationFlag{Name: "clock-offset", DefaultText: "0s", Usage: "how far that clock was fast, as measured: `DURATION` as 1.5s or -3s"},
	}
}

// recordFlags say more of an act, in its record.
func recordFlags() []cli.Flag {
	return append([]cli.Flag{
		&cli.StringFlag{Name: "place", Usage: "where: `TEXT`"},
		&cli.StringFlag{Name: "note", Usage: "anything else worth keeping: `TEXT`"},
		&cli.StringSliceFlag{Name: "field", Usage: "a further field of the record, `NAME=TEXT` or NAME:=JSON"},
	}, guardFlags()...)
}

// Flags of guardFlags.
const (
	checkedFlag = "personal-checked"
	namesFlag   = "protected-names"
)

// guardFlags steer the guard that keeps what identifies a person out of what is
// seen beside a record.
func guardFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: checkedFlag, Usage: "`NAME` of a field that looks like personal data: you have checked that it identifies nobody"},
		&cli.PathFlag{Name: namesFlag, Usage: "names that must stand nowhere but in the record, one a line, from a `FILE`"},
	}
}

// bagFlags say which physical seals were found and left.
func bagFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "seal-found", Usage: "the `NUMBER` of a physical seal as it was found"},
		&cli.StringSliceFlag{Name: "seal-left", Usage: "the `NUMBER` of a physical seal as it was left"},
	}
}

// actFlags are on every verb that acts on items.
func actFlags(own ...cli.Flag) []cli.Flag {
	flags := append(own, bagFlags()...)
	flags = append(flags, recordFlags()...)
	flags = append(flags, whenFlags()...)
	return append(flags, receiptFlag(), asFlag(), dryRunFlag())
}

// occurred reads the flags of whenFlags; nil is now, by the system's clock.
func occurred(c *cli.Context) (*evidence.Occurred, error) {
	if c.String("at") == "" {
		for _, name := range []string{"until", "clock", "clock-offset"} {
			if c.IsSet(name) {
				return nil, ui.Usage("give --at TIME", "--%s goes with --at", name)
			}
		}
		return nil, nil
	}
	from, err := parseTime("at", c.String("at"))
	if err != nil {
		return nil, err
	}
	to := from
	if c.String("until") != "" {
		if to, err = parseTime("until", c.String("until")); err != nil {
			return nil, err
		}
	}
	if to.Before(from) {
		return nil, ui.Usage("", "--until is before --at")
	}
	return desk.Occurred(from, to, evidence.Clock(c.String("clock")), c.Duration("clock-offset")), nil
}

// parseTime reads a moment. One without a zone could mean any of two dozen.
func parseTime(flag, text string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, ui.Usage("write it as 2026-03-02T09:14:00+01:00, or with Z for UTC", "--%s: %q is not a moment with its time zone", flag, text)
	}
	return t, nil
}

// record collects what the flags of recordFlags, bagFlags and text say. Flags
// that were not given leave no field.
func record(c *cli.Context, text ...string) (map[string]any, error) {
	fields := map[string]any{}
	for _, name := range append(text, "place", "note") {
		if v := c.String(name); v != "" {
			fields[name] = v
		}
	}
	for flag, name := range map[string]string{"seal-found": evidence.FieldSealBefore, "seal-left": evidence.FieldSealAfter} {
		if v := c.StringSlice(flag); len(v) > 0 {
			fields[name] = v
		}
	}
	if v := c.StringSlice(checkedFlag); len(v) > 0 {
		fields[rules.FieldPersonalChecked] = v
	}
	for _, f := range c.StringSlice("field") {
		name, value, err := parseField(f)
		if err != nil {
			return nil, err
		}
		if _, twice := fields[name]; twice {
			return nil, ui.Usage("give each field once", "the field %q is given twice", name)
		}
		fields[name] = value
	}
	return fields, nil
}

// parseField reads NAME=TEXT or NAME:=JSON.
func parseField(s string) (name string, value any, err error) {
	name, text, ok := strings.Cut(s, "=")
	if !ok || name == "" || name == ":" {
		return "", nil, ui.Usage("--field NAME=TEXT, or NAME:=JSON", "the field %q has no name or no value", s)
	}
	plain, isJSON := strings.CutSuffix(name, ":")
	if !isJSON {
		return name, text, nil
	}
	if err := json.Unmarshal([]byte(text), &value); err != nil || value == nil {
		return "", nil, ui.Usage("quote it for the shell: --field '"+plain+`:={"a":1}'`, "the field %q is not JSON: %v", plain, err)
	}
	return plain, value, nil
}
