package io.sparkledger;

import java.util.concurrent.TimeUnit;
import org.apache.hadoop.util.ShutdownHookManager;

/**
 * Runs a last flush when the JVM exits. Hadoop's manager runs hooks one after another by priority and Spark stops its context in one of
 * priority 40, so a lower one comes when all events are in. Without Hadoop a plain hook does, at the same time as Spark's.
 */
final class ExitHook {
  private static final int AFTER_SPARK = 5;
  private static final long LIMIT_S = 30;

  private final Runnable action;
  private Thread plain;

  ExitHook(Runnable action) {
    this.action = action;
  }

  void install() {
    try {
      ShutdownHookManager.get().addShutdownHook(action, AFTER_SPARK, LIMIT_S, TimeUnit.SECONDS);
    } catch (Throwable e) {
      try {
        plain = new Thread(action, "sparkledger-exit");
        Runtime.getRuntime().addShutdownHook(plain);
      } catch (IllegalStateException exiting) {
        plain = null;
      }
    }
  }

  void remove() {
    try {
      if (plain == null) {
        ShutdownHookManager.get().removeShutdownHook(action);
      } else {
        Runtime.getRuntime().removeShutdownHook(plain);
      }
    } catch (Throwable e) {
      // The JVM is exiting already.
    }
  }
}
