package io.sparkledger;

import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import org.apache.spark.executor.ExecutorMetrics;
import org.apache.spark.metrics.ExecutorMetricType;

/** Spark's executor metrics by name. Source: org.apache.spark.metrics.ExecutorMetricType; the last two came with Spark 4.0. */
final class ExecutorMetric {
  static final String[] NAMES = {
    "JVMHeapMemory", "JVMOffHeapMemory", "OnHeapExecutionMemory", "OffHeapExecutionMemory", "OnHeapStorageMemory",
    "OffHeapStorageMemory", "OnHeapUnifiedMemory", "OffHeapUnifiedMemory", "DirectPoolMemory", "MappedPoolMemory",
    "ProcessTreeJVMVMemory", "ProcessTreeJVMRSSMemory", "ProcessTreePythonVMemory", "ProcessTreePythonRSSMemory",
    "ProcessTreeOtherVMemory", "ProcessTreeOtherRSSMemory", "MinorGCCount", "MinorGCTime", "MajorGCCount", "MajorGCTime",
    "TotalGCTime", "ConcurrentGCCount", "ConcurrentGCTime"
  };
  static final int COUNT = NAMES.length;

  /** Where Spark keeps each of them; -1 where this Spark does not have it. */
  private static final int[] OFFSETS = offsets();
  /** The numbers themselves, or null where this Spark hides them otherwise: its own look-up by name makes an object for each. */
  private static final MethodHandle NUMBERS = Handles.hidden(ExecutorMetrics.class, "metrics", long[].class);

  private ExecutorMetric() {}

  /** Reads all metrics, 0 where this Spark does not have one; says whether there are any (Spark says -1 or 0 before it polled). */
  static boolean read(ExecutorMetrics metrics, long[] into) {
    // Nothing was polled: the heap of a running JVM is never empty.
    if (metrics == null || !metrics.isSet() || value(metrics, 0) <= 0) {
      return false;
    }
    for (int metric = 0; metric < COUNT; metric++) {
      into[metric] = Math.max(0, value(metrics, metric));
    }
    return true;
  }

  private static long value(ExecutorMetrics metrics, int metric) {
    int offset = OFFSETS[metric];
    if (offset < 0) {
      return 0;
    }
    if (NUMBERS == null) {
      return metrics.getMetricValue(NAMES[metric]);
    }
    return ((long[]) Handles.call(NUMBERS, metrics))[offset];
  }

  private static int[] offsets() {
    int[] offsets = new int[COUNT];
    try {
      for (int metric = 0; metric < COUNT; metric++) {
        Object offset = Scala.orNull(ExecutorMetricType.metricToOffset().get(NAMES[metric]));
        offsets[metric] = offset == null ? -1 : ((Number) offset).intValue();
      }
    } catch (RuntimeException | LinkageError e) { // a Spark that names them otherwise: tasks are worth having without
      Log.warn("no memory peaks of executors: " + e);
      Arrays.fill(offsets, -1);
    }
    return offsets;
  }
}
