"""SQL that rules of several categories share; an analysis runs each once."""
