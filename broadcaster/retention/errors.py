"""What can be wrong with keeping and removing.

BroadcastError
├── NotFound     NoSuchExport, ExportGone, SoundRemoved
└── Unavailable  ArchiveNotWritten, ExportDamaged
"""

from content.kernel.errors import NotFound, Unavailable


class ArchiveNotWritten(Unavailable):
    """What was to be deleted could not be kept first."""

    sentence = "Old rows could not be written to {file}: {cause}. Nothing was deleted."


class ExportDamaged(Unavailable):
    """The file is not what was written."""

    sentence = "The file {file} is damaged or was changed. Nothing was deleted, and nothing can be put back from it."


class NoSuchExport(NotFound):
    """No export of this uuid in the commune."""

    sentence = "This export is not here any more."


class ExportGone(NotFound):
    """Somebody moved the file away."""

    sentence = "The file {file} is not in the folder “archive” any more. Copy it back there, then try again."


class SoundRemoved(NotFound):
    """The sound of an announcement that was over long ago."""

    sentence = (
        "This sound was removed on {day}, because its announcement was over long ago. It lies in the file {file} of "
        "the folder “archive”; an admin can put it back on the page “What is kept how long”."
    )
