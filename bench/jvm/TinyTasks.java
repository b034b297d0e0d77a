package bench;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/**
 * Runs one job of many tiny tasks without the listener, with it, and with it and no collector, in turns, each in a context of its own.
 * Arguments: the file to write the times to, tasks, rounds, a folder for the spool, an address where nobody listens.
 */
public final class TinyTasks {
  private static final String[] MODES = {"without", "with", "dead"};

  private TinyTasks() {}

  public static void main(String[] arguments) throws Exception {
    int tasks = Integer.parseInt(arguments[1]);
    int rounds = Integer.parseInt(arguments[2]);
    long[][] wallNs = new long[MODES.length][rounds];
    long dropped;
    try (Sink sink = new Sink()) {
      run("without", tasks / 10, sink.url(), arguments);
      for (int round = 0; round < rounds; round++) {
        for (int turn = 0; turn < MODES.length; turn++) {
          // Another one goes first each time, so that a machine that slows down does not favour one.
          int mode = (turn + round) % MODES.length;
          wallNs[mode][round] = run(MODES[mode], tasks, sink.url(), arguments);
        }
      }
      dropped = sink.dropped.get();
    }
    List<String> members = new ArrayList<>();
    for (int mode = 0; mode < MODES.length; mode++) {
      members.add("\"" + MODES[mode] + "\":" + Arrays.toString(wallNs[mode]));
    }
    String result = "{" + String.join(",", members) + ",\"dropped\":" + dropped + "}";
    Files.write(Paths.get(arguments[0]), result.getBytes(StandardCharsets.UTF_8));
  }

  /** The wall time of the job and of stopping its context. */
  private static long run(String mode, int tasks, String url, String[] arguments) {
    SparkConf conf = new SparkConf();
    conf.remove("spark.app.id");
    conf.remove("spark.extraListeners");
    if (!mode.equals("without")) {
      conf.set("spark.extraListeners", "io.sparkledger.SparkledgerListener");
      conf.set("spark.sparkledger.url", mode.equals("dead") ? arguments[4] : url);
      conf.set("spark.sparkledger.spool.dir", arguments[3]);
    }
    SparkSession spark = SparkSession.builder().config(conf).getOrCreate();
    long started = System.nanoTime();
    long rows = spark.range(0, tasks, 1, tasks).rdd().count();
    spark.stop();
    long taken = System.nanoTime() - started;
    if (rows != tasks) {
      throw new IllegalStateException(rows + " rows where " + tasks + " were expected");
    }
    return taken;
  }
}
