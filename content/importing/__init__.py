"""Text from outside, pasted or carried in as a file, becomes clean NFC Unicode, or a clear refusal.

The names below are what others use. Foreign files are parsed in a child process only, so that importing this
package loads none of the parsers' libraries.
"""

from content.importing.cleaning import LONGEST_TEXT, check_speakable, clean
from content.importing.document import Imported
from content.importing.files import LARGEST_FILE, read_file
from content.importing.legacy import legacy_encoding, to_unicode

__all__ = [
    "LARGEST_FILE",
    "LONGEST_TEXT",
    "Imported",
    "check_speakable",
    "clean",
    "legacy_encoding",
    "read_file",
    "to_unicode",
]
