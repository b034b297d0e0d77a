"""The listener on operators of Airflow: small classes with names and attributes of its providers (Spark 6.3, Livy 4.6, Amazon 9.39)."""

from __future__ import annotations

import copy
import logging
import shlex
import subprocess
import sys
from itertools import pairwise
from typing import Any

import pytest

from listener.airflow import add_listener, policy
from listener.conf import LISTENER_CLASS, PLUGIN_CLASS

URL, JAR = "http://collector:8428", "s3://tools/sparkledger-listener.jar"


class Operator:
    """What every operator has."""

    dag_id, task_id, owner = "daily", "load", "airflow"

    def __init__(self, **attributes: Any) -> None:
        self.__dict__.update(attributes)


class SparkSubmitOperator(Operator):
    """`conf` is a dictionary, `jars` a list with commas."""


class LivyOperator(Operator):
    """`spark_params` is the body of a batch."""


class EmrAddStepsOperator(Operator):
    """`steps` as boto3 takes them."""


class EmrCreateJobFlowOperator(Operator):
    """`job_flow_overrides` as boto3 takes them."""


class EmrServerlessStartJobOperator(Operator):
    """`job_driver` and `configuration_overrides` as boto3 takes them."""


class EmrContainerOperator(Operator):
    """The same, of EMR on EKS."""


class OurSubmit(SparkSubmitOperator):
    """A subclass, as platform teams have them."""


class BashOperator(Operator):
    """No Spark job."""


def step(*argv: str) -> dict[str, Any]:
    return {"Name": "s", "HadoopJarStep": {"Jar": "command-runner.jar", "Args": list(argv)}}


OPERATORS: list[Operator] = [
    SparkSubmitOperator(conf={"spark.extraListeners": "org.example.A"}, jars="a.jar"),
    SparkSubmitOperator(conf=None, jars=None),
    SparkSubmitOperator(_conf={"spark.x": "1"}, _jars=None),
    OurSubmit(conf={}, jars=""),
    LivyOperator(spark_params={"file": "s3://b/job.py", "conf": {"spark.extraListeners": "org.example.A"}, "jars": ["a.jar"]}),
    LivyOperator(spark_params={"file": "s3://b/job.py"}),
    EmrAddStepsOperator(steps=[step("spark-submit", "--jars", "a.jar", "s3://b/job.py", "--date", "{{ ds }}"), step("hive", "-e", "x")]),
    EmrCreateJobFlowOperator(job_flow_overrides={"Name": "c", "Steps": [step("/usr/bin/spark-submit", "s3://b/job.py")]}),
    EmrServerlessStartJobOperator(
        job_driver={"sparkSubmit": {"entryPoint": "s3://b/job.py", "sparkSubmitParameters": "--jars a.jar --conf 'spark.x=a b'"}},
        configuration_overrides={
            "applicationConfiguration": [{"classification": "spark-defaults", "properties": {"spark.extraListeners": "org.example.A"}}]
        },
    ),
    EmrContainerOperator(job_driver={"sparkSubmitJobDriver": {"entryPoint": "local:///x.py"}}, configuration_overrides={}),
]


def properties(operator: Any) -> dict[str, str]:
    """What spark-submit would be told by an operator; jars under `spark.jars`."""
    if hasattr(operator, "spark_params"):
        return {**operator.spark_params["conf"], "spark.jars": ",".join(operator.spark_params["jars"])}
    if hasattr(operator, "conf") or hasattr(operator, "_conf"):
        conf = operator.conf if hasattr(operator, "conf") else operator._conf
        return {**conf, "spark.jars": operator.jars if hasattr(operator, "jars") else operator._jars}
    if hasattr(operator, "job_driver"):
        (driver,) = operator.job_driver.values()
        argv = shlex.split(driver["sparkSubmitParameters"])
    else:
        steps = operator.steps if hasattr(operator, "steps") else operator.job_flow_overrides["Steps"]
        argv = steps[0]["HadoopJarStep"]["Args"]
    pairs = list(pairwise(argv))
    conf = dict(value.split("=", 1) for option, value in pairs if option == "--conf")
    (jars,) = (value for option, value in pairs if option == "--jars")
    return {**conf, "spark.jars": jars}


