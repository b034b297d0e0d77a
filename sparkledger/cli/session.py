"""What a command works with: the settings in force, the output, and a connection when it needs one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from typer import Context

from sparkledger.cli.errors import USAGE, CliError
from sparkledger.cli.output import Output
from sparkledger.cli.shared import Shared

if TYPE_CHECKING:
    from sparkledger.connection import Connection
    from sparkledger.settings import Settings


@dataclass
class Session:
    """One run of one command."""

    shared: Shared

    @classmethod
    def of(cls, context: Context) -> Session:
        """The session of the running command."""
        return cls(context.ensure_object(Shared))

    @property
    def as_json(self) -> bool:
        """Whether stdout is to be JSON."""
        return self.shared.json

    @cached_property
    def output(self) -> Output:
        """stdout and stderr."""
        return Output(no_color=self.shared.no_color)

    @cached_property
    def settings(self) -> Settings:
        """Settings from file and environment, with the shared options on top."""
        return self.settings_with()

    def settings_with(self, **options: Any) -> Settings:
        """The settings with a command's own options on top."""
        from sparkledger.settings import SettingsError, load_settings

        try:
            return load_settings(data_dir=self.shared.data, **options)
        except SettingsError as error:
            raise CliError(str(error), hint=error.hint, exit_code=USAGE) from error

    def connect(self) -> Connection:
        """A connection to the server, or to the data directory where none runs. Use it as a context manager."""
        from sparkledger.connection import connect

        return connect(self.settings, self.shared.server)
