package io.sparkledger;

/** Bounds on text that comes from the application; the collector applies the same to imported logs. */
final class Text {
  static final int ERROR_CHARS = 500;
  static final int TEXT_CHARS = 2_000;

  private Text() {}

  /** At most {@code limit} chars, never half of a surrogate pair at the end. */
  static String cut(String value, int limit) {
    if (value == null || value.length() <= limit) {
      return value;
    }
    return value.substring(0, Character.isHighSurrogate(value.charAt(limit - 1)) ? limit - 1 : limit);
  }

  static String cut(String value) {
    return cut(value, TEXT_CHARS);
  }
}
