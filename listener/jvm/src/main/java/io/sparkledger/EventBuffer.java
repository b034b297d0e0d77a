package io.sparkledger;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.spark.scheduler.SparkListenerTaskEnd;

/**
 * What the bus thread hands to the sender: encoded lines and blocks of task ends, within a bound of bytes that also counts what the
 * sender holds. What does not fit is dropped and counted, task ends first: the last eighth is kept for the rare events, without which the
 * others could not be read. Every method takes the one lock for stores and swaps only.
 */
final class EventBuffer {
  /** What the sender takes at once. */
  static final class Drained {
    final List<byte[]> lines;
    final List<TaskEndBlock> blocks;
    final long bytes;

    final long events;

    private Drained(List<byte[]> lines, List<TaskEndBlock> blocks, long bytes) {
      this.lines = lines;
      this.blocks = blocks;
      this.bytes = bytes;
      long rows = 0;
      for (TaskEndBlock block : blocks) {
        rows += block.rows();
      }
      events = lines.size() + rows;
    }
  }

  /** Half of a batch: the sender is woken early then. */
  private static final long WAKE_BYTES = 512 << 10;
  private static final int LINE_OVERHEAD_BYTES = 24;
  private static final int MOST_BLOCK_BYTES = 1 << 20;
  private static final int BLOCKS_OF_A_DRAIN = 16;

  private final long maxBytes;
  private final int blockBytes;
  private final TaskEndReader reader;

  private List<byte[]> lines = new ArrayList<>();
  private List<TaskEndBlock> full = new ArrayList<>(BLOCKS_OF_A_DRAIN);
  private TaskEndBlock open;
  /** Blocks that were sent, to be used again. */
  private final ArrayDeque<TaskEndBlock> spares = new ArrayDeque<>();
  private long sparesBytes;
  private long waitingBytes;
  private long sendersBytes;

  private long accepted;
  private long delivered;
  private long givenUp;
  private long turnedAway;

  private boolean wake;
  /** Something did not fit since the sender took what waits. */
  private boolean overflowed;
  private int flushing;
  private boolean hopeless;
  private boolean closed;

  EventBuffer(long maxBytes, boolean errorText) {
    reader = new TaskEndReader(errorText);
    this.maxBytes = maxBytes;
    blockBytes = (int) Math.min(MOST_BLOCK_BYTES, maxBytes / 8);
    open = new TaskEndBlock(blockBytes);
  }

  synchronized void add(byte[] line) {
    if (closed || !fits(line.length + LINE_OVERHEAD_BYTES, maxBytes)) {
      overflow();
      return;
    }
    take(line);
  }

  /** Takes the end of the application whatever waits: it is small, and without it the run would seem to go on. */
  synchronized void addEnd(byte[] line) {
    if (closed) {
      overflow();
    } else {
      take(line);
    }
  }

  /**
   * Takes a task end.
   *
   * @param polled the executor's metrics, or null where none were polled while the task ran
   */
  synchronized void add(SparkListenerTaskEnd event, long[] polled) {
    if (closed || !fits(0, maxBytes - maxBytes / 8)) {
      overflow();
      return;
    }
    reader.read(event, polled, open);
    accepted++;
    if (open.isFull()) {
      seal();
      wakeWhenFilling();
    }
  }

  /** Counts an event that could not be encoded. */
  synchronized void turnAway() {
    turnedAway++;
  }

  /** Everything that waits, the open block included. */
  synchronized Drained drain() {
    wake = false;
    overflowed = false;
    seal();
    Drained drained = new Drained(lines, full, waitingBytes);
    lines = new ArrayList<>();
    full = new ArrayList<>(BLOCKS_OF_A_DRAIN);
    sendersBytes += waitingBytes;
    waitingBytes = 0;
    return drained;
  }

  /** The sender made batches of what it drained; its blocks may be used again. */
  void encoded(Drained drained, long batchBytes) {
    drained.blocks.forEach(TaskEndBlock::reset);
    synchronized (this) {
      sendersBytes += batchBytes - drained.bytes;
      for (TaskEndBlock block : drained.blocks) {
        if (sparesBytes + block.bytes() <= maxBytes / 4 && fits(block.bytes(), maxBytes / 2)) {
          spares.push(block);
          sparesBytes += block.bytes();
        }
      }
    }
  }

