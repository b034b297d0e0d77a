package io.sparkledger;

import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.SparkPlugin;

/**
 * The plugin that {@code spark.plugins=io.sparkledger.SparkledgerPlugin} names: the listener with a queue of its own, and what executors
 * see of their file systems, memory and machine.
 *
 * <p>An exception of an executor's plugin stops the executor, and Spark starts the next one, which stops too. So nothing leaves the three
 * classes that Spark calls: this one, {@link DriverSide} and {@link ExecutorSide}. Where one of them cannot be loaded, Spark gets no plugin.
 */
public final class SparkledgerPlugin implements SparkPlugin {
  @Override
  public DriverPlugin driverPlugin() {
    try {
      return new DriverSide();
    } catch (Throwable e) {
      return null; // what Spark takes as "none on this side"
    }
  }

  @Override
  public ExecutorPlugin executorPlugin() {
    try {
      return new ExecutorSide();
    } catch (Throwable e) {
      return null;
    }
  }
}
