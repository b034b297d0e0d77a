package io.sparkledger;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** What executors send, passed on as lines of the event stream within a rate that the driver can bear. Spark calls from several threads. */
final class ExecutorMessages {
  private static final byte[] PREFIX = "{\"Event\":\"Sparkledger".getBytes(StandardCharsets.US_ASCII);
  private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);
  /** What is above it is left out: totals are running ones, so that the next message makes up for it. */
  private static final long MAX_BYTES_A_SECOND = 2 << 20;
  private static final int MAX_EXECUTORS = 20_000;
  /** The longest that the end waits for the last messages of executors that are stopping. */
  private static final long LAST_WAIT_NS = TimeUnit.MILLISECONDS.toNanos(700);

  private final Consumer<byte[]> lines;
  private final long silentNs;
  /** When each executor that has not sent its last message sent one. */
  private final Map<String, Long> heard = new HashMap<>();
  private long secondBegan = System.nanoTime();
  private long bytesInSecond;
  private boolean warned;

  ExecutorMessages(Consumer<byte[]> lines, long intervalMs) {
    this.lines = lines;
    silentNs = TimeUnit.MILLISECONDS.toNanos(2 * intervalMs + 5_000);
  }

  void receive(Object sent) {
    Message message = Message.read(sent);
    if (message == null || !note(message)) {
      return;
    }
    for (byte[] line : message.split()) {
      if (isOurs(line)) {
        lines.accept(line);
      }
    }
  }

  /** Waits a moment for executors that were alive until now: Spark stops them while it stops the context. */
  synchronized void awaitLast() {
    long deadline = System.nanoTime() + LAST_WAIT_NS;
    try {
      for (long left = LAST_WAIT_NS; left > 0 && isAnyAlive(); left = deadline - System.nanoTime()) {
        TimeUnit.NANOSECONDS.timedWait(this, Math.max(left, TimeUnit.MILLISECONDS.toNanos(1)));
      }
    } catch (InterruptedException e) {
      // Somebody wants this thread to go on.
    }
  }

  private boolean isAnyAlive() {
    long now = System.nanoTime();
    return heard.values().stream().anyMatch(at -> now - at < silentNs);
  }

  /** Whether the message may pass. */
  private synchronized boolean note(Message message) {
    if (message.last) {
      heard.remove(message.executorId);
      notifyAll();
    } else if (!Message.DRIVER.equals(message.executorId) && (heard.size() < MAX_EXECUTORS || heard.containsKey(message.executorId))) {
      heard.put(message.executorId, System.nanoTime());
    }
    long now = System.nanoTime();
    if (now - secondBegan > SECOND_NS) {
      secondBegan = now;
      bytesInSecond = 0;
    }
    bytesInSecond += message.lines.length;
    boolean passes = message.last || bytesInSecond <= MAX_BYTES_A_SECOND;
    if (!passes && !warned) {
      warned = true;
      Log.warn("executors measure more than the driver passes on, so some intervals are left out; set spark.sparkledger.plugin.interval higher");
    }
    return passes;
  }

  private static boolean isOurs(byte[] line) {
    if (line.length <= PREFIX.length || line[line.length - 1] != '\n') {
      return false;
    }
    for (int i = 0; i < PREFIX.length; i++) {
      if (line[i] != PREFIX[i]) {
        return false;
      }
    }
    return true;
  }
}
