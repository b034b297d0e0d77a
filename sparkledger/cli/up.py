"""`sparkledger up`: collector, analyzer and pages in one process."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from sparkledger.cli.errors import USAGE, CliError
from sparkledger.cli.session import Session


def up(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address to listen on [default: 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one [default: 8428]", min=0, max=65535)] = None,
) -> None:
    """Serve everything until stopped: collector, analysis, API and pages."""
    session = Session.of(context)
    settings = session.settings_with(host=host, port=port, **_log_for_people(session))
    say = session.output.say

    def ready(url: str) -> None:
        say(f"sparkledger is up: {url}")
        say(f"  data       {settings.data_dir}" if settings.is_embedded else "  data       on the ClickHouse server of `store_url`")
        say(f"  API        {url}/docs")
        say(f"  for jobs   sparkledger conf --url {url}")
        say("  stop       Ctrl-C")

    def own_token(secret: str) -> None:
        where = own_token_note(settings)
        if sys.stderr.isatty():
            say(f"first-run token, shown once: {secret}")
        say(f"the token of this machine's own commands is kept in {where}")

    from analyzer.api.ledger import analysis_options
    from analyzer.cost.book import PriceBookError
    from analyzer.rules.registry import RuleError
    from collector.storage import StoreError
    from sparkledger.admission import NotGuarded, own_token_note
    from sparkledger.server import serve

    try:
        analysis_options(settings)
        serve(settings, on_ready=ready, on_own_token=own_token)
    except (RuleError, KeyError, PriceBookError) as error:
        raise CliError(str(error.args[0]), hint="`sparkledger config` shows where it is set", exit_code=USAGE) from error
    except NotGuarded as error:
        raise CliError(str(error), hint=error.hint, exit_code=USAGE) from error
    except StoreError as error:
        raise CliError(str(error), hint=error.hint) from error
    except OSError as error:
        reason = (error.strerror or str(error)).partition(" (")[0].lower()
        if error.filename:
            raise CliError(f"cannot write `{error.filename}`: {reason}", hint="name another data directory: --data DIR") from error
        raise CliError(f"cannot listen on {settings.host}:{settings.port}: {reason}", hint="choose another port: --port 0") from error


def _log_for_people(session: Session) -> dict[str, Any]:
    """Log lines as text where a person reads them, unless a setting says otherwise."""
    from sparkledger.effective_settings import effective_settings

    is_set = any(s.name == "log_format" and s.origin != "default" for s in effective_settings(session.settings))
    return {"log_format": "text"} if sys.stderr.isatty() and not is_set else {}
