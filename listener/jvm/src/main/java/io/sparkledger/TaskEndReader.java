package io.sparkledger;

import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.ExceptionFailure;
import org.apache.spark.ExecutorLostFailure;
import org.apache.spark.FetchFailed;
import org.apache.spark.Success$;
import org.apache.spark.TaskEndReason;
import org.apache.spark.TaskKilled;
import org.apache.spark.executor.ExecutorMetrics;
import org.apache.spark.executor.InputMetrics;
import org.apache.spark.executor.OutputMetrics;
import org.apache.spark.executor.ShuffleReadMetrics;
import org.apache.spark.executor.ShuffleWriteMetrics;
import org.apache.spark.executor.TaskMetrics;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.TaskInfo;
import scala.Enumeration;

/** Copies the values of a task end into the open row of a block: the hot path, which allocates nothing for a task that succeeded. */
final class TaskEndReader {
  /** Accessors that came after Spark 3.3; a Spark without one leaves the column out. */
  private static final NewerMetric[] NEWER_TASK_METRICS = NewerMetric.of(TaskMetrics.class, new Object[][] {
    {TaskColumn.PEAK_ON_HEAP_EXECUTION_MEMORY, "peakOnHeapExecutionMemory"},
    {TaskColumn.PEAK_OFF_HEAP_EXECUTION_MEMORY, "peakOffHeapExecutionMemory"},
  });
  private static final NewerMetric[] NEWER_SHUFFLE_READ_METRICS = NewerMetric.of(ShuffleReadMetrics.class, new Object[][] {
    {TaskColumn.REMOTE_REQUESTS_DURATION, "remoteReqsDuration"},
    {TaskColumn.CORRUPT_MERGED_BLOCK_CHUNKS, "corruptMergedBlockChunks"},
    {TaskColumn.MERGED_FETCH_FALLBACK_COUNT, "mergedFetchFallbackCount"},
    {TaskColumn.MERGED_REMOTE_BLOCKS_FETCHED, "remoteMergedBlocksFetched"},
    {TaskColumn.MERGED_LOCAL_BLOCKS_FETCHED, "localMergedBlocksFetched"},
    {TaskColumn.MERGED_REMOTE_CHUNKS_FETCHED, "remoteMergedChunksFetched"},
    {TaskColumn.MERGED_LOCAL_CHUNKS_FETCHED, "localMergedChunksFetched"},
    {TaskColumn.MERGED_REMOTE_BYTES_READ, "remoteMergedBytesRead"},
    {TaskColumn.MERGED_LOCAL_BYTES_READ, "localMergedBytesRead"},
    {TaskColumn.MERGED_REMOTE_REQUESTS_DURATION, "remoteMergedReqsDuration"},
  });

  private final Map<Class<?>, String> reasonNames = new HashMap<>();
  private final Map<Object, String> localities = new HashMap<>();

  private final boolean errorText;

  TaskEndReader(boolean errorText) {
    this.errorText = errorText;
  }

  void read(SparkListenerTaskEnd event, TaskEndBlock block) {
    block.put(TaskColumn.STAGE_ID, event.stageId());
    block.put(TaskColumn.STAGE_ATTEMPT_ID, event.stageAttemptId());
    block.put(TaskTextColumn.TASK_TYPE, event.taskType());
    readReason(event.reason(), block);
    readInfo(event.taskInfo(), block);
    TaskMetrics metrics = event.taskMetrics();
    if (metrics == null) {
      block.put(TaskColumn.METRICS_MISSING, 1);
    } else {
      readMetrics(metrics, block);
    }
    ExecutorMetrics peaks = event.taskExecutorMetrics();
    if (peaks != null && ExecutorMetric.read(peaks, 0) > 0) {
      for (int metric = 0; metric < ExecutorMetric.COUNT; metric++) {
        block.putMetric(metric, ExecutorMetric.read(peaks, metric));
      }
    }
  }

  private void readReason(TaskEndReason reason, TaskEndBlock block) {
    if (reason == Success$.MODULE$) {
      block.put(TaskTextColumn.REASON, "Success");
      return;
    }
    block.put(TaskTextColumn.REASON, reasonNames.computeIfAbsent(reason.getClass(), type -> type.getSimpleName().replace("$", "")));
    block.put(TaskTextColumn.ERROR, Text.clean(error(reason), Text.ERROR_CHARS));
  }

