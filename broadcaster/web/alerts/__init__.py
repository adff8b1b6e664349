"""Pages of emergency calls and of others' warnings."""
