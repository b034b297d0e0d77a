"""What the cost endpoints take and answer."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from analyzer.api.money import PriceSource


class CostQuery(BaseModel):
    """How the run would be bought. Without any of it: list prices, and the cheapest node type that fits."""

    model_config = ConfigDict(extra="forbid")

    attempt: str | None = Field(None, description="The application attempt; the latest where absent", max_length=100)
    instance_type: str | None = Field(None, description="Node type, such as `r5.4xlarge`", max_length=40)
    primary_type: str | None = Field(None, description="Type of the primary node; as the nodes where absent", max_length=40)
    architecture: Literal["x86", "arm64"] | None = Field(
        None, description="Of workers and fitted prices; that of the node type where absent"
    )
    spot_share: float = Field(0.0, ge=0, le=1, description="Share of the nodes that are Spot")
    spot_discount: float | None = Field(None, ge=0, lt=1, description="On the EC2 part; the price book's where absent")
    plan_share: float = Field(0.0, ge=0, le=1, description="Share of the other nodes under a Savings Plan or reservation")
    plan_discount: float | None = Field(None, ge=0, lt=1, description="On the EC2 part; the price book's where absent")
    volumes: Literal["gp2", "gp3", "none"] = Field("gp2", description="EBS volumes of nodes, in EMR's default sizes")
    worker_disk_gib: float | None = Field(None, ge=20, le=2000, description="Disk of an EMR Serverless worker; as configured where absent")
    managed_shuffle: bool = Field(False, description="EMR Serverless Storage: no disk of a worker is billed")
    flex_discount: float = Field(0.0, ge=0, lt=1, description="Of Flex execution, on executors; AWS publishes none")
    serverless_discount: float = Field(0.0, ge=0, lt=1, description="A private discount on EMR Serverless")
    warm_workers: int = Field(0, ge=0, le=10_000, description="Pre-initialised workers of the EMR Serverless application")
    warm_idle_min: float = Field(15.0, ge=0, le=10_080, description="Minutes that each of them waits because of this run")


class BillOf(BaseModel):
    """What one deployment would charge."""

    name: str = Field(examples=["EC2, a cluster of its own"])
    deployment: str = Field(examples=["emr-ec2"])
    items_usd: dict[str, float] = Field(
        description="US dollars by item; they sum to `expected_usd`", examples=[{"ec2": 2.1, "emr_fee": 0.5}]
    )
    low_usd: float = Field(ge=0)
    expected_usd: float = Field(ge=0)
    high_usd: float = Field(ge=0)
    notes: list[str]


class PurchaseBreakEven(BaseModel):
    """The break-even of the same cluster bought in one way."""

    purchase: str = Field(examples=["Spot"])
    utilisation: float = Field(examples=[0.44])


class BreakEvenOf(BaseModel):
    """Where a cluster of its own stands between EMR on EC2 and EMR Serverless."""

    instance_type: str = Field(examples=["r5.4xlarge"])
    node_h: float = Field(description="Hours of worker nodes", ge=0)
    nodes_peak: int = Field(ge=0)
    utilisation: float = Field(description="What EMR Serverless would bill over what it would bill for whole nodes", examples=[0.62])
    break_even: float = Field(description="Below this utilisation EMR Serverless is cheaper; over 1 it always is", examples=[0.86])
    verdict: str = Field(description="emr-serverless, emr-ec2, or too close to call", examples=["emr-serverless"])
    by_purchase: list[PurchaseBreakEven]


class CostComparison(PriceSource):
    """The same run, priced everywhere."""

    app_id: str
    attempt_id: str
    observed: str = Field(description="Where it really ran; empty where that is none of the three", examples=["emr-ec2"])
    executors: int
    wall_ms: int
    bills: list[BillOf]
    break_even: BreakEvenOf | None = Field(description="Null where no node type of the book holds the executors")
    notes: list[str]


class ReconciliationStep(BaseModel):
    """One reason for the difference between lifetimes and bill."""

    reason: str = Field(examples=["the driver"])
    usd: float = Field(description="What it adds, in US dollars; negative where it takes off")


class Hours(BaseModel):
    """Hours of one vCPU, one GB of memory and one GB of storage."""

    vcpu_h: float
    memory_gb_h: float
    storage_gb_h: float


class CostReconciliation(PriceSource):
    """The estimate beside what AWS billed for the job run, at list prices."""

    app_id: str
    attempt_id: str
    billed: Hours
    estimated: Hours
    billed_usd: float
    estimated_usd: float
    error: float = Field(description="(estimated - billed) / billed, in dollars", examples=[-0.08])
    steps: list[ReconciliationStep] = Field(description="From executor lifetimes to the bill; they sum to `billed_usd`")
    explanation: str
