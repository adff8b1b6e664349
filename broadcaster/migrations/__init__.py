"""The database's history: Alembic revisions, shipped with the product, run at each start."""

from importlib.resources import files

from alembic import command
from alembic.config import Config
from sqlalchemy.exc import OperationalError

from content.kernel.errors import Unavailable


class DatabaseUnreachable(Unavailable):
    """It does not answer, or not to us."""

    sentence = "The database does not answer: {cause}. See the setting database_url in docs/settings.md."


def config(url: str) -> Config:
    """Alembic's configuration for a database URL; there is no alembic.ini."""
    made = Config()
    made.set_main_option("script_location", str(files("broadcaster.migrations")))
    made.attributes["url"] = url
    return made


def upgrade(url: str) -> None:
    """Bring the database to the newest revision. Raises DatabaseUnreachable."""
    try:
        command.upgrade(config(url), "head")
    except OperationalError as error:
        raise DatabaseUnreachable(cause=str(error.orig).splitlines()[0]) from error
