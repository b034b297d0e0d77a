"""The demonstration: real Spark applications with the flag on, and what sparkledger says of them."""

from __future__ import annotations

from sparkledger.demo.errors import DemoError
from sparkledger.demo.run import run_demo

__all__ = ["DemoError", "run_demo"]
