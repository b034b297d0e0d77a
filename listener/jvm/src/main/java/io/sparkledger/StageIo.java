package io.sparkledger;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.fs.statistics.IOStatistics;
import org.apache.hadoop.fs.statistics.IOStatisticsSnapshot;
import org.apache.spark.TaskContext;

/**
 * Running totals of what the tasks of each stage attempt did to file systems, by the thread's {@code IOStatisticsContext} of Hadoop 3.3.5
 * and later. It counts streams, those of helper threads included; listings and metadata requests are in the totals of the process only. So are streams
 * that S3A opened by {@code openFile}: it opens them on a thread of its pool, to which they are counted.
 */
final class StageIo {
  private static final int MAX_STAGES = 1_000;

  private final MethodHandle current;
  private final MethodHandle snapshot;
  private final ThreadLocal<Running> running = new ThreadLocal<>();
  /** By stage and attempt; the one that was used longest ago comes first. */
  private final Map<Long, Stage> stages = new LinkedHashMap<>(16, 0.75f, true);

  private StageIo(MethodHandle current, MethodHandle snapshot) {
    this.current = current;
    this.snapshot = snapshot;
  }

  /** Null where this Hadoop does not count by thread. */
  static StageIo orNull() {
    try {
      Class<?> context = Class.forName("org.apache.hadoop.fs.statistics.IOStatisticsContext");
      MethodHandles.Lookup lookup = MethodHandles.publicLookup();
      MethodHandle current = lookup.findStatic(context, "getCurrentIOStatisticsContext", MethodType.methodType(context));
      MethodHandle snapshot = lookup.findVirtual(context, "snapshot", MethodType.methodType(IOStatisticsSnapshot.class));
      MethodType ofObjects = MethodType.methodType(IOStatistics.class, Object.class);
      return new StageIo(current.asType(MethodType.methodType(Object.class)), snapshot.asType(ofObjects));
    } catch (ReflectiveOperationException | LinkageError e) {
      return null;
    }
  }

  /** On the task's thread. */
  void taskStarted() {
    TaskContext task = TaskContext.get();
    if (task == null) {
      running.remove();
      return;
    }
    Object context = context();
    running.set(new Running(key(task.stageId(), task.stageAttemptNumber()), context, counters(context)));
  }

  /** On the task's thread, when Spark has unset the task's context. */
  void taskEnded() {
    Running task = running.get();
    if (task == null) {
      return;
    }
    running.remove();
    Map<String, Long> done = Counters.since(task.before, counters(task.context));
    synchronized (stages) {
      Stage stage = stages.computeIfAbsent(task.stage, Stage::new);
      stage.tasks++;
      done.forEach((name, value) -> stage.totals.merge(name, value, Long::sum));
      stage.isNew = true;
    }
  }

  /** A line with the stage attempts that had task ends since the last one. */
  List<byte[]> measure(String executorId, boolean last) {
    List<byte[]> lines = new ArrayList<>();
    synchronized (stages) {
      for (Stage stage : new ArrayList<>(stages.values())) {
        if (stage.isNew || last) {
          lines.add(stage.line(executorId));
          stage.isNew = false;
        }
      }
      for (Iterator<Stage> oldest = stages.values().iterator(); stages.size() > MAX_STAGES && oldest.hasNext(); ) {
        oldest.next();
        oldest.remove();
      }
    }
    return lines;
  }

  private Object context() {
    try {
      return (Object) current.invokeExact();
    } catch (Throwable e) {
      throw Handles.unchecked(e);
    }
  }

  private Map<String, Long> counters(Object context) {
    try {
      return Counters.of((IOStatistics) snapshot.invokeExact(context));
    } catch (Throwable e) {
      throw Handles.unchecked(e);
    }
  }

  private static long key(int stageId, int attempt) {
    return (long) stageId << 32 | attempt;
  }

  private static final class Running {
    private final long stage;
    /** Hadoop itself holds it weakly: a collection during the task would begin the thread's counts anew. */
    private final Object context;
    private final Map<String, Long> before;

    Running(long stage, Object context, Map<String, Long> before) {
      this.stage = stage;
      this.context = context;
      this.before = before;
    }
  }

  private static final class Stage {
    private final long key;
    private final Map<String, Long> totals = new TreeMap<>();
    private long tasks;
    private boolean isNew;

    Stage(long key) {
      this.key = key;
    }

    byte[] line(String executorId) {
      Json json = new Json(512).beginObject().field("Event", "SparkledgerStageIO").field("Executor ID", executorId);
      json.field("Timestamp", System.currentTimeMillis());
      json.field("Stage ID", key >> 32).field("Stage Attempt ID", key & 0xFFFF_FFFFL).field("Tasks", tasks);
      Counters.write(totals, json.name("Counters"));
      return json.endObject().toLine();
    }
  }
}
