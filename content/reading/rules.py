"""Puts the rules in order. This is the one place that decides which rule is asked first, and why."""

from content.reading import (
    abbreviations,
    dates,
    documents,
    foreign,
    measures,
    periods,
    phones,
    quantities,
    roman,
    symbols,
    times,
    web,
)
from content.reading.scanner import Rule, Rulebook

_WORDS: tuple[Rule, ...] = (
    *web.WORD_RULES,  # an address holds words, dots and slashes that others would take apart
    *symbols.WORD_RULES_EARLY,  # Km 4+200 and units before any letters are spelled
    *periods.WORD_RULES,  # T2-T6 before codes
    *foreign.WORD_RULES,  # VNeID, Covid-19 before codes and capitals
    *roman.WORD_RULES,  # quý IV before abbreviations and capitals
    *abbreviations.WORD_RULES,
)
_DIGITS: tuple[Rule, ...] = (
    *web.DIGIT_RULES,
    *abbreviations.DIGIT_RULES_EARLY,  # plates look like codes, then numbers
    *documents.DIGIT_RULES,  # 57-NQ/TW before ranges
    *symbols.DIGIT_RULES_EARLY,  # the 1. of a list before decimals
    *phones.DIGIT_RULES,  # 0912.345.678 before dates and thousands
    *times.DIGIT_RULES,  # 8-11h30 before ranges
    *dates.WHOLE_RULES,  # 5-7/12 before ranges and fractions
    *periods.DIGIT_RULES,  # tháng 11-12 before the date that 11-12 may be
    *dates.PART_RULES,
    *measures.DIGIT_RULES,  # 22°30'B and TV 43" before ranges, degrees and minutes
    *quantities.DIGIT_RULES[:-2],
    quantities.DIGIT_RULES[-2],  # a number with its unit before a code: 35kV
    *abbreviations.DIGIT_RULES,  # 6A1
    quantities.DIGIT_RULES[-1],  # a plain number is what is left
)
_OTHERS: tuple[Rule, ...] = (
    *phones.OTHER_RULES,  # (0214) 3842 123 before brackets
    *periods.OTHER_RULES,
    *measures.OTHER_RULES,  # $100 before the sign alone
    *quantities.OTHER_RULES,  # ≥ 18 tuổi, -2°C before signs and bullets
    *symbols.OTHER_RULES,
)


def rulebook(own: list[Rule]) -> Rulebook:
    """Give all rules with the commune's own in front of every other."""
    return Rulebook([*own, *_WORDS], [*own, *_DIGITS], [*own, *_OTHERS])
