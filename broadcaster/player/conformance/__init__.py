"""Does a player keep the protocol's rules? Asked of any implementation from outside, by what it asks and reports.

Lives with the player, so that whoever writes another one needs nothing of the server. A check knows the rules of
`docs/player.md` and nothing of how a player works inside.
"""
