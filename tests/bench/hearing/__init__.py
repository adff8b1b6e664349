"""`make bench-hearing`: how often the player is wrong about what its microphone heard, in a simulated village."""
