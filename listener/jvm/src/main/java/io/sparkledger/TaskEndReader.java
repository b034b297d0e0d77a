package io.sparkledger;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.ExceptionFailure;
import org.apache.spark.ExecutorLostFailure;
import org.apache.spark.FetchFailed;
import org.apache.spark.Success$;
import org.apache.spark.TaskEndReason;
import org.apache.spark.TaskKilled;
import org.apache.spark.executor.TaskMetrics;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.TaskInfo;
import scala.Enumeration;

/**
 * Copies the values of a task end into the next row of a block: the hot path, which allocates nothing for a task that succeeded. The order
 * is that of the columns. Not thread-safe.
 */
final class TaskEndReader {
  /** A longer text is cleaned at once instead of on the sender's thread: it would take too much of the buffer until then. */
  private static final int MOST_RAW_CHARS = 8_192;

  private final Map<Class<?>, String> reasonNames = new HashMap<>();
  private final Localities localities = new Localities();

  private final boolean errorText;

  TaskEndReader(boolean errorText) {
    this.errorText = errorText;
  }

  /**
   * Reads a task end whose {@code taskInfo} is there.
   *
   * @param polled the executor's metrics, or null where none were polled while the task ran
   */
  void read(SparkListenerTaskEnd event, long[] polled, TaskEndBlock block) {
    TaskInfo info = event.taskInfo();
    block.begin();
    block.put(TaskColumn.STAGE_ID, event.stageId());
    block.put(TaskColumn.STAGE_ATTEMPT_ID, event.stageAttemptId());
    block.put(TaskColumn.TASK_ID, info.taskId());
    block.put(TaskColumn.INDEX, info.index());
    block.put(TaskColumn.ATTEMPT, info.attemptNumber());
    block.put(TaskColumn.PARTITION_ID, info.partitionId() - TaskColumn.absent(TaskColumn.PARTITION_ID));
    block.put(TaskColumn.LAUNCH_TIME, info.launchTime());
    block.put(TaskColumn.GETTING_RESULT_TIME, info.gettingResultTime());
    block.put(TaskColumn.FINISH_TIME, info.finishTime());
    block.put(TaskColumn.SPECULATIVE, info.speculative() ? 1 : 0);
    TaskMetrics metrics = event.taskMetrics();
    if (metrics == null) {
      block.put(TaskColumn.METRICS_MISSING, 1);
    } else {
      TaskMetricsReader.read(metrics, block);
    }
    block.put(TaskColumn.TASK_TYPE, event.taskType());
    readReason(event.reason(), block);
    block.put(TaskColumn.EXECUTOR_ID, info.executorId());
    block.put(TaskColumn.HOST, info.host());
    block.put(TaskColumn.LOCALITY, localities.name(info.taskLocality()));
    if (polled != null) {
      block.putPolled(polled);
    }
    block.commit();
  }

  private void readReason(TaskEndReason reason, TaskEndBlock block) {
    if (reason == Success$.MODULE$) {
      block.put(TaskColumn.REASON, "Success");
      return;
    }
    block.put(TaskColumn.REASON, reasonNames.computeIfAbsent(reason.getClass(), type -> type.getSimpleName().replace("$", "")));
    String error = error(reason);
    block.put(TaskColumn.ERROR, error == null || error.length() <= MOST_RAW_CHARS ? error : Text.clean(error, Text.ERROR_CHARS));
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
    return reason instanceof TaskKilled ? Text.killReason(((TaskKilled) reason).reason(), errorText) : null;
  }

  /** The names of localities. Scala's own look-up takes a lock and allocates, so names are kept beside the values, of which there are five. */
  private static final class Localities {
    private Enumeration.Value[] values = new Enumeration.Value[0];
    private String[] names = new String[0];

    String name(Enumeration.Value value) {
      for (int i = 0; i < values.length; i++) {
        if (values[i] == value) {
          return names[i];
        }
      }
      values = Arrays.copyOf(values, values.length + 1);
      names = Arrays.copyOf(names, values.length);
      values[values.length - 1] = value;
      names[values.length - 1] = value.toString();
      return names[values.length - 1];
    }
  }
}
