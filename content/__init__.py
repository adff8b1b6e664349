"""Announcements people write: text, its reading, its revisions and their approval. Imports nothing of ours."""
