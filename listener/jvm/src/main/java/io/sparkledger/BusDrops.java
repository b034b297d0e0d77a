package io.sparkledger;

import com.codahale.metrics.Counter;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkContext$;

/** How many events Spark's queue dropped before we saw them: on the shared one a slow neighbour can cause that. */
final class BusDrops {
  private static final String OWN = "queue." + OwnQueue.NAME + ".numDroppedEvents";
  private static final String SHARED = "queue.shared.numDroppedEvents";

  /**
   * What {@code SparkContext.getActive} reads, without its lock: {@code getOrCreate} holds that while it makes a context, and a context
   * that cannot be made waits for its bus, whose thread comes here.
   */
  private static final MethodHandle ACTIVE =
      Handles.getter(SparkContext$.class, "org$apache$spark$SparkContext$$activeContext", AtomicReference.class);

  private long last;
  private boolean unreadable = ACTIVE == null;

  /** The count of the application's bus; the last one that was read where the context is gone, 0 where this Spark hides it. */
  synchronized long count(String appId) {
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
    SparkContext context = (SparkContext) ((AtomicReference<?>) Handles.call(ACTIVE, SparkContext$.MODULE$)).get();
    if (context == null || !context.applicationId().equals(appId)) {
      return 0; // another application of this JVM
    }
    Map<String, Counter> counters = context.listenerBus().metrics().metricRegistry().getCounters();
    Counter counter = counters.getOrDefault(OWN, counters.get(SHARED));
    return counter == null ? 0 : counter.getCount();
  }
}
