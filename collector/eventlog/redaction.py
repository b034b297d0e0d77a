"""Which Spark properties are kept, and what is hidden of them and of texts: the listener's rules, for logs that it did not write."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib.resources import files

REDACTED = "*********(redacted)"
"""What Spark itself puts in place of a secret (`Utils.REDACTION_REPLACEMENT_TEXT`)."""


class AllowList:
    """Keys by name or prefix (`prefix*`), with refusals (`!key`, `!prefix*`) that win whatever the order."""

    def __init__(self, text: str) -> None:
        lines = [line.strip() for line in text.splitlines()]
        rules = [line for line in lines if line and not line.startswith("#")]
        self._allowed = _matcher([rule for rule in rules if not rule.startswith("!")])
        self._refused = _matcher([rule[1:] for rule in rules if rule.startswith("!")])

    def __contains__(self, key: str) -> bool:
        return self._allowed(key) and not self._refused(key)


def _matcher(rules: list[str]) -> Callable[[str], bool]:
    names = frozenset(rule for rule in rules if not rule.endswith("*"))
    prefixes = tuple(rule[:-1] for rule in rules if rule.endswith("*"))
    return lambda key: key in names or key.startswith(prefixes)


def _resource(name: str) -> str:
    return files("collector.eventlog").joinpath(name).read_text(encoding="utf-8")


_ALLOWED = AllowList(_resource("spark-properties.allow"))
_SECRET = re.compile(_resource("redaction.regex").strip())
# ASCII as in Java, where `\w` and `\s` mean nothing else unless told to.
_SECRETS_IN_TEXT = [re.compile(line, re.ASCII) for line in _resource("text-redaction.regex").splitlines()]


def kept_properties(properties: Mapping[str, str]) -> dict[str, str]:
    """The properties that may be stored; a value is hidden where the key or the value looks like a secret, or what of it does."""
    return {key: _hidden(key, value) for key, value in properties.items() if key in _ALLOWED}


def _hidden(key: str, value: str) -> str:
    return REDACTED if _SECRET.search(key) or _SECRET.search(value) else clean_text(value, sys.maxsize)


def clean_text(text: str, characters: int) -> str:
    """A text without secrets such as `token=...`, at most `characters` code points of it; the listener does the same, in this order."""
    return _cached(text, characters) if len(text) <= _CACHED_CHARACTERS else _clean(text, characters)


def _clean(text: str, characters: int) -> str:
    text = text[:_LOOKED_AT_CHARACTERS]
    for secret in _SECRETS_IN_TEXT:
        text = secret.sub(rf"\g<1>{REDACTED}", text)
    return text[:characters]


# A text of many megabytes would take minutes, for the few hundred characters of it that are kept.
_LOOKED_AT_CHARACTERS = 64 * 1024
# Plans and errors repeat themselves thousands of times in a log; giant texts are not worth their memory.
_CACHED_CHARACTERS = 4096
_cached = lru_cache(maxsize=2048)(_clean)
