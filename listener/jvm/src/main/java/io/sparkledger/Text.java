package io.sparkledger;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What happens to text that comes from the application before it leaves: secrets written as {@code token=…} and the like are hidden, and
 * its length is bounded. The collector does the same to imported logs, with the same patterns.
 */
final class Text {
  static final int ERROR_CHARS = 500;
  static final int TEXT_CHARS = 2_000;
  /** A text may be a list of a million values; what comes after this is not even searched, on a thread that Spark's events wait for. */
  private static final int MOST_SEARCHED_CHARS = 64 << 10;

  private static final Pattern[] SECRETS = secrets();
  /** The part of a match that stays: what names the secret. */
  private static final String REPLACEMENT = "$1" + Matcher.quoteReplacement(Redactor.HIDDEN);

  /** The class of an error, and Spark's name for its condition where the message begins with one. */
  private static final Pattern ERROR_NAME = Pattern.compile("[\\w.$]*\\w(?:Exception|Error)\\b(?:: \\[[A-Z0-9_.]+\\])?|^\\[[A-Z0-9_.]+\\]");

  /** What an operator is applied to: from the first bracket on, unless it holds a number alone, as that of WholeStageCodegen; and paths. */
  private static final Pattern OPERAND = Pattern.compile("(?s)\\s*\\((?!\\d{1,9}\\)).*|\\s*\\S*/\\S*");

  private Text() {}

  /** An error's message, or, where texts are withheld, the names of the errors in it alone: messages quote statements and values. */
  static String error(String message, boolean withText) {
    if (withText || message == null) {
      return clean(message);
    }
    Set<String> names = new LinkedHashSet<>();
    for (Matcher found = ERROR_NAME.matcher(cut(message, TEXT_CHARS)); found.find(); ) {
      names.add(found.group());
    }
    return String.join("; ", names);
  }

  /** An operator's name, or, where texts are withheld, without what it is applied to: a scan over JDBC is named by its query. */
  static String operator(String name, boolean withText) {
    return withText || name == null ? clean(name) : OPERAND.matcher(cut(name, TEXT_CHARS)).replaceAll("");
  }

  /** Why a task was killed; where texts are withheld, without the failure that it quotes since Spark 3.5. */
  static String killReason(String reason, boolean withText) {
    int quoted = withText || reason == null ? -1 : reason.indexOf(':');
    return quoted < 0 ? reason : reason.substring(0, quoted);
  }

  static String clean(String value) {
    return clean(value, TEXT_CHARS);
  }

  /** The text without secrets, at most {@code limit} chars; null stays null. */
  static String clean(String value, int limit) {
    String hidden = cut(value, MOST_SEARCHED_CHARS);
    for (int i = 0; hidden != null && i < SECRETS.length; i++) {
      hidden = SECRETS[i].matcher(hidden).replaceAll(REPLACEMENT);
    }
    return cut(hidden, limit);
  }

  /** At most {@code limit} chars, never half of a surrogate pair at the end. */
  private static String cut(String value, int limit) {
    if (value == null || value.length() <= limit) {
      return value;
    }
    return value.substring(0, Character.isHighSurrogate(value.charAt(limit - 1)) ? limit - 1 : limit);
  }

  private static Pattern[] secrets() {
    try {
      List<String> lines = AllowList.lines("text-redaction.regex");
      Pattern[] patterns = new Pattern[lines.size()];
      for (int i = 0; i < patterns.length; i++) {
        patterns[i] = Pattern.compile(lines.get(i).trim());
      }
      return patterns;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
