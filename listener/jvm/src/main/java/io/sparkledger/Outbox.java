package io.sparkledger;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;

/**
 * What waits for the collector, oldest first: batches in memory and segments on disk. The sender works on the first one; the end of the
 * application may put the rest on disk meanwhile, from another thread.
 */
final class Outbox {
  /** What waits on disk, and where; the folder is null where nothing does. */
  static final class Spooled {
    static final Spooled NOTHING = new Spooled(0, null);

    final long events;
    final Path folder;

    private Spooled(long events, Path folder) {
      this.events = events;
      this.folder = folder;
    }
  }

  /** In memory, on disk or both; never neither. */
  private static final class Entry {
    private Batch batch;
    private Spool.Segment segment;

    Entry(Batch batch, Spool.Segment segment) {
      this.batch = batch;
      this.segment = segment;
    }
  }

  private final EventBuffer buffer;
  private final Spool spool;
  private final BatchWriter writer = new BatchWriter();
  private final boolean gzip;
  private final Deque<Entry> waiting = new ArrayDeque<>();
  private long lastSeq;

  Outbox(Config config, EventBuffer buffer) {
    this.buffer = buffer;
    gzip = config.gzip;
    spool = new Spool(config);
  }

  /** Without the lock, which whoever writes to a slow disk may hold: the bus thread comes here. */
  void identify(String appId, String attemptId, byte[] header) {
    spool.identify(appId, attemptId, header);
  }

  synchronized boolean isEmpty() {
    return waiting.isEmpty();
  }

  /** Whether the disk can take more. */
  synchronized boolean canSpool() {
    return spool.isUsable();
  }

  /** Takes over what waits in the buffer; onto the disk, with all that waits here, if wanted and possible. */
  synchronized void take(boolean toDisk) throws IOException {
    boolean disk = toDisk && spool.isUsable();
    if (disk) {
      secure();
    }
    EventBuffer.Drained drained = buffer.drain();
    long[] kept = new long[1];
    long[] lost = {drained.events};
    try {
      writer.write(drained, disk, (lines, taskEnds) -> {
        if (!disk || !append(lines, taskEnds)) {
          kept[0] += keep(lines);
        }
        lost[0] -= lines.events();
      });
    } finally {
      buffer.encoded(drained, kept[0]);
      buffer.giveUp(lost[0], 0);
    }
  }

  /** The batch to send next, the same until it is settled; null where nothing waits. */
  synchronized Batch next() {
    for (Entry first = waiting.peek(); first != null; first = waiting.peek()) {
      if (first.batch == null && !load(first)) {
        continue;
      }
      if (first.batch.seq() == 0) {
        first.batch.number(++lastSeq);
      }
      return first.batch;
    }
    return null;
  }

  synchronized void delivered() {
    Entry first = remove();
    buffer.delivered(first.batch.events, first.batch.body.length);
  }

  /** The first batch can never be delivered. */
  synchronized void giveUp() {
    Entry first = remove();
    buffer.giveUp(first.batch.events, first.batch.body.length);
  }

  /** Replaces the first batch by two halves; says whether that was possible. */
  synchronized boolean split() throws IOException {
    Entry first = waiting.peek();
    Batch[] halves = first.batch.halves();
    if (halves == null) {
      return false;
    }
    writer.shrink(first.batch.rawBytes);
    remove();
    waiting.addFirst(new Entry(halves[1], null));
    waiting.addFirst(new Entry(halves[0], null));
    buffer.resized(halves[0].body.length + halves[1].body.length - first.batch.body.length);
    return true;
  }

  /** Whether a kill of the driver now would lose nothing. */
  synchronized boolean isSecured() {
    for (Entry entry : waiting) {
      if (entry.segment == null) {
        return false;
      }
    }
    return !buffer.hasUndrained();
  }

  synchronized Spooled spooled() {
    long events = 0;
    for (Entry entry : waiting) {
      events += entry.segment == null ? 0 : entry.segment.events();
    }
    return new Spooled(events, spool.folder());
  }

