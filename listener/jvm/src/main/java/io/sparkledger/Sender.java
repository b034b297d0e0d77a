package io.sparkledger;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The daemon thread that turns the buffer into batches and delivers them, in order, one at a time. */
final class Sender implements Runnable {
  /** How long the thread stays after the application's end: late stage, job and SQL ends still come. */
  private static final long LINGER_NS = TimeUnit.SECONDS.toNanos(60);
  /** How long it stays when the collector does not answer. */
  private static final long LONGEST_LINGER_NS = TimeUnit.MINUTES.toNanos(10);
  private static final long FLUSH_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final long WARN_EVERY_NS = TimeUnit.MINUTES.toNanos(1);
  private static final int MAX_CRASHES = 20;

  private final Config config;
  private final EventBuffer buffer;
  private final Runnable afterwards;
  private final HttpTransport transport;
  private final BatchWriter writer;
  private final Backoff backoff = new Backoff();
  private final Deque<Batch> pending = new ArrayDeque<>();

  private volatile String appId;
  private volatile String attemptId = "";
  private volatile boolean ended;

  private long endedAt;
  private long lastWorkAt = System.nanoTime();
  private long lastAttemptAt;
  private long nextAttemptAt = System.nanoTime();
  private boolean toldToWait;
  private boolean failing;
  private long warnedAt = System.nanoTime() - WARN_EVERY_NS;
  private long warnedDrops;

  Sender(Config config, EventBuffer buffer, Runnable afterwards) {
    this.config = config;
    this.buffer = buffer;
    this.afterwards = afterwards;
    transport = new HttpTransport(config);
    writer = new BatchWriter(config.gzip);
  }

  void start() {
    Thread thread = new Thread(null, this, "sparkledger-sender", 0);
    thread.setDaemon(true);
    thread.setContextClassLoader(Sender.class.getClassLoader());
    thread.start();
  }

  /** Nothing is sent before this: batches bear the application's name. */
  void identify(String app, String attempt) {
    attemptId = attempt == null ? "" : attempt;
    appId = app;
  }

  /** The application ended: the thread may go once nothing more comes. */
  void end() {
    ended = true;
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
    return now - endedAt > LONGEST_LINGER_NS || buffer.waitingEvents() == 0 && now - Math.max(endedAt, lastWorkAt) > LINGER_NS;
  }

  private void step() throws InterruptedException, IOException {
    buffer.awaitWork(pending.isEmpty() ? config.batchIntervalMs : Math.min(config.batchIntervalMs, millisUntilDue()));
    if (appId != null && (pending.isEmpty() || buffer.isFilling())) {
      encode();
    }
    if (!pending.isEmpty() && millisUntilDue() == 0) {
      attempt(pending.peek());
    }
    warnOfDrops();
  }

  private long millisUntilDue() {
    boolean hurry = buffer.isFlushing() && !toldToWait;
    long due = hurry ? Math.min(nextAttemptAt, lastAttemptAt + FLUSH_PAUSE_NS) : nextAttemptAt;
    return Math.max(0, TimeUnit.NANOSECONDS.toMillis(due - System.nanoTime() + 999_999));
  }

  private void encode() throws IOException {
    EventBuffer.Drained drained = buffer.drain();
    List<Batch> batches = writer.write(drained);
    pending.addAll(batches);
    buffer.encoded(drained, bytes(batches));
    lastWorkAt = System.nanoTime();
  }

  private void attempt(Batch batch) throws IOException {
    lastAttemptAt = System.nanoTime();
    HttpTransport.Answer answer = transport.post(batch, appId, attemptId, buffer.droppedEvents());
    switch (answer.verdict) {
      case ACCEPTED:
        pending.poll();
        recovered();
        buffer.delivered(batch.events(), batch.body.length);
        break;
      case TOO_LARGE:
        pending.poll();
        split(batch, answer.reason);
        break;
      case REFUSED:
        pending.poll();
        giveUp(batch, answer.reason);
        break;
      default:
        retryLater(answer);
    }
  }

  private void recovered() {
    backoff.reset();
    toldToWait = false;
    nextAttemptAt = System.nanoTime();
    if (failing) {
      failing = false;
      Log.info("the collector at " + config.endpoint + " accepts events again");
    }
  }

  private void split(Batch batch, String reason) throws IOException {
    if (!batch.isSplittable()) {
      giveUp(batch, reason);
      return;
    }
    Batch[] halves = batch.halves(writer.nextSeq());
    pending.addFirst(halves[1]);
    pending.addFirst(halves[0]);
    buffer.resized(bytes(Arrays.asList(halves)) - batch.body.length);
  }

  private void giveUp(Batch batch, String reason) {
    buffer.giveUp(batch.events(), batch.body.length);
    Log.warn("the collector refused batch " + batch.seq + ", so its " + batch.events() + " events are lost: " + reason);
  }

  private void retryLater(HttpTransport.Answer answer) {
    toldToWait = answer.retryAfterMs >= 0;
    long pauseMs = toldToWait ? Math.max(answer.retryAfterMs, backoff.nextMs()) : backoff.nextMs();
    nextAttemptAt = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(pauseMs);
    if (!failing) {
      failing = true;
      Log.warn("cannot deliver to " + config.endpoint + ": " + answer.reason + "; the job is not affected, events wait in memory");
    }
  }

  private void warnOfDrops() {
    long dropped = buffer.droppedEvents();
    long now = System.nanoTime();
    if (dropped > warnedDrops && now - warnedAt >= WARN_EVERY_NS) {
      Log.warn((dropped - warnedDrops) + " events dropped since the last report, " + dropped + " in all");
      warnedAt = now;
      warnedDrops = dropped;
    }
  }

  private static long bytes(List<Batch> batches) {
    long bytes = 0;
    for (Batch batch : batches) {
      bytes += batch.body.length;
    }
    return bytes;
  }
}
