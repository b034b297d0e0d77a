"""Adding the listener to spark-submit command lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from listener.conf import LISTENER_CLASS, PLUGIN_CLASS
from listener.errors import SubmitError
from listener.submit import runs_in_cluster, with_listener

URL = "http://collector:8428"
JAR = "/opt/sparkledger-listener.jar"
OURS = ["--conf", f"spark.extraListeners={LISTENER_CLASS}", "--conf", f"spark.sparkledger.url={URL}", "--jars", JAR]


def added(*argv: str, environ: dict[str, str] | None = None, **options: Any) -> list[str]:
    return with_listener(argv, URL, jar=JAR, environ=environ or {}, **options)


def test_options_go_before_the_application_and_its_arguments_stay() -> None:
    assert added("spark-submit", "job.py", "--jars", "mine", "--conf") == ["spark-submit", *OURS, "job.py", "--jars", "mine", "--conf"]


def test_listeners_and_jars_of_the_command_are_kept() -> None:
    argv = ["spark-submit", "--conf", "spark.extraListeners=org.example.A", "--jars", "a.jar", "--master", "yarn", "job.py"]
    assert added(*argv) == [
        "spark-submit",
        "--conf",
        f"spark.extraListeners=org.example.A,{LISTENER_CLASS}",
        "--conf",
        f"spark.sparkledger.url={URL}",
        "--jars",
        f"a.jar,{JAR}",
        "--master",
        "yarn",
        "job.py",
    ]


@pytest.mark.parametrize(
    "argv",
    [
        ["spark-submit", "--conf=spark.extraListeners=org.example.A", "job.py"],
        ["spark-submit", "-c", "spark.extraListeners=org.example.A", "job.py"],
        ["spark-submit", "--conf", "spark.extraListeners=org.example.Old", "--conf", "spark.extraListeners=org.example.A", "job.py"],
    ],
)
def test_every_spelling_of_conf_is_understood(argv: list[str]) -> None:
    merged = added(*argv)
    assert [part for part in merged if "extraListeners" in part] == [f"spark.extraListeners=org.example.A,{LISTENER_CLASS}"]


def test_adding_again_changes_nothing() -> None:
    once = added(
        "spark-submit", "--verbose", "--conf", "spark.extraListeners=org.example.A", "--class", "Main", "app.jar", "x", team="data"
    )
    assert sorted(added(*once, team="data")) == sorted(once)
    assert added(*once, team="data")[-4:] == once[-4:]


def test_a_setting_on_the_command_line_wins_over_ours() -> None:
    merged = added("spark-submit", "--conf", "spark.sparkledger.url=https://elsewhere", "job.py")
    assert [part for part in merged if part.startswith("spark.sparkledger.url")] == ["spark.sparkledger.url=https://elsewhere"]


def test_the_properties_file_is_merged(tmp_path: Path) -> None:
    properties = tmp_path / "job.conf"
    properties.write_text(
        "# comment\nspark.extraListeners   org.example.A\nspark.jars=a.jar,\\\n  b.jar\nspark.sparkledger.url : https://file\n"
    )
    merged = added("spark-submit", "--properties-file", str(properties), "job.py")
    assert f"spark.extraListeners=org.example.A,{LISTENER_CLASS}" in merged
    assert "spark.sparkledger.url=https://file" in merged
    assert merged[merged.index("--jars") + 1] == f"a.jar,b.jar,{JAR}"


def test_spark_defaults_are_merged_since_conf_would_replace_them(tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "spark-defaults.conf").write_text("spark.extraListeners org.example.Default\n")
    merged = added("spark-submit", "job.py", environ={"SPARK_HOME": str(tmp_path)})
    assert f"spark.extraListeners=org.example.Default,{LISTENER_CLASS}" in merged


def test_jars_on_the_command_line_hide_those_of_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "spark-defaults.conf").write_text("spark.jars default.jar\n")
    merged = added("spark-submit", "--jars", "mine.jar", "job.py", environ={"SPARK_CONF_DIR": str(tmp_path)})
    assert merged[merged.index("--jars") + 1] == f"mine.jar,{JAR}"


def test_a_properties_file_hides_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "spark-defaults.conf").write_text("spark.extraListeners org.example.Default\n")
    properties = tmp_path / "job.conf"
    properties.write_text("spark.executor.cores 2\n")
    environ = {"SPARK_CONF_DIR": str(tmp_path)}
    alone = added("spark-submit", "--properties-file", str(properties), "job.py", environ=environ)
    both = added("spark-submit", "--load-spark-defaults", "--properties-file", str(properties), "job.py", environ=environ)
    assert f"spark.extraListeners={LISTENER_CLASS}" in alone
    assert f"spark.extraListeners=org.example.Default,{LISTENER_CLASS}" in both


def test_an_unreadable_properties_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SubmitError, match=r"cannot read the properties file `.*absent\.conf`"):
        added("spark-submit", "--properties-file", str(tmp_path / "absent.conf"), "job.py")


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ([], "the command is empty"),
        (["spark-submit", "--master"], "`--master` has no value"),
        (["python3.11", "job.py"], r"`python3\.11` takes no options of spark-submit"),
        (["/usr/bin/env", "spark-submit", "job.py"], "`/usr/bin/env` takes no options of spark-submit"),
    ],
)
def test_a_command_that_cannot_be_read_is_refused(argv: list[str], message: str) -> None:
    with pytest.raises(SubmitError, match=message):
        added(*argv)


def test_plugins_of_the_command_are_kept() -> None:
    merged = added("spark-submit", "--conf", "spark.plugins=org.example.P", "job.py", plugin=True)
    assert [part for part in merged if part.startswith("spark.plugins=")] == [f"spark.plugins=org.example.P,{PLUGIN_CLASS}"]
    assert "spark.plugins=org.example.P" in added("spark-submit", "--conf", "spark.plugins=org.example.P", "job.py")


@pytest.mark.parametrize("link", [False, True], ids=["by its path", "by a link on PATH"])
def test_the_defaults_beside_the_program_are_merged_where_no_variable_names_others(tmp_path: Path, link: bool) -> None:
    home = tmp_path / "spark"
    for folder in ("bin", "conf"):
        (home / folder).mkdir(parents=True)
    (home / "bin" / "spark-submit").touch(mode=0o755)
    (home / "conf" / "spark-defaults.conf").write_text("spark.extraListeners org.example.Beside\n")
    program = str(home / "bin" / "spark-submit")
    if link:
        (tmp_path / "path").mkdir()
        (tmp_path / "path" / "spark-submit").symlink_to(program)
    merged = added("spark-submit" if link else program, "job.py", environ={"PATH": str(tmp_path / "path")})
    assert f"spark.extraListeners=org.example.Beside,{LISTENER_CLASS}" in merged
    elsewhere = added(program, "job.py", environ={"SPARK_CONF_DIR": str(tmp_path)})
    assert f"spark.extraListeners={LISTENER_CLASS}" in elsewhere


@pytest.mark.parametrize(
    ("arguments", "elsewhere"),
    [
        (["--deploy-mode", "cluster", "job.py"], True),
        (["--deploy-mode=cluster", "job.py"], True),
        (["--conf=spark.submit.deployMode=cluster", "job.py"], True),
        (["-c", "spark.submit.deployMode=cluster", "job.py"], True),
        (["--deploy-mode", "client", "--conf", "spark.submit.deployMode=cluster", "job.py"], False),
        (["--master", "yarn", "job.py"], False),
        (["job.py", "--deploy-mode", "cluster"], False),
    ],
)
def test_where_the_driver_will_run_is_known_from_the_command_line(arguments: list[str], elsewhere: bool) -> None:
    assert runs_in_cluster(["spark-submit", *arguments], {}) is elsewhere


def test_where_the_driver_will_run_is_known_from_files_and_the_environment(tmp_path: Path) -> None:
    (tmp_path / "spark-defaults.conf").write_text("spark.submit.deployMode cluster\n")
    (tmp_path / "job.conf").write_text("spark.executor.cores 4\n")
    defaults = {"SPARK_CONF_DIR": str(tmp_path)}
    assert runs_in_cluster(["spark-submit", "job.py"], defaults)
    assert not runs_in_cluster(["spark-submit", "--properties-file", str(tmp_path / "job.conf"), "job.py"], defaults)
    assert not runs_in_cluster(["spark-submit", "--deploy-mode", "client", "job.py"], defaults)
    assert runs_in_cluster(["spark-submit", "job.py"], {"DEPLOY_MODE": "cluster"})


def test_a_switch_of_spark_sql_may_come_last() -> None:
    assert added("spark-sql", "-e", "SELECT 1", "-S") == ["spark-sql", *OURS, "-e", "SELECT 1", "-S"]
