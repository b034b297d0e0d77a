package io.sparkledger;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import javax.net.ssl.HttpsURLConnection;

/** One POST and what it means. Connecting and each read have a time-out; the rest is bounded by {@link BoundedTransport}. */
final class HttpTransport {
  enum Verdict {
    ACCEPTED,
    /** Nobody answered, or not now. */
    RETRY,
    /** Somebody is there and refuses the sender, as with a wrong token or a wrong address: somebody has to change something first. */
    UNWELCOME,
    TOO_LARGE,
    /** These lines will never be taken. */
    REFUSED
  }

  static final class Answer {
    final Verdict verdict;
    /** What the collector asked for in {@code Retry-After}; -1 where it did not. */
    final long retryAfterMs;
    final String reason;

    Answer(Verdict verdict, long retryAfterMs, String reason) {
      this.verdict = verdict;
      this.retryAfterMs = retryAfterMs;
      this.reason = reason;
    }
  }

  private static final int ANSWER_BYTES = 4_096;
  private static final long LONGEST_RETRY_AFTER_S = 600;
  /** How every refusal of a collector begins. */
  private static final Pattern REFUSAL = Pattern.compile("\\{\"error\":\\s?\\{\"status\":");
  /** What every acknowledgement of a collector says: how many events it stored. */
  private static final Pattern STORED = Pattern.compile("\"events\":\\s?\\d");

  private final Config config;
  /** The connection of the latest request. */
  private volatile HttpURLConnection latest;

  HttpTransport(Config config) {
    this.config = config;
  }

  Answer post(Batch batch, String appId, String attemptId, long droppedEvents) {
    HttpURLConnection connection = null;
    try {
      connection = open(batch, appId, attemptId, droppedEvents);
      latest = connection;
      try (OutputStream out = connection.getOutputStream()) {
        out.write(batch.body);
      }
      return judge(connection);
    } catch (IOException | RuntimeException e) {
      if (connection != null) {
        connection.disconnect();
      }
      return new Answer(Verdict.RETRY, -1, e.toString());
    }
  }

  /** Makes the request that is under way fail. Called from another thread than {@link #post}. */
  void breakOff() {
    HttpURLConnection connection = latest;
    if (connection != null) {
      connection.disconnect();
    }
  }

  private HttpURLConnection open(Batch batch, String appId, String attemptId, long droppedEvents) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) config.endpoint.openConnection();
    if (config.tls != null && connection instanceof HttpsURLConnection) {
      ((HttpsURLConnection) connection).setSSLSocketFactory(config.tls);
    }
    connection.setConnectTimeout(config.connectTimeoutMs);
    connection.setReadTimeout(config.readTimeoutMs);
    connection.setInstanceFollowRedirects(false);
    connection.setUseCaches(false);
    connection.setDoOutput(true);
    connection.setRequestMethod("POST");
    // Without a fixed length the JDK silently posts a second time when a kept-alive socket turns out to be dead.
    connection.setFixedLengthStreamingMode(batch.body.length);
    connection.setRequestProperty("Content-Type", "application/x-ndjson");
    if (batch.gzip) {
      connection.setRequestProperty("Content-Encoding", "gzip");
    }
    // Without it whatever stands between may answer compressed, which would be taken for no collector's answer.
    connection.setRequestProperty("Accept-Encoding", "identity");
    connection.setRequestProperty("User-Agent", "sparkledger-listener");
    connection.setRequestProperty("X-Sparkledger-App-Id", appId);
    connection.setRequestProperty("X-Sparkledger-Attempt-Id", attemptId);
    connection.setRequestProperty("X-Sparkledger-Source", "listener");
    connection.setRequestProperty("X-Sparkledger-Batch-Seq", Long.toString(batch.seq()));
    connection.setRequestProperty("X-Sparkledger-Dropped-Events", Long.toString(droppedEvents));
    String token = config.token.value();
    if (!token.isEmpty()) {
      connection.setRequestProperty("Authorization", "Bearer " + token);
    }
    return connection;
  }

  private Answer judge(HttpURLConnection connection) throws IOException {
    int status = connection.getResponseCode();
    String body = read(status >= 400 ? connection.getErrorStream() : connection.getInputStream()).trim();
    String reason = "HTTP " + status + " " + body.substring(0, Math.min(200, body.length()));
    if (status >= 200 && status < 300) {
      // The page of a proxy or the answer of another service is no acknowledgement, and one that breaks off may be anybody's.
      boolean whole = body.startsWith("{") && (body.endsWith("}") || body.length() >= ANSWER_BYTES);
      return whole && STORED.matcher(body).find()
          ? new Answer(Verdict.ACCEPTED, -1, reason)
          : new Answer(Verdict.RETRY, -1, "answer is not a collector's: " + reason);
    }
    if (status == 413) {
      return new Answer(Verdict.TOO_LARGE, -1, reason);
    }
    if (status == 429 || status == 503) {
      return new Answer(Verdict.RETRY, retryAfterMs(connection), reason);
    }
    if (status < 400 || status >= 500 || status == 408) {
      return new Answer(Verdict.RETRY, -1, reason);
    }
    if (status == 401 || status == 403) {
      config.token.refused();
    }
    // Only a collector can say of lines that they will never be taken. A proxy, or another server under the address, speaks of the sender.
    boolean ofTheLines = status != 401 && status != 403 && status != 404 && REFUSAL.matcher(body).lookingAt();
    return new Answer(ofTheLines ? Verdict.REFUSED : Verdict.UNWELCOME, -1, reason);
  }

  /** Seconds, or a date by the clock of whoever answers; -1 where it is neither. */
  private static long retryAfterMs(HttpURLConnection connection) {
    String header = connection.getHeaderField("Retry-After");
    if (header == null) {
      return -1;
    }
    try {
      return bounded(Math.min(LONGEST_RETRY_AFTER_S, Long.parseLong(header.trim())) * 1_000);
    } catch (NumberFormatException e) {
      long until = connection.getHeaderFieldDate("Retry-After", 0);
      long now = connection.getDate();
      return until == 0 || now == 0 ? -1 : bounded(until - now);
    }
  }

  private static long bounded(long millis) {
    return Math.max(0, Math.min(LONGEST_RETRY_AFTER_S * 1_000, millis));
  }

  /** The start of an answer; reading it to its end lets the JDK keep the connection. */
  private static String read(InputStream stream) throws IOException {
    if (stream == null) {
      return "";
    }
    try (InputStream in = stream) {
      byte[] answer = new byte[ANSWER_BYTES];
      int length = 0;
      for (int read = in.read(answer); read > 0; read = in.read(answer, length, answer.length - length)) {
        length += read;
      }
      return new String(answer, 0, length, StandardCharsets.UTF_8);
    }
  }
}
