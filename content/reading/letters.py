"""Letters: their names, and whether a run of letters is a Vietnamese syllable at all."""

import functools
import unicodedata

# As announcers name them in codes: D and Đ are both đê (quốc lộ bốn đê).
NAMES = {
    "a": "a", "ă": "á", "â": "ớ", "b": "bê", "c": "xê", "d": "đê", "đ": "đê", "e": "e", "ê": "ê", "f": "ép",
    "g": "giê", "h": "hát", "i": "i", "j": "gi", "k": "ca", "l": "e lờ", "m": "em mờ", "n": "en nờ", "o": "ô",
    "ô": "ô", "ơ": "ơ", "p": "pê", "q": "quy", "r": "e rờ", "s": "ét", "t": "tê", "u": "u", "ư": "ư", "v": "vê",
    "w": "vê kép", "x": "ích", "y": "y", "z": "dét",
}  # fmt: skip
_VIETNAMESE = [
    base + tone for base in "aăâeêioôơuưy" for tone in ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
]
# For character classes of patterns: the capitals and the small letters of Vietnamese (and of English).
LOWER = "a-zđ" + "".join(
    letter for letter in map(functools.partial(unicodedata.normalize, "NFC"), _VIETNAMESE) if letter > "z"
)
UPPER = "A-ZĐ" + LOWER[4:].upper()
# For the bounds of words. Not [^\W\d_]: that holds ² ½ Ⅳ, which are numbers. Only ranges: it is asked at every place.
LETTER = "[A-Za-zÀ-ÖØ-öø-ʯḀ-ỿ]"
VOWELS = frozenset("aăâeêioôơuưy")
_TONES = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}
_ONSETS = {
    "", "b", "c", "ch", "d", "đ", "g", "gh", "gi", "h", "hm", "k", "kh", "l", "m", "n", "ng", "ngh", "nh", "p",
    "ph", "qu", "r", "s", "t", "th", "tr", "v", "x",
}  # fmt: skip
_RIMES = {
    "a", "ac", "ach", "ai", "am", "an", "ang", "anh", "ao", "ap", "at", "au", "ay", "ăc", "ăm", "ăn", "ăng", "ăp",
    "ăt", "âc", "âm", "ân", "âng", "âp", "ât", "âu", "ây", "e", "ec", "em", "en", "eng", "eo", "ep", "et", "ê",
    "êch", "êm", "ên", "êng", "ênh", "êp", "êt", "êu", "i", "ia", "ich", "iêc", "iêm", "iên", "iêng", "iêp", "iêt",
    "iêu", "im", "in", "inh", "ip", "it", "iu", "iê", "o", "oa", "oac", "oach", "oai", "oam", "oan", "oang", "oanh",
    "oao", "oap", "oat", "oay", "oăc", "oăm", "oăn", "oăng", "oăt", "oc", "oe", "oen", "oeo", "oet", "oi", "om",
    "on", "ong", "ooc", "oong", "op", "ot", "ô", "ôc", "ôi", "ôm", "ôn", "ông", "ôp", "ôt", "ơ", "ơi", "ơm", "ơn",
    "ơp", "ơt", "u", "ua", "uân", "uâng", "uât", "uây", "uc", "uê", "uêch", "uênh", "ui", "um", "un", "ung", "uôc",
    "uôi", "uôm", "uôn", "uông", "uôp", "uôt", "uơ", "uơn", "up", "ut", "uy", "uya", "uych", "uyên", "uyêt", "uynh",
    "uyt", "uyu", "ư", "ưa", "ưc", "ưi", "ưm", "ưn", "ưng", "ươc", "ươi", "ươm", "ươn", "ương", "ươp", "ươt", "ươu",
    "ưt", "ưu", "y", "yêm", "yên", "yêng", "yêt", "yêu", "yn", "ynh", "yt", "ych",
}  # fmt: skip


def split_tone(word: str) -> tuple[str, str]:
    """Give the lower-case word without its tone marks, and the marks."""
    decomposed = unicodedata.normalize("NFD", word.lower())
    marks = "".join(char for char in decomposed if char in _TONES)
    return unicodedata.normalize("NFC", "".join(char for char in decomposed if char not in _TONES)), marks


def has_diacritics(text: str) -> bool:
    """Tell whether any letter is written as only Vietnamese writes it."""
    return any(char in "đĐ" or unicodedata.category(char) == "Mn" for char in unicodedata.normalize("NFD", text))


@functools.lru_cache(maxsize=4096)
def is_syllable(word: str, *, toned: bool = True) -> bool:
    """Tell whether a word may be one Vietnamese syllable; `toned` asks closed ones for the tone they must have."""
    bare, marks = split_tone(word)
    if len(marks) > 1 or (toned and bare.endswith(("c", "ch", "p", "t")) and marks not in ("\u0301", "\u0323")):
        return False
    return any(bare.startswith(onset) and bare[len(onset) :] in _RIMES for onset in _ONSETS) or bare == "gi"


def spell(letters: str) -> str:
    """Say letters by their names; what has no name is left out."""
    names = (NAMES.get(split_tone(char)[0], "") for char in letters)
    return " ".join(name for name in names if name)
