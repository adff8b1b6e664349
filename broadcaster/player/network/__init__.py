"""The line to the server: calls, events, limits, and what stands between."""
