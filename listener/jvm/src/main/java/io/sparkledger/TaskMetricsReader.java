package io.sparkledger;

import java.lang.invoke.MethodHandle;
import org.apache.spark.executor.InputMetrics;
import org.apache.spark.executor.OutputMetrics;
import org.apache.spark.executor.ShuffleReadMetrics;
import org.apache.spark.executor.ShuffleWriteMetrics;
import org.apache.spark.executor.TaskMetrics;

/**
 * Copies the metrics of a task into a row. Accessors that came after Spark 3.3 are handles, each in a constant of its own: the JIT compiler
 * makes a plain call of those, and nothing of an absent one.
 */
final class TaskMetricsReader {
  private static final MethodHandle PEAK_ON_HEAP = task("peakOnHeapExecutionMemory");
  private static final MethodHandle PEAK_OFF_HEAP = task("peakOffHeapExecutionMemory");
  private static final MethodHandle REQUESTS_DURATION = fetch("remoteReqsDuration");
  private static final MethodHandle CORRUPT_CHUNKS = fetch("corruptMergedBlockChunks");
  private static final MethodHandle FALLBACKS = fetch("mergedFetchFallbackCount");
  private static final MethodHandle MERGED_REMOTE_BLOCKS = fetch("remoteMergedBlocksFetched");
  private static final MethodHandle MERGED_LOCAL_BLOCKS = fetch("localMergedBlocksFetched");
  private static final MethodHandle MERGED_REMOTE_CHUNKS = fetch("remoteMergedChunksFetched");
  private static final MethodHandle MERGED_LOCAL_CHUNKS = fetch("localMergedChunksFetched");
  private static final MethodHandle MERGED_REMOTE_BYTES = fetch("remoteMergedBytesRead");
  private static final MethodHandle MERGED_LOCAL_BYTES = fetch("localMergedBytesRead");
  private static final MethodHandle MERGED_REQUESTS_DURATION = fetch("remoteMergedReqsDuration");

  private TaskMetricsReader() {}

  static void read(TaskMetrics metrics, TaskEndBlock block) {
    block.put(TaskColumn.EXECUTOR_DESERIALIZE_TIME, metrics.executorDeserializeTime());
    block.put(TaskColumn.EXECUTOR_DESERIALIZE_CPU_TIME, metrics.executorDeserializeCpuTime());
    block.put(TaskColumn.EXECUTOR_RUN_TIME, metrics.executorRunTime());
    block.put(TaskColumn.EXECUTOR_CPU_TIME, metrics.executorCpuTime());
    block.put(TaskColumn.RESULT_SIZE, metrics.resultSize());
    block.put(TaskColumn.JVM_GC_TIME, metrics.jvmGCTime());
    block.put(TaskColumn.RESULT_SERIALIZATION_TIME, metrics.resultSerializationTime());
    block.put(TaskColumn.MEMORY_BYTES_SPILLED, metrics.memoryBytesSpilled());
    block.put(TaskColumn.DISK_BYTES_SPILLED, metrics.diskBytesSpilled());
    block.put(TaskColumn.PEAK_EXECUTION_MEMORY, metrics.peakExecutionMemory());
    try {
      block.put(TaskColumn.PEAK_ON_HEAP_EXECUTION_MEMORY, (long) PEAK_ON_HEAP.invokeExact((Object) metrics));
      block.put(TaskColumn.PEAK_OFF_HEAP_EXECUTION_MEMORY, (long) PEAK_OFF_HEAP.invokeExact((Object) metrics));
    } catch (Throwable e) {
      throw Handles.unchecked(e);
    }
    readBytes(metrics.inputMetrics(), metrics.outputMetrics(), block);
    readFetches(metrics.shuffleReadMetrics(), block);
    ShuffleWriteMetrics written = metrics.shuffleWriteMetrics();
    block.put(TaskColumn.SHUFFLE_BYTES_WRITTEN, written.bytesWritten());
    block.put(TaskColumn.SHUFFLE_WRITE_TIME, written.writeTime());
    block.put(TaskColumn.SHUFFLE_RECORDS_WRITTEN, written.recordsWritten());
  }

  private static void readBytes(InputMetrics input, OutputMetrics output, TaskEndBlock block) {
    block.put(TaskColumn.BYTES_READ, input.bytesRead());
    block.put(TaskColumn.RECORDS_READ, input.recordsRead());
    block.put(TaskColumn.BYTES_WRITTEN, output.bytesWritten());
    block.put(TaskColumn.RECORDS_WRITTEN, output.recordsWritten());
  }

  private static void readFetches(ShuffleReadMetrics fetched, TaskEndBlock block) {
    block.put(TaskColumn.REMOTE_BLOCKS_FETCHED, fetched.remoteBlocksFetched());
    block.put(TaskColumn.LOCAL_BLOCKS_FETCHED, fetched.localBlocksFetched());
    block.put(TaskColumn.FETCH_WAIT_TIME, fetched.fetchWaitTime());
    block.put(TaskColumn.REMOTE_BYTES_READ, fetched.remoteBytesRead());
    block.put(TaskColumn.REMOTE_BYTES_READ_TO_DISK, fetched.remoteBytesReadToDisk());
    block.put(TaskColumn.LOCAL_BYTES_READ, fetched.localBytesRead());
    block.put(TaskColumn.TOTAL_RECORDS_READ, fetched.recordsRead());
    try {
      block.put(TaskColumn.REMOTE_REQUESTS_DURATION, (long) REQUESTS_DURATION.invokeExact((Object) fetched));
      block.put(TaskColumn.CORRUPT_MERGED_BLOCK_CHUNKS, (long) CORRUPT_CHUNKS.invokeExact((Object) fetched));
      block.put(TaskColumn.MERGED_FETCH_FALLBACK_COUNT, (long) FALLBACKS.invokeExact((Object) fetched));
      block.put(TaskColumn.MERGED_REMOTE_BLOCKS_FETCHED, (long) MERGED_REMOTE_BLOCKS.invokeExact((Object) fetched));
      block.put(TaskColumn.MERGED_LOCAL_BLOCKS_FETCHED, (long) MERGED_LOCAL_BLOCKS.invokeExact((Object) fetched));
      block.put(TaskColumn.MERGED_REMOTE_CHUNKS_FETCHED, (long) MERGED_REMOTE_CHUNKS.invokeExact((Object) fetched));
      block.put(TaskColumn.MERGED_LOCAL_CHUNKS_FETCHED, (long) MERGED_LOCAL_CHUNKS.invokeExact((Object) fetched));
      block.put(TaskColumn.MERGED_REMOTE_BYTES_READ, (long) MERGED_REMOTE_BYTES.invokeExact((Object) fetched));
      block.put(TaskColumn.MERGED_LOCAL_BYTES_READ, (long) MERGED_LOCAL_BYTES.invokeExact((Object) fetched));
      block.put(TaskColumn.MERGED_REMOTE_REQUESTS_DURATION, (long) MERGED_REQUESTS_DURATION.invokeExact((Object) fetched));
    } catch (Throwable e) {
      throw Handles.unchecked(e);
    }
  }

  private static MethodHandle task(String name) {
    return Handles.longGetter(TaskMetrics.class, name);
  }

  private static MethodHandle fetch(String name) {
    return Handles.longGetter(ShuffleReadMetrics.class, name);
  }
}
