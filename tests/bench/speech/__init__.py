"""`make bench-speech`: what the horn preset is worth, by published measures on a simulated village."""
