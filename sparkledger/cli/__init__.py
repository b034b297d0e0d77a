"""The command line: one command a file. stdout is data, stderr is talk, and `errors` documents the exit codes."""
