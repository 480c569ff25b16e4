// Package ui is the only way the custody tool speaks to a person or a program:
// problems in three lines, prompts, progress, tables, JSON lines and exit codes.
//
// Manners, kept here so that no verb has to remember them:
//
//   - Standard output carries data only. Words, warnings, progress and problems
//     go to standard error.
//   - With JSON asked for, every line on either stream is one JSON object whose
//     first member is message_type. Data lines (finding, summary, and what a
//     verb emits under its own name) stand on standard output; status, note,
//     warning and exit_error on standard error. A reader ignores members and
//     types it does not know.
//   - Colour and progress bars appear on a terminal only, and never carry
//     meaning alone: a status is a word and a sign.
//   - Nothing is asked unless standard input is a terminal. Secrets come from a
//     file descriptor, a command, or a prompt without echo; never from the
//     command line or the environment itself.
//   - Text that came from evidence (file names, descriptions) is shown with its
//     control and direction characters made visible, so that a hostile file
//     name cannot repaint the screen.
//   - A failure is a [Problem]: what happened, what it means for the evidence,
//     what to do. [ExitCode] maps every error to one of six exit codes.
//
// The package knows nothing about evidence; it is told.
package ui
