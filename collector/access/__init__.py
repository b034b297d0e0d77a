"""Who may send and read: tokens, kept as hashes in the store, and the sessions of browsers."""

from collector.access.book import TokenBook
from collector.access.tokens import ADMIN, INGEST, READ, SCOPES, Access, Token, TokenError

__all__ = ["ADMIN", "INGEST", "READ", "SCOPES", "Access", "Token", "TokenBook", "TokenError"]
