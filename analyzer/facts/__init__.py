"""The facts of one application, by the definitions of docs/reference/facts.md."""

from analyzer.facts.application import application_facts

__all__ = ["application_facts"]
