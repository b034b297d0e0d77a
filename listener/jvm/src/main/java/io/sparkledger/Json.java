package io.sparkledger;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes JSON as UTF-8 into a byte array that grows and is used again. Commas set themselves. Not thread-safe. */
final class Json {
  private static final byte[] HEX = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};
  /** Above this the array of a giant line is given back. */
  private static final int KEPT_BYTES = 1 << 20;

  private byte[] bytes;
  private int length;
  private boolean comma;

  Json() {
    this(4096);
  }

  Json(int expectedBytes) {
    bytes = new byte[expectedBytes];
  }

  Json reset() {
    if (bytes.length > KEPT_BYTES) {
      bytes = new byte[4096];
    }
    length = 0;
    comma = false;
    return this;
  }

  int length() {
    return length;
  }

  Json beginObject() {
    return open('{');
  }

  Json endObject() {
    return close('}');
  }

  Json beginArray() {
    return open('[');
  }

  Json endArray() {
    return close(']');
  }

  Json name(String name) {
    text(name);
    put(':');
    comma = false;
    return this;
  }

  Json value(String value) {
    if (value == null) {
      separate();
      put('n').put('u').put('l').put('l');
      return this;
    }
    return text(value);
  }

  Json value(long value) {
    separate();
    digits(value);
    return this;
  }

  /** A finite number; anything else has no form in JSON and becomes 0. */
  Json value(double value) {
    separate();
    String written = Double.isNaN(value) || Double.isInfinite(value) ? "0" : Double.toString(value);
    for (int i = 0; i < written.length(); i++) {
      put(written.charAt(i));
    }
    return this;
  }

  Json value(boolean value) {
    separate();
    String written = value ? "true" : "false";
    for (int i = 0; i < written.length(); i++) {
      put(written.charAt(i));
    }
    return this;
  }

  Json field(String name, String value) {
    return name(name).value(value);
  }

  Json field(String name, long value) {
    return name(name).value(value);
  }

  Json field(String name, boolean value) {
    return name(name).value(value);
  }

  /** A copy of what was written since {@link #reset}, ended by a line feed. */
  byte[] toLine() {
    byte[] line = Arrays.copyOf(bytes, length + 1);
    line[length] = '\n';
    return line;
  }

  void writeLineTo(OutputStream out) throws IOException {
    out.write(bytes, 0, length);
    out.write('\n');
  }

  @Override
  public String toString() {
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }

  private Json open(char bracket) {
    separate();
    put(bracket);
    comma = false;
    return this;
  }

  private Json close(char bracket) {
    put(bracket);
    comma = true;
    return this;
  }

  private void separate() {
    if (comma) {
      put(',');
    }
    comma = true;
  }

  private Json put(int b) {
    if (length == bytes.length) {
      bytes = Arrays.copyOf(bytes, length * 2);
    }
    bytes[length++] = (byte) b;
    return this;
  }

  private void digits(long value) {
    if (value == Long.MIN_VALUE) {
      digits(value / 10);
      put('8');
      return;
    }
    long rest = value;
    if (rest < 0) {
      put('-');
      rest = -rest;
    }
    int count = decimals(rest);
    while (bytes.length - length < count) {
      bytes = Arrays.copyOf(bytes, bytes.length * 2);
    }
    for (int i = length + count - 1; i >= length; i--) {
      bytes[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    length += count;
  }

  /** How many decimal digits a number of 0 or more takes. */
  static int decimals(long value) {
    int count = 1;
    for (long rest = value; rest >= 10; rest /= 10) {
      count++;
    }
    return count;
  }

  private Json text(String value) {
    separate();
    put('"');
    for (int i = 0, n = value.length(); i < n; i++) {
      char c = value.charAt(i);
      if (c >= 0x20 && c < 0x80) {
        if (c == '"' || c == '\\') {
          put('\\');
        }
        put(c);
      } else if (c < 0x20) {
        control(c);
      } else if (c < 0x800) {
        put(0xC0 | c >> 6).put(0x80 | c & 0x3F);
      } else if (Character.isHighSurrogate(c) && i + 1 < n && Character.isLowSurrogate(value.charAt(i + 1))) {
        int point = Character.toCodePoint(c, value.charAt(++i));
        put(0xF0 | point >> 18).put(0x80 | point >> 12 & 0x3F).put(0x80 | point >> 6 & 0x3F).put(0x80 | point & 0x3F);
      } else if (Character.isSurrogate(c)) {
        put('?'); // half a character has no form in UTF-8
      } else {
        put(0xE0 | c >> 12).put(0x80 | c >> 6 & 0x3F).put(0x80 | c & 0x3F);
      }
    }
    return put('"');
  }

  private void control(char c) {
    put('\\');
    switch (c) {
      case '\n': put('n'); break;
      case '\r': put('r'); break;
      case '\t': put('t'); break;
      default: put('u').put('0').put('0').put(HEX[c >> 4]).put(HEX[c & 15]);
    }
  }
}
