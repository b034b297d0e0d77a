package io.sparkledger;

import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;

/** The driver's part of the plugin: the agent on a queue of its own, the driver's own measurements, and those that executors send. */
final class DriverCollection {
  /** The one of this JVM, for an executor that runs in the driver: its last message would come too late over RPC. */
  private static volatile DriverCollection inThisJvm;

  private final Agent agent;
  private final String claim;
  private final ExecutorMessages messages;
  /** Null where nothing is to be measured. */
  private final Sampler sampler;

  private DriverCollection(Agent agent, String claim, PluginConfig config) {
    this.agent = agent;
    this.claim = claim;
    messages = new ExecutorMessages(agent::add, config.intervalMs);
    sampler = config.enabled ? Sampler.of(config, Message.DRIVER, true, null, messages::receive) : null;
  }

  /** Null where there is nothing to listen for; says so in the log. */
  static DriverCollection start(SparkContext context) throws Exception {
    SparkConf conf = context.conf();
    Agent agent;
    try {
      agent = Agent.start(Config.nameless(conf));
    } catch (Config.Unusable e) {
      Log.warn("not listening: " + e.getMessage());
      return null;
    }
    OwnQueue.listen(context, new SparkledgerListener(agent));
    DriverCollection collection = new DriverCollection(agent, Claims.claim(conf), PluginConfig.of(conf));
    inThisJvm = collection;
    if (collection.sampler != null) {
      collection.sampler.start();
    }
    return collection;
  }

  /** Whether executors are to measure anything. */
  boolean collects() {
    return sampler != null;
  }

  static DriverCollection inThisJvm() {
    return inThisJvm;
  }

  void name(String appId) {
    agent.name(appId);
  }

  void receive(Object message) {
    messages.receive(message);
  }

  /** Spark 3 calls this after its bus is drained, Spark 4 before: so it waits for delivery of what came until now and no more. */
  void end() {
    inThisJvm = null;
    Claims.release(claim);
    if (sampler != null) {
      sampler.end();
      messages.awaitLast();
    }
    agent.flushBeforeExit();
  }
}
