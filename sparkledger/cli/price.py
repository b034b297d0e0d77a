"""`sparkledger price APP`: one run on EMR on EC2, EMR on EKS and EMR Serverless, and against its bill."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer
from rich.text import Text

from analyzer.figures import change, duration, share, usd, usd_range
from sparkledger.cli.errors import USAGE, CliError
from sparkledger.cli.facts import App, Attempt
from sparkledger.cli.session import Session
from sparkledger.cli.table import Column

_COLUMNS = [
    Column("deployment", keep=True),
    Column("expected", "right", keep=True),
    Column("range", "right", drop=1, keep=True),
    Column("items", wrap=True, drop=2),
]
_MOST_BYTES = 1 << 20


def price(
    context: typer.Context,
    app: App,
    attempt: Attempt = None,
    instance_type: Annotated[str | None, typer.Option(help="Node type; the cheapest that fits where absent", metavar="TYPE")] = None,
    primary_type: Annotated[str | None, typer.Option(help="Type of the primary node; as the nodes where absent", metavar="TYPE")] = None,
    architecture: Annotated[str | None, typer.Option(help="`x86` or `arm64`", metavar="A")] = None,
    spot_share: Annotated[float | None, typer.Option(help="Share of the nodes on Spot", min=0, max=1, metavar="0-1")] = None,
    spot_discount: Annotated[float | None, typer.Option(help="Spot discount on the EC2 part", min=0, max=1, metavar="0-1")] = None,
    plan_share: Annotated[float | None, typer.Option(help="Share of other nodes under a Savings Plan", min=0, max=1, metavar="0-1")] = None,
    plan_discount: Annotated[float | None, typer.Option(help="Its discount on the EC2 part", min=0, max=1, metavar="0-1")] = None,
    volumes: Annotated[str | None, typer.Option(help="EBS volumes of nodes: `gp2`, `gp3`, `none`", metavar="V")] = None,
    flex_discount: Annotated[float | None, typer.Option(help="Of Serverless Flex, on executors", min=0, max=1, metavar="0-1")] = None,
    warm_workers: Annotated[int | None, typer.Option(help="Pre-initialised Serverless workers", min=0, metavar="N")] = None,
    billed: Annotated[Path | None, typer.Option(help="JSON of GetJobRun to set the estimate against", metavar="FILE")] = None,
) -> None:
    """Price a run on EC2, EKS and Serverless, or against its bill."""
    session = Session.of(context)
    terms = {
        "attempt": attempt,
        "instance_type": instance_type,
        "primary_type": primary_type,
        "architecture": architecture,
        "spot_share": spot_share,
        "spot_discount": spot_discount,
        "plan_share": plan_share,
        "plan_discount": plan_discount,
        "volumes": volumes,
        "flex_discount": flex_discount,
        "warm_workers": warm_workers,
    }
    with session.connect() as api:
        if billed is not None:
            path = f"/api/v1/applications/{quote(app, safe='')}/cost/reconciliation"
            params = {name: value for name, value in terms.items() if value is not None}
            answer = api.send("POST", path, params=params, json=_job_run(billed)).json()
        else:
            answer = api.application(app, "/cost", **terms)
    if session.as_json:
        session.output.json(answer)
    elif billed is not None:
        _show_reconciliation(session, answer)
    else:
        _show_comparison(session, answer)


def _job_run(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            return json.loads(file.read(_MOST_BYTES))
    except (OSError, ValueError) as error:
        hint = "save it with: aws emr-serverless get-job-run --application-id … --job-run-id … > FILE"
        raise CliError(f"cannot read `{path}` as JSON: {error}", hint=hint, exit_code=USAGE) from error


def _show_comparison(session: Session, answer: dict[str, Any]) -> None:
    rows: list[list[str | Text]] = []
    for bill in answer["bills"]:
        here = bill["deployment"] == answer["observed"]
        name = Text(bill["name"] + (" *" if here else ""), style="bold" if here else "")
        items = ", ".join(f"{item.replace('_', ' ')} {usd(value)}" for item, value in bill["items_usd"].items())
        rows.append([name, usd(bill["expected_usd"]), usd_range(bill["low_usd"], bill["high_usd"]), items])
    session.output.table(_COLUMNS, rows)
    session.output.show(*(Text(line) for line in ["", *_talk(answer)]))


def _talk(answer: dict[str, Any]) -> list[str]:
    lines = []
    found = answer["break_even"]
    if found:
        others = ", ".join(f"{each['purchase']} {share(each['utilisation'])}" for each in found["by_purchase"])
        cheaper = {
            "emr-ec2": "a cluster of its own is cheaper than Serverless",
            "emr-serverless": "Serverless is cheaper than a cluster of its own",
        }
        lines += [
            f"a cluster of its own, {found['nodes_peak']:,} x {found['instance_type']} at most, "
            f"would be {share(found['utilisation'])} used; "
            f"it breaks even with Serverless at {share(found['break_even'])}: {cheaper.get(found['verdict'], found['verdict'])}",
            f"break-even of that cluster by purchase: {others}",
        ]
    as_of = f" of {answer['prices_as_of']}" if answer["prices_as_of"] else ""
    where = "; * is where" if answer["observed"] else ""
    return [
        *lines,
        f"ran {duration(answer['wall_ms'])} with {answer['executors']:,} executors{where}; price book {answer['price_book']}{as_of}",
        *(f"note: {note}" for note in answer["notes"]),
    ]


def _show_reconciliation(session: Session, answer: dict[str, Any]) -> None:
    rows = [[step["reason"], _signed(step["usd"])] for step in answer["steps"]]
    rows += [["estimated", usd(answer["estimated_usd"])], ["billed, at list price", usd(answer["billed_usd"])]]
    session.output.table([Column("from lifetimes to the bill", wrap=True), Column("USD", "right", keep=True)], rows)
    billed, estimated = answer["billed"], answer["estimated"]
    off = change(answer["estimated_usd"], answer["billed_usd"])
    hours = (
        f"vCPU-h {estimated['vcpu_h']:,.3f} of {billed['vcpu_h']:,.3f}, memory GB-h {estimated['memory_gb_h']:,.3f} of "
        f"{billed['memory_gb_h']:,.3f}, storage GB-h {estimated['storage_gb_h']:,.3f} of {billed['storage_gb_h']:,.3f}"
    )
    session.output.show(Text(f"\nthe estimate is {off} off the bill: {hours}"), Text(answer["explanation"]))


def _signed(amount: float) -> str:
    return f"{'-' if amount < 0 else '+'}{usd(abs(amount))}"
