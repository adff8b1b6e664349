"""A text or a human take in, airable audio out. Knows `content`, never who schedules or plays it."""

import warnings

# pydub looks for an ffmpeg when it is imported, and says so; we use it where it needs none (ADR 0009).
warnings.filterwarnings("ignore", message="Couldn't find ffmpeg", category=RuntimeWarning)
