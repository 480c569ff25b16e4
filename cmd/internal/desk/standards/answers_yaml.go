package standards

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// maxYAML is the most bytes of answers in YAML: what people write by hand.
const maxYAML = 1 << 20

// yamlAnswers reads one YAML mapping. A plain text stays the text that stands
// there, and the field says what it is: YAML itself would read the seal number
// 0017732 as 8154, and a moment without its offset. There are no anchors, aliases
// or tags: a value stands where it is read.
func yamlAnswers(b []byte) (map[string]any, error) {
	if len(b) > maxYAML {
		return nil, &lineError{"", 1, fmt.Sprintf("%d bytes of YAML, at most %d are read", len(b), maxYAML)}
	}
	dec := yaml.NewDecoder(bytes.NewReader(b))
	var doc, more yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return map[string]any{}, nil
	case err != nil:
		return nil, yamlProblem(err)
	}
	v, err := yamlValue(doc.Content[0], 0)
	if err != nil {
		return nil, err
	}
	if err := dec.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, &lineError{"", max(more.Line, 1), "something stands behind the mapping"}
	}
	return answers(v)
}

var yamlLine = regexp.MustCompile(`line (\d+): `)

// yamlProblem finds the line in an error of the library.
func yamlProblem(err error) error {
	at := &lineError{"", 1, "not YAML: " + yamlLine.ReplaceAllString(err.Error(), "")}
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		at.line, _ = strconv.Atoi(m[1])
	}
	return at
}

func yamlValue(n *yaml.Node, depth int) (any, error) {
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		return nil, &lineError{"", n.Line, "anchors and aliases are not taken; write the value out"}
	case n.Style&yaml.TaggedStyle != 0:
		return nil, &lineError{"", n.Line, "tags are not taken; the field says what its value is"}
	case depth > maxNesting:
		return nil, &lineError{"", n.Line, fmt.Sprintf("nested more than %d deep", maxNesting)}
	case n.Kind == yaml.MappingNode:
		return yamlMapping(n, depth)
	case n.Kind == yaml.SequenceNode:
		list := []any{}
		for _, one := range n.Content {
			v, err := yamlValue(one, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	case n.Tag == "!!null":
		return nil, nil
	}
	return n.Value, nil
}

func yamlMapping(n *yaml.Node, depth int) (any, error) {
	all := map[string]any{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := n.Content[i]
		if name.Kind != yaml.ScalarNode || name.Anchor != "" || name.Style&yaml.TaggedStyle != 0 {
			return nil, &lineError{"", name.Line, "a field's name is a plain text"}
		}
		if _, twice := all[name.Value]; twice {
			return nil, &lineError{"", name.Line, fmt.Sprintf("the field %q is given twice", name.Value)}
		}
		v, err := yamlValue(n.Content[i+1], depth+1)
		if err != nil {
			return nil, err
		}
		all[name.Value] = v
	}
	return all, nil
}
