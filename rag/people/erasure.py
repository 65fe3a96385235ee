"""Forgetting a person: no byte of the name is left in the account, its tokens, the log."""

from pathlib import Path

from sqlalchemy import delete

from rag.people.accounts import canonical
from rag.people.audit import COMMAND_LINE, Audit
from rag.people.database import Database
from rag.people.login import subject_of
from rag.people.tables import Account, Failure


def forget(folder: Path, name: str) -> bool:
    """Forget a person and return whether there was an account; done again, it does no harm."""
    name = canonical(name)
    database = Database(folder)
    with database.writing() as session:
        account = session.get(Account, name)
        if account:
            session.delete(account)
        session.execute(delete(Failure).where(Failure.subject == subject_of(name)))
    database.rewrite()
    audit = Audit(folder)
    audit.forget(name)
    audit.note(COMMAND_LINE, "forgot somebody")
    return account is not None
