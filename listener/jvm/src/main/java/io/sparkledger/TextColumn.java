package io.sparkledger;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One text a row, kept as an index into a dictionary; index 0 is the empty text. */
final class TextColumn {
  private static final int FIRST_ROWS = 64;
  /** What a dictionary entry costs beside its characters: a node, a boxed index and a string header. */
  private static final int ENTRY_BYTES = 120;

  private final String label;
  private final Map<String, Integer> positions = new HashMap<>();
  private final List<String> dictionary = new ArrayList<>();
  private int[] indexes = new int[0];
  private String last;
  private int lastIndex;

  TextColumn(String label) {
    this.label = label;
    dictionary.add("");
  }

  /** Stores a text and says how many bytes that took from the heap. */
  int put(int row, String text) {
    if (text == null || text.isEmpty()) {
      return 0;
    }
    int grown = row < indexes.length ? 0 : grow(row + 1);
    // Spark hands the same String object for the same executor, so identity decides nearly always.
    if (text != last) {
      Integer known = positions.get(text);
      if (known == null) {
        known = dictionary.size();
        dictionary.add(text);
        positions.put(text, known);
        grown += ENTRY_BYTES + 2 * text.length();
      }
      last = text;
      lastIndex = known;
    }
    indexes[row] = lastIndex;
    return grown;
  }

  void clear(int fromRow, int toRow) {
    if (fromRow < indexes.length) {
      Arrays.fill(indexes, fromRow, Math.min(toRow, indexes.length), 0);
    }
  }

  /** Forgets the dictionary, and says how many bytes that gave back. */
  int forget() {
    int freed = 0;
    for (int entry = 1; entry < dictionary.size(); entry++) {
      freed += ENTRY_BYTES + 2 * dictionary.get(entry).length();
    }
    positions.clear();
    dictionary.clear();
    dictionary.add("");
    last = null;
    return freed;
  }

  void encode(Json json, int rows) {
    if (dictionary.size() == 1) {
      return;
    }
    if (indexes.length < rows) {
      grow(rows);
    }
    json.name(label).beginObject();
    if (sameThroughout(rows)) {
      json.field("all", dictionary.get(indexes[0]));
    } else {
      json.name("dict").beginArray();
      for (String text : dictionary) {
        json.value(text);
      }
      json.endArray().name("idx").beginArray();
      for (int row = 0; row < rows; row++) {
        json.value(indexes[row]);
      }
      json.endArray();
    }
    json.endObject();
  }

  private boolean sameThroughout(int rows) {
    for (int row = 1; row < rows; row++) {
      if (indexes[row] != indexes[0]) {
        return false;
      }
    }
    return true;
  }

  private int grow(int rows) {
    int before = indexes.length;
    int size = Math.max(FIRST_ROWS, before);
    while (size < rows) {
      size *= 2;
    }
    indexes = Arrays.copyOf(indexes, size);
    return (size - before) * Integer.BYTES;
  }
}
