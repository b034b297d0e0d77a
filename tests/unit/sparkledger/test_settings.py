"""Settings: where they come from, which wins, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.api.ledger import analysis_options
from analyzer.ownership import owner_of
from sparkledger.effective_settings import effective_settings
from sparkledger.settings import SettingsError, load_settings


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings but those of the test."""
    import os

    for name in [name for name in os.environ if name.startswith("SPARKLEDGER_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_nothing_has_to_be_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    settings = load_settings()
    assert (settings.host, settings.port, settings.token) == ("127.0.0.1", 8428, None)
    assert settings.data_dir == tmp_path / "share" / "sparkledger"
    assert settings.effective_store_url == f"chdb://{tmp_path}/share/sparkledger"
    assert settings.is_embedded


def test_options_win_over_the_environment_and_that_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("sparkledger.toml").write_text("port = 1\nhost = 'file'\nread_threads = 3\n")
    monkeypatch.setenv("SPARKLEDGER_PORT", "2")
    monkeypatch.setenv("SPARKLEDGER_HOST", "environment")
    settings = load_settings(port=3, data_dir=None)
    assert (settings.port, settings.host, settings.read_threads) == (3, "environment", 3)


def test_thresholds_and_prices_are_set_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("sparkledger.toml").write_text("[rules.skw001]\nmin_ratio = 5\n[pricing.ec2]\ndiscount = 0.2\n[ingest]\nqueue_bytes = 2097152\n")
    monkeypatch.setenv("SPARKLEDGER_RULES__SPL001__MIN_BYTES", "7.5")
    settings = load_settings()
    assert settings.rules == {"SKW001": {"min_ratio": 5.0}, "SPL001": {"min_bytes": 7.5}}
    assert settings.pricing == {"ec2": {"discount": 0.2}}
    assert settings.ingest.queue_bytes == 2097152


def test_rules_name_the_team_of_a_run_that_names_none() -> None:
    Path("sparkledger.toml").write_text(
        "[[teams]]\nfield = 'name'\npattern = '^orders[-_]'\nteam = 'sales'\n"
        "[[teams]]\nfield = 'spark.yarn.queue'\npattern = 'growth$'\nteam = 'growth'\n"
    )
    rules = analysis_options(load_settings()).teams
    queue = {"spark.yarn.queue": "root.growth"}
    runs = [
        ("orders-daily", {}),
        ("orders-daily", queue),
        ("users", queue),
        ("users", {}),
        ("orders-daily", {"spark.sparkledger.team": "own"}),
    ]
    assert [owner_of(conf, name, "ana", rules).team for name, conf in runs] == ["sales", "sales", "growth", "ana", "own"]


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("prot = 1", "`prot` is no setting", "did you mean `port`?"),
        ("[ingest]\nquue_bytes = 1", "`ingest.quue_bytes` is no setting", "did you mean `ingest.queue_bytes`?"),
        ("zzz = 1", "`zzz` is no setting", "`sparkledger config` shows all settings"),
        ("port = 'many'", "`port`: input should be a valid integer", "sparkledger config"),
        ("port = 70000", "`port`: input should be less than or equal to 65535 (is `70000`)", "sparkledger config"),
        ("port = ", "is not TOML", "port = 8428"),
        (
            "[[teams]]\nfield = 'name'\npattern = '('\nteam = 'a'",
            "`teams.0.pattern`: value error, no regular expression",
            "sparkledger config",
        ),
        ("[[teams]]\nfield = 'name'\npattern = 'a'", "`teams.0.team`: field required", "sparkledger config"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused(text: str, message: str, hint: str) -> None:
    Path("sparkledger.toml").write_text(text)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert message in str(caught.value)
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("variable", "hint"),
    [("SPARKLEDGER_PROT", "`port`"), ("SPARKLEDGER_INGEST_QUEUE_BYTES", "`ingest.queue_bytes`"), ("SPARKLEDGER_ZZZZZZ", "config")],
)
def test_a_variable_that_is_no_setting_is_refused(monkeypatch: pytest.MonkeyPatch, variable: str, hint: str) -> None:
    monkeypatch.setenv(variable, "1")
    with pytest.raises(SettingsError, match=variable) as caught:
        load_settings()
    assert hint in caught.value.hint


def test_a_named_file_has_to_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPARKLEDGER_CONFIG", "nowhere.toml")
    with pytest.raises(SettingsError, match=r"`nowhere\.toml` does not exist"):
        load_settings()


def test_a_named_file_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text("port = 9")
    monkeypatch.setenv("SPARKLEDGER_CONFIG", str(tmp_path / "other.toml"))
    assert load_settings().port == 9


def test_a_refusal_never_shows_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("sparkledger.toml").write_text("token = ['s3cret']")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert "s3cret" not in f"{caught.value}{caught.value.hint}"


def test_every_setting_tells_its_origin_and_secrets_are_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("sparkledger.toml").write_text("host = 'file'\n[ingest]\nbody_bytes = 4096\n[rules.SKW001]\nmin_ratio = 5\n")
    monkeypatch.setenv("SPARKLEDGER_TOKEN", "s3cret")
    monkeypatch.setenv("SPARKLEDGER_INGEST__QUEUE_BYTES", "2097152")
    shown = {item.name: (item.value, item.origin) for item in effective_settings(load_settings(port=1), port=1)}
    assert shown["port"] == (1, "option")
    assert shown["host"] == ("file", "sparkledger.toml")
    assert shown["token"] == ("**********", "environment")
    assert shown["ingest.body_bytes"] == (4096, "sparkledger.toml")
    assert shown["ingest.queue_bytes"] == (2097152, "environment")
    assert shown["rules"] == ({"SKW001": {"min_ratio": 5.0}}, "sparkledger.toml")
    assert shown["read_threads"][1] == "default"


@pytest.mark.parametrize(("url", "embedded"), [("clickhouse://u:p@host/db", False), ("chdb:///srv/x", True)])
def test_a_store_elsewhere_may_be_named(monkeypatch: pytest.MonkeyPatch, url: str, embedded: bool) -> None:
    monkeypatch.setenv("SPARKLEDGER_STORE_URL", url)
    settings = load_settings()
    assert (settings.effective_store_url, settings.is_embedded) == (url, embedded)
    assert "u:p" not in repr(settings)
