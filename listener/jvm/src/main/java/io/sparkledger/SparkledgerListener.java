package io.sparkledger;

import org.apache.spark.SparkConf;
import org.apache.spark.SparkFirehoseListener;
import org.apache.spark.scheduler.SparkListenerApplicationEnd;
import org.apache.spark.scheduler.SparkListenerEvent;

/**
 * The listener that {@code spark.extraListeners=io.sparkledger.SparkledgerListener} names.
 *
 * <p>Spark stops the context when a listener lets a {@code LinkageError} out, and fails to start when a constructor throws anything but
 * {@code UnsupportedOperationException}, which it takes as "skip me". So nothing else leaves this class.
 */
public final class SparkledgerListener extends SparkFirehoseListener {
  private final Agent agent;
  private volatile boolean paused;

  /** Called by Spark with the live configuration of the context that is starting. */
  public SparkledgerListener(SparkConf conf) {
    this(start(conf));
  }

  SparkledgerListener(Agent agent) {
    this.agent = agent;
  }

  private static Agent start(SparkConf conf) {
    try {
      if (Claims.isClaimed(conf)) {
        throw new Config.Unusable("the application has a sparkledger listener already, its plugin");
      }
      return Agent.start(Config.of(conf));
    } catch (Config.Unusable e) {
      Log.warn("not listening: " + e.getMessage());
      throw new UnsupportedOperationException("sparkledger: " + e.getMessage());
    } catch (Throwable e) {
      Log.warn("not listening: " + e);
      throw new UnsupportedOperationException("sparkledger could not start: " + e);
    }
  }

  /** Takes no more events, but for the end of the application, and delivers what is there within the flush budget. */
  void pause() {
    paused = true;
    agent.deliver();
  }

  /** Where its events go, without a password. */
  String endpoint() {
    return agent.endpoint();
  }

  /** Takes events again; says whether it had stopped. */
  boolean resume() {
    boolean was = paused;
    paused = false;
    return was;
  }

  @Override
  public void onEvent(SparkListenerEvent event) {
    if (paused && !(event instanceof SparkListenerApplicationEnd)) {
      return;
    }
    try {
      agent.onEvent(event);
    } catch (Throwable e) {
      agent.failed(event, e);
    }
  }
}
