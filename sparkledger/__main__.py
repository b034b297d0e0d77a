"""The `sparkledger` command. `conf` and `submit` need no extra; everything else needs the server's."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from sparkledger.cli import conf_and_submit
from sparkledger.cli.errors import UNAVAILABLE, CliError


def main(argv: Sequence[str] | None = None) -> None:
    """Run a command line and exit with its code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        sys.exit(_run(arguments))
    except CliError as error:
        sys.stderr.write(f"error: {error.message}\n" + (f"\nhint: {error.hint}\n" if error.hint else ""))
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)


def _run(arguments: list[str]) -> int:
    if arguments and arguments[0] in conf_and_submit.COMMANDS:
        return conf_and_submit.run(arguments)
    try:
        import typer
    except ModuleNotFoundError:
        _refuse_without_extra(arguments)
    del typer
    from sparkledger.cli.app import run

    return run(arguments)


def _refuse_without_extra(arguments: Sequence[str]) -> None:
    command = f"`sparkledger {arguments[0]}`" if arguments else "the full command line"
    raise CliError(
        f"{command} needs the server extra; this install has `conf` and `submit` only",
        hint="pip install 'sparkledger[embedded]'",
        exit_code=UNAVAILABLE,
    )


if __name__ == "__main__":
    main()
