"""The collector over HTTP: takes events, and says how it is."""

from collector.api.errors import install_error_handlers
from collector.api.guard import Guard, require_read
from collector.api.ingest import Ingest, IngestLimits
from collector.api.logs import configure_logging
from collector.api.metrics import Metrics
from collector.api.rates import RateLimits
from collector.api.request_log import RequestLog
from collector.api.router import router
from collector.api.small_bodies import SmallBodies

__all__ = [
    "Guard",
    "Ingest",
    "IngestLimits",
    "Metrics",
    "RateLimits",
    "RequestLog",
    "SmallBodies",
    "configure_logging",
    "install_error_handlers",
    "require_read",
    "router",
]
