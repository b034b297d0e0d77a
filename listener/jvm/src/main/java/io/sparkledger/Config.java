package io.sparkledger;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.security.GeneralSecurityException;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLSocketFactory;
import org.apache.spark.SparkConf;
import scala.Option;

/** The settings under {@code spark.sparkledger.}, read once. A value that cannot be read falls back to its default, with a warning. */
final class Config {
  /** Says why there is nothing to listen for: switched off, or no collector named. */
  static final class Unusable extends Exception {
    private static final long serialVersionUID = 1L;

    Unusable(String message) {
      super(message, null, false, false);
    }
  }

  static final String PREFIX = "spark.sparkledger.";
  private static final Pattern QUANTITY = Pattern.compile("\\s*(\\d{1,15})\\s*([a-zA-Z]*)\\s*");
  private static final Pattern ADDRESS = Pattern.compile("[a-zA-Z][\\w+.-]+:/");

  final URL endpoint;
  final Token token;
  /** Null where the JVM's own authorities decide. */
  final SSLSocketFactory tls;
  final long bufferBytes;
  final long batchIntervalMs;
  final long flushTimeoutMs;
  final int connectTimeoutMs;
  final int readTimeoutMs;
  final boolean gzip;
  final Path spoolDirectory;
  /** Whether the place is the default one, below a directory that everybody may write to. */
  final boolean spoolShared;
  final long spoolBytes;
  /** Whether SQL statements, their descriptions and what plans say of columns and filters may leave the driver. */
  final boolean sqlText;
  final String appId;
  /** Known before the application's start where the cluster manager counts attempts; empty elsewhere. */
  final String attemptId;
  final String redactionRegex;

  private Config(SparkConf conf, String appId) throws Unusable {
    this.appId = appId;
    if (!isOn(conf, PREFIX + "enabled", true)) {
      throw new Unusable("spark.sparkledger.enabled is false");
    }
    endpoint = endpoint(text(conf, PREFIX + "url", "").trim());
    token = new Token(text(conf, PREFIX + "token", ""), text(conf, PREFIX + "token.file", "").trim());
    tls = tls(text(conf, PREFIX + "tls.ca", "").trim());
    bufferBytes = bytes(conf, "buffer.bytes", 16L << 20, 1L << 20, 1L << 30);
    batchIntervalMs = millis(conf, "batch.interval", 1_000, 50, 60_000);
    flushTimeoutMs = millis(conf, "flush.timeout", 10_000, 0, 25_000);
    connectTimeoutMs = (int) millis(conf, "connect.timeout", 2_000, 50, 30_000);
    readTimeoutMs = (int) millis(conf, "read.timeout", 5_000, 50, 60_000);
    gzip = !"none".equalsIgnoreCase(text(conf, PREFIX + "compression", "gzip").trim());
    spoolBytes = bytes(conf, "spool.bytes", 512L << 20, 0, 1L << 40);
    Path chosen = path(text(conf, PREFIX + "spool.dir", "").trim());
    spoolShared = chosen == null;
    spoolDirectory = spoolShared ? Paths.get(System.getProperty("java.io.tmpdir"), "sparkledger-" + user()) : chosen;
    sqlText = isOn(conf, PREFIX + "sql.text", false);
    attemptId = text(conf, "spark.app.attempt.id", "");
    redactionRegex = text(conf, "spark.redaction.regex", "");
  }

  static Config of(SparkConf conf) throws Unusable {
    return new Config(conf, text(conf, "spark.app.id", ""));
  }

  /** Before Spark names the application; a name in the configuration is that of an earlier one. */
  static Config nameless(SparkConf conf) throws Unusable {
    return new Config(conf, "");
  }

  private static URL endpoint(String url) throws Unusable {
    if (url.isEmpty()) {
      throw new Unusable("spark.sparkledger.url is not set; expected the collector's address, for example http://collector:8428");
    }
    String base = url.replaceFirst("/+$", "");
    try {
      URL parsed = new URL(base.endsWith("/api/v1/events") ? base : base + "/api/v1/events");
      String protocol = parsed.getProtocol().toLowerCase(Locale.ROOT);
      if ((protocol.equals("http") || protocol.equals("https")) && !parsed.getHost().isEmpty() && parsed.getPort() <= 65_535) {
        return withoutUser(parsed);
      }
    } catch (MalformedURLException e) {
      // Told below, in the same words as any other address that is not one.
    }
    throw new Unusable("spark.sparkledger.url is not an http or https address");
  }

