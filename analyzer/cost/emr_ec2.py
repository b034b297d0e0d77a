"""The bill of EMR on EC2: a share of a cluster that others fill, or a cluster of its own with primary node and boot time."""

from __future__ import annotations

from collections.abc import Sequence

from analyzer.cost.bill import Bill, ExecutorSpan, Run, Terms, bill_of
from analyzer.cost.book import PriceBook, PriceBookError
from analyzer.cost.nodes import architecture_of, executors_per_node, node_price
from analyzer.cost.price import Target, application_cost, unit_prices

HOUR_MS = 3_600_000


def shared_cluster(run: Run, book: PriceBook, terms: Terms, instance_type: str | None) -> Bill:
    """The run's part of full nodes: no primary node, no boot, nothing unused."""
    held = run.executors if run.driver_on_primary else run.containers
    target = Target("emr-ec2", instance_type, terms.architecture)
    whole = application_cost([e.use for e in held], book, target).usd
    ec2_share = _ec2_share(book, instance_type)
    ebs = _volumes_usd(book, terms, instance_type, held)
    items = {"ec2": whole * ec2_share * (1 - terms.purchase.discount), "emr_fee": whole * (1 - ec2_share), "ebs": ebs}
    return bill_of(
        "EC2, share of a full cluster",
        "emr-ec2",
        items,
        run,
        low=1.0 if instance_type else book.low_factor,
        high=book.high_factor,
        notes=() if instance_type else ("no node type holds such an executor: fitted unit prices, without volumes",),
    )


def own_cluster(run: Run, book: PriceBook, terms: Terms, instance_type: str) -> Bill:
    """A cluster for this run alone: whole nodes, a primary node, a minute at least, and the boot of each."""
    hours, peak = node_hours(run, book, instance_type)
    boot_h = book.ec2_start_up_s / 3600
    node = node_price(book, instance_type, terms.purchase, terms.volumes)
    primary = node_price(book, terms.primary_type or instance_type, volumes=terms.volumes)
    items = {
        "ec2": hours * node.ec2_h_usd,
        "emr_fee": hours * node.fee_h_usd,
        "ebs": hours * node.ebs_h_usd,
        "primary_node": max(run.wall_ms / HOUR_MS, _least_h(book)) * primary.h_usd,
        "start_up": boot_h * (peak * node.h_usd + primary.h_usd),
    }
    note = f"{peak:,} x {instance_type} at most, primary {terms.primary_type or instance_type}, booting {book.ec2_start_up_s:.0f} s"
    return bill_of("EC2, a cluster of its own", "emr-ec2", items, run, high=book.high_factor, notes=(note,))


def node_hours(run: Run, book: PriceBook, instance_type: str) -> tuple[float, int]:
    """Hours of nodes that hold the run's containers, packed tightly at every moment, and the most nodes at one time.

    Each node of the peak is billed a minute at least, its boot included. PriceBookError where a container fits no node.
    """
    node = book.instance(instance_type)
    held = run.executors if run.driver_on_primary else run.containers
    shares = []
    for span in held:
        fit = executors_per_node(node, span.cores, span.gib, architecture_of(instance_type))
        if fit < 1:
            raise PriceBookError(
                f"an executor of {span.cores:g} cores and {span.gib:.1f} GiB does not fit `{instance_type}`\n\nhint: name a larger type"
            )
        shares.append(1 / fit)
    total_ms, peak = _packed(held, shares)
    return max(total_ms / HOUR_MS, peak * _least_h(book)), peak


def _least_h(book: PriceBook) -> float:
    """Hours of a node that are billed at least, beside those of its boot."""
    return max(0.0, book.ec2_minimum_s - book.ec2_start_up_s) / 3600


def _packed(spans: Sequence[ExecutorSpan], shares: Sequence[float]) -> tuple[float, int]:
    """Node-ms and peak nodes where each span takes its share of a node; at equal times an end counts before a start."""
    changes = sorted(
        change
        for span, share in zip(spans, shares, strict=True)
        if span.end_ms > span.start_ms
        for change in ((span.start_ms, share), (span.end_ms, -share))
    )
    load, since, total, peak = 0.0, 0, 0.0, 0
    for moment, change in changes:
        nodes = _ceil(load)
        total += nodes * (moment - since)
        since = moment
        load += change
        peak = max(peak, _ceil(load))
    return total, peak


def _ceil(load: float) -> int:
    """Whole nodes of a sum of shares, whose rounding errors must not open another node."""
    return max(0, -int(-(load - 1e-6) // 1))


def _ec2_share(book: PriceBook, instance_type: str | None) -> float:
    if instance_type is None:
        return 1 / (1 + book.ec2_fee_share)
    node = book.instance(instance_type)
    return node.ec2_h_usd / (node.ec2_h_usd + node.fee_h_usd)


def _volumes_usd(book: PriceBook, terms: Terms, instance_type: str | None, held: Sequence[ExecutorSpan]) -> float:
    """Volumes of a node by the part of its price that the run's containers are."""
    if instance_type is None:
        return 0.0
    price = node_price(book, instance_type, volumes=terms.volumes)
    prices = unit_prices(book, Target("emr-ec2", instance_type, terms.architecture))
    nodes_h = sum(prices.usd(s.cores * s.lifetime_ms / 1000, s.gib * s.lifetime_ms / 1000) for s in held) / (
        price.ec2_h_usd + price.fee_h_usd
    )
    return nodes_h * price.ebs_h_usd
