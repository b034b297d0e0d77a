package io.sparkledger;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import org.apache.spark.scheduler.SparkListenerApplicationEnd;
import org.apache.spark.scheduler.SparkListenerApplicationStart;
import org.apache.spark.scheduler.SparkListenerEnvironmentUpdate;
import scala.Option;
import scala.Tuple2;
import scala.collection.Iterator;

/** Start, end and environment of the application; the environment through the allow-list and the redactor. */
final class ApplicationEvents {
  private static final MethodHandle EXIT_CODE = Handles.getter(SparkListenerApplicationEnd.class, "exitCode", Option.class);

  private final AllowList allowList;
  private final Redactor redactor;

  ApplicationEvents(Config config) throws IOException {
    allowList = AllowList.load();
    redactor = new Redactor(config.redactionRegex);
  }

  Redactor redactor() {
    return redactor;
  }

  /** Spark writes this line itself at the top of a log; a listener gets no event for it. */
  static byte[] logStart(String sparkVersion) {
    return new Json().beginObject().field("Event", "SparkListenerLogStart").field("Spark Version", sparkVersion).endObject().toLine();
  }

  void start(SparkListenerApplicationStart event, Json json) {
    start(event.appName(), Scala.orNull(event.appId()), event.time(), event.sparkUser(), Scala.orNull(event.appAttemptId()), json);
  }

  static void start(String name, String appId, long timeMs, String user, String attemptId, Json json) {
    json.field("App Name", Text.clean(name));
    if (appId != null) {
      json.field("App ID", appId);
    }
    json.field("Timestamp", timeMs).field("User", user);
    if (attemptId != null) {
      json.field("App Attempt ID", attemptId);
    }
  }

  void end(SparkListenerApplicationEnd event, Json json) {
    json.field("Timestamp", event.time());
    Object code = Scala.orNull((Option<?>) Handles.call(EXIT_CODE, event));
    if (code instanceof Number) {
      json.field("ExitCode", ((Number) code).longValue());
    }
  }

  void environment(SparkListenerEnvironmentUpdate event, Json json) {
    Iterator<?> sections = Scala.iterate(event.environmentDetails());
    while (sections.hasNext()) {
      Tuple2<?, ?> section = (Tuple2<?, ?>) sections.next();
      if ("JVM Information".equals(section._1())) {
        json.name("JVM Information");
        jvm(Scala.iterate(section._2()), json);
      } else if ("Spark Properties".equals(section._1())) {
        json.name("Spark Properties").beginObject();
        for (Iterator<?> pairs = Scala.iterate(section._2()); pairs.hasNext(); ) {
          Tuple2<?, ?> pair = (Tuple2<?, ?>) pairs.next();
          property(String.valueOf(pair._1()), String.valueOf(pair._2()), json);
        }
        json.endObject();
      }
    }
  }

  /** Writes a property if it may leave, its value hidden where it looks like a secret, or what of it does. */
  void property(String key, String value, Json json) {
    if (allowList.allows(key)) {
      json.field(key, Text.clean(redactor.redact(key, value), Integer.MAX_VALUE));
    }
  }

  private static void jvm(Iterator<?> pairs, Json json) {
    json.beginObject();
    while (pairs.hasNext()) {
      Tuple2<?, ?> pair = (Tuple2<?, ?>) pairs.next();
      String key = String.valueOf(pair._1());
      if (key.equals("Java Version") || key.equals("Java Home") || key.equals("Scala Version")) {
        json.field(key, String.valueOf(pair._2()));
      }
    }
    json.endObject();
  }
}
