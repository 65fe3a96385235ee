"""The program's log on stderr: lines for people, or on request one JSON object a line."""

import json
import logging
from datetime import UTC, datetime
from typing import Literal

from rag.api.request_id import REQUESTS, request_id

FIELDS = ("method", "area", "status", "seconds")  # of a request


class JsonFormatter(logging.Formatter):
    """Write a record as one JSON object, with the name of the request that it belongs to."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record on one line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request": request_id.get(),
            **{name: getattr(record, name) for name in FIELDS if hasattr(record, name)},
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps({key: value for key, value in line.items() if value != ""}, ensure_ascii=False)


def start_log(form: Literal["text", "json"]) -> None:
    """Log warnings; as JSON, each request too."""
    handler = logging.StreamHandler()
    text = logging.Formatter("%(levelname)s %(name)s: %(message)s")
    handler.setFormatter(JsonFormatter() if form == "json" else text)
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    if form == "json":
        logging.getLogger(REQUESTS).setLevel(logging.INFO)
