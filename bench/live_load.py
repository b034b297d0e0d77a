"""The load of `bench.live`, a process of its own: applications that each send one batch after the other, as listeners do.

`python -m bench.live_load URL SECONDS APPLICATIONS FOLDER` posts the files of FOLDER in order of their names under each
application's identity, compressed beforehand, and prints what it saw as JSON.
"""

from __future__ import annotations

import http.client
import json
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

PATIENCE_S = 120


class Application(threading.Thread):
    """One application: a connection, and a batch as soon as the one before is acknowledged."""

    def __init__(self, url: str, app_id: str, bodies: Sequence[bytes], until_s: float) -> None:
        super().__init__(daemon=True)
        self._address = urlsplit(url).netloc
        self._app_id = app_id
        self._bodies = bodies
        self._until_s = until_s
        self.acknowledged: list[tuple[float, float]] = []
        """When each batch was acknowledged, and seconds after it was sent."""
        self.pushed_back = 0
        self.failed: list[str] = []

    def run(self) -> None:
        """Send until the time is over or the bodies are used up."""
        connection = http.client.HTTPConnection(self._address, timeout=PATIENCE_S)
        for seq, body in enumerate(self._bodies, start=1):
            headers = {
                "Content-Type": "application/x-ndjson",
                "Content-Encoding": "gzip",
                "X-Sparkledger-App-Id": self._app_id,
                "X-Sparkledger-Source": "listener",
                "X-Sparkledger-Batch-Seq": str(seq),
            }
            sent_s = time.monotonic()
            while (status := self._post(connection, body, headers)) == 429:
                self.pushed_back += 1
            if status != 200:
                self.failed.append(f"{self._app_id} batch {seq}: {status}")
                return
            now_s = time.monotonic()
            self.acknowledged.append((now_s, now_s - sent_s))
            if now_s >= self._until_s:
                return

    def _post(self, connection: http.client.HTTPConnection, body: bytes, headers: dict[str, str]) -> int:
        connection.request("POST", "/api/v1/events", body, headers)
        response = connection.getresponse()
        response.read()
        if response.status == 429:
            time.sleep(float(response.headers.get("Retry-After", "1")))
        return response.status


def main(url: str, seconds: str, applications: str, folder: str) -> None:
    """Run every application at once and print the account."""
    bodies = [path.read_bytes() for path in sorted(Path(folder).iterdir())]
    cpu_s, began_s = time.process_time(), time.monotonic()
    threads = [Application(url, f"live-{number}", bodies, began_s + float(seconds)) for number in range(int(applications))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seen = {
        "wall_s": time.monotonic() - began_s,
        "cpu_s": time.process_time() - cpu_s,
        "acknowledged": [(at_s - began_s, waited_s) for thread in threads for at_s, waited_s in thread.acknowledged],
        "pushed_back": sum(thread.pushed_back for thread in threads),
        "failed": [reason for thread in threads for reason in thread.failed],
    }
    print(json.dumps(seen))


if __name__ == "__main__":
    main(*sys.argv[1:])
