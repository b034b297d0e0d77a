package io.sparkledger;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Divides an encoded block of task ends by its rows; docs/reference/event-stream.md describes the four forms of a column. */
final class BlockLine {
  private final String text;
  private int at;

  private BlockLine(String text) {
    this.text = text;
  }

  /** The first and the second half of the rows as lines of their own; null where the line is no block of two rows or more. */
  static Lines[] halves(byte[] line) throws IOException {
    int rows = Lines.eventsAt(line, 0);
    if (rows < 2) {
      return null;
    }
    Map<?, ?> block = (Map<?, ?>) new BlockLine(new String(line, StandardCharsets.UTF_8)).value();
    return new Lines[] {slice(block, 0, rows / 2), slice(block, rows / 2, rows)};
  }

  private static Lines slice(Map<?, ?> block, int from, int to) throws IOException {
    Json json = new Json().beginObject();
    for (Map.Entry<?, ?> column : block.entrySet()) {
      json.name((String) column.getKey());
      write("Count".equals(column.getKey()) ? (Object) (long) (to - from) : sliced(column.getValue(), from, to), json);
    }
    Lines lines = new Lines();
    lines.addBlock(json.endObject(), to - from);
    return lines;
  }

  /** The rows of a column. What every row shares ({@code all}, {@code base}, {@code dict}) stays. */
  private static Object sliced(Object form, int from, int to) {
    if (form instanceof List) {
      return ((List<?>) form).subList(from, to);
    }
    if (!(form instanceof Map)) {
      return form;
    }
    Map<Object, Object> part = new LinkedHashMap<>((Map<?, ?>) form);
    for (String rows : new String[] {"delta", "idx"}) {
      part.computeIfPresent(rows, (name, values) -> ((List<?>) values).subList(from, to));
    }
    return part;
  }

  private static void write(Object value, Json json) {
    if (value instanceof Long) {
      json.value((long) (Long) value);
    } else if (value instanceof String) {
      json.value((String) value);
    } else if (value instanceof List) {
      json.beginArray();
      for (Object element : (List<?>) value) {
        write(element, json);
      }
      json.endArray();
    } else {
      json.beginObject();
      for (Map.Entry<?, ?> member : ((Map<?, ?>) value).entrySet()) {
        json.name((String) member.getKey());
        write(member.getValue(), json);
      }
      json.endObject();
    }
  }

  /** Reads what {@link Json} wrote of a block: objects, arrays, texts and whole numbers, without blanks. */
  private Object value() {
    char first = text.charAt(at);
    if (first == '"') {
      return string();
    }
    if (first != '{' && first != '[') {
      int start = at++;
      while (Character.isDigit(text.charAt(at))) {
        at++;
      }
      return Long.parseLong(text.substring(start, at));
    }
    Map<String, Object> members = new LinkedHashMap<>();
    List<Object> elements = new ArrayList<>();
    at++;
    while (text.charAt(at) != '}' && text.charAt(at) != ']') {
      at += text.charAt(at) == ',' ? 1 : 0;
      if (first == '[') {
        elements.add(value());
      } else {
        String name = string();
        at++;
        members.put(name, value());
      }
    }
    at++;
    return first == '[' ? elements : members;
  }

  private String string() {
    StringBuilder read = new StringBuilder();
    for (at++; text.charAt(at) != '"'; at++) {
      read.append(text.charAt(at) == '\\' ? escaped() : text.charAt(at));
    }
    at++;
    return read.toString();
  }

  private char escaped() {
    char name = text.charAt(++at);
    switch (name) {
      case 'n': return '\n';
      case 'r': return '\r';
      case 't': return '\t';
      case 'u':
        at += 4;
        return (char) Integer.parseInt(text.substring(at - 3, at + 1), 16);
      default: return name;
    }
  }
}
