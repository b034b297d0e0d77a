"""The truth suite: labelled real Spark applications, and how right the analyzer is about them. See README.md."""
