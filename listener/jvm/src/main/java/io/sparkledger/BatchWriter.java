package io.sparkledger;

import java.io.IOException;

/** Cuts what the buffer gave into runs of lines, each about a mebibyte before compression. */
final class BatchWriter {
  interface Sink {
    /** Takes lines that travel together; {@code taskEnds} where they are blocks and nothing else. */
    void take(Lines lines, boolean taskEnds) throws IOException;
  }

  private static final int MOST_RAW_BYTES = 1 << 20;
  private static final int LEAST_RAW_BYTES = 16 << 10;

  private final Json json = new Json();
  private final TaskEndColumns columns = new TaskEndColumns();
  private int rawBytes = MOST_RAW_BYTES;

  /** A batch of that many bytes was refused as too large: the next ones are half of it. */
  void shrink(int refusedRawBytes) {
    rawBytes = Math.max(LEAST_RAW_BYTES, Math.min(rawBytes, refusedRawBytes / 2));
  }

  /**
   * Hands everything that was drained to the sink.
   *
   * @param apart whether task ends come apart from the rare events
   */
  void write(EventBuffer.Drained drained, boolean apart, Sink sink) throws IOException {
    Lines lines = new Lines();
    for (byte[] line : drained.lines) {
      lines.add(line);
      lines = handOver(lines, false, rawBytes, sink);
    }
    lines = handOver(lines, false, apart ? 1 : rawBytes, sink);
    boolean taskEnds = lines.length() == 0;
    for (TaskEndBlock block : drained.blocks) {
      columns.encode(block, json.reset());
      lines.addBlock(json, block.rows());
      Lines rest = handOver(lines, taskEnds, rawBytes, sink);
      taskEnds |= rest != lines;
      lines = rest;
    }
    handOver(lines, taskEnds, 1, sink);
  }

  private static Lines handOver(Lines lines, boolean taskEnds, int fromBytes, Sink sink) throws IOException {
    if (lines.length() < fromBytes) {
      return lines;
    }
    sink.take(lines, taskEnds);
    return new Lines();
  }
}
