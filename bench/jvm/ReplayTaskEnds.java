package bench;

import com.sun.management.ThreadMXBean;
import io.sparkledger.SparkledgerListener;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.scheduler.EventLoggingListener;
import org.apache.spark.scheduler.SparkListenerEvent;
import org.apache.spark.scheduler.SparkListenerInterface;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import scala.Option;

/**
 * Captures the task ends of a job or of an event log, then replays them in turn to the listener, to the one that writes Spark's event log
 * and to others.
 * Arguments: the file to write the figures to, passes to warm up with, passes to measure, a folder for the event log, class names of the
 * other listeners with commas between, and an event log or nothing.
 */
public final class ReplayTaskEnds {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private ReplayTaskEnds() {}

  public static void main(String[] arguments) throws Exception {
    SparkConf conf = CapturingListener.capture(arguments[5]);
    List<SparkListenerInterface> peers = named(arguments[4], conf);
    String figures = measure(conf, Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2]), Paths.get(arguments[3]), peers);
    Files.write(Paths.get(arguments[0]), figures.getBytes(StandardCharsets.UTF_8));
  }

  private static String measure(SparkConf conf, int warmUps, int passes, Path folder, List<SparkListenerInterface> peers)
      throws Exception {
    List<SparkListenerEvent> events = new ArrayList<>(CapturingListener.TASK_ENDS);
    EventLoggingListener log = eventLog(conf, folder);
    try (Sink sink = new Sink()) {
      conf.remove("spark.app.id");
      conf.set("spark.sparkledger.url", sink.url()).set("spark.sparkledger.batch.interval", "100ms");
      SparkledgerListener listener = new SparkledgerListener(conf);
      CapturingListener.STARTS.forEach(listener::onEvent);
      Cost ours = new Cost(passes);
      Cost sparks = new Cost(passes);
      Cost senders = new Cost(passes);
      List<Cost> others = new ArrayList<>();
      peers.forEach(peer -> others.add(new Cost(passes)));
      long bytesBefore = 0;
      for (int pass = -warmUps; pass < passes; pass++) {
        if (pass == 0) {
          bytesBefore = sink.bodyBytes.get();
        }
        Cost.Mark delivery = new Cost.Mark(threadsOfDelivery());
        Cost.Mark mark = new Cost.Mark(Thread.currentThread().getId());
        for (SparkListenerEvent event : events) {
          listener.onEvent(event);
        }
        ours.record(pass, mark);
        Thread.sleep(400);
        senders.record(pass, delivery, threadsOfDelivery());
        mark = new Cost.Mark(Thread.currentThread().getId());
        for (SparkListenerEvent event : events) {
          log.onTaskEnd((SparkListenerTaskEnd) event);
        }
        sparks.record(pass, mark);
        for (int place = 0; place < peers.size(); place++) {
          mark = new Cost.Mark(Thread.currentThread().getId());
          int failed = replay(peers.get(place), events);
          others.get(place).record(pass, mark);
          if (failed > 0 && pass == 0) {
            System.err.println(peers.get(place).getClass().getName() + " failed on " + failed + " of " + events.size() + " task ends");
          }
        }
      }
      log.stop();
      double wireBytes = (sink.bodyBytes.get() - bytesBefore) / (double) passes;
      int n = events.size();
      return String.format(
          Locale.ROOT,
          "{\"events\":%d,\"listener_cpu_ns\":%s,\"listener_bytes\":%s,\"sender_cpu_ns\":%s,\"log_cpu_ns\":%s,\"log_bytes\":%s,"
              + "\"wire_bytes\":%f,\"log_file_bytes\":%d,\"peers\":%s}",
          n, ours.cpu(), ours.allocated(), senders.cpu(), sparks.cpu(), sparks.allocated(), wireBytes, bytesIn(folder) / (warmUps + passes),
          others.stream().map(Cost::json).collect(Collectors.toList()));
    }
  }

  /** As on Spark's bus, which goes on when a listener fails; says how often it did. */
  private static int replay(SparkListenerInterface peer, List<SparkListenerEvent> events) {
    int failed = 0;
    for (SparkListenerEvent event : events) {
      try {
        peer.onTaskEnd((SparkListenerTaskEnd) event);
      } catch (RuntimeException e) {
        failed++;
      }
    }
    return failed;
  }

  /** Listeners made as Spark makes those that a job names, told of the jobs whose task ends they will get. */
  private static List<SparkListenerInterface> named(String names, SparkConf conf) throws ReflectiveOperationException {
    List<SparkListenerInterface> made = new ArrayList<>();
    for (String name : names.isEmpty() ? new String[0] : names.split(",")) {
      SparkListenerInterface peer = (SparkListenerInterface) Class.forName(name).getConstructor(SparkConf.class).newInstance(conf.clone());
      for (SparkListenerEvent start : CapturingListener.STARTS) {
        if (start instanceof SparkListenerJobStart) { // without which a task's job is unknown to it
          try {
            peer.onJobStart((SparkListenerJobStart) start);
          } catch (RuntimeException e) {
            System.err.println(name + " cannot take a job's start outside an application: " + e);
            break;
          }
        }
      }
      made.add(peer);
    }
    return made;
  }

  /** With the settings that this Spark has when nothing is said: compressed and rolling since 4.0. */
  private static EventLoggingListener eventLog(SparkConf conf, Path folder) throws IOException {
    Files.createDirectories(folder);
    EventLoggingListener log =
        new EventLoggingListener("app-bench", Option.<String>empty(), folder.toUri(), conf.clone(), new Configuration());
    log.start();
    return log;
  }

  private static long bytesIn(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.map(Path::toFile).filter(file -> file.isFile() && !file.getName().endsWith(".crc")).mapToLong(File::length).sum();
    }
  }

  /** The sender and, once it has posted, the thread that does so for it. */
  private static long[] threadsOfDelivery() {
    return Arrays.stream(THREADS.getThreadInfo(THREADS.getAllThreadIds()))
        .filter(thread -> thread != null && thread.getThreadName().startsWith("sparkledger-"))
        .mapToLong(ThreadInfo::getThreadId)
        .toArray();
  }

  /** CPU and allocation of threads in each measured pass. */
  private static final class Cost {
    private final long[] cpuNs;
    private final long[] bytes;

    Cost(int passes) {
      cpuNs = new long[passes];
      bytes = new long[passes];
    }

    void record(int pass, Mark since) {
      record(pass, since, since.threads);
    }

    void record(int pass, Mark since, long[] threads) {
      if (pass >= 0) {
        cpuNs[pass] = cpuNs(threads) - since.cpuNs;
        bytes[pass] = allocated(threads) - since.bytes;
      }
    }

    private static long cpuNs(long[] threads) {
      long sum = 0;
      for (long thread : threads) {
        sum += THREADS.getThreadCpuTime(thread);
      }
      return sum;
    }

    private static long allocated(long[] threads) {
      long sum = 0;
      for (long thread : threads) {
        sum += THREADS.getThreadAllocatedBytes(thread);
      }
      return sum;
    }

    String cpu() {
      return Arrays.toString(cpuNs);
    }

    String allocated() {
      return Arrays.toString(bytes);
    }

    String json() {
      return "{\"cpu_ns\":" + cpu() + ",\"bytes\":" + allocated() + "}";
    }

    static final class Mark {
      private final long[] threads;
      private final long cpuNs;
      private final long bytes;

      Mark(long... threads) {
        this.threads = threads;
        bytes = allocated(threads);
        cpuNs = cpuNs(threads);
      }
    }
  }
}
