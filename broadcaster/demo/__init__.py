"""`make demo`: a whole day's job in front of one's eyes, through the same doors as people and players use."""
