"""The price book: dated figures in USD, each with its source."""

from __future__ import annotations

import json
import math
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
class Volumes:
    """EBS: USD for a GiB and hour, and the GiB that EMR gives a node."""

    gp2_gib_h_usd: float
    gp3_gib_h_usd: float
    root_gib: float
    gib_a_vcpu: float


@dataclass(frozen=True, slots=True)
class SpotFigures:
    """What is taken for granted of Spot capacity until reclaims are seen."""

    discount: float
    """On the EC2 part, 0 to 1."""
    reclaims_h: float
    """Of one instance."""
    prior_h: float
    """Instance-hours that the assumed rate weighs."""
    notice_s: float
    batch: float
    """Instances that one event takes, on average."""
    replace_s: float
    """Until a reclaimed instance has a successor."""


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
    """One GET or HEAD."""
    s3_list_usd: float
    """One LIST, PUT, COPY or POST."""
    low_factor: float
    high_factor: float
    region: str
    fee_cap_h_usd: float
    """Of the instance generations up to `fee_cap_generation`."""
    fee_cap_generation: int
    ec2_start_up_s: float
    """A node is billed while it boots."""
    eks_control_plane_h_usd: float
    fargate: UnitPrices
    fargate_minimum_s: float
    fargate_added_gib: float
    serverless_storage_gib_h_usd: float
    serverless_free_storage_gib: float
    volumes: Volumes
    savings_plan_discount: float
    spot: SpotFigures

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
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or value < 0:
        raise PriceBookError(f"price book has `{'.'.join(path)}` = {value!r}: expected a number that is not negative")
    return float(value)


def _positive(document: Mapping[str, Any], *path: str, such_as: str) -> float:
    value = _figure(document, *path)
    if value <= 0:
        raise PriceBookError(f"price book has `{'.'.join(path)}` = 0: expected {such_as}")
    return value


def _units(document: Mapping[str, Any], *path: str, prefix: str = "") -> UnitPrices:
    return UnitPrices(_figure(document, *path, f"{prefix}vcpu_h"), _figure(document, *path, f"{prefix}gib_h"))


def _serverless(document: Mapping[str, Any], architecture: str) -> UnitPrices:
    path = ("emr_serverless", architecture)
    # Break-even is a share of what EMR Serverless costs.
    return UnitPrices(*(_positive(document, *path, name, such_as="a price above 0") for name in ("vcpu_h", "gib_h")))


def _share(document: Mapping[str, Any], *path: str) -> float:
    value = _figure(document, *path)
    if value >= 1:
        raise PriceBookError(f"price book has `{'.'.join(path)}` = {value}: expected a share from 0 to less than 1")
    return value


def _spot(document: Mapping[str, Any]) -> SpotFigures:
    figures = {name: _figure(document, "spot", name) for name in ("reclaims_h", "notice_s", "batch", "replace_s")}
    if figures["batch"] < 1:
        raise PriceBookError(f"price book has `spot.batch` = {figures['batch']}: expected one instance or more")
    prior_h = _positive(document, "spot", "prior_h", such_as="instance-hours, such as 100")
    return SpotFigures(discount=_share(document, "discounts", "spot"), prior_h=prior_h, **figures)


def _volumes(document: Mapping[str, Any]) -> Volumes:
    hours = _positive(document, "ebs", "hours_a_month", such_as="hours, such as 720")
    return Volumes(
        gp2_gib_h_usd=_figure(document, "ebs", "gp2_gib_month") / hours,
        gp3_gib_h_usd=_figure(document, "ebs", "gp3_gib_month") / hours,
        root_gib=_figure(document, "ebs", "root_gib"),
        gib_a_vcpu=_figure(document, "ebs", "gib_a_vcpu"),
    )


def parse_price_book(document: Mapping[str, Any]) -> PriceBook:
    """A price book from its JSON document; PriceBookError names the first figure that is missing or wrong."""
    try:
        instances = {
            name: Instance(int(i["vcpu"]), float(i["gib"]), float(i["ec2_h"]), float(i["fee_h"]))
            for name, i in document["emr_ec2"]["instances"].items()
        }
        name, as_of, region = str(document["name"]), str(document["as_of"]), str(document["region"])
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
        serverless={arch: _serverless(document, arch) for arch in ARCHITECTURES},
        serverless_minimum_s=_figure(document, "emr_serverless", "minimum_s"),
        s3_get_usd=_figure(document, "s3", "get_1000") / 1000,
        s3_list_usd=_figure(document, "s3", "list_1000") / 1000,
        low_factor=_figure(document, "range", "low"),
        high_factor=_figure(document, "range", "high"),
        region=region,
        fee_cap_h_usd=_figure(document, "emr_ec2", "fee_cap_h"),
        fee_cap_generation=int(_figure(document, "emr_ec2", "fee_cap_generations")),
        ec2_start_up_s=_figure(document, "emr_ec2", "start_up_s"),
        eks_control_plane_h_usd=_figure(document, "emr_eks", "control_plane_h"),
        fargate=_units(document, "emr_eks", "fargate"),
        fargate_minimum_s=_figure(document, "emr_eks", "fargate_minimum_s"),
        fargate_added_gib=_figure(document, "emr_eks", "fargate_added_gib"),
        serverless_storage_gib_h_usd=_figure(document, "emr_serverless", "storage_gib_h"),
        serverless_free_storage_gib=_figure(document, "emr_serverless", "free_storage_gib"),
        volumes=_volumes(document),
        savings_plan_discount=_share(document, "discounts", "savings_plan"),
        spot=_spot(document),
    )


def read_document(path: Path = DEFAULT_BOOK) -> dict[str, Any]:
    """The JSON document of a price book file; PriceBookError where there is none."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PriceBookError(f"cannot read price book `{path}`: {error}\n\nhint: start from a copy of `{DEFAULT_BOOK}`") from error
    if not isinstance(document, dict):
        raise PriceBookError(f"price book `{path}` is no JSON object\n\nhint: start from a copy of `{DEFAULT_BOOK}`")
    return document


@cache
def load_price_book(path: Path = DEFAULT_BOOK) -> PriceBook:
    """The price book in a JSON file; PriceBookError where it cannot be read or is incomplete."""
    return parse_price_book(read_document(path))
