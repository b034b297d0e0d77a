"""What a job of the demonstration could not deliver before its end, with a server that runs."""

from __future__ import annotations

from pathlib import Path

import httpx

from sparkledger.demo.late_events import import_late_events, patient_delivery
from tests.support.processes import running_server
from tests.support.wire import NDJSON, application_end, application_start, lines, task_ends


def test_what_waits_in_the_spool_is_imported_once_and_taken_away(tmp_path: Path) -> None:
    data, app_id = tmp_path / "data", "app-late"
    delivered = lines(application_start(app_id), task_ends(5))
    spool = Path(patient_delivery(data)["spark.sparkledger.spool.dir"])
    with running_server(data) as server:
        assert not import_late_events(data)
        httpx.post(f"{server.url}/api/v1/events", content=delivered, headers=NDJSON, timeout=300).raise_for_status()
        folder = spool / f"eventlog_v2_{app_id}"
        folder.mkdir(parents=True)
        (folder / f"events_1_{app_id}").write_bytes(lines(application_start(app_id), task_ends(8), application_end()))

        assert import_late_events(data)

        assert not import_late_events(data)
        # The list shows what is known; an application that is asked for is analysed before the answer.
        application = httpx.get(f"{server.url}/api/v1/applications/{app_id}", timeout=600).json()
        assert (application["app_id"], application["ended"], application["work"]["task_ends"]) == (app_id, True, 8)
    assert not spool.exists()
