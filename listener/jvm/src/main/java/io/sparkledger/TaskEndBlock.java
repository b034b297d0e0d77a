package io.sparkledger;

import java.util.Arrays;

/**
 * Many task ends, row after row in one array: the bus thread writes at one place and leaves the rest to {@link TaskEndColumns}. A row is a
 * word that says which columns are present, and their values in the order of the columns; what is zero is not stored. A block that was
 * sent is cleared and used again, so that a steady stream allocates nothing.
 */
final class TaskEndBlock {
  static final int MAX_ROWS = 4_096;
  /** In the word that begins a row: the executor's metrics follow the columns. */
  static final int POLLED = TaskColumn.COUNT;

  private static final int MAX_ROW_WORDS = 1 + TaskColumn.COUNT + ExecutorMetric.COUNT;
  private static final int FIRST_WORDS = 2_048;
  private static final int MAX_TEXT_BYTES = 512 << 10;

  private final int maxWords;
  private final Dictionary[] texts = new Dictionary[TaskColumn.COUNT - TaskColumn.NUMBERS];
  private long[] words = new long[FIRST_WORDS];
  private int rows;
  /** Where the row begins that is being written. */
  private int start;
  private int next;
  private long present;
  private int textBytes;

  TaskEndBlock(int maxBytes) {
    maxWords = Math.max(FIRST_WORDS, maxBytes / Long.BYTES);
    for (int column = 0; column < texts.length; column++) {
      texts[column] = new Dictionary();
    }
  }

  /** Begins a row; what was put since the last {@link #commit} is forgotten. */
  void begin() {
    if (words.length - start < MAX_ROW_WORDS) {
      words = Arrays.copyOf(words, Math.min(maxWords, 2 * words.length));
    }
    present = 0;
    next = start + 1;
  }

  /** Stores a value less what {@link TaskColumn#absent} says of its column. Columns come in their order, each at most once a row. */
  void put(int column, long value) {
    // Without a branch: which metrics are zero changes from task to task.
    long isPresent = (value | -value) >>> 63;
    words[next] = value;
    next += (int) isPresent;
    present |= isPresent << column;
  }

  void put(int column, String text) {
    Dictionary dictionary = texts[column - TaskColumn.NUMBERS];
    textBytes -= dictionary.bytes();
    put(column, dictionary.numberOf(text));
    textBytes += dictionary.bytes();
  }

  /** Stores the executor's metrics, after all columns. */
  void putPolled(long[] metrics) {
    present |= 1L << POLLED;
    System.arraycopy(metrics, 0, words, next, metrics.length);
    next += metrics.length;
  }

  /** Ends the row. */
  void commit() {
    words[start] = present;
    start = next;
    rows++;
  }

  int rows() {
    return rows;
  }

  /** The rows one after another. */
  long[] words() {
    return words;
  }

  Dictionary texts(int column) {
    return texts[column - TaskColumn.NUMBERS];
  }

  boolean isFull() {
    return rows == MAX_ROWS || maxWords - start < MAX_ROW_WORDS || textBytes > MAX_TEXT_BYTES;
  }

  /** What the block holds of the heap. */
  long bytes() {
    return (long) words.length * Long.BYTES + textBytes;
  }

  void reset() {
    rows = 0;
    start = 0;
    textBytes = 0;
    for (Dictionary dictionary : texts) {
      dictionary.clear();
    }
  }
}
