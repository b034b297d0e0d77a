package io.sparkledger;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/** Makes numbered batches of what the buffer gave, each about a mebibyte before compression. Used on the sender thread only. */
final class BatchWriter {
  private static final int RAW_BYTES = 1 << 20;

  private final boolean gzip;
  private final Json json = new Json();
  private long lastSeq;

  BatchWriter(boolean gzip) {
    this.gzip = gzip;
  }

  long nextSeq() {
    return ++lastSeq;
  }

  List<Batch> write(EventBuffer.Drained drained) throws IOException {
    List<Batch> batches = new ArrayList<>();
    Lines lines = new Lines();
    for (byte[] line : drained.lines) {
      lines.add(line, line.length, 1);
      if (lines.rawBytes >= RAW_BYTES) {
        batches.add(lines.toBatch());
        lines = new Lines();
      }
    }
    for (TaskEndBlock block : drained.blocks) {
      block.encode(json.reset());
      lines.add(json, block.rows());
      if (lines.rawBytes >= RAW_BYTES) {
        batches.add(lines.toBatch());
        lines = new Lines();
      }
    }
    if (lines.rawBytes > 0) {
      batches.add(lines.toBatch());
    }
    return batches;
  }

  /** The bytes of a batch as they grow. */
  static final class Body {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(16 << 10);
    final OutputStream out;

    Body(boolean gzip) throws IOException {
      out = gzip ? new FastGzip(bytes) : bytes;
    }

    byte[] finish() throws IOException {
      out.close();
      return bytes.toByteArray();
    }
  }

  private final class Lines {
    private final Body body = new Body(gzip);
    private int[] events = new int[64];
    private int count;
    private long rawBytes;

    Lines() throws IOException {}

    void add(byte[] line, int length, int lineEvents) throws IOException {
      body.out.write(line, 0, length);
      counted(length, lineEvents);
    }

    void add(Json line, int lineEvents) throws IOException {
      line.writeLineTo(body.out);
      counted(line.length() + 1, lineEvents);
    }

    Batch toBatch() throws IOException {
      return new Batch(nextSeq(), body.finish(), gzip, Arrays.copyOf(events, count));
    }

    private void counted(int length, int lineEvents) {
      if (count == events.length) {
        events = Arrays.copyOf(events, count * 2);
      }
      events[count++] = lineEvents;
      rawBytes += length;
    }
  }

  private static final class FastGzip extends GZIPOutputStream {
    FastGzip(OutputStream out) throws IOException {
      super(out, 8192);
      def.setLevel(Deflater.BEST_SPEED);
    }

    /** Frees the deflater's native memory, which the super class leaves to the collector when closing fails. */
    @Override
    public void close() throws IOException {
      try {
        super.close();
      } finally {
        def.end();
      }
    }
  }
}
