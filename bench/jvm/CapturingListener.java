package bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkFirehoseListener;
import org.apache.spark.scheduler.ReplayListenerBus;
import org.apache.spark.scheduler.ReplayListenerBus$;
import org.apache.spark.scheduler.SparkListenerApplicationStart;
import org.apache.spark.scheduler.SparkListenerEvent;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.SparkSession;

/** Keeps task ends, and the starts without which they mean nothing, as Spark made them. */
public final class CapturingListener extends SparkFirehoseListener {
  static final List<SparkListenerEvent> STARTS = Collections.synchronizedList(new ArrayList<>());
  static final List<SparkListenerEvent> TASK_ENDS = Collections.synchronizedList(new ArrayList<>());

  private static final String[] QUERIES = {
    "SELECT a.k, count(*) AS n, sum(a.id) AS s FROM facts a GROUP BY a.k",
    "SELECT a.k, count(*) AS n FROM facts a JOIN facts b ON a.id = b.id GROUP BY a.k ORDER BY n",
    "SELECT k % 97 AS g, avg(id) AS m FROM (SELECT k, id, row_number() OVER (PARTITION BY k ORDER BY id) AS r FROM facts) "
        + "WHERE r < 50 GROUP BY k % 97",
  };

  /** Fills the lists from an event log, or where its path is empty from a job that runs here; returns the settings of this Spark. */
  static SparkConf capture(String log) throws IOException {
    if (log.isEmpty()) {
      return captureJob();
    }
    ReplayListenerBus bus = new ReplayListenerBus();
    bus.addListener(new CapturingListener());
    Path path = Paths.get(log);
    try (InputStream stream = Files.newInputStream(path)) {
      bus.replay(stream, path.getFileName().toString(), true, ReplayListenerBus$.MODULE$.SELECT_ALL_FILTER());
    }
    return new SparkConf();
  }

  private static SparkConf captureJob() {
    SparkSession spark = SparkSession.builder().getOrCreate();
    int partitions = Integer.parseInt(spark.conf().get("spark.sql.shuffle.partitions"));
    spark.range(0, 400_000, 1, partitions).selectExpr("id", "id * 7919 % 5000 AS k").createOrReplaceTempView("facts");
    for (String query : QUERIES) {
      spark.sql(query).collect();
    }
    SparkConf conf = spark.sparkContext().getConf();
    spark.stop();
    return conf;
  }

  @Override
  public void onEvent(SparkListenerEvent event) {
    if (event instanceof SparkListenerTaskEnd) {
      TASK_ENDS.add(event);
    } else if (event instanceof SparkListenerApplicationStart
        || event instanceof SparkListenerJobStart
        || event instanceof SparkListenerStageSubmitted) {
      STARTS.add(event);
    }
  }
}
