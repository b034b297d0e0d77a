"""The report of one run, as rich renderables: header, where the core time went, S3, findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from analyzer.figures import core_time, core_time_range, count, duration, freed, quantity, share, size, usd, usd_range
from sparkledger.cli.core_time_parts import core_time_parts
from sparkledger.cli.output import severity_text, when
from sparkledger.cli.s3_view import s3_lines
from sparkledger.cli.spot_view import sentence

_STATES = {"ended": "ended", "failed": "failed", "lost": "lost: no end seen, and nothing comes any more", "open": "no end seen yet"}
_Json = Mapping[str, Any]


def render(
    application: _Json,
    findings: Sequence[_Json],
    division: _Json,
    when_to_ignore: Mapping[str, str],
    cost: _Json | None = None,
    spot: _Json | None = None,
    s3: _Json | None = None,
) -> Iterator[RenderableType]:
    """The report, piece by piece."""
    yield from _header(application)
    yield Text()
    yield _ledger(application)
    yield from _elsewhere(application["app_id"], cost, spot)
    yield Text()
    yield from core_time_parts(division)
    yield Text()
    if s3 and (s3["places"] or s3["buckets"]):
        yield from s3_lines(s3)
        yield Text()
    yield _verdict(application, findings)
    for finding in findings:
        yield Text()
        yield _finding(finding, when_to_ignore.get(finding["rule_code"], ""))
    for code, error in application["rule_errors"].items():
        yield Text(f"rule {code} could not judge this run: {error}", style="yellow")


def _header(app: _Json) -> Iterator[RenderableType]:
    attempt = f", attempt {app['attempt_id']}" if app["attempt_id"] else ""
    yield Text.assemble((app["name"], "bold"), "  ", (app["app_id"] + attempt, "cyan"))
    spark = f"Spark {app['spark_version']}" if app["spark_version"] else "Spark of an unknown version"
    where = f"team {app['team']} · pipeline {app['pipeline']} · {spark} · {app['platform']}"
    yield Text(where, style="dim")
    state = Text(
        _STATES[app["state"]], style="red" if app["state"] == "failed" else "yellow" if app["state"] in ("lost", "open") else "green"
    )
    yield Text.assemble(f"{when(app['started_at'])} UTC, ran {duration(app['wall_ms'])}, ", state)
    if not app["completeness"]["complete"]:
        yield Text(f"lower bound: {app['completeness']['note']}", style="yellow")


def _ledger(app: _Json) -> RenderableType:
    cost, spent, work = app["cost"], app["core_time"], app["work"]
    as_of = f" of {cost['prices_as_of']}" if cost["prices_as_of"] else ""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(justify="right", no_wrap=True, style="bold")
    grid.add_column(style="dim")
    grid.add_row(
        "cost", usd_range(cost["low_usd"], cost["high_usd"]), f"priced as {cost['target']}, price book {cost['price_book']}{as_of}"
    )
    executors = f"{count(work['executors_added'], 'executor')}, {work['executors_peak']} at once"
    if work["executors_added"] == 0:
        executors = "no executor: the driver ran the tasks" if work["task_ends"] else "no executor was seen"
    grid.add_row("allocated", core_time(spent["allocated_core_s"]), executors)
    failed = f", {work['tasks_failed']:,} failed" if work["tasks_failed"] else ""
    tasks = f"{count(work['task_ends'], 'task')}{failed}, {count(work['stage_attempts'], 'stage')}, {count(work['jobs'], 'job')}"
    grid.add_row("busy", share(spent["busy_share"]), tasks)
    shuffled, spilled = size(work["shuffle_write_bytes"]), size(work["disk_spilled_bytes"])
    written = f"{shuffled} shuffled, {spilled} spilled, {size(work['output_bytes'])} written"
    grid.add_row("read", size(work["input_bytes"]), written)
    return grid


def _elsewhere(app_id: str, cost: _Json | None, spot: _Json | None) -> Iterator[RenderableType]:
    """What the run would cost on every deployment, and on Spot."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    if cost:
        bills = "; ".join(f"{bill['name']} {usd(bill['expected_usd'])}" for bill in cost["bills"])
        grid.add_row("bought as", Text.assemble(bills, ("  sparkledger price " + app_id, "cyan")))
    if spot:
        grid.add_row("on Spot", Text.assemble(sentence(spot), ("  sparkledger whatif " + app_id + " --spot", "cyan")))
    if grid.row_count:
        yield Text()
        yield grid


def _verdict(app: _Json, findings: Sequence[_Json]) -> RenderableType:
    if not findings:
        return Text("nothing to change was found", style="green")
    waste = app["waste"]
    total = ""
    if waste["high_core_s"] > 0:
        money = usd_range(waste["low_usd"], waste["high_usd"])
        total = f", together {core_time_range(waste['low_core_s'], waste['high_core_s'])} or {money} a run"
    return Text(count(len(findings), "finding") + total, style="bold")


def _finding(finding: _Json, ignore: str) -> RenderableType:
    saving = finding["saving"]
    title = Text.assemble(severity_text(finding["severity"]), "  ", (finding["rule_code"], "bold"))
    parts: list[RenderableType] = [Rule(title, align="left", style="dim", characters="─"), Text(finding["title"], style="bold")]
    body = Table.grid(padding=(0, 2))
    body.add_column(style="dim", no_wrap=True)
    body.add_column(overflow="fold")
    body.add_row("where", _where(finding))
    body.add_row("saves", _saving(saving))
    body.add_row("evidence", _evidence(finding["evidence"]))
    if finding["causes"]:
        body.add_row("causes", ", ".join(finding["causes"]))
    change = finding["change"]
    body.add_row("change", f"{change['summary']} (effort: {change['effort']})")
    if change["conf"]:
        body.add_row("", Text("\n".join(f"--conf {key}={value}" for key, value in change["conf"].items()), style="green"))
    if change["risk"]:
        body.add_row("risk", change["risk"])
    body.add_row("rollback", change["rollback"])
    if ignore:
        body.add_row("ignore", ignore)
    body.add_row("more", Text(f"sparkledger explain {finding['rule_code']}", style="cyan"))
    return Group(*parts, Padding(body, (0, 0, 0, 1)))


def _where(finding: _Json) -> str:
    stage = "" if finding["stage_id"] is None else f", stage {finding['stage_id']}"
    more = finding["occurrences"] - 1
    return f"{finding['subject']}{stage}" + (f" and {more:,} more like it" if more else "")


def _saving(saving: _Json | None) -> str:
    if saving is None:
        return "not claimed: what it costs cannot be told from this run"
    told = freed(saving["low_core_s"], saving["high_core_s"], saving["low_usd"], saving["high_usd"])
    return f"{told}: {saving['basis']}" if told else "nothing that other findings do not claim already"


def _evidence(evidence: Sequence[_Json]) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="none", overflow="fold")
    grid.add_column(justify="right", overflow="fold")
    for item in evidence:
        grid.add_row(item["name"].replace("_", " "), quantity(item["name"], item["value"], item["unit"]))
    return grid
