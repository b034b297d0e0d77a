package io.sparkledger;

import java.util.Arrays;

/** One number a row. Rows that were never stored hold {@code absent}; arrays grow only as far as a value was stored. */
final class LongColumn {
  private static final int FIRST_ROWS = 64;

  private final String label;
  private final long absent;
  /** Values less {@code absent}, so that an untouched element is an absent one. */
  private long[] stored = new long[0];

  LongColumn(String label, long absent) {
    this.label = label;
    this.absent = absent;
  }

  /** Stores a value and says how many bytes that took from the heap. */
  int put(int row, long value) {
    long difference = value - absent;
    if (difference == 0) {
      return 0;
    }
    int grown = row < stored.length ? 0 : grow(row + 1);
    stored[row] = difference;
    return grown;
  }

  void clear(int fromRow, int toRow) {
    if (fromRow < stored.length) {
      Arrays.fill(stored, fromRow, Math.min(toRow, stored.length), 0);
    }
  }

  void encode(Json json, int rows) {
    if (stored.length < rows) {
      if (allAbsent(rows)) {
        return;
      }
      grow(rows);
    }
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

  private void array(Json json, int rows, long base) {
    json.beginArray();
    for (int row = 0; row < rows; row++) {
      json.value(stored[row] - base);
    }
    json.endArray();
  }

  private boolean allAbsent(int rows) {
    for (int row = 0; row < Math.min(rows, stored.length); row++) {
      if (stored[row] != 0) {
        return false;
      }
    }
    return true;
  }

  private int grow(int rows) {
    int before = stored.length;
    int size = Math.max(FIRST_ROWS, before);
    while (size < rows) {
      size *= 2;
    }
    stored = Arrays.copyOf(stored, size);
    return (size - before) * Long.BYTES;
  }
}
