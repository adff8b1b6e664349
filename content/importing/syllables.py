"""What a written Vietnamese syllable can look like: enough to tell Vietnamese words from mangled ones.

It judges spelling, not meaning; whether a syllable is in a dictionary is not known here.
"""

import re
import unicodedata

_ONSETS = "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x"

_RHYMES = """
a ac ach ai am an ang anh ao ap at au ay
ăc ăm ăn ăng ăp ăt
âc âm ân âng âp ât âu ây
e ec em en eng eo ep et
ê êch êm ên êng ênh êp êt êu
i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu
o oc oi om on ong ooc oong op ot
oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oe oen oeo oet
ô ôc ôi ôm ôn ông ôông ôp ôt
ơ ơi ơm ơn ơp ơt
u ua uc ui um un ung up ut uân uâng uât uây uê uêch uênh uơ uôc uôi uôm uôn uông uôt
uy uya uych uynh uyn uyp uyt uyu uyên uyêt
ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu
y yt ych yn ynh yêm yên yêng yêt yêu
"""

_TONES = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}
_STOPPED_TONES = {"\u0301", "\u0323"}
_SYLLABLE = re.compile(f"(?:{'|'.join(_ONSETS.split())})?(?P<rhyme>{'|'.join(_RHYMES.split())})")


def is_syllable(word: str) -> bool:
    """Whether a word, in whatever case and with its tone on whichever vowel, is spelled as Vietnamese syllables are."""
    letters = unicodedata.normalize("NFD", word.lower())
    tones = [char for char in letters if char in _TONES]
    toneless = unicodedata.normalize("NFC", "".join(char for char in letters if char not in _TONES))
    found = _SYLLABLE.fullmatch(toneless)
    if not found or len(tones) > 1:
        return False
    stopped = found["rhyme"].endswith(("c", "ch", "p", "t"))
    return not stopped or set(tones) <= _STOPPED_TONES
