"""Spark event-log lines to Arrow tables; see `decoder.decode`."""

from collector.eventlog.batch import BadLine, BatchTooLarge, DecodedBatch
from collector.eventlog.decoder import decode
from collector.eventlog.identity import Identity, IdentityUnknown, find_identity

__all__ = ["BadLine", "BatchTooLarge", "DecodedBatch", "Identity", "IdentityUnknown", "decode", "find_identity"]
