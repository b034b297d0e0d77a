package io.sparkledger;

import java.util.HashMap;
import java.util.Map;
import org.apache.spark.scheduler.SparkListenerApplicationEnd;
import org.apache.spark.scheduler.SparkListenerApplicationStart;
import org.apache.spark.scheduler.SparkListenerEnvironmentUpdate;
import org.apache.spark.scheduler.SparkListenerEvent;
import org.apache.spark.scheduler.SparkListenerExecutorAdded;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerJobEnd;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerResourceProfileAdded;
import org.apache.spark.scheduler.SparkListenerStageCompleted;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;

/** Turns the rare events into lines of the event stream: Spark's own shape, with the fields that the collector keeps. */
final class EventEncoder {
  private interface Writer<E> {
    void write(E event, Json json);
  }

  private static final Writer<SparkListenerEvent> UNKNOWN = (event, json) -> {};

  private final Json json = new Json();
  private final Map<Class<?>, Writer<SparkListenerEvent>> writers = new HashMap<>();
  private final ApplicationEvents application;
  private final JobEvents jobs;
  private final boolean sqlText;

  EventEncoder(ApplicationEvents application, boolean sqlText) {
    this.application = application;
    this.sqlText = sqlText;
    jobs = new JobEvents(sqlText);
  }

  /** The line of an event, or null for an event that the stream does not carry. */
  byte[] encode(SparkListenerEvent event) {
    Writer<SparkListenerEvent> writer = writers.get(event.getClass());
    if (writer == null) {
      writer = writerOf(event.getClass());
      writers.put(event.getClass(), writer);
    }
    if (writer == UNKNOWN) {
      return null;
    }
    json.reset().beginObject().field("Event", name(event.getClass()));
    writer.write(event, json);
    return json.endObject().toLine();
  }

  /** As in Spark's log: core events by their simple name, those of other modules by their full one. */
  private static String name(Class<?> type) {
    return type.getName().startsWith("org.apache.spark.scheduler.") ? type.getSimpleName() : type.getName();
  }

  private Writer<SparkListenerEvent> writerOf(Class<?> type) {
    String name = type.getName();
    if (name.startsWith("org.apache.spark.sql.execution.ui.")) {
      return sqlWriterOf(type.getSimpleName());
    }
    switch (name) {
      case "org.apache.spark.scheduler.SparkListenerApplicationStart":
        return as(SparkListenerApplicationStart.class, application::start);
      case "org.apache.spark.scheduler.SparkListenerApplicationEnd":
        return as(SparkListenerApplicationEnd.class, application::end);
      case "org.apache.spark.scheduler.SparkListenerEnvironmentUpdate":
        return as(SparkListenerEnvironmentUpdate.class, application::environment);
      case "org.apache.spark.scheduler.SparkListenerResourceProfileAdded":
        return as(SparkListenerResourceProfileAdded.class, ExecutorEvents::resourceProfile);
      case "org.apache.spark.scheduler.SparkListenerExecutorAdded":
        return as(SparkListenerExecutorAdded.class, ExecutorEvents::added);
      case "org.apache.spark.scheduler.SparkListenerExecutorRemoved":
        return as(SparkListenerExecutorRemoved.class, ExecutorEvents::removed);
      case "org.apache.spark.scheduler.SparkListenerJobStart":
        return as(SparkListenerJobStart.class, jobs::start);
      case "org.apache.spark.scheduler.SparkListenerJobEnd":
        return as(SparkListenerJobEnd.class, jobs::end);
      case "org.apache.spark.scheduler.SparkListenerStageSubmitted":
        return as(SparkListenerStageSubmitted.class, (event, out) -> StageEvents.info(event.stageInfo(), false, sqlText, out));
      case "org.apache.spark.scheduler.SparkListenerStageCompleted":
        return as(SparkListenerStageCompleted.class, (event, out) -> StageEvents.info(event.stageInfo(), true, sqlText, out));
      default:
        return UNKNOWN;
    }
  }

  /** Apart, since the class behind it links spark-sql, which need not be there. Its events only come where it is. */
  private Writer<SparkListenerEvent> sqlWriterOf(String simpleName) {
    SqlEvents sql = new SqlEvents(sqlText);
    switch (simpleName) {
      case "SparkListenerSQLExecutionStart": return sql::start;
      case "SparkListenerSQLExecutionEnd": return sql::end;
      case "SparkListenerSQLAdaptiveExecutionUpdate": return sql::adaptivePlan;
      case "SparkListenerSQLAdaptiveSQLMetricUpdates": return sql::adaptiveMetrics;
      case "SparkListenerDriverAccumUpdates": return sql::driverAccumulators;
      default: return UNKNOWN;
    }
  }

  private static <E> Writer<SparkListenerEvent> as(Class<E> type, Writer<E> writer) {
    return (event, json) -> writer.write(type.cast(event), json);
  }
}
