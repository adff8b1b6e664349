"""The labels of automatically numbered lists ("1.", "a)", "-"), which files keep as rules, not as text."""

from dataclasses import dataclass, field
from typing import Final

_ROMAN: Final = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"),
    (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
BULLET = "-"


@dataclass(frozen=True, slots=True)
class Level:
    """How one depth of a list is numbered.

    Attributes:
        style: `1`, `01`, `a`, `A`, `i`, `I`, `-` for a bullet, or nothing.
        template: the label with `%1` to `%9` for the numbers of the depths, as Word writes it.
        start: the first number.
    """

    style: str = "1"
    template: str = "%1."
    start: int = 1


@dataclass(slots=True)
class Counter:
    """The running numbers of one list; a number starts again below each item of a shallower depth."""

    levels: dict[int, Level]
    _numbers: dict[int, int] = field(default_factory=dict)

    def next(self, depth: int, start: int | None = None) -> str:
        """The label of the next item at `depth` (0 is the outermost), which counts from `start` if one is given."""
        level = self.levels.get(depth, Level(style=""))
        self._numbers[depth] = start if start is not None else self._numbers.get(depth, level.start - 1) + 1
        self._numbers = {deep: number for deep, number in self._numbers.items() if deep <= depth}
        if level.style == BULLET:
            return BULLET
        label = level.template if level.style else ""
        for deep in range(9):
            if f"%{deep + 1}" in label:
                label = label.replace(f"%{deep + 1}", self._written(deep))
        return label.strip()

    def _written(self, depth: int) -> str:
        level = self.levels.get(depth, Level())
        return written(self._numbers.get(depth, level.start), level.style)


def written(number: int, style: str) -> str:
    """A number in a style of numbering: 3 is `3`, `03`, `c`, `C`, `iii` or `III`."""
    if style in {"a", "A"} and number > 0:
        letters = chr(ord("a") + (number - 1) % 26) * min((number - 1) // 26 + 1, 9)
        return letters if style == "a" else letters.upper()
    if style in {"i", "I"} and 0 < number < 4000:
        return roman(number) if style == "i" else roman(number).upper()
    return f"{number:02}" if style == "01" else str(number)


def roman(number: int) -> str:
    """1 to 3999 in small Roman numerals."""
    numeral = ""
    for value, letters in _ROMAN:
        times, number = divmod(number, value)
        numeral += letters * times
    return numeral
