"""Whether one application suits Spot capacity."""
