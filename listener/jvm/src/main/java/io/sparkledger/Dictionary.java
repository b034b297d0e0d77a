package io.sparkledger;

import java.util.Arrays;

/** The texts of one column of a block, each once, by number; 0 is the empty text. To look up a known text allocates nothing. */
final class Dictionary {
  private static final int FIRST_TEXTS = 16;
  /** What a text costs beside its characters: two object headers. */
  private static final int TEXT_BYTES = 48;

  private String[] texts = new String[FIRST_TEXTS];
  /** Numbers by hash, with linear probing; 0 is a free slot. */
  private int[] slots = new int[2 * FIRST_TEXTS];
  private int size = 1;
  private int bytes;
  private String last;
  private int lastNumber;

  int numberOf(String text) {
    // Spark hands the same String object for the same executor, so identity decides often.
    if (text == last) {
      return lastNumber;
    }
    lastNumber = text == null || text.isEmpty() ? 0 : find(text);
    last = text;
    return lastNumber;
  }

  String text(int number) {
    return number == 0 ? "" : texts[number];
  }

  /** How many texts there are, the empty one included. */
  int size() {
    return size;
  }

  /** What the texts hold of the heap, about. */
  int bytes() {
    return bytes;
  }

  void clear() {
    Arrays.fill(texts, 0, size, null);
    Arrays.fill(slots, 0);
    size = 1;
    bytes = 0;
    last = null;
    lastNumber = 0;
  }

  private int find(String text) {
    int slot = slot(text);
    for (int number = slots[slot]; number != 0; number = slots[slot]) {
      String known = texts[number];
      if (known == text || known.equals(text)) {
        return number;
      }
      slot = slot + 1 & slots.length - 1;
    }
    if (size == texts.length) {
      grow();
      slot = freeSlot(text);
    }
    texts[size] = text;
    slots[slot] = size;
    bytes += TEXT_BYTES + 2 * text.length();
    return size++;
  }

  private int slot(String text) {
    int hash = text.hashCode();
    return (hash ^ hash >>> 16) & slots.length - 1;
  }

  private int freeSlot(String text) {
    int slot = slot(text);
    while (slots[slot] != 0) {
      slot = slot + 1 & slots.length - 1;
    }
    return slot;
  }

  private void grow() {
    texts = Arrays.copyOf(texts, 2 * size);
    slots = new int[4 * size];
    for (int number = 1; number < size; number++) {
      slots[freeSlot(texts[number])] = number;
    }
  }
}
