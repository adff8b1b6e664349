"""Whether the loudspeaker really sounded: what a microphone captures is held against what was played.

Nothing that is captured is kept, written or sent: it lives for some seconds in memory, and a verdict is all that stays.
"""
