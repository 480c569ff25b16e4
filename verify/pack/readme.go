package pack

import _ "embed"

// readme is README.txt of every package.
//
//go:embed readme.txt
var readme []byte
