"""A price book with the prices of a region's current price lists: whole and plausible, or not at all.

Figures that no list holds (discounts, start-up times, Fargate) stay as they were, with their own source and date.
"""

from __future__ import annotations

import copy
import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from analyzer.cost.book import PriceBookError, parse_price_book
from analyzer.cost.offers import BULK_URL, Offer, Offers, PriceListError, fetch_offers

EC2, EMR, S3 = "AmazonEC2", "ElasticMapReduce", "AmazonS3"
FITTED_FAMILIES = ("c5", "m5", "r5")
LEAST_INSTANCES = 5
MOST_CHANGE = 4.0
"""A price that moved by more than this factor is a mistake of the reading: the dearest region is under twice the cheapest."""
_GIB = re.compile(r"^([\d,.]+) GiB$")


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A new price book as a document, and the figures that the lists did not hold."""

    document: Mapping[str, Any]
    kept: tuple[str, ...]
    instances: int


def refreshed_book(document: Mapping[str, Any], region: str, base_url: str = BULK_URL) -> Refreshed:
    """The price book with the region's current prices.

    Raises:
        PriceListError: a list cannot be read, lacks what every region has, or moves a price beyond what is plausible.
    """
    ec2, emr, s3 = (fetch_offers(service, region, base_url) for service in (EC2, EMR, S3))
    return updated(document, region, ec2, emr, s3)


def updated(document: Mapping[str, Any], region: str, ec2: Offers, emr: Offers, s3: Offers) -> Refreshed:
    """The document with the prices of these offers."""
    new = copy.deepcopy(dict(document))
    instances = _instances(ec2, emr)
    if len(instances) < LEAST_INSTANCES:
        raise PriceListError(f"the price lists of `{region}` price {len(instances)} node types: expected {LEAST_INSTANCES} or more")
    new["emr_ec2"]["instances"] = instances
    kept = []
    for path, (offers, wanted, factor) in _FIGURES.items():
        source = {EC2: ec2, EMR: emr, S3: s3}[offers]
        prices = {offer.usd for offer in source.offers if offer.usd > 0 and wanted(offer)}
        if len(prices) != 1:
            kept.append(path)
            continue
        _put(new, document, path, prices.pop() * factor, f"Price List API, {offers}", source.published)
    for path, value in _fit(instances).items():
        _put(new, document, path, value, "least-squares fit over c5, m5 and r5 On-Demand prices with the EMR fee", ec2.published)
    as_of = max(ec2.published, emr.published)
    new |= {
        "name": f"{as_of}-{region}",
        "region": region,
        "as_of": as_of,
        "note": "List prices of the Price List API; figures with an older date are not in it. Discounts are not included.",
    }
    try:
        parse_price_book(new)
    except PriceBookError as error:
        raise PriceListError(f"the price lists do not make a price book: {error}") from error
    return Refreshed(new, tuple(kept), len(instances))


def write_book(path: Path, document: Mapping[str, Any]) -> None:
    """Put a price book in place at once: readers see the old one or the new one. OSError where it cannot be written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    waiting = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with waiting.open("w", encoding="utf-8") as file:
            json.dump(document, file, indent=1)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        waiting.replace(path)
    finally:
        waiting.unlink(missing_ok=True)


def _instances(ec2: Offers, emr: Offers) -> dict[str, dict[str, Any]]:
    """Node types that EC2 and EMR both price: Linux, shared tenancy, On-Demand."""
    fees = {
        o.attributes.instance_type: o.usd
        for o in emr.of_family("Elastic Map Reduce Instance")
        if o.attributes.software == "EMR" and o.attributes.instance_type and o.usd > 0
    }
    found = {}
    for offer in ec2.of_family("Compute Instance"):
        a = offer.attributes
        memory = _GIB.match(a.memory)
        plain = (a.operating_system, a.tenancy, a.installed, a.capacity) == ("Linux", "Shared", "NA", "Used")
        if a.instance_type in fees and plain and a.market in ("", "OnDemand") and memory and a.vcpu.isdigit() and offer.usd > 0:
            found[a.instance_type] = {
                "vcpu": int(a.vcpu),
                "gib": float(memory[1].replace(",", "")),
                "ec2_h": offer.usd,
                "fee_h": fees[a.instance_type],
                "source": "Price List API",
                "as_of": ec2.published,
            }
    return dict(sorted(found.items()))


