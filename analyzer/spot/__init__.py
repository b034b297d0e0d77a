"""Whether an application suits Spot capacity: how often nodes are reclaimed, what that costs it, and what Spot saves."""