def kind(operator: Operator) -> str:
    return f"{type(operator).__name__}-{','.join(operator.__dict__)}"


@pytest.mark.parametrize("operator", OPERATORS, ids=kind)
def test_every_kind_of_job_gets_the_flags_and_says_what_it_is_a_run_of(operator: Operator) -> None:
    operator = copy.deepcopy(operator)
    before = str(operator.__dict__)
    assert add_listener(operator, URL, jar=JAR)
    told = properties(operator)
    kept = "org.example.A," if "org.example.A" in before else ""
    assert told["spark.extraListeners"] == f"{kept}{LISTENER_CLASS}"
    assert told["spark.jars"] == ("a.jar," if "a.jar" in before else "") + JAR
    assert told["spark.sparkledger.url"] == URL
    assert told["spark.sparkledger.pipeline"] == "daily.load"
    told_of_the_run = {key.rpartition(".")[2]: value for key, value in told.items() if ".airflow." in key}
    assert told_of_the_run == {"dag": "daily", "task": "load", "run": "{{run_id}}", "try": "{{ti.try_number}}"}
    assert "spark.sparkledger.team" not in told
    assert "spark.plugins" not in told


@pytest.mark.parametrize("operator", OPERATORS, ids=kind)
def test_a_job_that_has_the_listener_is_left_alone(operator: Operator) -> None:
    once = copy.deepcopy(operator)
    add_listener(once, URL, jar=JAR, team="data")
    twice = copy.deepcopy(once)
    assert not add_listener(twice, "http://elsewhere", jar="other.jar")
    assert twice.__dict__ == once.__dict__


@pytest.mark.parametrize(
    "operator",
    [
        BashOperator(bash_command="spark-submit job.py"),
        EmrAddStepsOperator(steps="{{ ti.xcom_pull('make_steps') }}"),
        EmrAddStepsOperator(steps=[step("bash", "-c", "spark-submit job.py")]),
        EmrCreateJobFlowOperator(job_flow_overrides="a_variable"),
        SparkSubmitOperator(conf="{{ var.json.spark }}", jars="a.jar"),
        EmrServerlessStartJobOperator(job_driver={"hive": {"query": "s3://b/q.sql"}}, configuration_overrides=None),
        EmrContainerOperator(job_driver={"sparkSqlJobDriver": {"entryPoint": "s3://b/q.sql"}}, configuration_overrides={}),
    ],
    ids=kind,
)
def test_what_is_no_job_of_a_known_kind_is_left_alone(operator: Operator) -> None:
    before = copy.deepcopy(operator.__dict__)
    assert not add_listener(operator, URL, jar=JAR)
    assert operator.__dict__ == before


def test_the_application_and_its_arguments_stay_where_they_are() -> None:
    operator = copy.deepcopy(OPERATORS[6])
    add_listener(operator, URL, jar=JAR)
    spark, hive = operator.steps  # type: ignore[attr-defined]
    assert spark["HadoopJarStep"]["Args"][-3:] == ["s3://b/job.py", "--date", "{{ ds }}"]
    assert hive == step("hive", "-e", "x")


def serverless(parameters: str) -> EmrServerlessStartJobOperator:
    return EmrServerlessStartJobOperator(
        job_driver={"sparkSubmit": {"entryPoint": "s3://b/job.py", "sparkSubmitParameters": parameters}}, configuration_overrides={}
    )


