"""The database's history: Alembic revisions, shipped with the product, run at each start."""

from importlib.resources import files

from alembic import command
from alembic.config import Config


def config(url: str) -> Config:
    """Alembic's configuration for a database URL; there is no alembic.ini."""
    made = Config()
    made.set_main_option("script_location", str(files("broadcaster.migrations")))
    made.attributes["url"] = url
    return made


def upgrade(url: str) -> None:
    """Bring the database to the newest revision."""
    command.upgrade(config(url), "head")
