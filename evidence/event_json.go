package evidence

import (
	"fmt"
	"slices"
)

// MaxEvent is the most bytes an event may have: its envelope is 1 MiB at most
// (spec/event.md, "Envelope").
const MaxEvent = 1 << 20

// ParseEvent reads an event's payload. It refuses everything but the canonical
// form of a valid event: with [ErrNotCanonical] other bytes for the same
// meaning, missing, unknown or null members; with [ErrEvent] an event that
// [Event.Validate] refuses (rule P19).
func ParseEvent(b []byte) (*Event, error) {
	if len(b) > MaxEvent {
		return nil, fmt.Errorf("event: %w: %d bytes, limit %d", ErrNotCanonical, len(b), MaxEvent)
	}
	var e Event
	if err := ParseCanonical(b, &e); err != nil {
		return nil, fmt.Errorf("event: %w", err)
	}
	if e.Format != EventFormat {
		return nil, &MemberError{"format", fmt.Sprintf("is %.40q, want %q", e.Format, EventFormat)}
	}
	e.Format = ""
	if err := e.Validate(); err != nil {
		return nil, err
	}
	return &e, nil
}

// Marshal returns the canonical bytes of a valid event, or the error of
// [Event.Validate]. ParseEvent gives the same event back.
func (e *Event) Marshal() ([]byte, error) {
	if err := e.Validate(); err != nil {
		return nil, err
	}
	c := *e
	c.Format = EventFormat
	// Lists that may be empty are never absent.
	c.Anchors = append([]Hash{}, e.Anchors...)
	c.Opens.Children = append([]Child{}, e.Opens.Children...)
	c.Erases = slices.Clone(e.Erases)
	for i := range c.Erases {
		c.Erases[i].Opened = append([]Seal{}, c.Erases[i].Opened...)
	}
	b, err := Canonical(&c)
	if err != nil {
		return nil, fmt.Errorf("event: %w", err)
	}
	if len(b) > MaxEvent {
		return nil, &MemberError{"payload", fmt.Sprintf("%d bytes, limit %d", len(b), MaxEvent)}
	}
	return b, nil
}
