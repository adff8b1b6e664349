"""Passing on a live stream: tuned in ahead, listened to, replaced while it is silent or gone.

A stranger's bytes are fetched and decoded in a child process (`decoder`, `fetching`, `pointing`); the player has only
its samples (`stream`), hears them (`ear`) and decides what goes to the loudspeaker (`sound`). Only the child needs the
extra `player-relay`.
"""