  /** A batch was acknowledged. */
  synchronized void delivered(long events, long batchBytes) {
    delivered += events;
    sendersBytes -= batchBytes;
    notifyAll();
  }

  /** A batch cannot be delivered. */
  synchronized void giveUp(long events, long batchBytes) {
    givenUp += events;
    sendersBytes -= batchBytes;
    notifyAll();
  }

  /** A batch was replaced by others. */
  synchronized void resized(long byBytes) {
    sendersBytes += byBytes;
  }

  synchronized boolean isFilling() {
    return flushing > 0 || overflowed || waitingBytes >= WAKE_BYTES;
  }

  /** Half of the bound is used: time to move to disk. */
  synchronized boolean isHalfFull() {
    return usedBytes() > maxBytes / 2;
  }

  /** Whether the sender has not taken everything. */
  synchronized boolean hasUndrained() {
    return !lines.isEmpty() || !full.isEmpty() || open.rows() > 0;
  }

  synchronized boolean isFlushing() {
    return flushing > 0;
  }

  /** What waits is safe and waiting longer would not deliver it: lets those who wait for a flush go. */
  synchronized void endFlush() {
    hopeless = true;
    notifyAll();
  }

  /** Waits until there is reason to drain, or the time is over. */
  synchronized void awaitWork(long millis) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    for (long left = millis; !wake && left > 0; left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())) {
      wait(left);
    }
    wake = false;
  }

  /** Hurries the sender and waits until it settled all that was accepted; says whether it did so in time. */
  synchronized boolean flush(long nanos) throws InterruptedException {
    long deadline = System.nanoTime() + nanos;
    long goal = accepted;
    flushing++;
    hopeless = false;
    try {
      wake = true;
      notifyAll();
      for (long left = nanos; !closed && !hopeless && delivered + givenUp < goal && left > 0; left = deadline - System.nanoTime()) {
        TimeUnit.NANOSECONDS.timedWait(this, Math.max(left, TimeUnit.MILLISECONDS.toNanos(1)));
      }
      return delivered + givenUp >= goal;
    } finally {
      flushing--;
    }
  }

  /** The sender is gone: what comes from now on is turned away. */
  synchronized void close() {
    closed = true;
    givenUp = accepted - delivered;
    lines.clear();
    full.clear();
    open.reset();
    releaseSpares();
    notifyAll();
  }

  synchronized long deliveredEvents() {
    return delivered;
  }

  /** Events that were given up for good: turned away, or refused by the collector. */
  synchronized long droppedEvents() {
    return turnedAway + givenUp;
  }

  /** Events that were accepted and are neither delivered nor given up. */
  synchronized long waitingEvents() {
    return accepted - delivered - givenUp;
  }

  private void take(byte[] line) {
    lines.add(line);
    waitingBytes += line.length + LINE_OVERHEAD_BYTES;
    accepted++;
    wakeWhenFilling();
  }

  private long usedBytes() {
    return waitingBytes + sendersBytes + open.bytes();
  }

  /** Whether so many bytes more keep to a limit; empty blocks make room before anything is dropped. */
  private boolean fits(long bytes, long limit) {
    if (usedBytes() + sparesBytes + bytes <= limit) {
      return true;
    }
    releaseSpares();
    return usedBytes() + bytes <= limit;
  }

  private void releaseSpares() {
    spares.clear();
    sparesBytes = 0;
  }

  private void seal() {
    if (open.rows() == 0) {
      return;
    }
    full.add(open);
    waitingBytes += open.bytes();
    open = spares.poll();
    if (open == null) {
      open = new TaskEndBlock(blockBytes);
    } else {
      sparesBytes -= open.bytes();
    }
  }

  /** Counts an event that does not fit. The first one wakes the sender; each would cost a switch of threads. */
  private void overflow() {
    turnedAway++;
    if (!overflowed) {
      overflowed = true;
      wakeSender();
    }
  }

  private void wakeWhenFilling() {
    if (waitingBytes >= WAKE_BYTES) {
      wakeSender();
    }
  }

  private void wakeSender() {
    if (!wake) {
      wake = true;
      notifyAll();
    }
  }
}
