package desk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// anchorer is a custody-channel beside one state's node (cmd/custody-channel).
type anchorer struct {
	daemonProcess
	state, socket string
}

const (
	// anchorTime is how long a checkpoint may take to be anchored.
	anchorTime = 2 * time.Minute
	// askAgain is how long a channel that does not answer is left alone.
	askAgain = 500 * time.Millisecond
)

// A refusal of the channel's rules, of which this one says that it is recorded already:
// the answer to an earlier request was lost.
const recordedAlready = "already"

var errRefused = errors.New("refused by the rules of the channel")

// stop ends the process and waits for it.
func (a *anchorer) stop() error {
	if a == nil {
		return nil
	}
	return a.daemonProcess.stop()
}

// vote has the state vote for a trust list. The chaincode may still have to be started.
func (a *anchorer) vote(ctx context.Context, list []byte, within time.Duration) error {
	_, err := a.ask(ctx, http.MethodPost, "/v1/trust", list, within)
	return err
}

// ask asks the program until it has an answer or has been refused. An error wraps
// [ErrChannel] or [ErrDaemon].
func (a *anchorer) ask(ctx context.Context, method, path string, body []byte, within time.Duration) ([]byte, error) {
	until, stop := context.WithTimeout(ctx, within)
	defer stop()
	if err := a.works(until); err != nil {
		return nil, fmt.Errorf("custody-channel of %s: %w", a.state, err)
	}
	tick := time.NewTicker(askAgain)
	defer tick.Stop()
	for {
		b, err := a.once(until, method, path, body)
		if err == nil {
			return b, nil
		}
		if errors.Is(err, errRefused) {
			return nil, fmt.Errorf("%w: %s: %w", ErrChannel, a.state, err)
		}
		select {
		case <-tick.C:
		case <-a.ended:
			return nil, fmt.Errorf("custody-channel of %s: %w: %s", a.state, ErrDaemon, a.last())
		case <-until.Done():
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			return nil, fmt.Errorf("%w: %s, asked for %s: %w", ErrChannel, a.state, within, err)
		}
	}
}

// once asks once.
func (a *anchorer) once(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", a.socket)
	}}}
	r, err := http.NewRequestWithContext(ctx, method, "http://channel"+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	resp, err := c.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode == http.StatusOK {
		return b, err
	}
	var failed struct{ Code, What string }
	if err := json.Unmarshal(b, &failed); err != nil {
		return nil, fmt.Errorf("%s: %w", resp.Status, err)
	}
	switch {
	case resp.StatusCode != http.StatusConflict:
		return nil, errors.New(failed.What)
	case failed.Code == recordedAlready && path == "/v1/trust":
		return nil, nil
	case failed.Code == recordedAlready:
		return nil, errors.New(failed.What) // the next answer is what was recorded
	}
	return nil, fmt.Errorf("%w: %s", errRefused, failed.What)
}
