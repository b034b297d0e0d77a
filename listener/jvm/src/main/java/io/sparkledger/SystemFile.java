package io.sparkledger;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;

/** Small files of the kernel. One that is not there, or that says nothing readable, is told by an absence and never by an error. */
final class SystemFile {
  /** What the files say that hold no number, such as {@code max}. */
  static final long UNKNOWN = -1;

  private SystemFile() {}

  static List<String> lines(Path path) {
    try {
      return Files.readAllLines(path, StandardCharsets.ISO_8859_1);
    } catch (IOException | RuntimeException e) {
      return Collections.emptyList();
    }
  }

  static String firstLine(Path path) {
    List<String> lines = lines(path);
    return lines.isEmpty() ? "" : lines.get(0).trim();
  }

  static long number(Path path) {
    return number(firstLine(path));
  }

  /** The number after a key in lines such as {@code inactive_file 4096} or {@code VmRSS:  812 kB}. */
  static long number(List<String> lines, String key) {
    for (String line : lines) {
      if (line.startsWith(key) && line.length() > key.length() && Character.isWhitespace(line.charAt(key.length()))) {
        return number(line.substring(key.length()).trim().split("\\s+", 2)[0]);
      }
    }
    return UNKNOWN;
  }

  static long number(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      return UNKNOWN;
    }
  }

  /** Writes a field if its value is known. */
  static void write(Json json, String name, long value) {
    if (value >= 0) {
      json.field(name, value);
    }
  }
}
