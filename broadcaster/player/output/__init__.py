"""Devices behind one Protocol: a sound card, a WAV file written in real time, and none (real timing, no sound)."""
