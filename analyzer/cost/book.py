"""The price book: dated figures in USD, each with its source."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

DEFAULT_BOOK = Path(__file__).parent / "price_books" / "2026-11-us-east-1.json"
ARCHITECTURES = ("x86", "arm64")


class PriceBookError(ValueError):
    """A price book that cannot be read, or lacks a figure that was asked for."""


@dataclass(frozen=True, slots=True)
class UnitPrices:
    """USD for an hour of one vCPU and of one GiB of memory."""

    vcpu_h_usd: float
    gib_h_usd: float

    def usd(self, vcpu_s: float, gib_s: float) -> float:
        """The price of `vcpu_s` vCPU-seconds and `gib_s` GiB-seconds."""
        return (vcpu_s * self.vcpu_h_usd + gib_s * self.gib_h_usd) / 3600


@dataclass(frozen=True, slots=True)
class Instance:
    """An EC2 instance type: its shape, its On-Demand price and the EMR fee, both USD an hour."""

    vcpu: int
    gib: float
    ec2_h_usd: float
    fee_h_usd: float


@dataclass(frozen=True, slots=True)
class PriceBook:
    """Every price that the cost model uses; all USD, list prices without discounts."""

    name: str
    as_of: str
    emr_ec2: UnitPrices
    """With the EMR fee."""
    ec2_fee_share: float
    """EMR fee as a share of the EC2 price, for instance types that are not in `instances`."""
    ec2_minimum_s: float
    instances: Mapping[str, Instance]
    eks_uplift: UnitPrices
    serverless: Mapping[str, UnitPrices]
    """By architecture."""
    serverless_minimum_s: float
    s3_get_usd: float
    s3_list_usd: float
    low_factor: float
    high_factor: float

    def instance(self, instance_type: str) -> Instance:
        """The instance type of that name; PriceBookError where the book does not know it."""
        if instance_type not in self.instances:
            raise PriceBookError(
                f"unknown instance type `{instance_type}` in price book `{self.name}`: expected one of "
                f"{', '.join(sorted(self.instances))}\n\nhint: leave the type out to use fitted unit prices, or add it to the book"
            )
        return self.instances[instance_type]


def _figure(document: Mapping[str, Any], *path: str) -> float:
    value: Any = document
    for key in (*path, "value"):
        if not isinstance(value, dict) or key not in value:
            raise PriceBookError(f"price book lacks `{'.'.join(path)}`: expected an object with `value`, `source` and `as_of`")
        value = value[key]
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
        raise PriceBookError(f"price book has `{'.'.join(path)}` = {value!r}: expected a number that is not negative")
    return float(value)


def _units(document: Mapping[str, Any], *path: str, prefix: str = "") -> UnitPrices:
    return UnitPrices(_figure(document, *path, f"{prefix}vcpu_h"), _figure(document, *path, f"{prefix}gib_h"))


def parse_price_book(document: Mapping[str, Any]) -> PriceBook:
    """A price book from its JSON document; PriceBookError names the first figure that is missing or wrong."""
    try:
        instances = {
            name: Instance(int(i["vcpu"]), float(i["gib"]), float(i["ec2_h"]), float(i["fee_h"]))
            for name, i in document["emr_ec2"]["instances"].items()
        }
        name, as_of = str(document["name"]), str(document["as_of"])
    except (KeyError, TypeError, ValueError) as error:
        raise PriceBookError(f"price book lacks or garbles {error}: expected the shape of `{DEFAULT_BOOK.name}`") from error
    return PriceBook(
        name=name,
        as_of=as_of,
        emr_ec2=_units(document, "emr_ec2"),
        ec2_fee_share=_figure(document, "emr_ec2", "fee_share_of_ec2"),
        ec2_minimum_s=_figure(document, "emr_ec2", "minimum_s"),
        instances=instances,
        eks_uplift=_units(document, "emr_eks", prefix="uplift_"),
        serverless={arch: _units(document, "emr_serverless", arch) for arch in ARCHITECTURES},
        serverless_minimum_s=_figure(document, "emr_serverless", "minimum_s"),
        s3_get_usd=_figure(document, "s3", "get_1000") / 1000,
        s3_list_usd=_figure(document, "s3", "list_1000") / 1000,
        low_factor=_figure(document, "range", "low"),
        high_factor=_figure(document, "range", "high"),
    )


@cache
def load_price_book(path: Path = DEFAULT_BOOK) -> PriceBook:
    """The price book in a JSON file; PriceBookError where it cannot be read or is incomplete."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PriceBookError(f"cannot read price book `{path}`: {error}\n\nhint: start from a copy of `{DEFAULT_BOOK}`") from error
    return parse_price_book(document)
