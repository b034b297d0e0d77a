package io.sparkledger;

import java.lang.invoke.MethodHandle;
import org.apache.spark.scheduler.SparkListenerEvent;
import org.apache.spark.sql.execution.ui.SQLPlanMetric;
import org.apache.spark.sql.execution.ui.SparkListenerDriverAccumUpdates;
import org.apache.spark.sql.execution.ui.SparkListenerSQLAdaptiveExecutionUpdate;
import org.apache.spark.sql.execution.ui.SparkListenerSQLAdaptiveSQLMetricUpdates;
import org.apache.spark.sql.execution.ui.SparkListenerSQLExecutionEnd;
import org.apache.spark.sql.execution.ui.SparkListenerSQLExecutionStart;
import scala.Option;
import scala.Tuple2;
import scala.collection.Iterator;

/** SQL executions, their plans and the metrics that the driver sets. The only class, with PlanWalker, that links spark-sql. */
final class SqlEvents {
  /** Both since Spark 3.4. */
  private static final MethodHandle ROOT_ID = Handles.getter(SparkListenerSQLExecutionStart.class, "rootExecutionId", Option.class);
  private static final MethodHandle ERROR = Handles.getter(SparkListenerSQLExecutionEnd.class, "errorMessage", Option.class);
  /** Position of the Seq in DriverAccumUpdates and AdaptiveSQLMetricUpdates. */
  private static final int SECOND = 1;

  private final PlanWalker plans;
  private final boolean withText;

  SqlEvents(boolean withText) {
    this.withText = withText;
    plans = new PlanWalker(withText);
  }

  void start(SparkListenerEvent event, Json json) {
    SparkListenerSQLExecutionStart start = (SparkListenerSQLExecutionStart) event;
    json.field("executionId", start.executionId());
    long root = Scala.orElse(Handles.call(ROOT_ID, start), -1);
    if (root >= 0) {
      json.field("rootExecutionId", root);
    }
    if (withText) {
      json.field("description", Text.clean(start.description()));
    }
    json.field("time", start.time()).name("sparkPlanInfo");
    plans.write(start.sparkPlanInfo(), json);
  }

  void end(SparkListenerEvent event, Json json) {
    SparkListenerSQLExecutionEnd end = (SparkListenerSQLExecutionEnd) event;
    json.field("executionId", end.executionId()).field("time", end.time());
    Object error = Scala.orNull((Option<?>) Handles.call(ERROR, end));
    if (error != null) {
      json.field("errorMessage", Text.error(String.valueOf(error), withText));
    }
  }

  void adaptivePlan(SparkListenerEvent event, Json json) {
    SparkListenerSQLAdaptiveExecutionUpdate update = (SparkListenerSQLAdaptiveExecutionUpdate) event;
    json.field("executionId", update.executionId()).name("sparkPlanInfo");
    plans.write(update.sparkPlanInfo(), json);
  }

  void adaptiveMetrics(SparkListenerEvent event, Json json) {
    SparkListenerSQLAdaptiveSQLMetricUpdates update = (SparkListenerSQLAdaptiveSQLMetricUpdates) event;
    json.field("executionId", update.executionId()).name("sqlPlanMetrics").beginArray();
    for (Iterator<?> metrics = Scala.iterate(update.productElement(SECOND)); metrics.hasNext(); ) {
      SQLPlanMetric metric = (SQLPlanMetric) metrics.next();
      json.beginObject().field("name", metric.name()).field("accumulatorId", metric.accumulatorId());
      json.field("metricType", metric.metricType()).endObject();
    }
    json.endArray();
  }

  void driverAccumulators(SparkListenerEvent event, Json json) {
    SparkListenerDriverAccumUpdates updates = (SparkListenerDriverAccumUpdates) event;
    json.field("executionId", updates.executionId()).name("accumUpdates").beginArray();
    for (Iterator<?> pairs = Scala.iterate(updates.productElement(SECOND)); pairs.hasNext(); ) {
      Tuple2<?, ?> pair = (Tuple2<?, ?>) pairs.next();
      json.beginArray().value(((Number) pair._1()).longValue()).value(((Number) pair._2()).longValue()).endArray();
    }
    json.endArray();
  }
}
