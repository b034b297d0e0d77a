package io.sparkledger;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.apache.spark.scheduler.SparkListenerApplicationEnd;
import org.apache.spark.scheduler.SparkListenerApplicationStart;
import org.apache.spark.scheduler.SparkListenerEvent;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerStageCompleted;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;

/** Listens to one application: takes each event where it belongs, and ends in time. */
final class Agent {
  /** How long the end waits for the disk after the collector; with the longest {@code flush.timeout} all that Hadoop gives a hook. */
  private static final long SECURE_MS = 5_000;

  private final Config config;
  private final EventBuffer buffer;
  private final Sender sender;
  private final ApplicationEvents application;
  private final EventEncoder encoder;
  private final ExecutorPeaks peaks = new ExecutorPeaks();
  /** The executor's metrics of the task end that is being taken. */
  private final long[] taskMetrics = new long[ExecutorMetric.COUNT];
  private final FailureGuard guard = new FailureGuard();
  private final ExitHook exitHook = new ExitHook(this::flushBeforeExit);
  private volatile String claimed;
  /** What is left of {@code flush.timeout}: the end of the application and the exit of the JVM share it. */
  private long budgetNanos;

  private Agent(Config config) throws IOException {
    this.config = config;
    claimed = config.appId;
    buffer = new EventBuffer(config.bufferBytes, config.sqlText);
    application = new ApplicationEvents(config);
    encoder = new EventEncoder(application, config.sqlText);
    budgetNanos = TimeUnit.MILLISECONDS.toNanos(config.flushTimeoutMs);
    sender = new Sender(config, buffer, this::senderEnded);
  }

  /** Starts the sender. Throws {@code Unusable} where the application has a listener of ours already. */
  static Agent start(Config config) throws Config.Unusable, IOException {
    Agent agent = new Agent(config);
    if (!Claims.claim(config.appId)) {
      throw new Config.Unusable("application " + config.appId + " has a sparkledger listener already");
    }
    agent.buffer.add(ApplicationEvents.logStart(SparkVersion.get()));
    byte[] platform = Platform.line(agent.application.redactor());
    if (platform != null) {
      agent.buffer.add(platform);
    }
    agent.exitHook.install();
    agent.sender.start();
    Log.info("listening; events go to " + config.endpoint);
    return agent;
  }

  /** The name that Spark gave the application, before its start comes; other listeners of ours find it taken. */
  void name(String appId) {
    Claims.claim(appId);
    claimed = appId;
    sender.expect(appId);
  }

  /** Waits for the delivery of what came until now, within what is left of the budget; not where the context did not start. */
  void flushBeforeExit() {
    if (sender.isNameless()) {
      sender.end();
    } else if (buffer.waitingEvents() > 0) {
      flush();
    }
  }

  void onEvent(SparkListenerEvent event) {
    if (event instanceof SparkListenerTaskStart) {
      return;
    }
    try {
      if (guard.isOff(event.getClass())) {
        buffer.turnAway();
      } else {
        take(event);
      }
    } finally {
      // Also where events are not read any more: else nothing would be delivered in time, and the sender would wait for an end for ever.
      if (event instanceof SparkListenerApplicationEnd) {
        flushAtEnd();
      }
    }
  }

  /** An event could not be read: counts it, and never throws. */
  void failed(SparkListenerEvent event, Throwable reason) {
    try {
      buffer.turnAway();
      guard.failed(event.getClass(), reason);
    } catch (Throwable e) {
      // Nothing is left to do that could not fail again.
    }
  }

  String endpoint() {
    return config.endpoint.toString();
  }

  ApplicationEvents application() {
    return application;
  }

  /** Adds a line that no event brought. */
  void add(byte[] line) {
    buffer.add(line);
  }

  /** Names the application; its start as a line states the same to whoever imports a spool. */
  void identify(String appId, String attemptId, byte[] startLine) {
    Claims.claim(appId);
    claimed = appId;
    sender.identify(appId, attemptId, startLine);
  }

