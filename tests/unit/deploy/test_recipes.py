"""Every recipe of deploy/ can be read by what it is for, names the listener's class, and no setting that the listener does not know."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import botocore.session
import pytest
import yaml
from botocore.validate import ParamValidator

from listener.conf import JAR_NAME, LISTENER_CLASS

CLI_STEP = {"Type", "Name", "ActionOnFailure", "Jar", "Args", "MainClass", "Properties", "LogUri", "EncryptionKeyArn"}
"""What `aws emr add-steps` takes of a step; the service itself nests `Jar` and `Args`. Source: awscli 1, 2026-11."""
REPOSITORY = Path(__file__).resolve().parents[3]
DEPLOY = REPOSITORY / "deploy"
PLACES = ("emr-ec2", "emr-eks", "emr-serverless", "glue", "kubernetes-operator", "databricks")
FILES = sorted(path for place in PLACES for path in (DEPLOY / place).iterdir())
GUIDE = (REPOSITORY / "docs" / "guides" / "listener.md").read_text()
SETTINGS_TABLE = GUIDE[GUIDE.index("## Settings") : GUIDE.index("## When the collector")]
KNOWN = {name for row in SETTINGS_TABLE.splitlines() if row.startswith("| `") for name in re.findall(r"`([a-z.]+)`", row.split("|")[1])}


def read(place: str, name: str) -> Any:
    text = (DEPLOY / place / name).read_text()
    return json.loads(text) if name.endswith(".json") else yaml.safe_load(text)


def text_of(place: str) -> str:
    return "\n".join(path.read_text() for path in FILES if path.parent.name == place)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_recipe_can_be_read(path: Path) -> None:
    if path.suffix == ".sh":
        assert path.stat().st_mode & 0o111, "not executable"
        subprocess.run(["bash", "-n", str(path)], check=True)
    else:
        assert read(path.parent.name, path.name)


@pytest.mark.parametrize("place", PLACES)
def test_a_recipe_names_the_class_and_the_jar_exactly(place: str) -> None:
    text = text_of(place)
    assert set(re.findall(r"io\.sparkledger\.\w+", text)) == {LISTENER_CLASS}
    assert set(re.findall(r"[\w-]*listener[\w-]*\.jar", text)) == {JAR_NAME}


@pytest.mark.parametrize("place", PLACES)
def test_a_recipe_names_settings_that_the_guide_explains(place: str) -> None:
    named = set(re.findall(r"spark\.sparkledger\.([a-z.]+[a-z])", text_of(place)))
    assert "url" in named
    assert named <= KNOWN


def test_the_settings_of_the_guide_are_those_that_the_listener_reads() -> None:
    source = (REPOSITORY / "listener" / "jvm" / "src" / "main" / "java" / "io" / "sparkledger" / "Config.java").read_text()
    read_there = set(re.findall(r'PREFIX \+ "([a-z.]+)"', source)) | set(re.findall(r'(?:bytes|millis)\(conf, "([a-z.]+)"', source))
    assert read_there <= {*KNOWN, "token.file"}
    assert {*KNOWN} - {"team", "pipeline"} <= read_there


@pytest.mark.parametrize(
    ("place", "name", "service", "operation"),
    [
        ("emr-eks", "start-job-run.json", "emr-containers", "StartJobRun"),
        ("emr-serverless", "start-job-run.json", "emr-serverless", "StartJobRun"),
        ("glue", "create-job.json", "glue", "CreateJob"),
    ],
)
def test_a_request_has_the_shape_that_the_service_takes(place: str, name: str, service: str, operation: str) -> None:
    assert problems(service, operation, {"clientToken": "one", **read(place, name)} if service != "glue" else read(place, name)) == ""


def test_configurations_have_the_shape_that_emr_takes() -> None:
    cluster = {"Name": "any", "Instances": {}, "Configurations": read("emr-ec2", "configurations.json")}
    assert problems("emr", "RunJobFlow", cluster) == ""


def test_a_step_has_the_shape_that_the_command_line_takes() -> None:
    (step,) = read("emr-ec2", "step.json")
    assert {"Jar", "Args"} <= set(step) <= CLI_STEP
    assert (step["Type"], step["Jar"], step["Args"][0]) == ("CUSTOM_JAR", "command-runner.jar", "spark-submit")


def test_a_request_of_another_shape_is_found() -> None:
    assert "Classification" in problems("emr-serverless", "StartJobRun", {"configurationOverrides": {"Classification": 1}})


def test_the_pod_template_sets_what_the_job_run_names() -> None:
    pod = read("emr-eks", "driver-pod.yaml")["spec"]
    (container,) = pod["containers"]
    (mount,) = container["volumeMounts"]
    assert pod["securityContext"]["fsGroup"] > 0, "the driver cannot write to its volume"
    (entry,) = read("emr-eks", "start-job-run.json")["configurationOverrides"]["applicationConfiguration"]
    assert entry["properties"]["spark.sparkledger.spool.dir"] == mount["mountPath"]
    assert [variable["name"] for variable in container["env"]] == ["SPARKLEDGER_TOKEN"]


def test_the_operators_application_spools_where_its_volume_is() -> None:
    application = read("kubernetes-operator", "spark-application.yaml")["spec"]
    (mount,) = application["driver"]["volumeMounts"]
    assert application["driver"]["podSecurityContext"]["fsGroup"] > 0, "the driver cannot write to its volume"
    assert application["sparkConf"]["spark.sparkledger.spool.dir"] == mount["mountPath"]
    assert all(isinstance(value, str) for value in application["sparkConf"].values()), "the operator takes texts alone"


def test_the_operators_application_names_what_its_image_holds() -> None:
    application = read("kubernetes-operator", "spark-application.yaml")
    dockerfile = (DEPLOY / "kubernetes-operator" / "Dockerfile").read_text()
    folder, _, job = application["spec"]["mainApplicationFile"].removeprefix("local://").rpartition("/")
    assert f"FROM spark:{application['spec']['sparkVersion']}\n" in dockerfile
    assert f"COPY {job} {folder}/\n" in dockerfile
    assert f"COPY {JAR_NAME} /opt/spark/jars/\n" in dockerfile
    assert "s3a://" not in json.dumps(application), "neither Spark's image nor the operator's reads it"


def test_the_secret_of_the_guide_is_where_the_application_looks_for_it() -> None:
    application = read("kubernetes-operator", "spark-application.yaml")
    (variable,) = application["spec"]["driver"]["env"]
    secret = variable["valueFrom"]["secretKeyRef"]
    guide = (REPOSITORY / "docs" / "guides" / "other-platforms.md").read_text()
    made = f"--namespace {application['metadata']['namespace']} create secret generic {secret['name']} --from-literal={secret['key']}="
    assert made in guide


def test_the_bootstrap_action_fails_the_cluster_where_the_jar_cannot_be_had(tmp_path: Path) -> None:
    for name, script in {"aws": "exit 1", "sudo": "exit 0"}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    command = [str(DEPLOY / "emr-ec2" / "bootstrap.sh"), "s3://bucket/sparkledger-listener.jar"]
    done = subprocess.run(command, env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, capture_output=True, check=False)
    assert done.returncode == 1


def test_the_bootstrap_action_makes_the_spool_for_drivers_of_all_users(tmp_path: Path) -> None:
    (configuration,) = read("emr-ec2", "configurations.json")
    said = tmp_path / "said"
    for name, script in {"aws": 'touch "$4"', "sudo": f'echo "$@" >> {said}'}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    command = [str(DEPLOY / "emr-ec2" / "bootstrap.sh"), "s3://bucket/sparkledger-listener.jar"]
    subprocess.run(command, env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, capture_output=True, check=True)
    assert f"install --directory --mode 1777 {configuration['Properties']['spark.sparkledger.spool.dir']}\n" in said.read_text()


def problems(service: str, operation: str, parameters: dict[str, Any]) -> str:
    """What the service's own model finds wrong with a request; empty where nothing is."""
    shape = botocore.session.get_session().get_service_model(service).operation_model(operation).input_shape
    return str(ParamValidator().validate(parameters, shape).generate_report())
