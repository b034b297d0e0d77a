"""Attaches the listener to a session that has run a job already, twice, detaches and attaches again: `attach_and_detach.py JAR [loader]`.

Each attached time a job of its own size runs, and one of 7 tasks while nobody listens. With `loader` the driver's class loader takes no
jars. The collector is the one of `SPARKLEDGER_URL`.
"""

from __future__ import annotations

import sys

from pyspark.sql import SparkSession

from listener.attach import attach, detach
from listener.errors import AttachError

spark = SparkSession.builder.appName("attached late").getOrCreate()
spark.range(0, 10, 1, 3).count()
if sys.argv[2:] == ["loader"]:
    jvm = spark._jvm
    thread = jvm.java.lang.Thread.currentThread()
    nothing = spark.sparkContext._gateway.new_array(jvm.java.net.URL, 0)
    thread.setContextClassLoader(jvm.java.net.URLClassLoader(nothing, thread.getContextClassLoader()))
print(detach(spark))
print(attach(spark, jar=sys.argv[1], team="data", pipeline="late"))
print(attach(spark, jar=sys.argv[1]))
print(attach(spark, "http://elsewhere:8428", jar=sys.argv[1]))
spark.range(0, 10, 1, 5).count()
print(detach(spark))
spark.range(0, 10, 1, 7).count()
print(attach(spark, jar=sys.argv[1]))
spark.range(0, 10, 1, 9).count()
spark.stop()
try:
    attach(spark, jar=sys.argv[1])
except AttachError as error:
    print(error.message)