  /** Puts batches that wait in memory on disk, and keeps only the first one's bytes. */
  private void secure() throws IOException {
    Entry first = waiting.peek();
    // A copy, since making room for one entry removes others.
    for (Entry entry : new ArrayList<>(waiting)) {
      if (entry.segment == null && entry.batch != null) {
        entry.segment = store(entry.batch);
      }
      if (entry != first && entry.segment != null && entry.batch != null) {
        buffer.resized(-entry.batch.body.length);
        entry.batch = null;
      }
    }
  }

  private Spool.Segment store(Batch batch) throws IOException {
    // Asked first: where the disk takes no more, this is tried again and again, and decompressing is dear.
    if (!spool.isUsable() || !makeRoom(batch.rawBytes)) {
      return null;
    }
    byte[] raw = batch.raw();
    Lines lines = Lines.of(raw, 0, raw.length);
    Spool.Segment segment = spool.open(false);
    if (segment == null) {
      return null;
    }
    if (!spool.append(segment, lines)) {
      spool.delete(segment);
      return null;
    }
    // It is the copy of a batch and goes with it, so nothing may be added.
    Spool.close(segment);
    return segment;
  }

  private boolean append(Lines lines, boolean taskEnds) {
    if (!spool.isUsable() || !makeRoom(lines.length())) {
      return false;
    }
    Spool.Segment segment = openSegment(taskEnds);
    if (segment == null) {
      closeAll(taskEnds);
      segment = spool.open(taskEnds);
      if (segment == null) {
        return false;
      }
      waiting.addLast(new Entry(null, segment));
    }
    if (spool.append(segment, lines)) {
      return true;
    }
    if (segment.events() == 0) {
      waiting.removeLast(); // it was opened for these lines
      spool.delete(segment);
    }
    return false;
  }

  /** The one that takes more, unless something came after it that does not: lines of a kind stay in order. */
  private Spool.Segment openSegment(boolean taskEnds) {
    for (Iterator<Entry> entries = waiting.descendingIterator(); entries.hasNext(); ) {
      Spool.Segment segment = entries.next().segment;
      if (segment == null || !spool.isOpen(segment)) {
        return null;
      }
      if (segment.taskEnds == taskEnds) {
        return segment;
      }
    }
    return null;
  }

  /** Closes the segments of a kind before a new one is opened, else each would keep its file open until it is sent. */
  private void closeAll(boolean taskEnds) {
    for (Entry entry : waiting) {
      if (entry.segment != null && entry.segment.taskEnds == taskEnds) {
        Spool.close(entry.segment);
      }
    }
  }

  /** Deletes the oldest segments of task ends until the bytes fit, if that helps; says whether they do. */
  private boolean makeRoom(long bytes) {
    if (spool.excess(bytes) > removableBytes()) {
      return false;
    }
    for (Iterator<Entry> entries = waiting.iterator(); spool.excess(bytes) > 0 && entries.hasNext(); ) {
      Entry entry = entries.next();
      if (isRemovable(entry)) {
        entries.remove();
        buffer.giveUp(entry.segment.events(), 0);
        spool.delete(entry.segment);
      }
    }
    return spool.excess(bytes) <= 0;
  }

  private long removableBytes() {
    long bytes = 0;
    for (Entry entry : waiting) {
      bytes += isRemovable(entry) ? entry.segment.bytes() : 0;
    }
    return bytes;
  }

  private static boolean isRemovable(Entry entry) {
    return entry.batch == null && entry.segment.taskEnds;
  }

  private long keep(Lines lines) throws IOException {
    Batch batch = new Batch(lines, gzip);
    waiting.addLast(new Entry(batch, null));
    return batch.body.length;
  }

  /** Reads a segment back; where that fails its events are given up, and the next entry comes first. */
  private boolean load(Entry entry) {
    try {
      entry.batch = new Batch(spool.read(entry.segment), gzip);
      buffer.resized(entry.batch.body.length);
      return true;
    } catch (IOException | RuntimeException e) {
      Log.warn("cannot read the spool back, so " + entry.segment.events() + " events are lost: " + e);
      waiting.poll();
      buffer.giveUp(entry.segment.events(), 0);
      spool.delete(entry.segment);
      return false;
    }
  }

  private Entry remove() {
    Entry first = waiting.poll();
    if (first.segment != null) {
      spool.delete(first.segment);
    }
    return first;
  }
}
