package io.sparkledger;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;

/** Lines that travel together. The bytes and the number stay the same however often it is sent. */
final class Batch {
  final long seq;
  final byte[] body;
  final boolean gzip;
  /** Events of each line: one, or the rows of a block. */
  private final int[] eventsPerLine;

  Batch(long seq, byte[] body, boolean gzip, int[] eventsPerLine) {
    this.seq = seq;
    this.body = body;
    this.gzip = gzip;
    this.eventsPerLine = eventsPerLine;
  }

  long events() {
    long events = 0;
    for (int count : eventsPerLine) {
      events += count;
    }
    return events;
  }

  boolean isSplittable() {
    return eventsPerLine.length > 1;
  }

  /** Two batches of half the lines each. The first keeps the number, since this batch was refused and nothing was stored under it. */
  Batch[] halves(long secondSeq) throws IOException {
    byte[] raw = raw();
    int firstLines = eventsPerLine.length / 2;
    int end = 0;
    for (int line = 0; line < firstLines; end++) {
      if (raw[end] == '\n') {
        line++;
      }
    }
    return new Batch[] {part(seq, raw, 0, end, 0, firstLines), part(secondSeq, raw, end, raw.length, firstLines, eventsPerLine.length)};
  }

  private Batch part(long partSeq, byte[] raw, int from, int to, int fromLine, int toLine) throws IOException {
    BatchWriter.Body part = new BatchWriter.Body(gzip);
    part.out.write(raw, from, to - from);
    return new Batch(partSeq, part.finish(), gzip, Arrays.copyOfRange(eventsPerLine, fromLine, toLine));
  }

  private byte[] raw() throws IOException {
    if (!gzip) {
      return body;
    }
    ByteArrayOutputStream raw = new ByteArrayOutputStream(body.length * 8);
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(body))) {
      byte[] chunk = new byte[8192];
      for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
        raw.write(chunk, 0, read);
      }
    }
    return raw.toByteArray();
  }
}
