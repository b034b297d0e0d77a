#!/usr/bin/env bash
# Cluster-scoped init script: puts the listener's jar on the driver's class path before Spark starts.
# SPARKLEDGER_JAR is set in the cluster's environment, such as /Volumes/main/default/tools/sparkledger-listener.jar
set -euo pipefail

if [ "${DB_IS_DRIVER:-TRUE}" = TRUE ]; then
  install -m 0644 "${SPARKLEDGER_JAR:?set SPARKLEDGER_JAR in the environment of the cluster}" /databricks/jars/sparkledger-listener.jar
fi
