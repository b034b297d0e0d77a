package io.sparkledger;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** The daemon thread that delivers what the buffer takes, in order, one batch at a time, and moves it to disk while nobody takes it. */
final class Sender implements Runnable {
  /** How long the thread stays after the application's end: late stage, job and SQL ends still come. */
  private static final long LINGER_NS = TimeUnit.SECONDS.toNanos(60);
  /** How long it stays when the collector does not answer. */
  private static final long LONGEST_LINGER_NS = TimeUnit.MINUTES.toNanos(10);
  /** How long the start of the application is waited for, whose event Spark's queue may have dropped. */
  private static final long NAMELESS_NS = TimeUnit.SECONDS.toNanos(30);
  private static final long FLUSH_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final long UNWELCOME_PAUSE_MS = TimeUnit.MINUTES.toMillis(1);
  private static final long WARN_EVERY_NS = TimeUnit.MINUTES.toNanos(1);
  private static final int MAX_CRASHES = 20;

  private final Config config;
  private final EventBuffer buffer;
  private final Runnable afterwards;
  private final BoundedTransport transport;
  private final Outbox outbox;
  private final Backoff backoff = new Backoff();
  private final BusDrops busDrops = new BusDrops();
  private final long startedAt = System.nanoTime();

  private volatile String appId;
  private volatile String attemptId = "";
  private volatile boolean ended;
  /** The application where its start never comes. */
  private volatile String expectedAppId;

  private long endedAt;
  private long lastWorkAt = System.nanoTime();
  private long lastAttemptAt;
  private long nextAttemptAt = System.nanoTime();
  /** The collector named a time, or refuses the sender: trying sooner is pointless even in a hurry. */
  private boolean toldToWait;
  private boolean unwelcome;
  private boolean failing;
  private long failingSince;
  /** A collector that is merely busy comes and goes within seconds; the log tells of it once a minute. */
  private boolean failureSaid;
  private long failureSaidAt = System.nanoTime() - WARN_EVERY_NS;
  private long refusalSaidAt = System.nanoTime() - WARN_EVERY_NS;
  private long warnedAt = System.nanoTime() - WARN_EVERY_NS;
  private long warnedDrops;

  Sender(Config config, EventBuffer buffer, Runnable afterwards) {
    this.config = config;
    this.buffer = buffer;
    this.afterwards = afterwards;
    expectedAppId = config.appId;
    transport = new BoundedTransport(config);
    outbox = new Outbox(config, buffer);
  }

  void start() {
    Thread thread = new Thread(null, this, "sparkledger-sender", 0);
    thread.setDaemon(true);
    thread.setContextClassLoader(Sender.class.getClassLoader());
    thread.start();
  }

  /** Nothing is sent before this: batches bear the application's name. The header states it in a spool. */
  void identify(String app, String attempt, byte[] header) {
    attemptId = attempt == null ? "" : attempt;
    outbox.identify(app, attemptId, header);
    appId = app;
  }

  void expect(String app) {
    expectedAppId = app;
  }

  /** The application ended: the thread may go once nothing more comes. */
  void end() {
    ended = true;
  }

  /** Whether nobody could say whose events these are: the context was never named, so it did not start. */
  boolean isNameless() {
    return appId == null && expectedAppId.isEmpty();
  }

  /** Puts what is not delivered on disk, and says what is there. For the thread that ends the application, when its patience is over. */
  Outbox.Spooled secure() {
    try {
      identifyByConf();
      if (appId != null && !outbox.isSecured()) {
        outbox.take(true);
      }
    } catch (Throwable e) {
      Log.warn("cannot spool what is left: " + e);
    }
    return outbox.spooled();
  }

  /** Events that were lost on Spark's own queue, as far as Spark tells. */
  long busDrops() {
    return busDrops.count(appId);
  }

  @Override
  public void run() {
    int crashes = 0;
    try {
      while (!isDone() && crashes < MAX_CRASHES) {
        try {
          step();
        } catch (InterruptedException e) {
          // Nobody of ours interrupts; the flag is cleared and the work goes on.
        } catch (Throwable e) {
          crashes++;
          Log.warn("the sender failed and goes on: " + e);
        }
      }
    } finally {
      secure();
      buffer.close();
      afterwards.run();
    }
  }

  private boolean isDone() {
    if (!ended) {
      return false;
    }
    long now = System.nanoTime();
    if (endedAt == 0) {
      endedAt = now;
    }
    boolean settled = buffer.waitingEvents() == 0 || isNameless();
    return now - endedAt > LONGEST_LINGER_NS || settled && now - Math.max(endedAt, lastWorkAt) > LINGER_NS;
  }

