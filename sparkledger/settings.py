"""What can be set, and where it comes from: environment over file over defaults. Zero configuration works.

Environment: `SPARKLEDGER_PORT`, nested names with two underscores (`SPARKLEDGER_INGEST__QUEUE_BYTES`,
`SPARKLEDGER_RULES__SKW001__MIN_RATIO`). File: `sparkledger.toml` in the working directory, or the one that
`SPARKLEDGER_CONFIG` names, with the same names. An unknown name is an error.
"""

from __future__ import annotations

import difflib
import os
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collector.storage.retention import Retention

PREFIX = "SPARKLEDGER_"
CONFIG_VARIABLE = "SPARKLEDGER_CONFIG"
DEFAULT_FILE = "sparkledger.toml"
# Names with our prefix that are not settings of the server: the command line's own, and those of the tests.
_OTHER_VARIABLES = (CONFIG_VARIABLE, "SPARKLEDGER_SERVER", "SPARKLEDGER_URL")
_TEST_PREFIX = "SPARKLEDGER_TEST_"


class SettingsError(ValueError):
    """A setting is unknown or has no possible value; `hint` says what would be right."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class IngestSettings(_Section):
    """How much the collector takes at once."""

    body_bytes: int = Field(128 << 20, ge=1024, description="of one body as it comes")
    decompressed_bytes: int = Field(128 << 20, ge=1024, description="of one body once decompressed")
    bodies_bytes: int = Field(256 << 20, ge=1024, description="of all bodies that are being taken in, as they come")
    queue_bytes: int = Field(256 << 20, ge=1 << 20, description="Arrow bytes that wait for the store")
    concurrent_batches: int = Field(256, ge=1, description="bodies that are being taken in")
    body_timeout_s: float = Field(60.0, gt=0, description="for one body to arrive")
    decode_threads: int = Field(2, ge=1, le=64)


class RateSettings(_Section):
    """How much one token may send and ask for; what was not used of the last ten seconds may be used at once."""

    requests_per_s: float | None = Field(None, gt=0, description="requests of one token; no limit where absent")
    bytes_per_s: float | None = Field(None, gt=0, description="bytes of bodies of one token, as they come; no limit where absent")


class RetentionSettings(_Section):
    """Days that rows stay after they came in; 0 keeps them."""

    tasks_days: int = Field(0, ge=0, le=36500, description="task rows, which are nearly all bytes")
    events_days: int = Field(0, ge=0, le=36500, description="stages, jobs, executors, plans, configuration")
    profiles_days: int = Field(0, ge=0, le=36500, description="what lists, digests and comparisons read")


class TeamSettings(_Section):
    """One rule that gives applications to a team."""

    field: str = Field(min_length=1, description="`name`, `user`, or a Spark property")
    pattern: str = Field(min_length=1, description="a regular expression that is searched in it")
    team: str = Field(min_length=1, description="whose they are")

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"no regular expression: {error}") from error
        return value


class Settings(BaseSettings):
    """The settings in force."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter="__", env_ignore_empty=True, extra="forbid", frozen=True)

    data_dir: Path = Field(default_factory=lambda: default_data_dir(), description="where the embedded store and `server.json` are")
    store_url: SecretStr | None = Field(
        None, description="clickhouse://user:password@host:8123/database or chdb:///directory; the embedded store in data_dir where absent"
    )
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8428, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    token: SecretStr | None = Field(None, min_length=1, description="a token that may everything, besides those of `sparkledger token`")
    open_without_token: bool = Field(False, description="without any token, serve on an address that others reach, too")
    read_threads: int = Field(8, ge=1, le=200, description="queries that are answered at once")
    stop_timeout_s: int = Field(30, ge=1, description="for requests to end when the server stops")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["json", "text"] = "json"
    ingest: IngestSettings = Field(default_factory=lambda: IngestSettings.model_validate({}))
    rates: RateSettings = Field(default_factory=lambda: RateSettings.model_validate({}))
    retention: RetentionSettings = Field(default_factory=lambda: RetentionSettings.model_validate({}))
    lost_after_min: float = Field(60.0, gt=0, description="an application without an end is closed when nothing came for so long")
    teams: tuple[TeamSettings, ...] = Field((), description="rules that name the team of a run that names none itself; the first that fits")
    pricing: dict[str, Any] = Field(default_factory=dict, description="entries that replace those of the price book")
    price_book: Path | None = Field(None, description="a price book file; `price-book.json` of data_dir, or the shipped one, where absent")
    severity_floors_usd: dict[Literal["high", "medium", "low"], float] = Field(
        default_factory=dict, description="what a finding must be able to save, a run, to be called high, medium or low"
    )
    rules: dict[str, dict[str, float]] = Field(default_factory=dict, description="thresholds: rules.<CODE>.<threshold>")

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper_level(cls, value: Any) -> Any:
        return value.upper() if isinstance(value, str) else value

    @field_validator("rules", mode="before")
    @classmethod
    def _upper_codes(cls, value: Any) -> Any:
        return {str(code).upper(): thresholds for code, thresholds in value.items()} if isinstance(value, Mapping) else value

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @property
    def refreshed_price_book(self) -> Path:
        """Where `sparkledger prices refresh` puts a price book, unless a file is named."""
        return self.price_book or self.data_dir / "price-book.json"

    @property
    def price_book_file(self) -> Path | None:
        """The price book in force; None for the shipped one."""
        refreshed = self.refreshed_price_book
        return refreshed if self.price_book is not None or refreshed.is_file() else None

    @property
    def effective_store_url(self) -> str:
        """The store's URL; may hold a password."""
        return self.store_url.get_secret_value() if self.store_url else self.data_dir.as_uri().replace("file://", "chdb://", 1)

    @property
    def retention_of_store(self) -> Retention:
        """The retention as the store takes it."""
        from collector.storage.retention import Retention

        return Retention(**self.retention.model_dump())

    @property
    def is_embedded(self) -> bool:
        """Whether the store lives in this process, which then has to be the only one."""
        return not self.effective_store_url.startswith("clickhouse://")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Explicit values, then the environment, then the file."""
        return (init_settings, env_settings, _FileSource(settings_cls))


def load_settings(**options: Any) -> Settings:
    """The settings in force; options that are not None override everything.

    Raises `SettingsError` that names the setting, its origin and, for an unknown name, the nearest known one.
    """
    _check_environment(os.environ)
    given = {name: value for name, value in options.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        raise _readable(error) from error


def default_data_dir() -> Path:
    """`$XDG_DATA_HOME/sparkledger`, which is `~/.local/share/sparkledger` where nothing else is said."""
    return Path(os.environ.get("XDG_DATA_HOME") or "~/.local/share").expanduser() / "sparkledger"


def read_config_file() -> dict[str, Any]:
    """What the file says; {} where there is none. Raises `SettingsError` where a named file is missing or no TOML."""
    path = config_path()
    if not path.is_file():
        if os.environ.get(CONFIG_VARIABLE):
            raise SettingsError(f"the file `{path}` does not exist", hint=f"{CONFIG_VARIABLE} names it; create it or unset the variable")
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"`{path}` is not TOML: {error}", hint="write `port = 8428`, sections as `[rules.SKW001]`") from error


def config_path() -> Path:
    """The file that the environment names, else the default one; it need not exist."""
    return Path(os.environ.get(CONFIG_VARIABLE) or DEFAULT_FILE).expanduser()


class _FileSource(PydanticBaseSettingsSource):
    """The file, read when settings are made rather than when this module is imported."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        """Unused: the file is taken as a whole."""
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        return read_config_file()


def _check_environment(environment: Iterable[str]) -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    for variable in environment:
        name = variable.upper()
        if not name.startswith(PREFIX) or name in _OTHER_VARIABLES or name.startswith(_TEST_PREFIX):
            continue
        if name.split("__")[0] not in known:
            nearest = _nearest(name[len(PREFIX) :].lower().replace("__", "."), known_names())
            raise SettingsError(f"the environment variable `{variable}` is no setting", hint=nearest)


def _readable(error: ValidationError) -> SettingsError:
    problem = error.errors(include_url=False)[0]
    name = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return SettingsError(f"`{name}` is no setting", hint=_nearest(name, known_names()))
    shown = "" if "token" in name or "store_url" in name else f" (is `{problem['input']}`)"
    return SettingsError(
        f"`{name}`: {problem['msg'][:1].lower()}{problem['msg'][1:]}{shown}", hint="`sparkledger config` shows all settings"
    )


def known_names() -> list[str]:
    """Names of all settings, nested ones with a dot."""
    return sorted(
        [
            *Settings.model_fields,
            *(f"ingest.{name}" for name in IngestSettings.model_fields),
            *(f"rates.{name}" for name in RateSettings.model_fields),
            *(f"retention.{name}" for name in RetentionSettings.model_fields),
        ]
    )


def _nearest(name: str, known: Iterable[str]) -> str:
    nearest = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"did you mean `{nearest[0]}`?" if nearest else "`sparkledger config` shows all settings"
