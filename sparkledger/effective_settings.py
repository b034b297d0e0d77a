"""The settings in force and where each comes from, for people."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sparkledger.settings import PREFIX, Settings, config_path, read_config_file


@dataclass(frozen=True, slots=True)
class EffectiveSetting:
    """One setting as it is in force. Secrets are masked."""

    name: str
    value: Any
    origin: str
    """`default`, `environment`, `option`, or the file's path."""


def effective_settings(settings: Settings, **options: Any) -> list[EffectiveSetting]:
    """Every setting with its value and where it came from. `options` are those that `load_settings` was given."""
    given = {name for name, value in options.items() if value is not None}
    environment = {name.upper() for name in os.environ}
    in_file = dict(_leaves(read_config_file()))
    path = str(config_path())

    def origin(name: str) -> str:
        variable = PREFIX + name.replace(".", "__").upper()
        if name.split(".")[0] in given:
            return "option"
        if variable in environment or any(other.startswith(f"{variable}__") for other in environment):
            return "environment"
        return path if name in in_file or any(key.startswith(f"{name}.") for key in in_file) else "default"

    values = settings.model_dump(mode="json")
    sections = ("ingest", "rates", "retention")
    flat = [(f"{name}.{key}", item) for name in sections for key, item in values[name].items()]
    flat += [(name, value) for name, value in values.items() if name not in sections]
    return [EffectiveSetting(name, value, origin(name)) for name, value in sorted(flat)]


def _leaves(section: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in section.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
