"""A text or a human take in, airable audio out. Knows `content`, never who schedules or plays it."""
