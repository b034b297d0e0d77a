"""The offer files of the AWS Price List bulk API, and where to get them.

`/offers/v1.0/aws/SERVICE/current/region_index.json` names the file of each region; that file holds products with attributes,
and under `terms.OnDemand` the price of each. No credentials are needed. The file of AmazonEC2 is a few hundred MB for a
region, so it is streamed to disk and decoded into the few fields that are used.

Source: AWS Billing user guide, "Using the AWS Price List Bulk API", read 2026-11.

PriceListError: no answer, a refusal, or an answer that is no offer file.
"""

from __future__ import annotations

import difflib
import mmap
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, TypeVar

import httpx
import msgspec

BULK_URL = "https://pricing.us-east-1.amazonaws.com"
MOST_BYTES = 2 << 30
_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}")
_Struct = TypeVar("_Struct", bound=msgspec.Struct)
_TIMEOUT_S = 60.0


class PriceListError(RuntimeError):
    """The price list could not be read; `hint` says what to do."""

    def __init__(self, message: str, *, hint: str = "the price book in force is unchanged; try again later") -> None:
        super().__init__(message)
        self.hint = hint


class Attributes(msgspec.Struct, frozen=True):
    """What tells products apart; empty where a product has no such attribute."""

    instance_type: str = msgspec.field(name="instanceType", default="")
    vcpu: str = ""
    memory: str = ""
    operating_system: str = msgspec.field(name="operatingSystem", default="")
    tenancy: str = ""
    installed: str = msgspec.field(name="preInstalledSw", default="")
    capacity: str = msgspec.field(name="capacitystatus", default="")
    market: str = msgspec.field(name="marketoption", default="")
    software: str = msgspec.field(name="softwareType", default="")
    volume: str = msgspec.field(name="volumeApiName", default="")
    compute: str = msgspec.field(name="computeprovider", default="")
    meter: str = msgspec.field(name="meterunit", default="")
    operation: str = ""
    usage: str = msgspec.field(name="usagetype", default="")
    group: str = ""


class _Product(msgspec.Struct, frozen=True):
    attributes: Attributes
    family: str = msgspec.field(name="productFamily", default="")


class _Dimension(msgspec.Struct, frozen=True):
    prices: dict[str, str] = msgspec.field(name="pricePerUnit")
    begins: str = msgspec.field(name="beginRange", default="0")


class _Term(msgspec.Struct, frozen=True):
    dimensions: dict[str, _Dimension] = msgspec.field(name="priceDimensions")


class _Terms(msgspec.Struct, frozen=True):
    on_demand: dict[str, dict[str, _Term]] = msgspec.field(name="OnDemand", default_factory=dict)


class _OfferFile(msgspec.Struct, frozen=True):
    published: str = msgspec.field(name="publicationDate")
    products: dict[str, _Product]
    terms: _Terms


class _Region(msgspec.Struct, frozen=True):
    url: str = msgspec.field(name="currentVersionUrl")


class _RegionIndex(msgspec.Struct, frozen=True):
    regions: dict[str, _Region]


@dataclass(frozen=True, slots=True)
class Offer:
    """One product with its On-Demand price in USD a unit; of tiered prices that of the first tier."""

    family: str
    attributes: Attributes
    usd: float


@dataclass(frozen=True, slots=True)
class Offers:
    """The offers of one service in one region."""

    service: str
    published: str
    """Date, as `2026-11-20`."""
    offers: tuple[Offer, ...]

    def of_family(self, family: str) -> Iterator[Offer]:
        return (offer for offer in self.offers if offer.family == family)


def fetch_offers(service: str, region: str, base_url: str = BULK_URL) -> Offers:
    """The offers of a service in a region, over the network."""
    base = base_url.rstrip("/")
    transport = httpx.HTTPTransport(retries=2)
    with httpx.Client(transport=transport, timeout=_TIMEOUT_S, follow_redirects=True) as client, tempfile.TemporaryFile() as file:
        index_url = f"{base}/offers/v1.0/aws/{service}/current/region_index.json"
        index = _decoded(_download(client, index_url, file), _RegionIndex, index_url)
        if region not in index.regions:
            near = difflib.get_close_matches(region, index.regions, n=3) or sorted(index.regions)[:3]
            raise PriceListError(f"{service} has no prices for region `{region}`", hint=f"did you mean {', '.join(near)}?")
        url = index.regions[region].url
        url = url if url.startswith("http") else f"{base}{url}"
        return offers_of(service, _decoded(_download(client, url, file), _OfferFile, url), url)


def offers_of(service: str, file: _OfferFile, url: str) -> Offers:
    """The priced products of an offer file."""
    if not _DATE.match(file.published):
        raise PriceListError(f"{url} is dated `{file.published}`: expected a date such as 2026-11-20T00:00:00Z")
    offers = []
    for sku, product in file.products.items():
        usd = _first_tier_usd(file.terms.on_demand.get(sku, {}))
        if usd is not None:
            offers.append(Offer(product.family, product.attributes, usd))
    return Offers(service, file.published[:10], tuple(offers))


def _first_tier_usd(terms: Mapping[str, _Term]) -> float | None:
    for term in terms.values():
        for dimension in term.dimensions.values():
            if dimension.begins == "0" and "USD" in dimension.prices:
                try:
                    return float(dimension.prices["USD"])
                except ValueError as error:
                    raise PriceListError(f"the price list has a price of `{dimension.prices['USD']}`: expected a number") from error
    return None


def _download(client: httpx.Client, url: str, file: IO[bytes]) -> IO[bytes]:
    """The body of an answer, in `file`, whose earlier content is gone."""
    file.seek(0)
    file.truncate()
    try:
        with client.stream("GET", url) as response:
            if not response.is_success:
                raise PriceListError(f"{url} answered {response.status_code}")
            for chunk in response.iter_bytes():
                if file.tell() + len(chunk) > MOST_BYTES:
                    raise PriceListError(f"{url} is larger than {MOST_BYTES >> 30} GiB: no offer file is")
                file.write(chunk)
    except httpx.HTTPError as error:
        raise PriceListError(f"no price list from {url}: {str(error) or type(error).__name__}", hint="is the network reachable?") from error
    file.flush()
    return file


def _decoded(file: IO[bytes], kind: type[_Struct], url: str) -> _Struct:
    try:
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
            return msgspec.json.decode(view, type=kind)
    except (msgspec.DecodeError, ValueError) as error:
        raise PriceListError(f"{url} is not an offer file: {error}") from error
