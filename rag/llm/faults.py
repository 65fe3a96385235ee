"""What can go wrong with a language model, from whatever client: one kind each, with one plain sentence."""

from typing import Literal

Kind = Literal[
    "unreachable",
    "denied",
    "unknown",
    "busy",
    "server",
    "silent",
    "broken",
    "cut",
    "length",
    "endless",
    "empty",
    "unusable",
    "language",
    "unsupported",
]
PASSING: frozenset[Kind] = frozenset(["unreachable", "busy", "server", "silent"])
STATUS: dict[int, Kind] = {400: "unusable", 401: "denied", 403: "denied", 404: "unknown", 408: "silent", 429: "busy"}


# By name: the clients bring HTTP libraries of their own (httpx, httpx2), with the same names for the same faults.
FAULTS: list[tuple[set[str], Kind]] = [
    ({"ConnectError", "ConnectTimeout", "UnsupportedProtocol", "gaierror", "ConnectionRefusedError"}, "unreachable"),
    ({"TimeoutException", "TimeoutError"}, "silent"),
    ({"NetworkError", "RemoteProtocolError", "ConnectionError"}, "cut"),
]


class ModelProblem(Exception):
    """Say what kind of fault a model had; `retry_after` are seconds that the server asked for."""

    def __init__(self, kind: Kind, detail: str = "", retry_after: float = 0.0) -> None:
        super().__init__(detail or kind)
        self.kind = kind
        self.detail = detail
        self.retry_after = retry_after

    @property
    def may_pass(self) -> bool:
        """Tell whether asking again can help."""
        return self.kind in PASSING

    @property
    def was_sent(self) -> bool:
        """Tell whether the messages have, or may have, reached the model's host."""
        return self.kind != "unreachable" and not self.detail  # details tell what went wrong before anything was sent


def kind_of(error: BaseException) -> Kind:
    """Name the fault behind an exception, looking through what the clients wrap around it."""
    for cause in _causes(error):
        status = getattr(cause, "status_code", None) or getattr(getattr(cause, "response", None), "status_code", None)
        if isinstance(status, int) and status >= 400:
            return STATUS.get(status, "server" if status >= 500 else "unusable")
    for cause in _causes(error):
        bases = {base.__name__ for base in type(cause).__mro__}
        for names, kind in FAULTS:
            if bases & names:
                return kind
    return "empty" if "No generation" in str(error) else "broken"


def retry_after(error: BaseException) -> float:
    """Read the seconds that a server asks to wait, if it does."""
    for cause in _causes(error):
        headers = getattr(getattr(cause, "response", None), "headers", None)
        value = headers.get("retry-after", "") if headers is not None else ""
        if value.replace(".", "", 1).isdecimal():
            return float(value)
    return 0.0


def _causes(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found
