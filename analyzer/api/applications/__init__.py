"""Applications: what ran, what it cost, its facts and stages."""
