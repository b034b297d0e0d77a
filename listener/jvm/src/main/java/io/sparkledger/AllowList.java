package io.sparkledger;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Which Spark properties may leave the driver: the lines of {@code spark-properties.allow}. */
final class AllowList {
  private final Rules allowed = new Rules();
  private final Rules refused = new Rules();

  AllowList(Iterable<String> lines) {
    for (String line : lines) {
      String rule = line.trim();
      if (rule.startsWith("!")) {
        refused.add(rule.substring(1));
      } else if (!rule.isEmpty() && !rule.startsWith("#")) {
        allowed.add(rule);
      }
    }
  }

  boolean allows(String key) {
    return allowed.matches(key) && !refused.matches(key);
  }

  static AllowList load() throws IOException {
    return new AllowList(lines("spark-properties.allow"));
  }

  /** The lines of a resource beside this class. */
  static List<String> lines(String resource) throws IOException {
    List<String> lines = new ArrayList<>();
    try (InputStream in = AllowList.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IOException("the jar holds no " + resource);
      }
      BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(line);
      }
    }
    return lines;
  }

  private static final class Rules {
    private final Set<String> keys = new HashSet<>();
    private final List<String> prefixes = new ArrayList<>();

    void add(String rule) {
      if (rule.endsWith("*")) {
        prefixes.add(rule.substring(0, rule.length() - 1));
      } else {
        keys.add(rule);
      }
    }

    boolean matches(String key) {
      if (keys.contains(key)) {
        return true;
      }
      for (String prefix : prefixes) {
        if (key.startsWith(prefix)) {
          return true;
        }
      }
      return false;
    }
  }
}
