"""What `sparkledger doctor` looks at: a module a subject, a function a check."""
