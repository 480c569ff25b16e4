package standards

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxNesting is how deep lists and groups of answers may lie in each other.
const maxNesting = 12

// jsonAnswers reads one JSON object. encoding/json would take the last of two
// members of one name, which would be an answer ignored.
func jsonAnswers(b []byte) (map[string]any, error) {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	v, err := jsonValue(dec, 0)
	if err == nil {
		if _, more := dec.Token(); more != io.EOF {
			err = errors.New("something stands behind the object")
		}
	}
	if err != nil {
		return nil, &lineError{"", 1 + bytes.Count(b[:dec.InputOffset()], []byte("\n")), jsonProblem(err)}
	}
	return answers(v)
}

// jsonProblem says what is wrong without a value of the file.
func jsonProblem(err error) string {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "the file ends too early"
	}
	if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
		return "not JSON: " + syntax.Error()
	}
	return err.Error()
}

func jsonValue(dec *json.Decoder, depth int) (any, error) {
	t, err := dec.Token()
	if err != nil {
		return nil, err
	}
	d, ok := t.(json.Delim)
	switch {
	case !ok:
		return t, nil
	case depth == maxNesting:
		return nil, fmt.Errorf("nested more than %d deep", maxNesting)
	case d == '{':
		return jsonObject(dec, depth)
	}
	list := []any{}
	for dec.More() {
		v, err := jsonValue(dec, depth+1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	_, err = dec.Token()
	return list, err
}

func jsonObject(dec *json.Decoder, depth int) (any, error) {
	all := map[string]any{}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return nil, err
		}
		name, _ := t.(string)
		if _, twice := all[name]; twice {
			return nil, fmt.Errorf("the field %q is given twice", name)
		}
		if all[name], err = jsonValue(dec, depth+1); err != nil {
			return nil, err
		}
	}
	_, err := dec.Token()
	return all, err
}
