"""All read endpoints under `/api/v1`."""

from __future__ import annotations

from fastapi import APIRouter

from analyzer.api.applications.endpoints import router as applications
from analyzer.api.completeness.endpoints import router as completeness
from analyzer.api.cost.endpoints import router as cost
from analyzer.api.digests.endpoints import router as digests
from analyzer.api.findings.endpoints import router as findings
from analyzer.api.measurements.endpoints import router as measurements
from analyzer.api.rules.endpoints import router as rules
from analyzer.api.s3.endpoints import router as s3
from analyzer.api.shared_reads.endpoints import router as shared_reads
from analyzer.api.spot.endpoints import router as spot
from analyzer.api.waterfall.endpoints import router as waterfall
from analyzer.api.whatif.endpoints import router as whatif

router = APIRouter(prefix="/api/v1")
for feature in (applications, completeness, findings, rules, digests, waterfall, whatif, cost, spot, measurements, s3, shared_reads):
    router.include_router(feature)