  /** The address is in log lines and a password in it is sent nowhere. */
  private static URL withoutUser(URL url) throws MalformedURLException {
    if (url.getUserInfo() == null) {
      return url;
    }
    Log.warn("what stands before `@` in spark.sparkledger.url is not sent; set spark.sparkledger.token");
    return new URL(url.getProtocol(), url.getHost(), url.getPort(), url.getFile());
  }

  private static SSLSocketFactory tls(String pem) {
    try {
      return pem.isEmpty() ? null : Tls.trusting(Paths.get(pem));
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      Log.warn(PREFIX + "tls.ca cannot be read, so the JVM's own authorities decide: " + e);
      return null;
    }
  }

  /** A folder, or null where none is named or the name cannot be one of this machine: an address in S3 would become one below the job's. */
  private static Path path(String written) {
    try {
      if (written.startsWith("file:")) {
        return Paths.get(URI.create(written));
      }
      if (!ADDRESS.matcher(written).lookingAt()) {
        return written.isEmpty() ? null : Paths.get(written).toAbsolutePath();
      }
      Log.warn(PREFIX + "spool.dir is `" + written + "`, which is no folder of this machine; using the default");
    } catch (IllegalArgumentException e) {
      Log.warn(PREFIX + "spool.dir is no path: " + e.getMessage() + "; using the default");
    }
    return null;
  }

  private static String user() {
    return SpoolDirectory.safe(System.getProperty("user.name", ""));
  }

  static String text(SparkConf conf, String key, String fallback) {
    Option<String> value = conf.getOption(key);
    return value.isDefined() && value.get() != null ? value.get() : fallback;
  }

  /**
   * Whether a switch is on, as it is where it is not set.
   *
   * @param otherwise what a word counts as that is neither on nor off; a line in the log says so
   */
  static boolean isOn(SparkConf conf, String key, boolean otherwise) {
    String written = text(conf, key, "").trim();
    switch (written.toLowerCase(Locale.ROOT)) {
      case "": case "on": case "true": return true;
      case "off": case "false": return false;
      default:
        Log.warn(key + " is `" + written + "`, which is neither `on` nor `off`; taken as `" + (otherwise ? "on" : "off") + "`");
        return otherwise;
    }
  }

  static long millis(SparkConf conf, String key, long fallback, long least, long most) {
    return quantity(conf, key, fallback, least, most, true);
  }

  private static long bytes(SparkConf conf, String key, long fallback, long least, long most) {
    return quantity(conf, key, fallback, least, most, false);
  }

  private static long quantity(SparkConf conf, String key, long fallback, long least, long most, boolean time) {
    String written = text(conf, PREFIX + key, "");
    if (written.trim().isEmpty()) {
      return fallback;
    }
    Matcher parts = QUANTITY.matcher(written);
    long unit = parts.matches() ? unit(parts.group(2).toLowerCase(Locale.ROOT), time) : 0;
    if (unit == 0) {
      Log.warn(PREFIX + key + " is `" + written + "`, which is not a " + (time ? "time such as 5s" : "size such as 16m") + "; using the default");
      return fallback;
    }
    long number = Long.parseLong(parts.group(1));
    long value = number > Long.MAX_VALUE / unit ? Long.MAX_VALUE : number * unit;
    return Math.max(least, Math.min(most, value));
  }

  /** Milliseconds or bytes in a unit, 0 where the unit is unknown. A bare time is in seconds, as it is to Spark's `timeConf` readers. */
  private static long unit(String name, boolean time) {
    if (time) {
      switch (name) {
        case "ms": return 1;
        case "": case "s": return 1_000;
        case "m": case "min": return TimeUnit.MINUTES.toMillis(1);
        default: return 0;
      }
    }
    switch (name) {
      case "": case "b": return 1;
      case "k": case "kb": case "kib": return 1L << 10;
      case "m": case "mb": case "mib": return 1L << 20;
      case "g": case "gb": case "gib": return 1L << 30;
      default: return 0;
    }
  }
}
