"""Properties as other places want them, and that those places read back what was meant."""

from __future__ import annotations

import ast
import json
import shlex
from pathlib import Path

from listener.formats import FORMATS, as_arguments, as_defaults, as_emr, as_emr_job, as_json, as_python
from listener.spark_defaults import read_properties

PROPERTIES = {
    "spark.extraListeners": "org.example.A,io.sparkledger.SparkledgerListener",
    "spark.jars": "s3://b/listener.jar",
    "spark.sparkledger.team": "growth & co",
    "spark.sparkledger.spool.dir": "C:\\spool\ttabbed=1: #x",
}


def test_arguments_are_what_a_shell_splits_them_into() -> None:
    words = shlex.split(as_arguments(PROPERTIES).replace("\\\n", " "))
    pairs = [(words[place], words[place + 1]) for place in range(0, len(words), 2)]
    conf = dict(value.split("=", 1) for option, value in pairs if option == "--conf")
    assert {**conf, "spark.jars": dict(pairs)["--jars"]} == PROPERTIES


def test_defaults_are_read_back_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "spark-defaults.conf"
    path.write_text(as_defaults(PROPERTIES) + "\n")
    assert read_properties(path) == PROPERTIES


def test_objects_are_read_back_as_they_were() -> None:
    assert json.loads(as_json(PROPERTIES)) == PROPERTIES
    assert ast.literal_eval(as_python(PROPERTIES)) == PROPERTIES


def test_classifications_have_the_letter_case_of_their_service() -> None:
    assert json.loads(as_emr(PROPERTIES)) == [{"Classification": "spark-defaults", "Properties": PROPERTIES}]
    assert json.loads(as_emr_job(PROPERTIES)) == [{"classification": "spark-defaults", "properties": PROPERTIES}]


def test_no_properties_are_written_in_every_format() -> None:
    nothing = {name: "".join(write({}).split()) for name, write in FORMATS.items()}
    assert nothing == {
        "flags": "",
        "defaults": "",
        "json": "{}",
        "python": "{}",
        "emr": '[{"Classification":"spark-defaults","Properties":{}}]',
        "emr-serverless": '[{"classification":"spark-defaults","properties":{}}]',
        "emr-eks": '[{"classification":"spark-defaults","properties":{}}]',
    }


def test_properties_are_read_as_java_reads_them(tmp_path: Path) -> None:
    path = tmp_path / "any.conf"
    path.write_text(
        "  ! a comment\nspark.a=1\nspark.b : 2 \nspark.c\t\t3\nspark.d = = 4\nspark.e a,\\\n   b,\\\n   c\n"
        "spark.f C:\\\\x\\u0041\nspark\\ g 7\nspark.empty\n# spark.no 1\n"
        "spark.h 8\u2028spark.no 2\x0c3\r\nspark.i 9\r"
    )
    assert read_properties(path) == {
        "spark.a": "1",
        "spark.b": "2",
        "spark.c": "3",
        "spark.d": "= 4",
        "spark.e": "a,b,c",
        "spark.f": "C:\\xA",
        "spark g": "7",
        "spark.empty": "",
        "spark.h": "8\u2028spark.no 2\x0c3",
        "spark.i": "9",
    }
