"""The database of the people: opened, brought up to date, and what is deleted leaves no byte.

SQLite keeps a rollback journal here, not a write-ahead log: the moment a deletion is committed its
old pages are gone from every file.
"""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError as UnknownRevision
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from rag.problems import RagError

FILE = "people.sqlite"
MIGRATIONS = Path(__file__).parent / "migrations"
PRAGMAS = (
    "foreign_keys = ON",
    "journal_mode = DELETE",
    "synchronous = FULL",
    "secure_delete = ON",
    "temp_store = MEMORY",
    "busy_timeout = 30000",  # milliseconds
)
READING = "is_reading"


class Database:
    """Give sessions over one database whose tables are up to date."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        with self._plain_errors():
            folder.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))  # of its owner alone
            self._engine = create_engine(f"sqlite:///{self.path}")
            event.listen(self._engine, "connect", _connected)
            event.listen(self._engine, "begin", _begun)
            self._reader = self._engine.execution_options(**{READING: True})
            self._bring_up_to_date()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Read and write in one transaction: all of it lasts, or nothing."""
        with self._plain_errors(), Session(self._engine) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Read one state of the database; others read at the same time."""
        with self._plain_errors(), Session(self._reader) as session:
            yield session

    def rewrite(self) -> None:
        """Write the file anew, without what free pages may hold of former rows."""
        with self._plain_errors(), closing(self._engine.raw_connection()) as connection:
            connection.cursor().execute("VACUUM")

    @contextmanager
    def _plain_errors(self) -> Iterator[None]:
        """Turn the errors of databases into problems that are told to people."""
        try:
            yield
        except UnknownRevision as error:
            raise RagError("people.newer", name=self.path) from error
        except DBAPIError as error:
            raise RagError("people.unusable", name=self.path, detail=str(error.orig)) from error
        except OSError as error:
            raise RagError("people.unusable", name=self.path, detail=error.strerror) from error

    def _bring_up_to_date(self) -> None:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        scripts = ScriptDirectory.from_config(config)
        with self._engine.begin() as connection:

            def steps(revision: Any, _: MigrationContext) -> list[Any]:
                return list(scripts._upgrade_revs("head", revision))

            context = MigrationContext.configure(connection, opts={"fn": steps})
            with Operations.context(context):
                context.run_migrations()


def _connected(connection: Any, _: object) -> None:
    connection.isolation_level = None  # transactions begin as `_begun` says
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begun(connection: Connection) -> None:
    """Lock from the beginning where something may be written, as SQLAlchemy's manual advises."""
    is_reading = connection.get_execution_options().get(READING)
    connection.exec_driver_sql("BEGIN" if is_reading else "BEGIN IMMEDIATE")
