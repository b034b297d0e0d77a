package io.sparkledger;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.executor.ExecutorMetrics;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.StageInfo;
import scala.Tuple2;

/**
 * Peaks of each executor while each stage attempt runs, folded from heartbeats and task ends as Spark's EventLoggingListener does with
 * {@code spark.eventLog.logStageExecutorMetrics}. Used on the bus thread only.
 */
final class ExecutorPeaks {
  /** 23 numbers and a map entry each: about 6 MiB at most. A stage's executors beyond it have no peaks. */
  private static final int MAX_ENTRIES = 20_000;
  private static final int MAX_STAGES = 2_000;
  /** Stage and attempt that the driver's own heartbeat bears; its peaks count for every running stage. */
  private static final int DRIVER_STAGE = -1;

  private final List<Stage> running = new ArrayList<>();
  private final Json json = new Json();
  /** The metrics of the event that is being folded. */
  private final long[] values = new long[ExecutorMetric.COUNT];
  private Stage last;
  private int entries;

  void submitted(StageInfo stage) {
    entries -= remove(stage.stageId(), stage.attemptNumber()).size();
    if (running.size() == MAX_STAGES) {
      entries -= running.remove(0).peaks.size(); // its end was lost on the bus
    }
    running.add(new Stage(stage.stageId(), stage.attemptNumber()));
  }

  /**
   * Folds a task's metrics.
   *
   * @param polled the executor's metrics, or null where none were polled while the task ran
   */
  void taskEnded(SparkListenerTaskEnd event, long[] polled) {
    Stage stage = find(event.stageId(), event.stageAttemptId());
    if (stage != null && event.taskExecutorMetrics() != null) {
      fold(stage, event.taskInfo().executorId(), polled);
    }
  }

  void heartbeat(SparkListenerExecutorMetricsUpdate event) {
    scala.collection.Iterator<?> updates = Scala.iterate(event.executorUpdates());
    while (updates.hasNext()) {
      Tuple2<?, ?> update = (Tuple2<?, ?>) updates.next();
      Tuple2<?, ?> key = (Tuple2<?, ?>) update._1();
      int stageId = ((Number) key._1()).intValue();
      int attempt = ((Number) key._2()).intValue();
      long[] polled = ExecutorMetric.read((ExecutorMetrics) update._2(), values) ? values : null;
      for (Stage stage : running) {
        if (stageId == DRIVER_STAGE || stage.is(stageId, attempt)) {
          fold(stage, event.execId(), polled);
        }
      }
    }
  }

  /** Ends a stage attempt, and the earlier attempts that never had an end: its peaks, one line an executor. */
  List<byte[]> completed(StageInfo stage) {
    for (int attempt = 0; attempt < stage.attemptNumber(); attempt++) {
      entries -= remove(stage.stageId(), attempt).size();
    }
    Map<String, long[]> peaks = remove(stage.stageId(), stage.attemptNumber());
    entries -= peaks.size();
    List<byte[]> lines = new ArrayList<>(peaks.size());
    for (Map.Entry<String, long[]> executor : peaks.entrySet()) {
      lines.add(line(stage, executor.getKey(), executor.getValue()));
    }
    return lines;
  }

  private byte[] line(StageInfo stage, String executorId, long[] peaks) {
    json.reset().beginObject().field("Event", "SparkListenerStageExecutorMetrics").field("Executor ID", executorId);
    json.field("Stage ID", stage.stageId()).field("Stage Attempt ID", stage.attemptNumber()).name("Executor Metrics").beginObject();
    for (int metric = 0; metric < ExecutorMetric.COUNT; metric++) {
      json.field(ExecutorMetric.NAMES[metric], peaks[metric]);
    }
    return json.endObject().endObject().toLine();
  }

  private void fold(Stage stage, String executorId, long[] polled) {
    long[] peaks = stage.peaks.get(executorId);
    if (peaks == null) {
      if (entries == MAX_ENTRIES) {
        return;
      }
      peaks = new long[ExecutorMetric.COUNT];
      stage.peaks.put(executorId, peaks);
      entries++;
    }
    for (int metric = 0; polled != null && metric < ExecutorMetric.COUNT; metric++) {
      peaks[metric] = Math.max(peaks[metric], polled[metric]);
    }
  }

  private Stage find(int stageId, int attempt) {
    if (last != null && last.is(stageId, attempt)) {
      return last;
    }
    for (int i = running.size() - 1; i >= 0; i--) {
      if (running.get(i).is(stageId, attempt)) {
        last = running.get(i);
        return last;
      }
    }
    return null;
  }

  private Map<String, long[]> remove(int stageId, int attempt) {
    last = null;
    for (Iterator<Stage> stages = running.iterator(); stages.hasNext(); ) {
      Stage stage = stages.next();
      if (stage.is(stageId, attempt)) {
        stages.remove();
        return stage.peaks;
      }
    }
    return new HashMap<>();
  }

  private static final class Stage {
    private final int id;
    private final int attempt;
    private final Map<String, long[]> peaks = new HashMap<>();

    Stage(int id, int attempt) {
      this.id = id;
      this.attempt = attempt;
    }

    boolean is(int stageId, int stageAttempt) {
      return id == stageId && attempt == stageAttempt;
    }
  }
}