def _meter(family: str | None, meter: str, compute: str = "") -> Callable[[Offer], bool]:
    def wanted(offer: Offer) -> bool:
        a = offer.attributes
        if family is None:
            return a.meter == meter and "SERVERLESS" in a.usage.upper()
        return offer.family == family and a.meter == meter and a.compute.upper() == compute and a.operation == "StartJobRun"

    return wanted


def _volume(kind: str) -> Callable[[Offer], bool]:
    return lambda offer: offer.family == "Storage" and offer.attributes.volume == kind


def _requests(group: str) -> Callable[[Offer], bool]:
    return lambda offer: offer.family == "API Request" and offer.attributes.group == group


_FIGURES: Mapping[str, tuple[str, Callable[[Offer], bool], float]] = {
    "emr_eks.uplift_vcpu_h": (EMR, _meter("EMR Containers", "CPUHours", "EC2"), 1),
    "emr_eks.uplift_gib_h": (EMR, _meter("EMR Containers", "GBHours", "EC2"), 1),
    "emr_serverless.x86.vcpu_h": (EMR, _meter(None, "CPUHours"), 1),
    "emr_serverless.x86.gib_h": (EMR, _meter(None, "GBHours"), 1),
    "emr_serverless.arm64.vcpu_h": (EMR, _meter(None, "ARMCPUHours"), 1),
    "emr_serverless.arm64.gib_h": (EMR, _meter(None, "ARMGBHours"), 1),
    "emr_serverless.storage_gib_h": (EMR, _meter(None, "StorageGBHours"), 1),
    "ebs.gp2_gib_month": (EC2, _volume("gp2"), 1),
    "ebs.gp3_gib_month": (EC2, _volume("gp3"), 1),
    "s3.get_1000": (S3, _requests("S3-API-Tier2"), 1000),
    "s3.list_1000": (S3, _requests("S3-API-Tier1"), 1000),
}
"""Where a figure of the book is found: service, which offers, and what its unit must be multiplied by."""


def _put(new: dict[str, Any], old: Mapping[str, Any], path: str, value: float, source: str, as_of: str) -> None:
    before: Any = old
    target: Any = new
    *parents, last = path.split(".")
    for key in parents:
        before, target = before[key], target[key]
    was = float(before[last]["value"])
    if was > 0 and not was / MOST_CHANGE <= value <= was * MOST_CHANGE:
        raise PriceListError(
            f"the price list has `{path}` = {value:.6g}, the price book {was:.6g}: too far apart to be believed",
            hint="if AWS really changed it, put it into `pricing` of the settings",
        )
    target[last] = {"value": round(value, 10), "source": source, "as_of": as_of}


def _fit(instances: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    """USD of a vCPU-hour and a GiB-hour that fit the nodes' prices best, each node by its relative error."""
    nodes = [node for name, node in instances.items() if name.split(".")[0] in FITTED_FAMILIES and node["fee_h"] > 0.2 * node["ec2_h"]]
    if len({node["gib"] / node["vcpu"] for node in nodes}) < 2:
        raise PriceListError(f"the price lists lack node types of {', '.join(FITTED_FAMILIES)} to fit unit prices to")
    price = np.array([node["ec2_h"] + node["fee_h"] for node in nodes])
    shape = np.array([[node["vcpu"], node["gib"]] for node in nodes]) / price[:, None]
    (vcpu, gib), *_ = np.linalg.lstsq(shape, np.ones(len(nodes)), rcond=None)
    return {"emr_ec2.vcpu_h": float(vcpu), "emr_ec2.gib_h": float(gib)}
