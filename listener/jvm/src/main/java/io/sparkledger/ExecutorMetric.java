package io.sparkledger;

import org.apache.spark.executor.ExecutorMetrics;

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

  private static volatile boolean[] known;

  private ExecutorMetric() {}

  /** Reads all metrics, 0 where this Spark does not have one; says whether there are any (Spark says -1 or 0 before it polled). */
  static boolean read(ExecutorMetrics metrics, long[] into) {
    // Nothing was polled: the heap of a running JVM is never empty. Each value costs a look-up by name.
    if (metrics == null || !metrics.isSet() || metrics.getMetricValue(NAMES[0]) <= 0) {
      return false;
    }
    boolean[] readable = known;
    if (readable == null) {
      readable = probe(metrics);
      known = readable;
    }
    for (int metric = 0; metric < COUNT; metric++) {
      into[metric] = readable[metric] ? Math.max(0, metrics.getMetricValue(NAMES[metric])) : 0;
    }
    return true;
  }

  private static boolean[] probe(ExecutorMetrics metrics) {
    boolean[] readable = new boolean[COUNT];
    for (int metric = 0; metric < COUNT; metric++) {
      try {
        metrics.getMetricValue(NAMES[metric]);
        readable[metric] = true;
      } catch (RuntimeException e) {
        // A metric that this Spark does not know: NoSuchElementException of its name table.
      }
    }
    return readable;
  }
}
