package io.sparkledger;

import org.apache.spark.api.plugin.PluginContext;

/** An executor's part of the plugin: what its tasks read and write by stage, and what the process does in each interval. */
final class ExecutorCollection {
  private final Sampler sampler;
  /** Null where this Hadoop does not count by thread, or it is switched off. */
  private final StageIo stages;

  private ExecutorCollection(PluginConfig config, String executorId, boolean ownProcess, Sampler.Sink sink) {
    stages = config.tasks ? stagesOrNull() : null;
    sampler = Sampler.of(config, executorId, ownProcess, stages, sink);
  }

  /** Null where nothing is to be measured. Starts a thread and does nothing else, since it holds up the executor's start. */
  static ExecutorCollection start(PluginContext plugin) {
    PluginConfig config = PluginConfig.of(plugin.conf());
    if (!config.enabled) {
      return null;
    }
    String executorId = plugin.executorID();
    DriverCollection driver = Message.DRIVER.equals(executorId) ? DriverCollection.inThisJvm() : null;
    ExecutorCollection collection = new ExecutorCollection(config, executorId, driver == null, driver == null ? plugin::send : driver::receive);
    collection.sampler.start();
    return collection;
  }

  private static StageIo stagesOrNull() {
    try {
      return StageIo.orNull();
    } catch (LinkageError e) {
      return null; // a Hadoop without statistics of its own
    }
  }

  void taskStarted() {
    if (stages != null) {
      stages.taskStarted();
    }
  }

  void taskEnded() {
    if (stages != null) {
      stages.taskEnded();
    }
  }

  void end() {
    sampler.end();
  }
}
