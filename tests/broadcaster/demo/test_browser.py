"""The very small browser of the demonstration, against a page of our own."""

from broadcaster.demo.browser import _Reader

PAGE = """
<form action="/search"><input name="q"></form>
<form action="/write" method="post">
  <input type="hidden" name="edits" value="3">
  <textarea name="text">Xin
chào</textarea>
  <select name="category"><option value="a">A</option><option value="b" selected>B</option></select>
  <input type="radio" name="where" value="all" checked><input type="radio" name="where" value="some">
  <input type="checkbox" name="villages" value="x"><input type="checkbox" name="villages" value="y" checked>
  <button name="do" value="save">Save</button>
</form>
"""


def test_forms_are_read_as_a_browser_would_send_them() -> None:
    """Hidden and typed values, selected options, checked boxes; unchecked boxes and buttons are only known by name."""
    reader = _Reader()
    reader.feed(PAGE)
    search, write = reader.forms
    assert search.action == "/search"
    assert write.fields == {
        "edits": ["3"],
        "text": ["Xin\nchào"],
        "category": ["b"],
        "where": ["all"],
        "villages": ["y"],
    }
    assert "do" in write.names
