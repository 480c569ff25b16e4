// Package servertest starts the real servers that tests of the engines need, each as a
// process of its own on loopback, which ends with the test. They can be killed, frozen
// and started again. Readiness is asked for, never slept for.
package servertest
