"""How often a Spot instance is reclaimed: what was seen, shrunk to an assumption that is stated.

Reclaims are taken as a Poisson process with a gamma prior, so that k reclaims in H instance-hours give the posterior mean
(k + a) / (H + b) with a / b the assumed rate and b the hours that it weighs. The price book holds both with their source.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analyzer.cost.book import SpotFigures

_SEED, _DRAWS = 20_261_125, 20_001
Rates = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ReclaimRate:
    """Reclaims of one instance an hour: the mean, and the ends of its central 90 %."""

    reclaims: int
    host_h: float
    prior_h: float
    """The assumed rate, before anything was seen."""
    prior_weight_h: float

    @property
    def mean_h(self) -> float:
        return self._shape / self._hours

    @property
    def interval_h(self) -> tuple[float, float]:
        low, high = np.quantile(self.draws(_DRAWS), (0.05, 0.95))
        return float(low), float(high)

    @property
    def assumed(self) -> bool:
        """Whether the assumption still weighs more than what was seen."""
        return self.host_h < self.prior_weight_h

    def draws(self, count: int) -> Rates:
        """Rates that are as likely as the posterior says; the same ones every time."""
        return np.random.default_rng(_SEED).gamma(self._shape, 1 / self._hours, count)

    @property
    def _shape(self) -> float:
        return self.reclaims + self.prior_h * self.prior_weight_h

    @property
    def _hours(self) -> float:
        return self.host_h + self.prior_weight_h


def reclaim_rate(reclaims: int, host_h: float, figures: SpotFigures) -> ReclaimRate:
    """The rate after `reclaims` were seen in `host_h` hours of Spot instances."""
    if reclaims < 0 or host_h < 0:
        raise ValueError(f"cannot have seen {reclaims} reclaims in {host_h} hours: expected no negative number")
    return ReclaimRate(reclaims, host_h, figures.reclaims_h, figures.prior_h)
