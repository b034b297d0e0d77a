"""`conf` and `submit`, with nothing but the standard library: they must work where only the listener is installed."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from listener.conf import flags
from listener.errors import ListenerError
from listener.formats import FORMATS
from listener.submit import runs_in_cluster, with_listener
from sparkledger.cli.errors import UNAVAILABLE, USAGE, CliError
from sparkledger.own_token import read_own_token
from sparkledger.server_file import read_server_file

DEFAULT_URL = "http://127.0.0.1:8428"
MASK = "********"


def run(argv: Sequence[str]) -> int:
    """Run `conf` or `submit`; `argv` starts with its name. Returns the exit code of `submit`'s command, else 0."""
    return COMMANDS[argv[0]](list(argv[1:]))


def _conf(argv: list[str]) -> int:
    parser = _parser("conf", "Print the flags that switch the listener on.")
    parser.add_argument("--conf", action="append", default=[], metavar="KEY=VALUE", help="a property that the job has already; it is kept")
    parser.add_argument("--format", choices=FORMATS, default="flags", help="how to write them; flags of spark-submit by default")
    parser.add_argument("--json", action="store_const", dest="format", const="json", help="the same as --format json")
    options = parser.parse_args(argv)
    properties = _flags(options, dict(_pair(text) for text in options.conf))
    sys.stdout.write(FORMATS[options.format](properties) + "\n")
    return 0


def _submit(argv: list[str]) -> int:
    parser = _parser("submit", "Run a spark-submit command line with the listener switched on.")
    parser.usage = "sparkledger submit [options] -- spark-submit ..."
    parser.add_argument("--print", action="store_true", help="print the command instead of running it")
    own, command = _split(argv)
    options = parser.parse_args(own)
    token = os.environ.get("SPARKLEDGER_TOKEN") or _own_token(options)
    try:
        # Arguments are for everybody on the machine to see; a driver elsewhere gets no environment from here, though.
        as_property = token if runs_in_cluster(command) else None
        if options.print and as_property:
            as_property = MASK
        full = with_listener(
            command,
            _url(options),
            jar=options.jar,
            team=options.team,
            pipeline=options.pipeline,
            token=as_property,
            plugin=options.plugin,
        )
    except ListenerError as error:
        raise CliError(error.message, hint=error.hint, exit_code=USAGE) from error
    if options.print:
        sys.stdout.write(shlex.join(full) + "\n")
        return 0
    try:
        os.execvpe(full[0], full, os.environ | ({"SPARKLEDGER_TOKEN": token} if token else {}))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise CliError(f"cannot run `{full[0]}`: {reason}", hint="name it with its path, or put it on PATH") from error


COMMANDS: Mapping[str, Callable[[list[str]], int]] = {"conf": _conf, "submit": _submit}


def _parser(name: str, description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"sparkledger {name}", description=description, allow_abbrev=False)
    parser.add_argument("--url", help="the collector, as the driver reaches it; else $SPARKLEDGER_URL, else the server that runs on --data")
    parser.add_argument("--data", type=Path, metavar="DIR", help="data directory of a server on this machine")
    parser.add_argument("--jar", help="where the driver finds the jar, such as s3://bucket/sparkledger-listener.jar")
    parser.add_argument("--plugin", action="store_true", help="let executors tell of their storage I/O and memory: adds to spark.plugins")
    parser.add_argument("--team", help="who owns the job")
    parser.add_argument("--pipeline", help="what the job is a run of")
    return parser


def _flags(options: argparse.Namespace, existing: Mapping[str, str]) -> dict[str, str]:
    try:
        return flags(_url(options), existing, jar=options.jar, team=options.team, pipeline=options.pipeline, plugin=options.plugin)
    except ListenerError as error:
        raise CliError(error.message, hint=error.hint, exit_code=UNAVAILABLE) from error


def _own_token(options: argparse.Namespace) -> str | None:
    """The token of this machine's own server, where that is where the job sends."""
    data = options.data or _default_data_dir()
    running = read_server_file(data)
    return read_own_token(data) if running is not None and running.url == _url(options) else None


def _default_data_dir() -> Path:
    """As `settings.default_data_dir`, which is not to be had without the server's packages."""
    named = os.environ.get("SPARKLEDGER_DATA_DIR")
    return Path(named) if named else Path(os.environ.get("XDG_DATA_HOME") or "~/.local/share").expanduser() / "sparkledger"


def _url(options: argparse.Namespace) -> str:
    named = options.url or os.environ.get("SPARKLEDGER_URL")
    running = read_server_file(options.data) if options.data and not named else None
    return named or (running.url if running else DEFAULT_URL)


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise CliError(f"not a property: `{text}`", hint="write --conf KEY=VALUE", exit_code=USAGE)
    return key, value


def _split(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    """Our own options, and the command after `--`."""
    place = argv.index("--") if "--" in argv else len(argv)
    return list(argv[:place]), list(argv[place + 1 :])
