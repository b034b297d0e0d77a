package io.sparkledger;

import java.io.IOException;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Hides values as Spark does: where the key or the value matches the shipped pattern or the user's {@code spark.redaction.regex}. */
final class Redactor {
  /** Spark's own replacement, so that a live run and its event log read alike. Source: org.apache.spark.util.Utils. */
  static final String HIDDEN = "*********(redacted)";

  private final Pattern shipped;
  private final Pattern users;

  Redactor(String usersRegex) throws IOException {
    shipped = Pattern.compile(AllowList.lines("redaction.regex").get(0).trim());
    users = usersRegex.isEmpty() ? shipped : compile(usersRegex);
  }

  String redact(String key, String value) {
    return matches(shipped, key, value) || matches(users, key, value) ? HIDDEN : value;
  }

  private Pattern compile(String regex) {
    try {
      return Pattern.compile(regex);
    } catch (PatternSyntaxException e) {
      Log.warn("spark.redaction.regex cannot be read as a pattern; using the shipped one alone");
      return shipped;
    }
  }

  private static boolean matches(Pattern pattern, String key, String value) {
    return pattern.matcher(key).find() || pattern.matcher(value).find();
  }
}
