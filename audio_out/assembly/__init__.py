"""A reading or a take becomes a master and a deliverable: the steps of `audio_out` put together, without a database.

A `Studio` holds the voices and the store; a worker process builds one and closes it at its end. A master is FLAC,
immutable, named by its sha256; a deliverable is made from the master and can be made again.

`segments` are pieces of sound, `tracks` say which sound in what order, `keeping` masters, encodes and stores them.
"""

from audio_out.assembly.keeping import Deliverable, Master
from audio_out.assembly.studio import RECORDING, Studio

__all__ = ["RECORDING", "Deliverable", "Master", "Studio"]