  /** Delivers what is there, within a budget of its own: the application goes on. */
  void deliver() {
    flush(TimeUnit.MILLISECONDS.toNanos(config.flushTimeoutMs), false);
  }

  private void take(SparkListenerEvent event) {
    if (event instanceof SparkListenerTaskEnd) {
      takeTaskEnd((SparkListenerTaskEnd) event);
      return;
    }
    if (event instanceof SparkListenerExecutorMetricsUpdate) {
      peaks.heartbeat((SparkListenerExecutorMetricsUpdate) event);
      return;
    }
    if (event instanceof SparkListenerStageSubmitted) {
      peaks.submitted(((SparkListenerStageSubmitted) event).stageInfo());
    } else if (event instanceof SparkListenerStageCompleted) {
      for (byte[] line : peaks.completed(((SparkListenerStageCompleted) event).stageInfo())) {
        buffer.add(line);
      }
    }
    byte[] line = encoder.encode(event);
    if (line != null && event instanceof SparkListenerApplicationEnd) {
      buffer.addEnd(line);
    } else if (line != null) {
      buffer.add(line);
    }
    if (event instanceof SparkListenerApplicationStart) {
      SparkListenerApplicationStart start = (SparkListenerApplicationStart) event;
      String appId = Scala.orNull(start.appId());
      identify(appId == null ? config.appId : appId, Scala.orNull(start.appAttemptId()), line);
    }
  }

  private void takeTaskEnd(SparkListenerTaskEnd event) {
    if (event.taskInfo() != null) {
      long[] polled = ExecutorMetric.read(event.taskExecutorMetrics(), taskMetrics) ? taskMetrics : null;
      buffer.add(event, polled);
      peaks.taskEnded(event, polled);
    }
  }

  /** Spark waits for this callback without limit, so it keeps to the budget. Later events still come and are still sent. */
  private void flushAtEnd() {
    sender.end();
    Outbox.Spooled onDisk = flush();
    long spooled = onDisk.events;
    long lost = buffer.droppedEvents() + sender.busDrops() + Math.max(0, buffer.waitingEvents() - spooled);
    StringBuilder outcome = new StringBuilder("delivered ").append(buffer.deliveredEvents()).append(" events to ").append(config.endpoint);
    if (spooled > 0) {
      outcome.append("; ").append(spooled).append(" wait in ").append(onDisk.folder).append(", which `sparkledger import` reads");
    }
    if (lost > 0) {
      outcome.append("; ").append(lost).append(" could not be delivered");
    }
    if (spooled + lost > 0) {
      Log.warn(outcome.toString());
    } else {
      Log.info(outcome.append("; none are missing").toString());
    }
  }

  /** Two threads may end an application at once: its bus and the one that stops the context. */
  private synchronized Outbox.Spooled flush() {
    long started = System.nanoTime();
    Outbox.Spooled onDisk = flush(budgetNanos, true);
    budgetNanos = Math.max(0, budgetNanos - (System.nanoTime() - started));
    return onDisk;
  }

  /**
   * Says what is on disk instead. A disk that hangs is not waited for. What comes meanwhile, such as the last words of executors, is
   * waited for at the end alone: there it ceases.
   */
  private Outbox.Spooled flush(long nanos, boolean atEnd) {
    if (sender.isNameless()) {
      return Outbox.Spooled.NOTHING;
    }
    try {
      long deadline = System.nanoTime() + nanos;
      boolean settled = buffer.flush(nanos);
      while (settled && atEnd && buffer.waitingEvents() > 0 && deadline - System.nanoTime() > 0) {
        settled = buffer.flush(deadline - System.nanoTime());
      }
    } catch (InterruptedException e) {
      // Somebody wants this thread to go on. A flag left set would make Spark remove the listener.
    }
    return buffer.waitingEvents() > 0 ? InTime.call("spooling", sender::secure, SECURE_MS, Outbox.Spooled.NOTHING) : Outbox.Spooled.NOTHING;
  }

  private void senderEnded() {
    exitHook.remove();
    Claims.release(claimed);
  }
}
