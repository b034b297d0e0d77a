package io.sparkledger;

import java.util.Collections;
import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.PluginContext;

/** What Spark calls in the driver. Does the work in {@link DriverCollection}; lets nothing out. */
public final class DriverSide implements DriverPlugin {
  private volatile DriverCollection collection;

  /** Returns what the executors' side is told: whether there is anybody to collect for. */
  @Override
  public Map<String, String> init(SparkContext context, PluginContext plugin) {
    try {
      collection = DriverCollection.start(context);
      boolean collects = collection != null && collection.collects();
      return collects ? Collections.singletonMap(ExecutorSide.COLLECT, "true") : Collections.emptyMap();
    } catch (Throwable e) {
      ignore("cannot start", e);
      return Collections.emptyMap();
    }
  }

  /** Comes once Spark has named the application, after the listeners of {@code spark.extraListeners} were made. */
  @Override
  public void registerMetrics(String appId, PluginContext plugin) {
    try {
      if (collection != null) {
        collection.name(appId);
      }
    } catch (Throwable e) {
      ignore("cannot name the application", e);
    }
  }

  @Override
  public Object receive(Object message) {
    try {
      if (collection != null) {
        collection.receive(message);
      }
    } catch (Throwable e) {
      ignore("cannot take a message", e);
    }
    return null;
  }

  @Override
  public void shutdown() {
    try {
      if (collection != null) {
        collection.end();
      }
    } catch (Throwable e) {
      ignore("cannot end well", e);
    }
  }

  private static void ignore(String what, Throwable reason) {
    try {
      Log.warn("the plugin " + what + ": " + reason);
    } catch (Throwable e) {
      // Not even the log can be had.
    }
  }
}
