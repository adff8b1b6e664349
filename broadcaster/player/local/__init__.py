"""The player's own page: how it is, and what somebody who stands beside it may do, with a phone and without a server.

Needs nothing but the standard library. Decides nothing of what airs: it shows, and passes on what was pressed.
"""
