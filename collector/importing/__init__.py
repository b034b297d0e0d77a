"""Importing event logs that Spark wrote: the same decoder and the same rows as a live application's."""

from collector.importing.catalog import Catalog, StoreCatalog
from collector.importing.outbox import Sink
from collector.importing.progress import Progress
from collector.importing.result import ImportedLog
from collector.importing.run import import_paths, import_sources

__all__ = ["Catalog", "ImportedLog", "Progress", "Sink", "StoreCatalog", "import_paths", "import_sources"]
