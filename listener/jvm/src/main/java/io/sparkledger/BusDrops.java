package io.sparkledger;

import com.codahale.metrics.Counter;
import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkContext$;

/** How many events Spark's queue dropped before we saw them: on the shared one a slow neighbour can cause that. */
final class BusDrops {
  private static final String OWN = "queue." + OwnQueue.NAME + ".numDroppedEvents";
  private static final String SHARED = "queue.shared.numDroppedEvents";

  private long last;
  private boolean unreadable;

  /** The count of the application's bus; the last one that was read where the context is gone, 0 where this Spark hides it. */
  long count(String appId) {
    try {
      if (!unreadable) {
        last = Math.max(last, read(appId));
      }
    } catch (Throwable e) {
      unreadable = true;
    }
    return last;
  }

  private static long read(String appId) {
    SparkContext context = Scala.orNull(SparkContext$.MODULE$.getActive());
    if (context == null || !context.applicationId().equals(appId)) {
      return 0; // another application of this JVM
    }
    Map<String, Counter> counters = context.listenerBus().metrics().metricRegistry().getCounters();
    Counter counter = counters.getOrDefault(OWN, counters.get(SHARED));
    return counter == null ? 0 : counter.getCount();
  }
}
