package io.sparkledger;

import com.sun.management.ThreadMXBean;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkFirehoseListener;
import org.apache.spark.executor.ExecutorMetrics;
import org.apache.spark.scheduler.ReplayListenerBus;
import org.apache.spark.scheduler.ReplayListenerBus$;
import org.apache.spark.scheduler.SparkListenerEvent;
import org.apache.spark.scheduler.SparkListenerTaskEnd;

/** Takes the task ends of an event log as the agent does, again and again; prints what was polled and what the last round allocated. */
final class TakeTaskEnds {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int WARM_UPS = 200;

  private final EventBuffer buffer = new EventBuffer(16L << 20, true);
  private final ExecutorPeaks peaks = new ExecutorPeaks();
  private final long[] values = new long[ExecutorMetric.COUNT];
  private final SparkListenerTaskEnd[] taskEnds;

  private TakeTaskEnds(SparkListenerTaskEnd[] taskEnds) {
    this.taskEnds = taskEnds;
  }

  public static void main(String[] arguments) throws Exception {
    SparkListenerTaskEnd[] taskEnds = read(Paths.get(arguments[0]));
    TakeTaskEnds taker = new TakeTaskEnds(taskEnds);
    long allocated = 0;
    for (int round = 0; round <= WARM_UPS; round++) {
      allocated = taker.round();
    }
    Json json = new Json().beginObject().field("Task ends", taskEnds.length).field("Allocated bytes", allocated);
    EventBuffer full = new EventBuffer(64 << 10, true);
    for (int line = 0; line < 100; line++) {
      full.add(new byte[1_000]);
    }
    long waiting = full.waitingEvents();
    full.addEnd(new byte[1_000]);
    json.field("Dropped", full.droppedEvents()).field("Ends taken", full.waitingEvents() - waiting);
    for (int at = 0; at < taskEnds.length; at++) {
      json.name("Task " + at).beginObject();
      polled(json, taskEnds[at].taskExecutorMetrics());
      json.endObject();
    }
    System.out.println(new String(json.endObject().toLine(), "UTF-8").trim());
  }

  private long round() {
    long thread = Thread.currentThread().getId();
    long before = THREADS.getThreadAllocatedBytes(thread);
    for (SparkListenerTaskEnd taskEnd : taskEnds) {
      long[] polled = ExecutorMetric.read(taskEnd.taskExecutorMetrics(), values) ? values : null;
      buffer.add(taskEnd, polled);
      peaks.taskEnded(taskEnd, polled);
    }
    long allocated = THREADS.getThreadAllocatedBytes(thread) - before;
    EventBuffer.Drained drained = buffer.drain();
    buffer.encoded(drained, 0);
    return allocated;
  }

  /** The metrics that the listener reads where there are any. */
  private static void polled(Json json, ExecutorMetrics metrics) {
    long[] read = new long[ExecutorMetric.COUNT];
    if (ExecutorMetric.read(metrics, read)) {
      for (int metric = 0; metric < read.length; metric++) {
        json.field(ExecutorMetric.NAMES[metric], read[metric]);
      }
    }
  }

  private static SparkListenerTaskEnd[] read(Path log) throws Exception {
    List<SparkListenerTaskEnd> found = new ArrayList<>();
    ReplayListenerBus bus = new ReplayListenerBus();
    bus.addListener(
        new SparkFirehoseListener() {
          @Override
          public void onEvent(SparkListenerEvent event) {
            if (event instanceof SparkListenerTaskEnd) {
              found.add((SparkListenerTaskEnd) event);
            }
          }
        });
    try (InputStream stream = Files.newInputStream(log)) {
      bus.replay(stream, log.toString(), false, ReplayListenerBus$.MODULE$.SELECT_ALL_FILTER());
    }
    return found.toArray(new SparkListenerTaskEnd[0]);
  }
}
