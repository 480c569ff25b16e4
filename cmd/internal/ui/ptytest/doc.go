// Package ptytest gives tests a pseudo-terminal: a person on one side, the tool on
// the other. It is there on Linux alone.
package ptytest
