package io.sparkledger;

import java.util.Properties;
import org.apache.spark.scheduler.JobFailed;
import org.apache.spark.scheduler.JobResult;
import org.apache.spark.scheduler.SparkListenerJobEnd;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.StageInfo;
import scala.collection.Iterator;

/** Jobs: which stages, and what they were part of. */
final class JobEvents {
  /** The SQL shell and the Thrift server put the statement here. */
  private static final String DESCRIPTION = "spark.job.description";
  /** The local properties that join a job to its SQL execution, its stream and its owner; the rest repeats the configuration. */
  private static final String[] PROPERTIES = {
    "spark.sql.execution.id", "spark.sql.execution.root.id", "spark.jobGroup.id", DESCRIPTION, "spark.scheduler.pool",
    "spark.job.tags", "callSite.short", "sql.streaming.queryId", "streaming.sql.batchId", "spark.databricks.job.id",
    "spark.databricks.job.runId", "spark.databricks.job.parentRunId", "spark.databricks.job.type", "spark.databricks.notebook.path"
  };
  /** Position of {@code stageInfos} in the event; its accessor returns a Scala Seq. */
  private static final int STAGE_INFOS = 2;

  private final boolean withSqlText;

  JobEvents(boolean withSqlText) {
    this.withSqlText = withSqlText;
  }

  void start(SparkListenerJobStart event, Json json) {
    json.field("Job ID", event.jobId()).field("Submission Time", event.time());
    json.name("Stage Infos").beginArray();
    for (Iterator<?> stages = Scala.iterate(event.productElement(STAGE_INFOS)); stages.hasNext(); ) {
      StageInfo stage = (StageInfo) stages.next();
      json.beginObject().field("Stage ID", stage.stageId()).field("Stage Attempt ID", stage.attemptNumber()).endObject();
    }
    json.endArray().name("Stage IDs").beginArray();
    for (Iterator<?> stages = Scala.iterate(event.productElement(STAGE_INFOS)); stages.hasNext(); ) {
      json.value(((StageInfo) stages.next()).stageId());
    }
    json.endArray();
    properties(event.properties(), json);
  }

  void end(SparkListenerJobEnd event, Json json) {
    JobResult result = event.jobResult();
    json.field("Job ID", event.jobId()).field("Completion Time", event.time()).name("Job Result").beginObject();
    if (result instanceof JobFailed) {
      Exception exception = ((JobFailed) result).exception();
      json.field("Result", "JobFailed").name("Exception").beginObject();
      json.field("Message", exception == null ? null : Text.error(exception.getMessage(), withSqlText)).endObject();
    } else {
      json.field("Result", result.getClass().getSimpleName().replace("$", ""));
    }
    json.endObject();
  }

  private void properties(Properties properties, Json json) {
    json.name("Properties").beginObject();
    for (String key : properties == null ? new String[0] : PROPERTIES) {
      String value = properties.getProperty(key);
      if (value != null && (withSqlText || !key.equals(DESCRIPTION))) {
        json.field(key, Text.clean(value));
      }
    }
    json.endObject();
  }
}
