"""The players: pairing, their identity, the server's signing key, their heartbeats."""
