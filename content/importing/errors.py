"""What can be wrong with a file, one line per class; each sentence says what to do instead.

Invalid  FileEmpty FileTooBig FileKindUnknown FileOfOldWord FileLocked FileDamaged FileTooHard FileHasNoText
"""

from content.kernel.errors import Invalid


class FileEmpty(Invalid):
    """No byte in it."""

    sentence = "The file is empty. Choose another, or type the text."
    field = "file"


class FileTooBig(Invalid):
    """Larger than any announcement's document."""

    sentence = (
        "The file has {size_mb} MB; at most {limit_mb} MB can be imported. Take the pictures out, or paste its text."
    )
    field = "file"


class FileKindUnknown(Invalid):
    """Neither of the kinds that can be read, whatever its name says."""

    sentence = (
        "This kind of file cannot be read. Save it as .docx, .odt, .pdf or .txt and import that, or paste its text."
    )
    field = "file"


class FileOfOldWord(Invalid):
    """The binary format of Word 97 to 2003."""

    sentence = "This is a file of an old Word (.doc). Open it in Word or LibreOffice, save it as .docx and import that."
    field = "file"


class FileLocked(Invalid):
    """Encrypted."""

    sentence = "The file is protected by a password. Save it without a password and import that."
    field = "file"


class FileDamaged(Invalid):
    """It begins like a known kind and cannot be read as one."""

    sentence = "The file is damaged and cannot be read. Open it, save it anew and import that, or paste its text."
    field = "file"


class FileTooHard(Invalid):
    """It asked for more time or memory than a document needs."""

    sentence = "Reading the file takes too much time or memory. Save only the pages needed and import those."
    field = "file"


class FileHasNoText(Invalid):
    """A scan, or nothing at all."""

    sentence = "There is no text in the file, only pictures perhaps (a scan). Ask for the Word file, or type the text."
    field = "file"
