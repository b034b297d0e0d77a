"""What the analyzer offers over HTTP: one folder a feature, endpoints beside their response models and queries."""

from analyzer.api.router import router

__all__ = ["router"]
