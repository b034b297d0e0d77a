#!/usr/bin/env bash
# Bootstrap action of an EMR cluster: puts the listener's jar among Spark's own, so that it is there whatever --jars a job names.
# Argument: where the jar is, such as s3://BUCKET/sparkledger-listener.jar
set -euo pipefail

source=${1:?"usage: bootstrap.sh s3://BUCKET/sparkledger-listener.jar"}
kept=/opt/sparkledger/sparkledger-listener.jar
spark_jars=/usr/lib/spark/jars

sudo mkdir -p "$(dirname "$kept")"
# A listener class that is named and missing fails every job, so a jar that cannot be had fails the cluster's start instead.
aws s3 cp "$source" /tmp/sparkledger-listener.jar
sudo install -m 0644 /tmp/sparkledger-listener.jar "$kept"
rm -f /tmp/sparkledger-listener.jar

# Drivers run as several users (hadoop, yarn, livy, zeppelin), each of whom makes folders of its own in here.
sudo install --directory --mode 1777 /mnt/sparkledger

# Bootstrap actions run before Spark is installed; the link waits for it in the background, for half an hour at most.
sudo nohup bash -c "
  for _ in \$(seq 360); do
    if [ -d '$spark_jars' ]; then ln -sf '$kept' '$spark_jars/'; exit; fi
    sleep 5
  done
" >/dev/null 2>&1 &
