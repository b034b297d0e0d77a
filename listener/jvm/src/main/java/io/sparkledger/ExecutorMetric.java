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

  /** The value of a metric; 0 where this Spark does not have it or has not polled yet (it says -1 then). */
  static long read(ExecutorMetrics metrics, int metric) {
    boolean[] readable = known;
    if (readable == null) {
      readable = probe(metrics);
      known = readable;
    }
    return readable[metric] ? Math.max(0, metrics.getMetricValue(NAMES[metric])) : 0;
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
