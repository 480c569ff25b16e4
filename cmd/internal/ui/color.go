package ui

import "fmt"

// Color says when output is coloured.
type Color string

// The colour policies.
const (
	ColorAuto   Color = "auto"   // on a terminal, unless NO_COLOR is set or TERM is dumb
	ColorAlways Color = "always" // everywhere
	ColorNever  Color = "never"  // nowhere
)

// ParseColor reads a colour policy; the empty string means [ColorAuto].
func ParseColor(s string) (Color, error) {
	switch c := Color(s); c {
	case ColorAuto, ColorAlways, ColorNever:
		return c, nil
	case "":
		return ColorAuto, nil
	default:
		return "", fmt.Errorf("color is %q, not auto, always or never", s)
	}
}

// colored reports whether stream gets colour under policy c. NO_COLOR counts
// when it is set to anything but the empty string (no-color.org).
func (s Streams) colored(c Color, stream any) bool {
	switch c {
	case ColorAlways:
		return true
	case ColorNever:
		return false
	default:
		return s.getenv("NO_COLOR") == "" && s.getenv("TERM") != "dumb" &&
			isTerminal(stream) && enableANSI(stream)
	}
}

// A style is the number of an ANSI SGR attribute.
type style int

const (
	bold   style = 1
	dim    style = 2
	red    style = 31
	green  style = 32
	yellow style = 33
)

// paint puts s in style st when on is set.
func paint(on bool, st style, s string) string {
	if !on {
		return s
	}
	return fmt.Sprintf("\x1b[%dm%s\x1b[0m", st, s)
}
