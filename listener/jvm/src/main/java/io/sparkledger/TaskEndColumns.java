package io.sparkledger;

/** Turns the rows of blocks into columns and writes them as lines of the event stream; docs/reference/event-stream.md describes them. */
final class TaskEndColumns {
  /** The task's columns, then the executor's metrics. */
  private final LongColumn[] columns = new LongColumn[TaskColumn.COUNT + ExecutorMetric.COUNT];
  /** A bit a column that some row of the block has; {@link TaskEndBlock#POLLED} for the metrics. */
  private long seen;

  TaskEndColumns() {
    for (int column = 0; column < TaskColumn.COUNT; column++) {
      columns[column] = new LongColumn(TaskColumn.label(column), TaskColumn.absent(column));
    }
    for (int metric = 0; metric < ExecutorMetric.COUNT; metric++) {
      columns[TaskColumn.COUNT + metric] = new LongColumn(ExecutorMetric.NAMES[metric], 0);
    }
  }

  void encode(TaskEndBlock block, Json json) {
    transpose(block);
    json.beginObject().field("Event", "SparkledgerTaskEnds").field("Count", block.rows());
    for (int column = 0; column < TaskColumn.NUMBERS; column++) {
      if (has(column)) {
        columns[column].encode(json, block.rows());
      }
    }
    for (int column = TaskColumn.COUNT; has(TaskEndBlock.POLLED) && column < columns.length; column++) {
      columns[column].encode(json, block.rows());
    }
    for (int column = TaskColumn.NUMBERS; column < TaskColumn.COUNT; column++) {
      if (has(column)) {
        columns[column].encode(json, block.rows(), texts(block, column));
      }
    }
    json.endObject();
  }

  private boolean has(int column) {
    return (seen & 1L << column) != 0;
  }

  private void transpose(TaskEndBlock block) {
    seen = 0;
    long[] words = block.words();
    int at = 0;
    for (int row = 0; row < block.rows(); row++) {
      long present = words[at++];
      if ((present & ~seen) != 0) {
        clear(present & ~seen, block.rows());
        seen |= present;
      }
      for (long left = present; left != 0; left &= left - 1) {
        int column = Long.numberOfTrailingZeros(left);
        int values = column == TaskEndBlock.POLLED ? ExecutorMetric.COUNT : 1;
        for (int value = 0; value < values; value++) {
          columns[column + value].set(row, words[at++]);
        }
      }
    }
  }

  private void clear(long added, int rows) {
    for (long left = added; left != 0; left &= left - 1) {
      int column = Long.numberOfTrailingZeros(left);
      int values = column == TaskEndBlock.POLLED ? ExecutorMetric.COUNT : 1;
      for (int value = 0; value < values; value++) {
        columns[column + value].clear(rows);
      }
    }
  }

  private static String[] texts(TaskEndBlock block, int column) {
    Dictionary dictionary = block.texts(column);
    String[] texts = new String[dictionary.size()];
    for (int number = 0; number < texts.length; number++) {
      String text = dictionary.text(number);
      texts[number] = column == TaskColumn.ERROR ? Text.clean(text, Text.ERROR_CHARS) : text;
    }
    return texts;
  }
}
