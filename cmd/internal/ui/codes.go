package ui

// The codes that any verb may meet. Verbs register their own beside the code
// that reports them.
const (
	CodeUsage             Code = "E-USAGE"              // the command line was wrong
	CodeFailed            Code = "E-FAILED"             // not explained any better
	CodeInternal          Code = "E-INTERNAL"           // a fault of the tool itself
	CodeInterrupted       Code = "E-INTERRUPTED"        // stopped from outside
	CodeNotFound          Code = "E-NOT-FOUND"          // a path that does not exist
	CodeExists            Code = "E-EXISTS"             // an output that is there already
	CodeSameFile          Code = "E-SAME-FILE"          // output and input are one file
	CodePermission        Code = "E-PERMISSION"         // the system forbids it
	CodeDiskFull          Code = "E-DISK-FULL"          // no space or no quota left
	CodeReadOnly          Code = "E-READ-ONLY"          // a file system that cannot be written
	CodeOutput            Code = "E-OUTPUT"             // standard output could not be written
	CodeTerminal          Code = "E-TERMINAL"           // binary output to a terminal
	CodeDamaged           Code = "E-DAMAGED"            // an input that a tool on the way has changed
	CodeNoPassphrase      Code = "E-NO-PASSPHRASE"      // none given and nobody to ask
	CodePassphraseSource  Code = "E-PASSPHRASE-SOURCE"  // the descriptor or command gave none
	CodePassphraseDiffers Code = "E-PASSPHRASE-DIFFERS" // the two entries were not equal
	CodeNotConfirmed      Code = "E-NOT-CONFIRMED"      // the question was not answered yes
	CodeNoAnswer          Code = "E-NO-ANSWER"          // a question and nobody to ask
)

var _ = Register(
	Entry{Code: CodeUsage, Class: ErrUsage, Title: "Wrong usage",
		Means: "nothing was begun and nothing was written",
		Do:    []string{"custody help"},
		About: "Flags may stand anywhere on the line. What follows -- is never read as a flag, so a file whose name begins with a hyphen is written after it."},
	Entry{Code: CodeFailed, Title: "Not done",
		Means: "it was not done; the tool cannot say more than the line above",
		Do:    []string{"read the line above", "custody doctor"}},
	Entry{Code: CodeInternal, Title: "A fault of the tool",
		Means: "the tool stopped at a fault of its own; what the ledger acknowledged before stays",
		Do:    []string{"keep the lines above and report them as SECURITY.md says", "custody doctor"}},
	Entry{Code: CodeInterrupted, Class: ErrInterrupted, Title: "Interrupted",
		Means: "what was finished before stays; what was not is taken up again or cleared by the next command",
		Do:    []string{"run the same command again"}},
	Entry{Code: CodeNotFound, Title: "Not found",
		Means: "nothing was read, so nothing can be said about it",
		Do:    []string{"check the path"}},
	Entry{Code: CodeExists, Title: "Already there",
		Means: "the file that is there was left as it is",
		Do:    []string{"choose another name", "--force replaces it"}},
	Entry{Code: CodeSameFile, Title: "Output is an input",
		Means: "the input was left as it is; writing the output would have destroyed it",
		Do:    []string{"choose another name for the output"}},
	Entry{Code: CodePermission, Title: "Not permitted",
		Means: "the system did not let the tool read or write there; nothing is known about what it could not read",
		Do:    []string{"ask whoever runs this machine for access", "check the owner and mode of the path"}},
	Entry{Code: CodeDiskFull, Title: "Disk full",
		Means: "the last thing was not written in full and does not count; what was acknowledged before stays",
		Do:    []string{"free some space or quota", "run the same command again"}},
	Entry{Code: CodeReadOnly, Title: "Read-only",
		Means: "nothing was written there",
		Do:    []string{"choose a place that can be written"}},
	Entry{Code: CodeOutput, Title: "Output not written",
		Means: "the output is incomplete; do not use it",
		Do:    []string{"check where standard output goes", "run the same command again"}},
	Entry{Code: CodeTerminal, Title: "Binary output to a terminal",
		Means: "nothing was written",
		Do:    []string{"--out FILE", "send standard output to a file"}},
	Entry{Code: CodeDamaged, Class: ErrUndecided, Title: "Changed on the way",
		Means: "the file is not in the form it was written in, so nothing it says was checked",
		Do:    []string{"fetch the original again, byte for byte", "write files with --out, not with the > of PowerShell"},
		About: "Some programs re-code a file they only had to copy: PowerShell's > writes UTF-16, mail and FTP in text mode change line ends. The digests cannot match after that."},
	Entry{Code: CodeNoPassphrase, Title: "No passphrase",
		Means: "the key stays locked; nothing was signed or opened",
		Do:    []string{"run the command on a terminal", "--passphrase-fd N", "set CUSTODY_PASSPHRASE_COMMAND"},
		About: "A passphrase is never taken from the command line or from an environment variable, where other programs can see it."},
	Entry{Code: CodePassphraseSource, Title: "The passphrase could not be had",
		Means: "the key stays locked; nothing was signed or opened",
		Do:    []string{"check what --passphrase-fd or CUSTODY_PASSPHRASE_COMMAND gives: one line for each passphrase asked for"},
		About: "CUSTODY_PASSPHRASE_COMMAND is split into words at spaces, with '…' and \"…\" keeping words together, and run without a shell. The first line it prints is the passphrase. It finds the name of the key in CUSTODY_PASSPHRASE_NAME. For a pipeline write: sh -c '…'."},
	Entry{Code: CodePassphraseDiffers, Title: "The two entries differ",
		Means: "no key was made or changed",
		Do:    []string{"run the same command again"}},
	Entry{Code: CodeNotConfirmed, Title: "Not confirmed",
		Means: "nothing was signed and nothing was written",
		Do:    []string{"answer yes on a terminal", "--yes where nobody can answer"}},
	Entry{Code: CodeNoAnswer, Title: "A question and nobody to ask",
		Means: "nothing was begun",
		Do:    []string{"run the command on a terminal", "give the flag named above"}},
)
