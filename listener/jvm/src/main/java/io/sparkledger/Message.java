package io.sparkledger;

import java.util.ArrayList;
import java.util.List;

/** What an executor sends to the driver: its id, whether it was the last, and whole lines of the event stream. Types of the JDK only. */
final class Message {
  static final String DRIVER = "driver";
  /** Far below what Spark's RPC takes. */
  static final int MAX_BYTES = 256 << 10;

  private static final int PARTS = 3;

  final String executorId;
  final boolean last;
  final byte[] lines;

  private Message(String executorId, boolean last, byte[] lines) {
    this.executorId = executorId;
    this.last = last;
    this.lines = lines;
  }

  static Object of(String executorId, boolean last, byte[] lines) {
    return new Object[] {executorId, last, lines};
  }

  /** Null where it is none. */
  static Message read(Object sent) {
    if (!(sent instanceof Object[]) || ((Object[]) sent).length != PARTS) {
      return null;
    }
    Object[] parts = (Object[]) sent;
    if (!(parts[0] instanceof String) || !(parts[1] instanceof Boolean) || !(parts[2] instanceof byte[])) {
      return null;
    }
    byte[] lines = (byte[]) parts[2];
    return lines.length > MAX_BYTES ? null : new Message((String) parts[0], (Boolean) parts[1], lines);
  }

  /** The lines one by one, each with its line feed. */
  List<byte[]> split() {
    List<byte[]> split = new ArrayList<>();
    for (int start = 0; start < lines.length; ) {
      int next = Math.min(Lines.nextLine(lines, start), lines.length);
      split.add(java.util.Arrays.copyOfRange(lines, start, next));
      start = next;
    }
    return split;
  }
}
