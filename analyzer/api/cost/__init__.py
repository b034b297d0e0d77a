"""One run priced on every deployment of EMR, and set against its bill."""
