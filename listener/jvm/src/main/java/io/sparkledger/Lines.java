package io.sparkledger;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/** Lines of the event stream as plain bytes, and how many events they hold: one each, or the rows of a block. */
final class Lines {
  private static final byte[] BLOCK = "{\"Event\":\"SparkledgerTaskEnds\",\"Count\":".getBytes(StandardCharsets.US_ASCII);

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(16 << 10);
  private long events;

  static Lines of(byte[] raw, int from, int to) {
    Lines lines = new Lines();
    lines.bytes.write(raw, from, to - from);
    for (int start = from; start < to; start = nextLine(raw, start)) {
      lines.events += eventsAt(raw, start);
    }
    return lines;
  }

  void add(byte[] line) {
    bytes.write(line, 0, line.length);
    events++;
  }

  void addBlock(Json block, int rows) throws IOException {
    block.writeLineTo(bytes);
    events += rows;
  }

  int length() {
    return bytes.size();
  }

  long events() {
    return events;
  }

  byte[] raw() {
    return bytes.toByteArray();
  }

  /** The body of a request. */
  byte[] body(boolean gzip) throws IOException {
    if (!gzip) {
      return raw();
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream(16 << 10);
    try (OutputStream out = new FastGzip(body)) {
      bytes.writeTo(out);
    }
    return body.toByteArray();
  }

  /** Where the line after the one at {@code start} begins. */
  static int nextLine(byte[] raw, int start) {
    int end = start;
    while (end < raw.length && raw[end] != '\n') {
      end++;
    }
    return end + 1;
  }

  /** How many events the line holds that begins there; a block says so itself. */
  static int eventsAt(byte[] raw, int start) {
    for (int i = 0; i < BLOCK.length; i++) {
      if (start + i >= raw.length || raw[start + i] != BLOCK[i]) {
        return 1;
      }
    }
    int rows = 0;
    for (int i = start + BLOCK.length; i < raw.length && raw[i] >= '0' && raw[i] <= '9'; i++) {
      rows = rows * 10 + raw[i] - '0';
    }
    return rows;
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
