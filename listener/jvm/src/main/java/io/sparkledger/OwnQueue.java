package io.sparkledger;

import java.lang.reflect.Method;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.LiveListenerBus;
import org.apache.spark.scheduler.SparkListenerInterface;
import scala.Option;

/** Gives the listener a queue of Spark's bus for itself, so that a slow neighbour on the shared one cannot make it lose events. */
final class OwnQueue {
  static final String NAME = "sparkledger";

  private static final String CAPACITY = "spark.scheduler.listenerbus.eventqueue." + NAME + ".capacity";
  /** Events that may wait: three times Spark's default, since there is nobody else to slow the queue. */
  private static final String DEFAULT_CAPACITY = "30000";

  private OwnQueue() {}

  /** Listens on the own queue, else on the shared one. */
  static void listen(SparkContext context, SparkListenerInterface listener) {
    try {
      if (!context.conf().contains(CAPACITY)) {
        context.conf().set(CAPACITY, DEFAULT_CAPACITY);
      }
      context.listenerBus().addToQueue(listener, NAME);
    } catch (Throwable e) {
      try {
        addWithOption(context.listenerBus(), listener);
      } catch (Throwable alike) {
        Log.warn("no queue of our own can be had, so the shared one is used: " + e);
        context.addSparkListener(listener);
      }
    }
  }

  /** Some runtimes give the method a third parameter. Source: the reflective call of other listeners on Databricks, read 2026-11. */
  private static void addWithOption(LiveListenerBus bus, SparkListenerInterface listener) throws ReflectiveOperationException {
    for (Method method : LiveListenerBus.class.getMethods()) {
      Class<?>[] parameters = method.getParameterTypes();
      if (method.getName().equals("addToQueue") && parameters.length == 3 && parameters[2] == Option.class) {
        method.invoke(bus, listener, NAME, Option.empty());
        return;
      }
    }
    throw new NoSuchMethodException("addToQueue");
  }
}
