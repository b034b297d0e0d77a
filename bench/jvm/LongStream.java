package bench;

import io.sparkledger.SparkledgerListener;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.management.ObjectName;
import org.apache.spark.SparkConf;
import org.apache.spark.scheduler.SparkListenerEvent;

/**
 * Replays the task ends of a job or of an event log for as long as days of a session would bring them, to a collector and to none, and
 * samples what the heap holds after collections: all of it, and the instances that a class histogram attributes to the listener's own
 * classes.
 * Arguments: the file to write the samples to, task ends in all, a folder for the spool, an address where nobody listens,
 * and an event log or nothing.
 */
public final class LongStream {
  private static final int SAMPLES = 6;
  private static final int PAUSE_MS = 40;
  /** Histograms of a sample: the JVM skips the collection before one while a deflater holds an array, and then counts garbage. */
  private static final int TRIES = 3;

  private LongStream() {}

  public static void main(String[] arguments) throws Exception {
    SparkConf conf = CapturingListener.capture(arguments[4]);
    conf.remove("spark.app.id");
    conf.set("spark.sparkledger.spool.dir", arguments[2]).set("spark.sparkledger.spool.bytes", "64m");
    conf.set("spark.sparkledger.batch.interval", "100ms");
    long events = Long.parseLong(arguments[1]);
    String result;
    try (Sink sink = new Sink()) {
      String live = stream(conf.clone().set("spark.sparkledger.url", sink.url()), events);
      String dead = stream(conf.clone().set("spark.sparkledger.url", arguments[3]), events);
      result = "{\"live\":" + live + ",\"dead\":" + dead + ",\"dropped\":" + sink.dropped.get() + "}";
    }
    Files.write(Paths.get(arguments[0]), result.getBytes(StandardCharsets.UTF_8));
  }

  private static String stream(SparkConf conf, long events) throws Exception {
    SparkledgerListener listener = new SparkledgerListener(conf);
    CapturingListener.STARTS.forEach(listener::onEvent);
    List<SparkListenerEvent> ends = new ArrayList<>(CapturingListener.TASK_ENDS);
    long[] heap = new long[SAMPLES];
    long[] own = new long[SAMPLES];
    long done = 0;
    for (int sample = 0; sample < SAMPLES; sample++) {
      for (; done < events * (sample + 1) / SAMPLES; done += ends.size()) {
        ends.forEach(listener::onEvent);
        Thread.sleep(PAUSE_MS);
      }
      own[sample] = Long.MAX_VALUE;
      heap[sample] = Long.MAX_VALUE;
      for (int attempt = 0; attempt < TRIES; attempt++) {
        own[sample] = Math.min(own[sample], ownBytes());
        heap[sample] = Math.min(heap[sample], ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
      }
    }
    return "{\"events\":" + done + ",\"heap_bytes\":" + Arrays.toString(heap) + ",\"own_bytes\":" + Arrays.toString(own) + "}";
  }

  /** Bytes of instances of the listener's classes and of the arrays that events are stored in, as `jcmd GC.class_histogram` has them. */
  private static long ownBytes() throws Exception {
    ObjectName commands = new ObjectName("com.sun.management:type=DiagnosticCommand");
    Object[] none = {new String[0]};
    String[] signature = {String[].class.getName()};
    Object histogram = ManagementFactory.getPlatformMBeanServer().invoke(commands, "gcClassHistogram", none, signature);
    long bytes = 0;
    for (String line : histogram.toString().split("\n")) {
      String[] columns = line.trim().split("\\s+");
      if (columns.length > 3 && (columns[3].startsWith("io.sparkledger.") || columns[3].equals("[J") || columns[3].equals("[B"))) {
        bytes += Long.parseLong(columns[2]);
      }
    }
    return bytes;
  }
}