def test_templates_with_blanks_hide_no_jars() -> None:
    templated = "--conf spark.executor.instances={{ params['n of executors'] }}"
    operator = serverless(f"{templated} --jars {{{{ params.jars }}}}/a.jar")
    assert add_listener(operator, URL, jar=JAR)
    text: str = operator.job_driver["sparkSubmit"]["sparkSubmitParameters"]  # type: ignore[attr-defined]
    assert templated in text
    assert text.count("--jars") == 1
    assert f"--jars {{{{ params.jars }}}}/a.jar,{JAR}" in text


def test_a_job_whose_options_only_a_run_knows_runs_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    operator = serverless("{{ params.options }} --jars a.jar")
    before = copy.deepcopy(operator.__dict__)
    with caplog.at_level(logging.WARNING):
        policy(URL, jar=JAR)(operator)
    assert operator.__dict__ == before
    assert "`{{ params.options }}` in sparkSubmitParameters is no option" in caplog.text


def test_settings_of_the_job_are_never_overwritten() -> None:
    operator = SparkSubmitOperator(conf={"spark.sparkledger.pipeline": "own", "spark.sparkledger.team": "theirs"}, jars=None)
    add_listener(operator, URL, jar=JAR, team="data", plugin=True)
    told = properties(operator)
    assert (told["spark.sparkledger.pipeline"], told["spark.sparkledger.team"]) == ("own", "theirs")
    assert told["spark.plugins"] == PLUGIN_CLASS


@pytest.mark.parametrize(
    ("team", "owner", "expected"),
    [("data", "airflow", "data"), (None, "growth", "growth"), (None, "airflow", None), (lambda task: task.dag_id, "x", "daily")],
)
def test_the_team_is_named_found_or_the_owner(team: Any, owner: str, expected: str | None) -> None:
    operator = SparkSubmitOperator(conf={}, jars=None, owner=owner)
    add_listener(operator, URL, jar=JAR, team=team)
    assert properties(operator).get("spark.sparkledger.team") == expected


def test_what_the_clusters_defaults_say_is_merged() -> None:
    operator = SparkSubmitOperator(conf={}, jars=None)
    add_listener(operator, URL, jar=JAR, defaults={"spark.extraListeners": "org.example.Platform", "spark.jars": "p.jar"})
    assert properties(operator)["spark.extraListeners"] == f"org.example.Platform,{LISTENER_CLASS}"
    assert properties(operator)["spark.jars"] == f"p.jar,{JAR}"


def test_what_a_job_flow_itself_says_of_sparks_defaults_is_merged() -> None:
    defaults = {"spark.extraListeners": "org.example.A", "spark.jars": "a.jar"}
    configurations = [{"Classification": "yarn-site"}, {"Classification": "spark-defaults", "Properties": defaults}]
    flow: Any = EmrCreateJobFlowOperator(job_flow_overrides={"Configurations": configurations, "Steps": [step("spark-submit", "job.py")]})
    assert add_listener(flow, URL, jar=JAR)
    argv = flow.job_flow_overrides["Steps"][0]["HadoopJarStep"]["Args"]
    assert f"spark.extraListeners=org.example.A,{LISTENER_CLASS}" in argv
    assert argv[argv.index("--jars") + 1] == f"a.jar,{JAR}"


def test_a_policy_never_stops_a_dag_from_being_read(caplog: pytest.LogCaptureFixture) -> None:
    unreadable = EmrAddStepsOperator(steps=[step("spark-submit", "--master")])
    with caplog.at_level(logging.WARNING):
        policy(URL, jar=JAR)(unreadable)
    assert "task load runs without the listener: `--master` has no value" in caplog.text
    known = SparkSubmitOperator(conf={}, jars=None)
    policy(URL, jar=JAR)(known)
    assert LISTENER_CLASS in known.conf["spark.extraListeners"]  # type: ignore[attr-defined]


def test_airflow_is_not_imported() -> None:
    script = "import sys, listener.airflow; sys.exit(any(name.split('.')[0] == 'airflow' for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
