"""A village's player: pulls its signed plan, keeps it, plays it by its own trusted clock and says what was heard.

Imports nothing of ours but `broadcaster.protocol`, so that it installs on a small machine without the server.
"""

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("village-broadcaster")
except PackageNotFoundError:
    VERSION = "unpackaged"
