"""The rungs of the ladder: each turns one sentence into samples, and none is believed without measuring."""
