"""Switches the listener on for the Spark jobs of Airflow, by a cluster policy or operator by operator; imports nothing of Airflow.

In `airflow_local_settings.py`:

    from listener.airflow import policy

    task_policy = policy("http://collector:8428", jar="s3://tools/sparkledger-listener.jar")

Operators are known by the names of their classes, so that subclasses and every release of the providers count. A job that has the listener
is left alone, and so is one whose arguments are a template that only a run fills in.
"""

from __future__ import annotations

import logging
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from listener.conf import JARS_KEY, LISTENER_CLASS, SETTINGS_PREFIX, flags
from listener.errors import SubmitError
from listener.submit import after_options, with_listener

_log = logging.getLogger(__name__)

_AS_RUN = {"run": "{{run_id}}", "try": "{{ti.try_number}}"}
"""What only a run knows, in Airflow's templates; without blanks, so that it stays one argument."""
_TEMPLATE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_MARK = "\ue000"
_MARKED = re.compile(f"{_MARK}([0-9]+){_MARK}")
_UNOWNED = ("", "airflow")
"""Owners that nobody chose: the second is Airflow's default."""

Team = str | Callable[[Any], str | None] | None


@dataclass(frozen=True)
class _Wanted:
    """What is to be added to every job. `team` is a name, or finds one for an operator."""

    url: str
    jar: str
    team: Team = None
    plugin: bool = False
    defaults: Mapping[str, str] = field(default_factory=dict)

    def owner(self, operator: Any) -> dict[str, str]:
        """The properties that say whose job it is."""
        dag, task = str(getattr(operator, "dag_id", "")), str(getattr(operator, "task_id", ""))
        team = self.team(operator) if callable(self.team) else self.team
        owner = str(getattr(operator, "owner", ""))
        named = team or (owner if owner not in _UNOWNED else None)
        known = {"airflow.dag": dag, "airflow.task": task, **{f"airflow.{name}": text for name, text in _AS_RUN.items()}}
        known["pipeline"] = f"{dag}.{task}"
        return {SETTINGS_PREFIX + name: text for name, text in {**known, **({"team": named} if named else {})}.items()}

    def properties(self, operator: Any, existing: Mapping[str, str]) -> dict[str, str]:
        """The properties to set beside those that are there."""
        present = {**self.defaults, **existing}
        added = flags(self.url, present, jar=self.jar, plugin=self.plugin)
        return added | {key: value for key, value in self.owner(operator).items() if key not in present}

    def command(self, operator: Any, argv: list[str], defaults: Mapping[str, str] | None = None) -> list[str]:
        """A spark-submit command line with them."""
        known = {**self.defaults, **(defaults or {})}
        return with_listener(argv, self.url, jar=self.jar, plugin=self.plugin, settings=self.owner(operator), defaults=known, environ={})


def policy(
    url: str, *, jar: str, team: Team = None, plugin: bool = False, defaults: Mapping[str, str] | None = None
) -> Callable[[Any], None]:
    """A `task_policy` for `airflow_local_settings.py`. It never raises: a job that it cannot change runs as it is, with a line in the log.

    Args:
        url: the collector, as the drivers reach it.
        jar: where the drivers find the jar.
        team: the team of every job, or what finds it for an operator; the operator's owner where there is none.
        plugin: whether executors tell of their storage I/O and memory too.
        defaults: what spark-defaults.conf says where the jobs run, since lists that are set here replace those there.
    """

    def task_policy(task: Any) -> None:
        try:
            add_listener(task, url, jar=jar, team=team, plugin=plugin, defaults=defaults)
        except Exception as error:
            _log.warning("sparkledger: task %s runs without the listener: %s", getattr(task, "task_id", task), error)

    return task_policy


def add_listener(
    operator: Any, url: str, *, jar: str, team: Team = None, plugin: bool = False, defaults: Mapping[str, str] | None = None
) -> bool:
    """Adds the listener to one operator's job; the arguments are those of `policy`.

    Returns:
        Whether something was changed: not for an operator that starts no Spark job of a known kind, nor for a job that has the listener.

    Raises:
        SubmitError: the operator's spark-submit arguments cannot be read.
    """
    wanted = _Wanted(url, jar, team, plugin, defaults or {})
    names = [kind.__name__ for kind in type(operator).__mro__]
    return next((change(operator, wanted) for name, change in _OPERATORS.items() if name in names), False)


def _spark_submit(operator: Any, wanted: _Wanted) -> bool:
    conf_name, jars_name = (name if hasattr(operator, name) else f"_{name}" for name in ("conf", "jars"))
    conf, jars = getattr(operator, conf_name, None) or {}, getattr(operator, jars_name, None)
    if not isinstance(conf, Mapping) or _listens([conf, jars]):
        return False
    existing = {**conf, **({JARS_KEY: jars} if jars else {})}
    added = wanted.properties(operator, existing)
    setattr(operator, jars_name, added.pop(JARS_KEY))
    setattr(operator, conf_name, {**{key: value for key, value in conf.items() if key != JARS_KEY}, **added})
    return True


