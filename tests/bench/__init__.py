"""`make bench`: what things cost, as ratios against a floor measured in the same run. Never part of the tests."""
