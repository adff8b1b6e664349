"""A whole installation in one file, and back from it: database, stored audio and keys."""
