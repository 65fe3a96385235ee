"""The settings of the program: read once, frozen, passed down."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from dotenv import dotenv_values

from rag.schema import RagError

PREFIX = "RAG_"
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Settings:
    """Hold every setting; each field `name` is read from the variable `RAG_NAME`."""

    index: Path = Path("index")
    embedding_model: str = "models/minilm-fr-en"
    query_prefix: str | None = None
    passage_prefix: str | None = None
    reranker: str | None = None
    host: str = "127.0.0.1"
    port: int = 7860
    origins: Mapping[str, str] = field(default_factory=dict, compare=False)

    @classmethod
    def from_env(cls, env_file: Path = Path(".env")) -> "Settings":
        """Read the environment, then the `.env` file; an empty value counts as not set."""
        try:
            in_file = dotenv_values(env_file)
        except (OSError, UnicodeDecodeError) as error:
            raise RagError(f"{env_file} cannot be read; it must be a UTF-8 file of lines NAME=value") from error
        layers = {
            "environment": dict(os.environ),
            str(env_file): {key: value for key, value in in_file.items() if value is not None},
        }
        values: dict[str, str] = {}
        origins: dict[str, str] = {}
        for origin, layer in reversed(layers.items()):
            for key, value in layer.items():
                name = key.removeprefix(PREFIX).lower()
                if not key.startswith(PREFIX) or not value:
                    continue
                known = name in cls.names()
                origins[name if known else key] = origin if known else UNKNOWN
                values[name] = value
        return cls(
            index=Path(values.get("index", cls.index)),
            embedding_model=values.get("embedding_model", cls.embedding_model),
            query_prefix=values.get("query_prefix"),
            passage_prefix=values.get("passage_prefix"),
            reranker=values.get("reranker"),
            host=values.get("host", cls.host),
            port=_port(values.get("port", str(cls.port))),
            origins=origins,
        )

    @classmethod
    def names(cls) -> list[str]:
        """List the settings in their order of declaration."""
        return [f.name for f in fields(cls) if f.name != "origins"]

    def rows(self) -> list[tuple[str, str, str]]:
        """List each setting as its variable, its value and where the value comes from."""
        return [
            (PREFIX + name.upper(), str(getattr(self, name) or ""), self.origins.get(name, "default"))
            for name in self.names()
        ]

    @property
    def unknown(self) -> list[str]:
        """List the variables that look like settings but are none: a typing error, mostly."""
        return [name for name, origin in self.origins.items() if origin == UNKNOWN]


def _port(value: str) -> int:
    if not value.isdecimal() or not 0 < int(value) < 65536:
        raise RagError(f"RAG_PORT={value} is not a port; give a number from 1 to 65535")
    return int(value)
