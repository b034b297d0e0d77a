package io.sparkledger;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;
import java.util.concurrent.TimeUnit;

/**
 * What could not be delivered, on disk: one folder an application in the layout of Spark's rolling event log, whose files hold plain lines of
 * the event stream. A driver that is killed leaves a folder that {@code sparkledger import} reads. Guarded by its {@link Outbox}.
 */
final class Spool {
  /** One file. Lines are appended until it is full or is to be sent. */
  static final class Segment {
    final boolean taskEnds;
    private final Path path;
    private SeekableByteChannel channel;
    private long bytes;
    private long events;

    private Segment(Path path, boolean taskEnds) {
      this.path = path;
      this.taskEnds = taskEnds;
    }

    long events() {
      return events;
    }

    long bytes() {
      return bytes;
    }
  }

  private static final int SEGMENT_BYTES = 1 << 20;
  private static final long RETRY_NS = TimeUnit.MINUTES.toNanos(1);

  private final SpoolDirectory directory;
  private final long maxBytes;
  private volatile String appId;
  private volatile String attemptId;
  private volatile byte[] header = new byte[0];

  private Path folder;
  private int files;
  private int segments;
  private long bytes;
  private long othersBytes;
  private boolean broken;
  private long brokenAt;

  Spool(Config config) {
    directory = new SpoolDirectory(config.spoolDirectory, config.spoolShared);
    maxBytes = config.spoolBytes;
  }

  /** Says whose events these are; the header's lines state it again in the folder, so that a part of a run can be imported alone. */
  void identify(String app, String attempt, byte[] headerLines) {
    attemptId = attempt;
    header = headerLines;
    appId = app; // the last, since it makes the spool usable
  }

  /** Whether it makes sense to try: it is allowed, and writing did not fail within the last minute. */
  boolean isUsable() {
    return maxBytes > 0 && appId != null && !(broken && System.nanoTime() - brokenAt < RETRY_NS);
  }

  /** Bytes that have to go before that many more fit. */
  long excess(long more) {
    return folder == null ? 0 : bytes + othersBytes + more - maxBytes;
  }

  /** A new segment, or null where the disk refuses. */
  Segment open(boolean taskEnds) {
    try {
      // Whoever cleans up temporary files may have taken the folder.
      if (folder == null || !Files.isDirectory(folder)) {
        folder = begin();
      }
      othersBytes = Math.max(0, directory.bytes() - bytes);
      Path path = folder.resolve("events_" + ++files + "_" + SpoolDirectory.safe(appId));
      Segment segment = new Segment(path, taskEnds);
      segment.channel = create(path);
      segments++;
      return segment;
    } catch (IOException | RuntimeException e) {
      failed(e);
      return null;
    }
  }

  /** Appends all lines or none, and says which. A segment that failed takes no more. */
  boolean append(Segment segment, Lines lines) {
    try {
      write(segment.channel, lines.raw());
    } catch (IOException | RuntimeException e) {
      failed(e);
      cutBack(segment);
      return false;
    }
    broken = false;
    segment.bytes += lines.length();
    segment.events += lines.events();
    bytes += lines.length();
    if (segment.bytes >= SEGMENT_BYTES) {
      close(segment);
    }
    return true;
  }

  boolean isOpen(Segment segment) {
    return segment.channel != null;
  }

  /** The lines of a segment, which takes no more from now on. */
  Lines read(Segment segment) throws IOException {
    close(segment);
    byte[] raw = Files.readAllBytes(segment.path);
    return Lines.of(raw, 0, (int) Math.min(raw.length, segment.bytes));
  }

  /** Deletes a segment; with the last one goes the folder. */
  void delete(Segment segment) {
    close(segment);
    bytes -= segment.bytes;
    segments--;
    try {
      Files.deleteIfExists(segment.path);
      if (segments == 0) {
        Path emptied = folder;
        folder = null;
        bytes = 0;
        SpoolDirectory.remove(emptied);
      }
    } catch (IOException | RuntimeException e) {
      failed(e);
    }
  }

  /** Where the files are, or null where there are none. */
  Path folder() {
    return folder;
  }

  /** Makes the folder with its header, or leaves nothing behind. */
  private Path begin() throws IOException {
    Path begun = directory.create(appId, attemptId);
    try {
      if (header.length > 0) {
        try (SeekableByteChannel channel = create(begun.resolve("events_0_" + SpoolDirectory.safe(appId)))) {
          write(channel, header);
        }
      }
      return begun;
    } catch (IOException | RuntimeException e) {
      SpoolDirectory.remove(begun);
      throw e;
    }
  }

  private static SeekableByteChannel create(Path path) throws IOException {
    EnumSet<StandardOpenOption> options = EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    return FileChannel.open(path, options, SpoolDirectory.permissions(path, "rw-------"));
  }

  private static void write(SeekableByteChannel channel, byte[] raw) throws IOException {
    for (ByteBuffer rest = ByteBuffer.wrap(raw); rest.hasRemaining(); ) {
      channel.write(rest);
    }
  }

  /** A full disk may have taken half a line. */
  private void cutBack(Segment segment) {
    try {
      segment.channel.truncate(segment.bytes);
    } catch (IOException | RuntimeException e) {
      // What is beyond the known length is not read back, and an import reports it as one bad line.
    }
    close(segment);
  }

  /** A closed segment takes no more. */
  static void close(Segment segment) {
    try {
      if (segment.channel != null) {
        segment.channel.close();
      }
    } catch (IOException e) {
      // Its bytes were written before; nothing is buffered here.
    }
    segment.channel = null;
  }

  private void failed(Exception reason) {
    if (!broken) {
      Log.warn("cannot spool to disk, so events wait in memory: " + reason);
    }
    broken = true;
    brokenAt = System.nanoTime();
  }
}
