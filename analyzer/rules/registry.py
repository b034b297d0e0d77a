"""All rules, found by walking the packages beside this module."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

from analyzer import rules
from analyzer.rules import queries
from analyzer.rules.base import Evaluate, Rule, Thresholds
from collector.storage import load_sql


class RuleError(Exception):
    """A rule that is declared wrongly, or a code that no rule has."""


@dataclass(frozen=True, slots=True)
class RegisteredRule:
    """A rule with what its module holds: the documentation, the SQL that fetches its rows and the function that judges them."""

    rule: Rule
    title: str
    documentation: str
    """The module's docstring, Markdown below its first line."""
    sql: str
    evaluate: Evaluate
    path: str

    @property
    def code(self) -> str:
        return self.rule.code

    def thresholds(self, overrides: Mapping[str, float] | None = None) -> Thresholds:
        """The thresholds in force; KeyError for an override that the rule does not know."""
        return Thresholds(self.rule.thresholds, overrides)


@cache
def all_rules() -> tuple[RegisteredRule, ...]:
    """Every rule, by code; RuleError where two modules have one code."""
    return collect(_modules())


def rule(code: str) -> RegisteredRule:
    """The rule with this code, in any case; RuleError where there is none."""
    for found in all_rules():
        if found.code == code.upper():
            return found
    raise RuleError(f"unknown rule `{code}`: expected one of {', '.join(r.code for r in all_rules())}")


def explain(code: str) -> str:
    """The documentation page of a rule as Markdown, its thresholds as a table; RuleError for an unknown code."""
    found = rule(code)
    before, after = found.documentation.split("## Thresholds", 1)
    _, _, rest = after.partition("\n## ")
    table = ["| threshold | value | unit | source | why |", "|---|---|---|---|---|"]
    table += [f"| `{t.name}` | {t.value:g} | {t.unit} | {t.source} | {t.rationale} |" for t in found.rule.thresholds]
    head = f"# {found.code}: {found.title}\n\nCategory: {found.rule.category}. Since {found.rule.since}, {found.rule.status}."
    return "\n".join([head, "", before.strip(), "", "## Thresholds", "", *table, "", f"## {rest.strip()}", ""])


def collect(modules: Iterable[ModuleType]) -> tuple[RegisteredRule, ...]:
    """The rules of modules, by code; RuleError names both files where two have one code."""
    found: dict[str, RegisteredRule] = {}
    for module in modules:
        registered = _register(module)
        other = found.get(registered.code)
        if other is not None:
            raise RuleError(f"two rules have the code `{registered.code}`: `{other.path}` and `{registered.path}`")
        found[registered.code] = registered
    return tuple(found[code] for code in sorted(found))


def _modules() -> list[ModuleType]:
    """Modules of the category packages that declare a `RULE`."""
    walked = pkgutil.walk_packages(rules.__path__, f"{rules.__name__}.")
    modules = [importlib.import_module(info.name) for info in walked if info.name.count(".") > rules.__name__.count(".") + 1]
    return [module for module in modules if hasattr(module, "RULE")]


def _register(module: ModuleType) -> RegisteredRule:
    path = str(module.__file__)
    documentation = inspect.cleandoc(module.__doc__ or "")
    title, _, body = documentation.partition("\n")
    for name in ("RULE", "evaluate"):
        if not hasattr(module, name):
            raise RuleError(f"`{path}` has no `{name}`: a rule module declares `RULE` and `evaluate`")
    return RegisteredRule(
        module.RULE, title.rstrip("."), body.strip(), _sql(path, module.RULE.query or Path(path).stem), module.evaluate, path
    )


def _sql(path: str, stem: str) -> str:
    """The query beside a rule, else the shared one of that name."""
    beside = Path(path).with_name(f"{stem}.sql")
    return load_sql(path if beside.is_file() else str(queries.__file__), stem)
