"""Puts the listener's jar into what is built: the one that is there if no source is newer, else a fresh one.

The jar is git-ignored, so a source distribution carries it and installing from one needs no JDK.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PYSPARK = "pyspark>=3.5,<5"
"""Where Spark's jars come from when the machine has none: any supported release will do to compile against."""


class ListenerJarHook(BuildHookInterface[BuilderConfig]):
    """Builds `listener/jars/sparkledger-listener.jar` before a wheel or a source distribution is packed."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Spark's jars, only where the jar has to be built and none are at hand."""
        build = self._build_module()
        if build.is_current():
            return []
        try:
            build.find_spark_jars()
        except build.BuildError:
            return [PYSPARK]
        return []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Makes the jar current and adds it to the files; an editable install goes on without one."""
        build = self._build_module()
        if not build.is_current():
            try:
                build.build()
            except build.BuildError:
                if version != "editable":
                    raise
                return
        build_data["artifacts"].append(f"/{build.JAR.relative_to(Path(self.root).resolve()).as_posix()}")

    def _build_module(self) -> Any:
        """`listener.build` of the tree that is being built, not of one that is installed."""
        if self.root not in sys.path:
            sys.path.insert(0, self.root)
        import listener.build as build

        return build
