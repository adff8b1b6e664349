"""What a deliverable is made as: which codec the player decodes, which preset its loudspeakers need."""

from dataclasses import dataclass

from audio_out.codecs import Codec, mime_of
from audio_out.mastering.horn import Preset


@dataclass(frozen=True, slots=True, order=True)
class Format:
    """A codec and a preset; villages name them, deliverables are stored by them."""

    codec: Codec = Codec.OPUS
    preset: Preset = Preset.PLAIN

    @property
    def name(self) -> str:
        """`opus/horn`."""
        return f"{self.codec}/{self.preset}"

    @property
    def mime(self) -> str:
        """The codec as the web calls it."""
        return mime_of(self.codec)

    @classmethod
    def named(cls, name: str) -> "Format":
        """The format of this name. Raises ValueError."""
        codec, _, preset = name.partition("/")
        return cls(Codec(codec), Preset(preset))


USUAL = Format()
"""What every rendition has, and pages play."""
