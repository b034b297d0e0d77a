package io.sparkledger;

/**
 * Many task ends as columns of primitives. A row is stored field by field and counts once it is committed; a block that was sent is
 * cleared and used again, so that a steady stream allocates nothing.
 */
final class TaskEndBlock {
  static final int MAX_ROWS = 4_096;
  private static final int NUMBERS = TaskColumn.values().length;

  private final LongColumn[] numbers = new LongColumn[NUMBERS + ExecutorMetric.COUNT];
  private final TextColumn[] texts = new TextColumn[TaskTextColumn.values().length];
  private int rows;
  private long bytes;

  TaskEndBlock() {
    for (TaskColumn column : TaskColumn.values()) {
      numbers[column.ordinal()] = new LongColumn(column.label, column.absent);
    }
    for (int metric = 0; metric < ExecutorMetric.COUNT; metric++) {
      numbers[NUMBERS + metric] = new LongColumn(ExecutorMetric.NAMES[metric], 0);
    }
    for (TaskTextColumn column : TaskTextColumn.values()) {
      texts[column.ordinal()] = new TextColumn(column.label);
    }
  }

  void put(TaskColumn column, long value) {
    bytes += numbers[column.ordinal()].put(rows, value);
  }

  void putMetric(int executorMetric, long value) {
    bytes += numbers[NUMBERS + executorMetric].put(rows, value);
  }

  void put(TaskTextColumn column, String text) {
    bytes += texts[column.ordinal()].put(rows, text);
  }

  /** Ends the row that the puts since the last commit made. */
  void commit() {
    rows++;
  }

  /** Takes back the row that is not committed yet. */
  void rollback() {
    clear(rows, rows + 1);
  }

  int rows() {
    return rows;
  }

  boolean isFull() {
    return rows == MAX_ROWS;
  }

  /** What the columns hold of the heap. */
  long bytes() {
    return bytes;
  }

  /** Writes the block as one line of the event stream; docs/reference/event-stream.md describes it. */
  void encode(Json json) {
    json.beginObject().field("Event", "SparkledgerTaskEnds").field("Count", rows);
    for (LongColumn column : numbers) {
      column.encode(json, rows);
    }
    for (TextColumn column : texts) {
      column.encode(json, rows);
    }
    json.endObject();
  }

  void reset() {
    clear(0, rows);
    for (TextColumn column : texts) {
      bytes -= column.forget();
    }
    rows = 0;
  }

  private void clear(int fromRow, int toRow) {
    for (LongColumn column : numbers) {
      column.clear(fromRow, toRow);
    }
    for (TextColumn column : texts) {
      column.clear(fromRow, toRow);
    }
  }
}
