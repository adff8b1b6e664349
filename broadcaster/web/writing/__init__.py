"""Pages of announcements: writing, recording, reviewing, finding, and what helps with it."""