  private String error(TaskEndReason reason) {
    if (reason instanceof ExceptionFailure) {
      ExceptionFailure failure = (ExceptionFailure) reason;
      String message = failure.className() + ": " + (failure.description() == null ? "" : failure.description());
      return errorText ? message : Text.error(message, false);
    }
    if (reason instanceof FetchFailed) {
      return ((FetchFailed) reason).message();
    }
    if (reason instanceof ExecutorLostFailure) {
      return Scala.orNull(((ExecutorLostFailure) reason).reason());
    }
    return reason instanceof TaskKilled ? ((TaskKilled) reason).reason() : null;
  }

  private void readInfo(TaskInfo info, TaskEndBlock block) {
    block.put(TaskColumn.TASK_ID, info.taskId());
    block.put(TaskColumn.INDEX, info.index());
    block.put(TaskColumn.ATTEMPT, info.attemptNumber());
    block.put(TaskColumn.PARTITION_ID, info.partitionId());
    block.put(TaskColumn.LAUNCH_TIME, info.launchTime());
    block.put(TaskColumn.GETTING_RESULT_TIME, info.gettingResultTime());
    block.put(TaskColumn.FINISH_TIME, info.finishTime());
    block.put(TaskColumn.SPECULATIVE, info.speculative() ? 1 : 0);
    block.put(TaskTextColumn.EXECUTOR_ID, info.executorId());
    block.put(TaskTextColumn.HOST, info.host());
    block.put(TaskTextColumn.LOCALITY, locality(info.taskLocality()));
  }

  /** The name of a locality. Scala's own lookup takes a lock and allocates, so names are kept. */
  private String locality(Enumeration.Value value) {
    String name = localities.get(value);
    if (name == null) {
      name = value.toString();
      localities.put(value, name);
    }
    return name;
  }

  private static void readMetrics(TaskMetrics metrics, TaskEndBlock block) {
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
    NewerMetric.read(NEWER_TASK_METRICS, metrics, block);

    InputMetrics input = metrics.inputMetrics();
    block.put(TaskColumn.BYTES_READ, input.bytesRead());
    block.put(TaskColumn.RECORDS_READ, input.recordsRead());
    OutputMetrics output = metrics.outputMetrics();
    block.put(TaskColumn.BYTES_WRITTEN, output.bytesWritten());
    block.put(TaskColumn.RECORDS_WRITTEN, output.recordsWritten());

    ShuffleReadMetrics fetched = metrics.shuffleReadMetrics();
    block.put(TaskColumn.REMOTE_BLOCKS_FETCHED, fetched.remoteBlocksFetched());
    block.put(TaskColumn.LOCAL_BLOCKS_FETCHED, fetched.localBlocksFetched());
    block.put(TaskColumn.FETCH_WAIT_TIME, fetched.fetchWaitTime());
    block.put(TaskColumn.REMOTE_BYTES_READ, fetched.remoteBytesRead());
    block.put(TaskColumn.REMOTE_BYTES_READ_TO_DISK, fetched.remoteBytesReadToDisk());
    block.put(TaskColumn.LOCAL_BYTES_READ, fetched.localBytesRead());
    block.put(TaskColumn.TOTAL_RECORDS_READ, fetched.recordsRead());
    NewerMetric.read(NEWER_SHUFFLE_READ_METRICS, fetched, block);

    ShuffleWriteMetrics written = metrics.shuffleWriteMetrics();
    block.put(TaskColumn.SHUFFLE_BYTES_WRITTEN, written.bytesWritten());
    block.put(TaskColumn.SHUFFLE_WRITE_TIME, written.writeTime());
    block.put(TaskColumn.SHUFFLE_RECORDS_WRITTEN, written.recordsWritten());
  }

  /** A column and the accessor that fills it. */
  private static final class NewerMetric {
    private final TaskColumn column;
    private final MethodHandle accessor;

    private NewerMetric(TaskColumn column, MethodHandle accessor) {
      this.column = column;
      this.accessor = accessor;
    }

    static NewerMetric[] of(Class<?> owner, Object[][] columnsAndNames) {
      NewerMetric[] found = new NewerMetric[columnsAndNames.length];
      int count = 0;
      for (Object[] pair : columnsAndNames) {
        MethodHandle accessor = Handles.longGetter(owner, (String) pair[1]);
        if (accessor != null) {
          found[count++] = new NewerMetric((TaskColumn) pair[0], accessor);
        }
      }
      return Arrays.copyOf(found, count);
    }

    static void read(NewerMetric[] metrics, Object source, TaskEndBlock block) {
      for (NewerMetric metric : metrics) {
        block.put(metric.column, Handles.callLong(metric.accessor, source));
      }
    }
  }
}
