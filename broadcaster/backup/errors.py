"""What can go wrong with a backup.

BroadcastError
├── Conflict     BackupThere FolderNotEmpty DatabaseNotEmpty BackupTooNew
├── Invalid      NotABackup BackupDamaged RowsRefused
└── Unavailable  BackupNotWritten
"""

from content.kernel.errors import Conflict, Invalid, Unavailable


class BackupThere(Conflict):
    """A file of this name exists; a backup never replaces another."""

    sentence = "{file} exists already. Choose another name: a backup never replaces another one."


class BackupNotWritten(Unavailable):
    """The file cannot be written whole."""

    sentence = "The backup could not be written to {folder}: {cause}. Nothing was left there."


class NotABackup(Invalid):
    """Not a file that `backup` wrote, or not all of it."""

    sentence = "{file} is not a whole backup: {cause}. Take another copy of it, or an older backup."


class BackupDamaged(Invalid):
    """A file in it is not what was kept."""

    sentence = "{file} is damaged: “{name}” in it is not what was kept. Take another copy of it, or an older backup."


class FolderNotEmpty(Conflict):
    """There is an installation, or something else."""

    sentence = (
        "The data folder {folder} is not empty (“{name}” is in it), and a restore overwrites nothing. Move it away, or "
        "name another folder: BROADCASTER_DATA_DIR."
    )


class DatabaseNotEmpty(Conflict):
    """There is an installation in the database that the settings name."""

    sentence = (
        "The database is not empty (there are rows in “{table}”), and a restore overwrites nothing. Make an empty one, "
        "and name it: BROADCASTER_DATABASE_URL."
    )


class RowsRefused(Invalid):
    """What one database kept does not fit into the other."""

    sentence = "The rows of “{table}” could not be copied: {cause}. Nothing was changed."


class BackupTooNew(Conflict):
    """Made by a newer release than this one."""

    sentence = "This backup was made by version {version}, this is {ours}. Install that version or a newer one first."
