package io.sparkledger;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;

/**
 * What the collector asks for: the property, else the content of a file, else the environment. A file is read again when the collector
 * refuses its token, since tokens change while week-long drivers run. Its value is in no message.
 */
final class Token {
  /** Common servers take no longer header, so a longer value is no token: a wrong property or file. */
  private static final int LONGEST = 8_192;

  /** Empty where the token is not from one. */
  private final String file;
  private volatile String value;

  Token(String written, String file) {
    this.file = written.isEmpty() ? file : "";
    value = header(written);
    read();
    if (value.isEmpty()) {
      value = header(System.getenv().getOrDefault("SPARKLEDGER_TOKEN", ""));
    }
  }

  /** As a header takes it; empty where there is none. */
  String value() {
    return value;
  }

  /** The collector did not take it. */
  void refused() {
    read();
  }

  /** Keeps the token where the file cannot be read, or is empty at the moment. */
  private void read() {
    if (file.isEmpty()) {
      return;
    }
    try {
      String content = header(new String(Files.readAllBytes(Paths.get(file)), StandardCharsets.UTF_8));
      value = content.isEmpty() ? value : content;
    } catch (IOException | RuntimeException e) {
      Log.warn("spark.sparkledger.token.file cannot be read: " + e);
    }
  }

  /** Empty where it is too long for common servers. A header's value must not hold control characters: one would make every request fail. */
  private static String header(String value) {
    StringBuilder kept = new StringBuilder();
    for (char c : value.trim().toCharArray()) {
      if (c > ' ' && c < 127) {
        kept.append(c);
      }
    }
    if (kept.length() > LONGEST) {
      Log.warn("the token is not sent: it has " + kept.length() + " characters, and common servers take no more than " + LONGEST);
      return "";
    }
    return kept.toString();
  }
}
