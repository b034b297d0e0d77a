package bench;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.spark.SparkFirehoseListener;
import org.apache.spark.scheduler.SparkListenerApplicationStart;
import org.apache.spark.scheduler.SparkListenerEvent;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;

/** Keeps task ends, and the starts without which they mean nothing, as Spark made them. */
public final class CapturingListener extends SparkFirehoseListener {
  static final List<SparkListenerEvent> STARTS = new CopyOnWriteArrayList<>();
  static final List<SparkListenerEvent> TASK_ENDS = new CopyOnWriteArrayList<>();

  @Override
  public void onEvent(SparkListenerEvent event) {
    if (event instanceof SparkListenerTaskEnd) {
      TASK_ENDS.add(event);
    } else if (event instanceof SparkListenerApplicationStart || event instanceof SparkListenerStageSubmitted) {
      STARTS.add(event);
    }
  }
}
