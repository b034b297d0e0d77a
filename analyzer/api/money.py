"""Money in answers: always US dollars, always as a range, always with the price book behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field

from analyzer.api.prices import prices_as_of


class PriceSource(BaseModel):
    """Which dated price book the dollars come from."""

    price_book: str = Field(description="Name of the price book", examples=["2026-11-us-east-1"])
    prices_as_of: str = Field(description="Date of its prices", examples=["2026-11-22"])


class Cost(PriceSource):
    """What an application cost."""

    low_usd: float = Field(description="US dollars, low end", examples=[3.1])
    expected_usd: float = Field(description="US dollars, as expected", examples=[3.6])
    high_usd: float = Field(description="US dollars, high end", examples=[4.2])
    target: str = Field(description="What was priced: emr-ec2, emr-eks or emr-serverless", examples=["emr-ec2"])


class Saving(PriceSource):
    """What a change would free, as a range."""

    low_core_s: float = Field(description="Core-seconds, low end", examples=[5400.0])
    high_core_s: float = Field(description="Core-seconds, high end", examples=[8100.0])
    low_usd: float = Field(description="US dollars, low end", examples=[0.31])
    high_usd: float = Field(description="US dollars, high end", examples=[0.47])
    basis: str = Field(description="How the range was computed", examples=["core time after the median task had finished"])


def saving_of(row: Mapping[str, Any]) -> Saving | None:
    """The saving of a row of `findings`; None where none is claimed."""
    if row["saving_high_core_s"] is None:
        return None
    return Saving(
        low_core_s=row["saving_low_core_s"] or 0.0,
        high_core_s=row["saving_high_core_s"],
        low_usd=row["saving_low_usd"] or 0.0,
        high_usd=row["saving_high_usd"] or 0.0,
        basis=row["saving_basis"],
        price_book=row["price_book"],
        prices_as_of=prices_as_of(row["price_book"]),
    )
