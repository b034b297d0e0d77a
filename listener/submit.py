"""Adds the listener to a `spark-submit` command line, keeping what it, its properties file and Spark's defaults say."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from listener.conf import JARS_KEY, LISTENERS_KEY, PLUGINS_KEY, SETTINGS_PREFIX, flags
from listener.errors import SubmitError
from listener.spark_defaults import defaults_file, read_properties

_SWITCHES = frozenset(
    {"--help", "-h", "--supervise", "--usage-error", "--verbose", "-v", "--version", "--load-spark-defaults", "-S", "--silent", "-H"}
)
"""Options that take no value; the last three are of spark-sql. Source: SparkSubmitOptionParser of Spark 3.3 to 4.3, Hive's CLI."""

_CONF = ("--conf", "-c")

_NO_SUBMIT = re.compile(r"python[\d.]*|env|sudo|bash|sh|java|nohup|nice|time(out)?")
"""Programs that take no options of spark-submit, or would take them for their own; wrappers of spark-submit have any other name."""


@dataclass
class _CommandLine:
    """A command line in parts: the program, options as (name, value), and what follows them untouched."""

    program: str
    options: list[tuple[str, str | None]] = field(default_factory=list)
    rest: list[str] = field(default_factory=list)

    def last(self, name: str) -> str | None:
        """The value that spark-submit would take: the last one."""
        return next((value for option, value in reversed(self.options) if option == name), None)

    def conf(self) -> dict[str, str]:
        """The properties given by `--conf`."""
        pairs = (value.partition("=") for name, value in self.options if name in _CONF and value is not None)
        return {key.strip(): value for key, _, value in pairs}

    def argv(self) -> list[str]:
        """The command line as a list of arguments."""
        flat = [part for name, value in self.options for part in ((name,) if value is None else (name, value))]
        return [self.program, *flat, *self.rest]


def with_listener(
    argv: Sequence[str],
    url: str,
    *,
    jar: str | None = None,
    team: str | None = None,
    pipeline: str | None = None,
    token: str | None = None,
    plugin: bool = False,
    settings: Mapping[str, str] | None = None,
    defaults: Mapping[str, str] | None = None,
    environ: Mapping[str, str] = os.environ,
) -> list[str]:
    """The command line with the listener added; a second time changes nothing.

    Args:
        argv: `spark-submit` (or spark-shell, pyspark, spark-sql), its options, the application and its arguments.
        url: the collector's address.
        jar: where the job finds the jar; the packaged one by default.
        team: the job's owner.
        pipeline: the recurring workload.
        token: what the collector asks for; whoever may list processes reads it in the command line.
        plugin: whether executors tell of their storage I/O and memory too.
        settings: more properties to set, where the job has none of the name.
        defaults: what Spark's defaults say where the command will run; read from its spark-defaults.conf on this machine if None.
        environ: where `SPARK_CONF_DIR`, `SPARK_HOME` and `PATH` are looked up.

    Raises:
        SubmitError: the command line is empty, an option lacks its value, or the properties file cannot be read.
    """
    command = _parse(argv)
    present = _effective(command, defaults, environ)
    added = flags(url, present, jar=jar, team=team, pipeline=pipeline, token=token, plugin=plugin)
    added |= {key: value for key, value in (settings or {}).items() if key not in present}
    jars = added.pop(JARS_KEY)
    replaced = {LISTENERS_KEY, JARS_KEY, *({PLUGINS_KEY} if plugin else ())}
    kept = [option for option in command.options if option[0] != "--jars" and not _sets(option, replaced)]
    given = command.conf()
    ours: list[tuple[str, str | None]] = [
        ("--conf", f"{key}={value}") for key, value in added.items() if not (key.startswith(SETTINGS_PREFIX) and key in given)
    ]
    command.options = [*ours, ("--jars", jars), *kept]
    return command.argv()


def after_options(argv: Sequence[str]) -> list[str]:
    """What follows the options: the application and its arguments.

    Raises:
        SubmitError: the command line is empty, or an option lacks its value.
    """
    return _parse(argv).rest


def runs_in_cluster(argv: Sequence[str], environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the driver will run elsewhere, as the command line, its properties file, Spark's defaults or `DEPLOY_MODE` say.

    Raises:
        SubmitError: as for `with_listener`.
    """
    command = _parse(argv)
    mode = command.last("--deploy-mode") or _effective(command, None, environ).get("spark.submit.deployMode") or environ.get("DEPLOY_MODE")
    return mode == "cluster"


def _parse(argv: Sequence[str]) -> _CommandLine:
    if not argv:
        raise SubmitError("the command is empty", "write it after `--`, for example `-- spark-submit job.py`")
    if _NO_SUBMIT.fullmatch(Path(argv[0]).name):
        hint = "begin with spark-submit, spark-shell, pyspark or spark-sql; `sparkledger conf --format python` is for Python programs"
        raise SubmitError(f"`{argv[0]}` takes no options of spark-submit", hint)
    command = _CommandLine(argv[0])
    arguments = iter(argv[1:])
    for argument in arguments:
        if not argument.startswith("-"):
            command.rest = [argument, *arguments]
            break
        name, equals, value = argument.partition("=")
        if equals and name.startswith("--"):
            command.options.append((name, value))
        elif argument in _SWITCHES:
            command.options.append((argument, None))
        else:
            command.options.append((argument, _value_of(argument, arguments)))
    return command


def _value_of(option: str, arguments: Iterator[str]) -> str:
    value = next(arguments, None)
    if value is None:
        raise SubmitError(f"`{option}` has no value", f"write `{option} VALUE`")
    return value


def _sets(option: tuple[str, str | None], keys: set[str]) -> bool:
    name, value = option
    return name in _CONF and value is not None and value.partition("=")[0].strip() in keys


def _effective(command: _CommandLine, defaults: Mapping[str, str] | None, environ: Mapping[str, str]) -> dict[str, str]:
    """The properties that spark-submit would end up with: `--jars` over `--conf` over the properties file or Spark's defaults."""
    given = command.last("--properties-file")
    properties: dict[str, str] = {}
    if given is None or ("--load-spark-defaults", None) in command.options:
        properties |= _defaults(command.program, environ) if defaults is None else defaults
    if given is not None:
        properties |= read_properties(Path(given))
    properties |= command.conf()
    jars = command.last("--jars")
    return properties if jars is None else properties | {JARS_KEY: jars}


def _defaults(program: str, environ: Mapping[str, str]) -> dict[str, str]:
    path = defaults_file(program, environ)
    return {} if path is None else read_properties(path)