def _livy(operator: Any, wanted: _Wanted) -> bool:
    given = operator.spark_params
    conf, jars = given.get("conf") or {}, given.get("jars") or []
    if not isinstance(conf, Mapping) or not isinstance(jars, list) or _listens(conf):
        return False
    added = wanted.properties(operator, {**conf, **({JARS_KEY: ",".join(jars)} if jars else {})})
    all_jars = added.pop(JARS_KEY).split(",")
    operator.spark_params = {**given, "jars": all_jars, "conf": {**{k: v for k, v in conf.items() if k != JARS_KEY}, **added}}
    return True


def _emr_steps(operator: Any, wanted: _Wanted) -> bool:
    if not isinstance(operator.steps, list):
        return False
    steps = [_step(operator, step, wanted) for step in operator.steps]
    changed = steps != operator.steps
    operator.steps = steps
    return changed


def _emr_job_flow(operator: Any, wanted: _Wanted) -> bool:
    overrides = operator.job_flow_overrides
    if not isinstance(overrides, Mapping) or not isinstance(overrides.get("Steps"), list):
        return False
    known = _classified(overrides.get("Configurations"), "Classification", "Properties")
    steps = [_step(operator, step, wanted, known) for step in overrides["Steps"]]
    changed = bool(steps != overrides["Steps"])
    operator.job_flow_overrides = {**overrides, "Steps": steps}
    return changed


def _step(operator: Any, step: Any, wanted: _Wanted, known: Mapping[str, str] | None = None) -> Any:
    run = step.get("HadoopJarStep") if isinstance(step, Mapping) else None
    argv = run.get("Args") if isinstance(run, Mapping) else None
    if not isinstance(argv, list) or not argv or str(argv[0]).rpartition("/")[2] != "spark-submit" or _listens(argv):
        return step
    return {**step, "HadoopJarStep": {**run, "Args": wanted.command(operator, [str(part) for part in argv], known)}}  # type: ignore[dict-item]


def _job_run(driver: str) -> Callable[[Any, _Wanted], bool]:
    """Changes a job run of EMR Serverless or EMR on EKS, whose parameters are one text."""

    def change(operator: Any, wanted: _Wanted) -> bool:
        given = operator.job_driver.get(driver) if isinstance(operator.job_driver, Mapping) else None
        parameters = given.get("sparkSubmitParameters") or "" if isinstance(given, Mapping) else None
        if parameters is None or _listens(parameters):
            return False
        overrides = operator.configuration_overrides
        known = _classified(overrides.get("applicationConfiguration") if isinstance(overrides, Mapping) else None)
        templates: list[str] = []
        given_argv = ["spark-submit", *shlex.split(_TEMPLATE.sub(lambda found: _mark(found[0], templates), parameters))]
        argv = wanted.command(operator, given_argv, known)
        # What follows a word that is no option was not read; a `--jars` in there would win over ours, and Spark would not start.
        if unread := after_options(given_argv):
            text = _unmarked(unread[0], templates)
            raise SubmitError(f"`{text}` in sparkSubmitParameters is no option", "give that job the flags of `sparkledger conf`")
        text = _unmarked(" ".join(_quoted(part) for part in argv[1:]), templates)
        operator.job_driver = {**operator.job_driver, driver: {**given, "sparkSubmitParameters": text}}  # type: ignore[dict-item]
        return True

    return change


def _mark(template: str, templates: list[str]) -> str:
    """Stands for a template, whose blanks and quotes are not the shell's; a character that no text uses keeps it apart."""
    templates.append(template)
    return f"{_MARK}{len(templates) - 1}{_MARK}"


def _unmarked(text: str, templates: list[str]) -> str:
    return _MARKED.sub(lambda found: templates[int(found[1])], text)


def _classified(configurations: Any, classification: str = "classification", properties: str = "properties") -> dict[str, str]:
    """The spark-defaults among configurations of EMR, which its services spell differently."""
    entries = configurations if isinstance(configurations, list) else []
    found = [entry.get(properties) or {} for entry in entries if entry.get(classification) == "spark-defaults"]
    return {key: value for given in found for key, value in given.items()}


def _listens(existing: Any) -> bool:
    return LISTENER_CLASS in str(existing)


def _quoted(argument: str) -> str:
    """Quoted where a blank or a quote makes it necessary; templates stay as they are."""
    return shlex.quote(argument) if not argument or any(character in argument for character in " \t\n'\"\\") else argument


_OPERATORS: Mapping[str, Callable[[Any, _Wanted], bool]] = {
    "SparkSubmitOperator": _spark_submit,
    "LivyOperator": _livy,
    "EmrAddStepsOperator": _emr_steps,
    "EmrCreateJobFlowOperator": _emr_job_flow,
    "EmrServerlessStartJobOperator": _job_run("sparkSubmit"),
    "EmrContainerOperator": _job_run("sparkSubmitJobDriver"),
}
"""Operators by the name of their class. Source: Airflow's Spark, Livy and Amazon providers 6.3, 4.6 and 9.39, read 2026-11."""
