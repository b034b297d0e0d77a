"""What an application cost and what a core-second is worth: a dated price book and pure arithmetic on it."""
