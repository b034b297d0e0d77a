package io.sparkledger;

import com.codahale.metrics.Counter;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkContext$;

/** How many events Spark's shared queue dropped before any of its listeners saw them: a slow neighbour can cause that. */
final class BusDrops {
  private static final String COUNTER = "queue.shared.numDroppedEvents";

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
    Counter counter = context.listenerBus().metrics().metricRegistry().getCounters().get(COUNTER);
    return counter == null ? 0 : counter.getCount();
  }
}
