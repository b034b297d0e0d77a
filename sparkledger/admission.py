"""Who is let in: the guard that the settings ask for, the token of this machine's own commands, and addresses that need one."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from collector.access import ADMIN, TokenBook
from collector.access.sessions import Sessions, key_in
from collector.access.tokens import FIRST_RUN
from collector.api import Guard, RateLimits
from collector.storage import Store
from sparkledger.own_token import own_token_path, read_own_token, write_own_token
from sparkledger.settings import Settings

_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


class NotGuarded(Exception):
    """Others would reach the server without a token; `hint` says how to give it one."""

    def __init__(self, host: str) -> None:
        super().__init__(f"others can reach `{host}`, and no token guards the server")
        self.hint = "create one: sparkledger token create NAME --scope admin, or set SPARKLEDGER_TOKEN; docs/guides/security.md has more"


def guard_of(settings: Settings, store: Store, *, trusted: bool = False, open_hosts: frozenset[str] | None = None) -> Guard:
    """The guard that the settings ask for, with the store's tokens read."""
    book = TokenBook(store)
    if not trusted:
        book.refresh()
    return Guard(
        book,
        lambda: Sessions(key_in(settings.data_dir)),
        RateLimits(settings.rates.requests_per_s, settings.rates.bytes_per_s),
        static=settings.token.get_secret_value() if settings.token else None,
        trusted=trusted,
        open_hosts=open_hosts,
    )


def open_hosts(settings: Settings) -> frozenset[str] | None:
    """The names under which this machine's own programs reach a server without a token; None where any will do, none where others
    reach its address."""
    if settings.open_without_token:
        return None
    return _LOOPBACK_NAMES | {settings.host.lower()} if _is_loopback(settings.host) else frozenset()


def check_address(settings: Settings, store: Store) -> None:
    """Raise `NotGuarded` where others reach the address and there is no token at all."""
    if _is_loopback(settings.host) or settings.open_without_token or settings.token:
        return
    book = TokenBook(store)
    book.refresh()
    if all(token.revoked for token in book.all()):
        raise NotGuarded(settings.host)


def keep_own_token(settings: Settings, store: Store, told: Callable[[str], None]) -> None:
    """Make the token of this machine's own commands, unless there is one that counts or the settings hold one; `told` gets a new one."""
    if settings.token:
        return
    book = TokenBook(store)
    book.refresh()
    own = read_own_token(settings.data_dir)
    if own is not None and book.find(own) is not None:
        return
    secret, _ = book.create("commands on the server's machine", [ADMIN], origin=FIRST_RUN)
    write_own_token(settings.data_dir, secret)
    told(secret)


def own_token_note(settings: Settings) -> str:
    """Where the token is kept, for people."""
    return str(own_token_path(settings.data_dir))


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
