package io.sparkledger;

import java.util.Arrays;

/** One number a row, and the shortest form that the event stream has for them. */
final class LongColumn {
  private final String label;
  private final long absent;
  /** Values less {@code absent}, so that an untouched element is an absent one. */
  private long[] stored = new long[0];

  LongColumn(String label, long absent) {
    this.label = label;
    this.absent = absent;
  }

  /** Makes every row absent. */
  void clear(int rows) {
    if (stored.length < rows) {
      stored = new long[Math.max(rows, Math.min(2 * stored.length, TaskEndBlock.MAX_ROWS))];
    } else {
      Arrays.fill(stored, 0, rows, 0);
    }
  }

  void set(int row, long lessAbsent) {
    stored[row] = lessAbsent;
  }

  long get(int row) {
    return stored[row];
  }

  /** Writes the column, or nothing where every row is absent. */
  void encode(Json json, int rows) {
    long least = stored[0];
    long greatest = stored[0];
    for (int row = 1; row < rows; row++) {
      least = Math.min(least, stored[row]);
      greatest = Math.max(greatest, stored[row]);
    }
    if (least == 0 && greatest == 0) {
      return;
    }
    json.name(label);
    if (least == greatest) {
      json.beginObject().field("all", least + absent).endObject();
    } else if (least > 0 && Json.decimals(greatest - least) < Json.decimals(greatest)) {
      json.beginObject().field("base", least + absent).name("delta");
      array(json, rows, least);
      json.endObject();
    } else {
      array(json, rows, -absent);
    }
  }

  /** Writes the column of indexes into a dictionary. */
  void encode(Json json, int rows, String[] dictionary) {
    json.name(label).beginObject();
    if (sameThroughout(rows)) {
      json.field("all", dictionary[(int) stored[0]]);
    } else {
      json.name("dict").beginArray();
      for (String text : dictionary) {
        json.value(text);
      }
      json.endArray().name("idx");
      array(json, rows, 0);
    }
    json.endObject();
  }

  private void array(Json json, int rows, long base) {
    json.beginArray();
    for (int row = 0; row < rows; row++) {
      json.value(stored[row] - base);
    }
    json.endArray();
  }

  private boolean sameThroughout(int rows) {
    for (int row = 1; row < rows; row++) {
      if (stored[row] != stored[0]) {
        return false;
      }
    }
    return true;
  }
}
