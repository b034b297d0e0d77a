"""Requests that a plan's scans and writes must have made, as ranges: what Spark's events alone can tell."""

from __future__ import annotations

from analyzer.s3.accesses import Access
from analyzer.s3.requests import NOTHING, Range, Requests

MIB = 1 << 20
COLUMNAR = ("parquet", "orc")
OPEN_GETS = 2
"""At most, before the data of a file: the length of a footer and the footer, or one read that a seek gave up."""
PIECE_BYTES = 8 * MIB
"""Readers and S3A's prefetching fetch long ranges in pieces of this size at least."""
ROW_GROUP_BYTES = 32 * MIB
"""The least that the row groups of large columnar files hold, as a rule; writers aim at 128 MiB before compression."""
LIST_KEYS = 1000
"""Objects that one LIST answers with at most."""
LIST_A_DIRECTORY, HEAD_A_DIRECTORY = 2, 1
"""Probing a directory, then listing it."""
PART_LOW_BYTES, PART_HIGH_BYTES = 128 * MIB, 32 * MIB
"""Parts of an upload: few large ones (low), many small ones (high)."""
UPLOAD_REQUESTS, RENAMES = 3, 2
"""At most, of a file: starting, sending and ending its upload; and two renames, of its task's commit and its job's."""
WRITE_HEADS, WRITE_LISTS = 10, 8
"""At most, of a file: probes when it is created and at each rename."""
FIRST_BYTE_MS = 30.0
"""The least that a GET waits for its first byte, where nothing was measured."""
PARALLEL_RANGES = 4
"""GETs that a vectored read keeps going at once (`fs.s3a.vectored.active.ranged.reads`)."""

ASSUMPTIONS = (
    "a file is opened once a task that reads of it; one GET an open is the least, as when it is read from start to end",
    f"at most an open takes {OPEN_GETS} GETs and one HEAD, one more each {PIECE_BYTES // MIB} MiB, and in Parquet or ORC one a column and "
    f"row group of {ROW_GROUP_BYTES // MIB} MiB",
    "bytes of Parquet that Spark did not count, as from 4.1 on: none for the least, the files' size for the most, or what the tasks are of "
    "its splits",
    f"listing: nothing where the file list was at hand, at most {LIST_A_DIRECTORY} LIST and {HEAD_A_DIRECTORY} HEAD a partition that was "
    f"read, and one LIST each {LIST_KEYS:,} files; partitions that were listed and then pruned are not in it",
    f"a written file: one PUT, or one each {PART_LOW_BYTES // MIB} MiB; at most {UPLOAD_REQUESTS} requests and one each "
    f"{PART_HIGH_BYTES // MIB} MiB, {RENAMES} copies of renaming commits, {WRITE_HEADS} HEAD and {WRITE_LISTS} LIST of probes",
    f"waiting: at least {FIRST_BYTE_MS:.0f} ms a GET, {PARALLEL_RANGES} at once; at most all that tasks neither computed, nor collected "
    "garbage, nor fetched shuffle data; a wait for a processor, where there are fewer than slots, is in it as well",
    "prices of S3 Standard in the price book's region; other storage classes cost more a request, and some a GB read",
)
"""What the ranges take for granted, in words."""


def read_requests(scan: Access, tasks: float, counted_bytes: float) -> Requests:
    """Requests of one scan that `tasks` tasks ran and whose input counted so many bytes; both 0 where it never ran."""
    files, directories = scan.files, scan.partitions + 1
    # A scan that stopped early opened at least the share of its files whose bytes were counted.
    seen = min(1.0, counted_bytes / scan.size_bytes) if scan.size_bytes > 0 else 0.0
    opens = Range(max(tasks, files * seen), files + tasks) if tasks > 0 else NOTHING
    read_bytes = scan.read_bytes(tasks, counted_bytes)
    gets_high = opens.high * OPEN_GETS + read_bytes / PIECE_BYTES
    if scan.file_format.lower() in COLUMNAR:
        gets_high += (opens.high + read_bytes / ROW_GROUP_BYTES) * max(1, scan.columns)
    return Requests(
        get=Range(opens.low, gets_high),
        head=Range(0.0, opens.high + HEAD_A_DIRECTORY * directories),
        listing=Range(0.0, LIST_A_DIRECTORY * directories + files / LIST_KEYS),
    )


def write_requests(files: float, size_bytes: float, partitions: int) -> Requests:
    """Requests of one write command that wrote `files` files into `partitions` partitions (0: none)."""
    if files <= 0:
        return Requests()
    high = files * (UPLOAD_REQUESTS + RENAMES) + size_bytes / PART_HIGH_BYTES + 2 * (partitions + 1)
    return Requests(
        head=Range(0.0, files * WRITE_HEADS),
        listing=Range(0.0, files * WRITE_LISTS),
        write=Range(max(files, size_bytes / PART_LOW_BYTES), high),
    )
