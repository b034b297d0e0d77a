package io.sparkledger;

import java.util.Map;
import org.apache.spark.TaskFailedReason;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;

/**
 * What Spark calls in an executor; in local mode in the driver. Does the work in {@link ExecutorCollection}; lets nothing out, since an
 * exception of {@code init} would stop the executor. {@code PluginContext.hostname} is never asked: it fails on executors.
 */
public final class ExecutorSide implements ExecutorPlugin {
  /** What the driver's side says where it collects. */
  static final String COLLECT = "collect";

  private volatile ExecutorCollection collection;

  @Override
  public void init(PluginContext plugin, Map<String, String> fromDriver) {
    try {
      if (fromDriver != null && "true".equals(fromDriver.get(COLLECT))) {
        collection = ExecutorCollection.start(plugin);
      }
    } catch (Throwable e) {
      ignore(e);
    }
  }

  @Override
  public void shutdown() {
    try {
      if (collection != null) {
        collection.end();
      }
    } catch (Throwable e) {
      ignore(e);
    }
  }

  @Override
  public void onTaskStart() {
    try {
      if (collection != null) {
        collection.taskStarted();
      }
    } catch (Throwable e) {
      collection = null; // the rest of the executor's life is not measured
      ignore(e);
    }
  }

  @Override
  public void onTaskSucceeded() {
    taskEnded();
  }

  @Override
  public void onTaskFailed(TaskFailedReason reason) {
    taskEnded();
  }

  private void taskEnded() {
    try {
      if (collection != null) {
        collection.taskEnded();
      }
    } catch (Throwable e) {
      collection = null;
      ignore(e);
    }
  }

  private static void ignore(Throwable reason) {
    try {
      Log.warn("the plugin does not measure this executor: " + reason);
    } catch (Throwable e) {
      // Not even the log can be had.
    }
  }
}
