"""Which village hears which announcement of the demo."""

from broadcaster.texts import Text

_RANK = ("emergency", "important", "routine")


def share_out(texts: list[Text], villages: list[str]) -> list[tuple[Text, list[str]]]:
    """Who hears what: the most urgent text everywhere and first, each other one in the village with least to hear.

    Longest first, so that the programmes come out about equally long.
    """
    common = min(texts, key=lambda text: (_RANK.index(text.priority), len(text.text)))
    load = dict.fromkeys(villages, 0)
    shared = [(common, villages)]
    for text in sorted((text for text in texts if text is not common), key=lambda text: -len(text.text)):
        village = min(villages, key=lambda slug: load[slug])
        load[village] += len(text.text)
        shared.append((text, [village]))
    return shared
