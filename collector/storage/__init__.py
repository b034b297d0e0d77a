"""The store: ClickHouse, embedded (chDB) or a server, behind one small interface."""

from collector.storage.client import Store
from collector.storage.errors import BackPressure, MigrationError, StoreError, StoreLocked, StoreUnavailable
from collector.storage.migrations import migrate
from collector.storage.opening import open_store
from collector.storage.sql_text import load_sql

__all__ = ["BackPressure", "MigrationError", "Store", "StoreError", "StoreLocked", "StoreUnavailable", "load_sql", "migrate", "open_store"]