  private void step() throws InterruptedException, IOException {
    buffer.awaitWork(outbox.isEmpty() ? config.batchIntervalMs : Math.min(config.batchIntervalMs, millisUntilDue()));
    if (buffer.isFlushing() || System.nanoTime() - startedAt > NAMELESS_NS) {
      identifyByConf();
    }
    if (appId != null) {
      take();
      attempt();
    }
    leaveInTime();
    warnOfDrops();
  }

  /** The start of the application never came. */
  private void identifyByConf() {
    if (appId == null && !expectedAppId.isEmpty()) {
      identify(expectedAppId, config.attemptId, new byte[0]);
    }
  }

  private void take() throws IOException {
    boolean toDisk = (failing || buffer.isHalfFull()) && outbox.canSpool();
    if (outbox.isEmpty() || buffer.isFilling() || toDisk) {
      if (buffer.hasUndrained() || toDisk) {
        lastWorkAt = buffer.hasUndrained() ? System.nanoTime() : lastWorkAt;
        outbox.take(toDisk);
      }
    }
  }

  private long millisUntilDue() {
    boolean hurry = buffer.isFlushing() && !toldToWait;
    long due = hurry ? Math.min(nextAttemptAt, lastAttemptAt + FLUSH_PAUSE_NS) : nextAttemptAt;
    return Math.max(0, TimeUnit.NANOSECONDS.toMillis(due - System.nanoTime() + 999_999));
  }

  private void attempt() throws InterruptedException, IOException {
    if (millisUntilDue() > 0) {
      return;
    }
    Batch batch = outbox.next();
    if (batch == null) {
      return;
    }
    lastAttemptAt = System.nanoTime();
    HttpTransport.Answer answer = transport.post(batch, appId, attemptId, buffer.droppedEvents() + busDrops());
    switch (answer.verdict) {
      case ACCEPTED:
        recovered();
        outbox.delivered();
        break;
      case TOO_LARGE:
        if (!outbox.split()) {
          giveUp(batch, answer.reason);
        }
        break;
      case REFUSED:
        giveUp(batch, answer.reason);
        break;
      default:
        retryLater(answer);
    }
  }

  private void recovered() {
    backoff.reset();
    toldToWait = false;
    unwelcome = false;
    nextAttemptAt = System.nanoTime();
    failing = false;
    if (failureSaid) {
      failureSaid = false;
      Log.info("the collector at " + config.endpoint + " accepts events again");
    }
  }

  private void giveUp(Batch batch, String reason) {
    outbox.giveUp();
    long now = System.nanoTime();
    if (now - refusalSaidAt >= WARN_EVERY_NS) {
      refusalSaidAt = now;
      Log.warn("the collector refused batch " + batch.seq() + ", so its " + batch.events + " events are lost: " + reason);
    }
  }

  private void retryLater(HttpTransport.Answer answer) throws IOException {
    unwelcome = answer.verdict == HttpTransport.Verdict.UNWELCOME;
    toldToWait = unwelcome || answer.retryAfterMs >= 0;
    long least = unwelcome ? UNWELCOME_PAUSE_MS : answer.retryAfterMs;
    long now = System.nanoTime();
    nextAttemptAt = now + TimeUnit.MILLISECONDS.toNanos(Math.max(least, backoff.nextMs()));
    if (!failing) {
      failing = true;
      failingSince = now;
      take();
    }
    if (!failureSaid && now - failureSaidAt >= WARN_EVERY_NS) {
      failureSaid = true;
      failureSaidAt = now;
      sayThatEventsWait(answer.reason);
    }
  }

  private void sayThatEventsWait(String reason) {
    Path folder = outbox.spooled().folder;
    String place = folder == null ? "in memory" : "in " + folder;
    Log.warn("cannot deliver to " + config.endpoint + ": " + reason + "; the job is not affected, events wait " + place);
  }

  /** A collector that was away for longer than the end may take is not waited for again, once all is on disk and it was asked once more. */
  private void leaveInTime() {
    if (!failing || !buffer.isFlushing() || !outbox.isSecured()) {
      return;
    }
    long patience = TimeUnit.MILLISECONDS.toNanos(config.flushTimeoutMs);
    boolean lasting = System.nanoTime() - failingSince > patience && System.nanoTime() - lastAttemptAt < FLUSH_PAUSE_NS;
    if (unwelcome || lasting) {
      buffer.endFlush();
    }
  }

  private void warnOfDrops() {
    long now = System.nanoTime();
    if (now - warnedAt < WARN_EVERY_NS) {
      return;
    }
    long dropped = buffer.droppedEvents() + (appId == null ? 0 : busDrops());
    if (dropped > warnedDrops) {
      Log.warn((dropped - warnedDrops) + " events dropped since the last report, " + dropped + " in all");
      warnedAt = now;
      warnedDrops = dropped;
    }
  }
}
