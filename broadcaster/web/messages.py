"""Which English messages the catalogue must translate, for Babel (`broadcaster/locale/babel.cfg`) and the test of it.

In Python: `mark("...")`, every error's `sentence`, and the labels of voices. Templates are Babel's own business.
"""

import ast
from collections.abc import Iterator
from typing import Any, BinaryIO

_LABEL_OF_VOICE = 3

Message = tuple[int, str, str, list[str]]
"""Line, function, message, comments: the shape that Babel asks for."""


def extract(fileobj: BinaryIO, keywords: Any, comment_tags: Any, options: Any) -> Iterator[Message]:
    """A Babel extractor for our Python files."""
    del keywords, comment_tags, options  # our marks are not settings
    for node in ast.walk(ast.parse(fileobj.read())):
        match node:
            case ast.Call(func=ast.Name("mark"), args=[ast.Constant(str(message))]):
                yield node.lineno, "gettext", message, []
            case ast.Call(func=ast.Name("Voice"), args=[*_, ast.Constant(str(message))] as args) if (
                len(args) > _LABEL_OF_VOICE
            ):
                yield node.lineno, "gettext", message, []
            case ast.ClassDef():
                yield from _sentences(node)


def _sentences(of: ast.ClassDef) -> Iterator[Message]:
    for line in of.body:
        match line:
            case (
                ast.Assign(targets=[ast.Name("sentence")], value=ast.Constant(str(message)))
                | ast.AnnAssign(target=ast.Name("sentence"), value=ast.Constant(str(message)))
            ):
                yield line.lineno, "gettext", message, []
