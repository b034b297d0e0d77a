package io.sparkledger;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;

/** Lines that travel together. The bytes and the number stay the same however often it is sent. */
final class Batch {
  final byte[] body;
  final boolean gzip;
  final long events;
  /** Before compression. */
  final int rawBytes;
  /** Number within the application, given when it is first sent; 0 before. */
  private long seq;

  Batch(Lines lines, boolean gzip) throws IOException {
    body = lines.body(gzip);
    this.gzip = gzip;
    events = lines.events();
    rawBytes = lines.length();
  }

  long seq() {
    return seq;
  }

  void number(long number) {
    seq = number;
  }

  /**
   * Two batches of half the lines each, or of half the rows where it is a single block; null where it cannot be divided. The first keeps
   * the number, since this batch was refused and nothing was stored under it.
   */
  Batch[] halves() throws IOException {
    byte[] raw = raw();
    int middle = middle(raw);
    Lines[] halves = middle < raw.length
        ? new Lines[] {Lines.of(raw, 0, middle), Lines.of(raw, middle, raw.length)}
        : BlockLine.halves(raw);
    if (halves == null) {
      return null;
    }
    Batch[] batches = {new Batch(halves[0], gzip), new Batch(halves[1], gzip)};
    batches[0].number(seq);
    return batches;
  }

  byte[] raw() throws IOException {
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

  /** The end of the line that holds the middle byte, or of the line before it where that is the last one. */
  private static int middle(byte[] raw) {
    int last = 0;
    for (int start = 0; start < raw.length; start = Lines.nextLine(raw, start)) {
      if (start > raw.length / 2 && last > 0) {
        return start;
      }
      last = start;
    }
    return last == 0 ? raw.length : last;
  }
}
