"""The course of the demonstration: a server, five Spark applications, their findings, the page."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console

from sparkledger.demo.errors import DemoError
from sparkledger.demo.late_events import import_late_events, patient_delivery
from sparkledger.demo.outcome import Outcome, failures, findings_table
from sparkledger.demo.server_process import running_server
from sparkledger.demo.small_file_table import Table, small_file_table
from sparkledger.demo.spark_submit import printed_flags, spark_home, submit
from sparkledger.demo.workloads import NO_MONEY_FLOORS, SHORTENED_RULES, WORKLOADS, Workload

ANALYSIS_TIMEOUT_S = 600.0


def run_demo(data: Path, *, port: int, serve: bool, console: Console) -> int:
    """Run every workload, print what was found and, with `serve`, keep the page up until the user stops it.

    Returns:
        0 when each fault was flagged under its own rule and the healthy application stayed clean, else 1.
    """
    if data.exists():
        shutil.rmtree(data)
    with ExitStack() as stack:
        url = stack.enter_context(running_server(data, port, {"rules": SHORTENED_RULES, "severity_floors_usd": NO_MONEY_FLOORS}))
        console.print(f"collector and analyzer: {url} (data in {data})")
        outcomes = _run_workloads(data, url, console)
        console.print(findings_table(outcomes))
        _say_what_is_shortened(console)
        problems = failures(outcomes)
        for problem in problems:
            console.print(f"[red]not as expected:[/] {problem}")
        console.print(f"\nread one in full: [green]sparkledger --data {data} report {outcomes[1].app_id}[/]")
        if serve:
            console.print(f"open [cyan]{url}/[/] for the pages, [cyan]{url}/docs[/] for the API; press Ctrl-C to stop the server")
            _wait_for_interrupt(console)
        else:
            console.print(f"see the pages:    [green]sparkledger --data {data} up[/]")
    return 1 if problems else 0


def _run_workloads(data: Path, url: str, console: Console) -> list[Outcome]:
    flags = printed_flags(url)
    console.print(
        "spark-submit runs each application with the flags of [green]sparkledger conf[/], and more time to deliver:",
        *_shown(flags),
        sep="\n    ",
    )
    with _workspace() as workspace, small_file_table(workspace, _jar_cache(), spark_home() / "jars") as table:
        console.print(f"the small files lie on {table.where}\n")
        return [_run_one(workload, url, flags, workspace, table, data, console) for workload in WORKLOADS]


def _run_one(workload: Workload, url: str, flags: Sequence[str], workspace: Path, table: Table, data: Path, console: Console) -> Outcome:
    reads_table = workload.script == "small_files.py"
    jars: Sequence[Path] = table.jars if reads_table else ()
    conf = patient_delivery(data) | (table.conf if reads_table else {})
    argument = table.url if reads_table else str(workspace)
    with console.status(f"{workload.app_name}: {workload.shows}", refresh_per_second=4):
        result = submit(workload.path, [argument], workload.master, flags, jars, conf, data / f"{workload.app_name}.log")
        if result.returncode:
            raise DemoError(f"{workload.app_name} ended with exit status {result.returncode}", f"see {result.log}")
        late = import_late_events(data)
        application = _application(url, workload.app_name)
        found = _get(url, f"/api/v1/applications/{application['app_id']}/findings")
    console.print(f"  {workload.app_name:<22} {workload.shows:<36} {result.elapsed_s:5.0f} s  {workload.master}")
    if late:
        console.print("    [dim]the server was too busy for its last events, which were imported from the job's spool[/]")
    return Outcome(workload, application, found["findings"])


def _application(url: str, name: str) -> dict[str, Any]:
    deadline = time.monotonic() + ANALYSIS_TIMEOUT_S
    while (asked := time.monotonic()) < deadline:
        for application in _get(url, "/api/v1/applications")["applications"]:
            if application["name"] == name and application["ended"]:
                return dict(application)
        # A machine that is slow to answer has better to do than to be asked again.
        time.sleep(max(0.3, time.monotonic() - asked))
    raise DemoError(f"{name} ran, but its end never reached the collector", "look for lines of sparkledger in the job's log")


def _jar_cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "sparkledger" / "s3a-jars"


def _get(url: str, path: str) -> dict[str, Any]:
    response = httpx.get(url + path, timeout=ANALYSIS_TIMEOUT_S)
    response.raise_for_status()
    return dict(response.json())


def _shown(flags: Sequence[str]) -> list[str]:
    return [f"[dim]{name} {value}[/]" for name, value in zip(flags[::2], flags[1::2], strict=True)]


def _say_what_is_shortened(console: Console) -> None:
    notice_s = SHORTENED_RULES["SPT001"]["notice_s"]
    wall_s = SHORTENED_RULES["PRV001"]["min_wall_s"]
    console.print(
        f"[dim]Shortened so that this ends in minutes: a Spot notice of {notice_s:.0f} s instead of 120 s; idle cores are judged from "
        f"{wall_s:.0f} s of run time instead of 5 minutes; severity does not ask for a sum of money, since such short runs cost a "
        "fraction of a cent. Everything else is as in production.[/]"
    )


@contextmanager
def _workspace() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="sparkledger-demo-") as folder:
        yield Path(folder)


def _wait_for_interrupt(console: Console) -> None:
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        console.print("stopped")
