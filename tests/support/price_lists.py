"""A small AWS price list, written by hand in the documented shape of the bulk API, and a server that answers with it.

Not recorded from AWS: SKUs are made up, prices are those of the shipped price book unless a test changes them.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PUBLISHED = "2026-11-24T18:03:11Z"
REGION = "us-east-1"
_NODES = {
    "c5.xlarge": (4, "8 GiB", 0.17, 0.0425),
    "m5.xlarge": (4, "16 GiB", 0.192, 0.048),
    "m5.16xlarge": (64, "256 GiB", 3.072, 0.27),
    "r5.xlarge": (4, "32 GiB", 0.252, 0.063),
    "m6g.xlarge": (4, "16 GiB", 0.154, 0.0385),
    "x2iedn.32xlarge": (128, "4,096 GiB", 26.676, 6.669),
}


class PriceLists:
    """Products by service; `add` puts one in, and `files` makes the answers by path."""

    def __init__(self) -> None:
        self.products: dict[str, list[tuple[str, dict[str, str], float]]] = {"AmazonEC2": [], "ElasticMapReduce": [], "AmazonS3": []}
        self.published = PUBLISHED

    def add(self, service: str, family: str, attributes: Mapping[str, str], usd: float) -> None:
        self.products[service].append((family, dict(attributes), usd))

    def files(self) -> dict[str, bytes]:
        answers: dict[str, bytes] = {}
        for service, products in self.products.items():
            path = f"/offers/v1.0/aws/{service}/20261124180311/{REGION}/index.json"
            index = {
                "formatVersion": "v1.0",
                "disclaimer": "",
                "publicationDate": self.published,
                "regions": {REGION: {"regionCode": REGION, "currentVersionUrl": path}},
            }
            answers[f"/offers/v1.0/aws/{service}/current/region_index.json"] = json.dumps(index).encode()
            answers[path] = json.dumps(self._offer_file(service, products)).encode()
        return answers

    def _offer_file(self, service: str, products: list[tuple[str, dict[str, str], float]]) -> dict[str, Any]:
        listed, terms = {}, {}
        for number, (family, attributes, usd) in enumerate(products):
            sku = f"{service[:8].upper()}{number:06d}"
            listed[sku] = {"sku": sku, "productFamily": family, "attributes": {"servicecode": service, "regionCode": REGION, **attributes}}
            rate = f"{sku}.JRTCKXETXF.6YS6EN2CT7"
            dimension = {
                "rateCode": rate,
                "description": f"${usd} per unit",
                "beginRange": "0",
                "endRange": "Inf",
                "unit": "Hrs",
                "pricePerUnit": {"USD": f"{usd:.10f}"},
                "appliesTo": [],
            }
            term = {"offerTermCode": "JRTCKXETXF", "sku": sku, "effectiveDate": "2026-11-01T00:00:00Z", "termAttributes": {}}
            terms[sku] = {f"{sku}.JRTCKXETXF": {**term, "priceDimensions": {rate: dimension}}}
        return {
            "formatVersion": "v1.0",
            "disclaimer": "",
            "offerCode": service,
            "version": "20261124180311",
            "publicationDate": self.published,
            "products": listed,
            "terms": {"OnDemand": terms, "Reserved": {}},
        }


def us_east_1() -> PriceLists:
    """Six node types with decoys beside them, EMR's meters, volumes and S3 requests."""
    lists = PriceLists()
    for name, (vcpu, memory, ec2, fee) in _NODES.items():
        linux = {
            "instanceType": name,
            "vcpu": str(vcpu),
            "memory": memory,
            "operatingSystem": "Linux",
            "tenancy": "Shared",
            "preInstalledSw": "NA",
            "capacitystatus": "Used",
            "marketoption": "OnDemand",
            "operation": "RunInstances",
        }
        lists.add("AmazonEC2", "Compute Instance", linux, ec2)
        lists.add("AmazonEC2", "Compute Instance", {**linux, "operatingSystem": "Windows"}, ec2 * 2)
        lists.add("AmazonEC2", "Compute Instance", {**linux, "tenancy": "Dedicated"}, ec2 * 1.1)
        lists.add("AmazonEC2", "Compute Instance", {**linux, "capacitystatus": "UnusedCapacityReservation"}, ec2)
        lists.add("ElasticMapReduce", "Elastic Map Reduce Instance", {"instanceType": name, "softwareType": "EMR"}, fee)
        lists.add("ElasticMapReduce", "Elastic Map Reduce Instance", {"instanceType": name, "softwareType": "MapR"}, fee * 3)
    lists.add("AmazonEC2", "Storage", {"volumeApiName": "gp2"}, 0.10)
    lists.add("AmazonEC2", "Storage", {"volumeApiName": "gp3"}, 0.08)
    for compute in ("EC2", "FARGATE"):
        for meter, usd in (("CPUHours", 0.01012), ("GBHours", 0.00111125)):
            eks = {"operation": "StartJobRun", "computeprovider": compute, "meterunit": meter, "usagetype": f"EMR-{compute}-{meter}"}
            lists.add("ElasticMapReduce", "EMR Containers", eks, usd)
    for meter, usd in {
        "CPUHours": 0.052624,
        "GBHours": 0.0057785,
        "ARMCPUHours": 0.0421,
        "ARMGBHours": 0.00463,
        "StorageGBHours": 0.000111,
    }.items():
        lists.add("ElasticMapReduce", "EMR Serverless", {"meterunit": meter, "usagetype": f"USE1-EMR-SERVERLESS-{meter}"}, usd)
    lists.add("AmazonS3", "API Request", {"group": "S3-API-Tier1"}, 0.000005)
    lists.add("AmazonS3", "API Request", {"group": "S3-API-Tier2"}, 0.0000004)
    return lists


@contextmanager
def serving(files: Mapping[str, bytes], cut: str = "") -> Iterator[str]:
    """A server on loopback that answers with these files, and breaks off half-way in a path that ends with `cut`; gives its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = files.get(self.path)
            if body is None:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if cut and self.path.endswith(cut) else body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
