"""The settings of the program: read once, frozen, passed down."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Literal

from dotenv import dotenv_values

from rag.problems import CommandError

PREFIX = "RAG_"
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Settings:
    """Hold every setting; each field `name` is read from the variable `RAG_NAME`."""

    index: Path = Path("index")
    embedding_model: str = "models/e5-fr-en"
    query_prefix: str | None = None
    passage_prefix: str | None = None
    reranker: str | None = None
    model: str | None = None
    model_base_url: str | None = None
    model_context: int | None = None
    unsupported: Literal["remove", "mark"] = "remove"
    host: str = "127.0.0.1"
    port: int = 7860
    login: bool = False
    server: str | None = None
    log: Literal["text", "json"] = "text"
    origins: Mapping[str, str] = field(default_factory=dict, compare=False)
    keys: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def from_env(cls, env_file: Path = Path(".env")) -> "Settings":
        """Read the environment, then the `.env` file; an empty value counts as not set."""
        try:
            in_file = dotenv_values(env_file)
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{env_file} cannot be read; it must be a UTF-8 file of lines NAME=value") from error
        layers = {
            "environment": dict(os.environ),
            str(env_file): {key: value for key, value in in_file.items() if value is not None},
        }
        values: dict[str, str] = {}
        origins: dict[str, str] = {}
        for origin, layer in reversed(layers.items()):
            for key, value in layer.items():
                name = key.removeprefix(PREFIX).lower()
                if not key.startswith(PREFIX) or not value or _is_key(key):
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
            model=values.get("model"),
            model_base_url=values.get("model_base_url"),
            model_context=_number("model_context", values["model_context"], 512) if "model_context" in values else None,
            unsupported=_unsupported(values.get("unsupported", cls.unsupported)),
            host=values.get("host", cls.host),
            port=_number("port", values.get("port", str(cls.port)), 1, 65535),
            login=_login(values.get("login", "off")),
            server=values.get("server"),
            log=_log(values.get("log", cls.log)),
            origins=origins,
            keys={name: value for layer in reversed(layers.values()) for name, value in layer.items() if _is_key(name)},
        )

    @classmethod
    def names(cls) -> list[str]:
        """List the settings in their order of declaration."""
        return [f.name for f in fields(cls) if f.name not in ("origins", "keys")]

    def rows(self) -> list[tuple[str, str, str]]:
        """List each setting as its variable, its value and where the value comes from; of keys, only that they are."""
        settings = [
            (PREFIX + name.upper(), str(getattr(self, name) or ""), self.origins.get(name, "default"))
            for name in self.names()
        ]
        return settings + [(name, "********", "environment or .env") for name in self.keys]

    def key_of(self, provider: str) -> str | None:
        """Return the key for a provider's models: MISTRAL_API_KEY for `mistralai`, OPENAI_API_KEY for `openai`."""
        return self.keys.get("MISTRAL_API_KEY" if provider == "mistralai" else f"{provider.upper()}_API_KEY")

    @property
    def unknown(self) -> list[str]:
        """List the variables that look like settings but are none: a typing error, mostly."""
        return [name for name, origin in self.origins.items() if origin == UNKNOWN]


def _is_key(name: str) -> bool:
    return name.endswith("_API_KEY")


def _number(name: str, value: str, least: int, most: int = 100_000_000) -> int:
    if not value.isdecimal() or not least <= int(value) <= most:
        raise CommandError(f"RAG_{name.upper()}={value} cannot be used; give a number from {least} to {most}")
    return int(value)


def _unsupported(value: str) -> Literal["remove", "mark"]:
    if value == "mark":
        return "mark"
    if value != "remove":
        raise CommandError(f"RAG_UNSUPPORTED={value} cannot be used; give remove or mark")
    return "remove"


def _login(value: str) -> bool:
    if value not in ("on", "off"):
        raise CommandError(f"RAG_LOGIN={value} cannot be used; give on or off")
    return value == "on"


def _log(value: str) -> Literal["text", "json"]:
    if value == "json":
        return "json"
    if value != "text":
        raise CommandError(f"RAG_LOG={value} cannot be used; give text or json")
    return "text"
