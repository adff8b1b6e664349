"""What shall sound when, laid out and decided: pure."""
