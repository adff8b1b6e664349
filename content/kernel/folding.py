"""Vietnamese words without their diacritics: to search by, and to name things in addresses."""

import unicodedata


def plain(words: str) -> str:
    """Lower case without diacritics, so that "tiem chung" finds "tiêm chủng"."""
    apart = unicodedata.normalize("NFD", words.casefold().replace("đ", "d"))
    return "".join(char for char in apart if not unicodedata.combining(char)).strip()


def marked(words: str) -> str:
    """Lower case with diacritics (NFC), so that "họp" does not find "hợp"."""
    return unicodedata.normalize("NFC", words).casefold().strip()


def searchable(*texts: str) -> str:
    """What a search looks through: every text as it is written and without diacritics, in lower case."""
    whole = "\n".join(texts)
    return f"{marked(whole)}\n{plain(whole)}"
