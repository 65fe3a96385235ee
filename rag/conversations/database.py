"""The database of the conversations: opened and brought up to date, and what is deleted leaves no byte.

SQLite keeps a rollback journal here, not a write-ahead log: the moment a deletion is committed its old pages are gone
from every file, so that a kill leaves none of them behind. Any other database of SQLAlchemy's can take its place.
"""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError as UnknownRevision
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from rag.problems import RagError

FILE = "conversations.sqlite"
MIGRATIONS = Path(__file__).parent / "migrations"
PRAGMAS = (
    "foreign_keys = ON",
    "journal_mode = DELETE",
    "synchronous = FULL",
    "secure_delete = ON",
    "temp_store = MEMORY",  # what VACUUM copies goes through no file of the system's
    "busy_timeout = 30000",  # milliseconds
)


class Database:
    """Give sessions over one database whose tables are up to date."""

    def __init__(self, folder: Path, url: str | None = None) -> None:
        self.name = url or str(folder / FILE)
        self.is_file = url is None
        with self.plain_errors():
            if self.is_file:
                folder.mkdir(parents=True, exist_ok=True)
                os.close(os.open(folder / FILE, os.O_CREAT | os.O_RDWR, 0o600))  # of its owner alone
            self.engine = create_engine(url or f"sqlite:///{folder / FILE}")
            if self.engine.dialect.name == "sqlite":
                _prepare(self.engine)
            self._bring_up_to_date()
            self._finish_erasing()

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Read and write in one transaction: all of it lasts, or nothing."""
        with self.plain_errors(), Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def erasing(self) -> Iterator[Session]:
        """Delete in one transaction, then write the file anew without what was deleted.

        A kill in between is noticed by the mark that the transaction left, and the file is written at the next start.
        """
        with self.session() as session:
            if self.is_file:
                session.execute(text("PRAGMA user_version = 1"))
            yield session
        self._finish_erasing()

    @contextmanager
    def plain_errors(self) -> Iterator[None]:
        """Turn the errors of databases into problems that are told to people."""
        try:
            yield
        except UnknownRevision as error:
            raise RagError("conversations.newer", name=self.name) from error
        except DBAPIError as error:
            raise RagError("conversations.unusable", name=self.name, detail=str(error.orig)) from error
        except OSError as error:
            raise RagError("conversations.unusable", name=self.name, detail=error.strerror) from error

    def _bring_up_to_date(self) -> None:
        migrations = Config()
        migrations.set_main_option("script_location", str(MIGRATIONS))
        with self.engine.begin() as connection:
            migrations.attributes["connection"] = connection
            command.upgrade(migrations, "head")

    def _finish_erasing(self) -> None:
        if not self.is_file:
            return
        with self.plain_errors(), closing(self.engine.raw_connection()) as connection:
            cursor = connection.cursor()
            cursor.execute("PRAGMA user_version")
            if cursor.fetchone() != (0,):
                cursor.execute("VACUUM")
                cursor.execute("PRAGMA user_version = 0")


def _prepare(engine: Engine) -> None:
    """Let SQLite lock as it should: a transaction may write from its beginning (as SQLAlchemy's manual advises)."""

    def connected(connection: Any, _: object) -> None:
        connection.isolation_level = None
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    def begun(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)
