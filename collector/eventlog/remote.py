"""From a URL (`s3://`, `s3a://`, `hdfs://`, `gs://`) to an entry, by way of pyarrow's file systems."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pyarrow as pa

from collector.eventlog.files import Entry, LocalFile, RemoteFile, SourceNotFound

_ALIASES = {"s3a": "s3", "s3n": "s3", "gcs": "gs"}
_HINTS = {
    "s3": "credentials and region come from the environment as for the AWS tools; another endpoint goes into the URL: "
    "`s3://bucket/path?endpoint_override=host:9000&scheme=http`",
    "hdfs": "pyarrow needs Hadoop's native client: set HADOOP_HOME, JAVA_HOME and CLASSPATH (`hadoop classpath --glob`)",
    "gs": "credentials come from GOOGLE_APPLICATION_CREDENTIALS",
}


def entry_at(location: str) -> Entry:
    """The file or folder at a path or URL.

    Raises:
        SourceNotFound: nothing is there, or the place cannot be reached; the text says why.
    """
    scheme, separator, _ = location.partition("://")
    if not separator:
        return _local(location)
    if scheme == "file":
        return _local(urlsplit(location).path)
    known = _ALIASES.get(scheme, scheme)
    if known not in _HINTS:
        raise SourceNotFound(f"`{scheme}://` is no place that can be read: use a path, s3://, hdfs:// or gs://")
    return _remote(location, urlunsplit(urlsplit(location)._replace(scheme=known)), known)


def _local(location: str) -> Entry:
    if not location:  # as of a variable that is not set; a path without a name is the working directory
        raise SourceNotFound("`` does not exist")
    # Absolute, since loading the embedded engine, beside which a log may be read, changes the working directory for a while.
    path = Path(location).absolute()
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise SourceNotFound(f"`{location}` does not exist") from None
    except OSError as error:
        raise SourceNotFound(f"`{location}` cannot be read: {error.strerror}") from error
    return LocalFile(path)


def _remote(location: str, url: str, scheme: str) -> Entry:
    from pyarrow.fs import FileSystem, FileType

    try:
        filesystem, path = FileSystem.from_uri(url)
        info = filesystem.get_file_info(path)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise SourceNotFound(f"`{location}` cannot be reached: {error}\n\nhint: {_HINTS[scheme]}") from None
    if info.type == FileType.NotFound:
        raise SourceNotFound(f"`{location}` does not exist")
    return RemoteFile(filesystem, info, scheme)
