"""Why a file is not read: one kind of problem for all formats."""

from rag.problems import RagError


class UnreadableFile(RagError):
    """Say why a file cannot be indexed; `source` names it once it is known."""

    def __init__(self, code: str, source: str = "", **values: object) -> None:
        super().__init__(code, **values)
        self.source = source

    def of(self, source: str) -> "UnreadableFile":
        """Say whose problem it is."""
        return UnreadableFile(self.code, source, **self.values)
