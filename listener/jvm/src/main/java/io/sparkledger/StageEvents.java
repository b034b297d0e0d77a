package io.sparkledger;

import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.rdd.RDDOperationScope;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.StageInfo;
import org.apache.spark.storage.RDDInfo;
import org.apache.spark.storage.StorageLevel;
import scala.Tuple2;
import scala.collection.Iterator;

/** A stage attempt, its RDDs, and the running totals of its SQL metrics. */
final class StageEvents {
  private static final MethodHandle PARENT_IDS = Handles.sequence(StageInfo.class, "parentIds");
  private static final MethodHandle RDD_INFOS = Handles.sequence(StageInfo.class, "rddInfos");
  private static final int COPY_TRIES = 3;

  private StageEvents() {}

  static void info(StageInfo stage, boolean completed, boolean withText, Json json) {
    json.name("Stage Info").beginObject();
    json.field("Stage ID", stage.stageId()).field("Stage Attempt ID", stage.attemptNumber());
    json.field("Stage Name", Text.clean(stage.name())).field("Number of Tasks", stage.numTasks());
    json.name("RDD Info").beginArray();
    for (Iterator<?> rdds = Scala.iterate(Handles.call(RDD_INFOS, stage)); rdds.hasNext(); ) {
      rdd((RDDInfo) rdds.next(), withText, json);
    }
    json.endArray().name("Parent IDs").beginArray();
    for (Iterator<?> parents = Scala.iterate(Handles.call(PARENT_IDS, stage)); parents.hasNext(); ) {
      json.value(((Number) parents.next()).longValue());
    }
    json.endArray();
    time("Submission Time", stage.submissionTime(), json);
    time("Completion Time", stage.completionTime(), json);
    String failure = Scala.orNull(stage.failureReason());
    if (failure != null) {
      json.field("Failure Reason", Text.error(failure, withText));
    }
    if (completed) {
      json.name("Accumulables").beginArray();
      for (AccumulableInfo metric : sqlMetrics(stage)) {
        json.beginObject().field("ID", metric.id()).field("Value", String.valueOf(Scala.orNull(metric.value())));
        json.field("Metadata", "sql").endObject();
      }
      json.endArray();
    }
    json.field("Resource Profile Id", stage.resourceProfileId()).endObject();
  }

  private static void rdd(RDDInfo rdd, boolean withText, Json json) {
    // A cached table's RDD is named by its plan.
    json.beginObject().field("RDD ID", rdd.id()).field("Name", withText ? Text.clean(rdd.name()) : "");
    RDDOperationScope scope = Scala.orNull(rdd.scope());
    if (scope != null) {
      json.field("Scope", scope(scope, withText));
    }
    StorageLevel level = rdd.storageLevel();
    json.name("Storage Level").beginObject();
    json.field("Use Disk", level.useDisk()).field("Use Memory", level.useMemory()).endObject();
    json.field("Number of Partitions", rdd.numPartitions()).field("Number of Cached Partitions", rdd.numCachedPartitions()).endObject();
  }

  /** A scope is a text that holds JSON, as in Spark's log; without its parents, which nobody reads. It is named by the plan's operator. */
  private static String scope(RDDOperationScope scope, boolean withText) {
    String name = Text.operator(scope.name(), withText);
    return new Json(128).beginObject().field("id", scope.id()).field("name", name).endObject().toString();
  }

  private static void time(String name, Object option, Json json) {
    long time = Scala.orElse(option, Long.MIN_VALUE);
    if (time != Long.MIN_VALUE) {
      json.field(name, time);
    }
  }

  /** The scheduler may still be adding to the map while it is read, so a copy is taken first, and again when that went wrong. */
  private static List<AccumulableInfo> sqlMetrics(StageInfo stage) {
    for (int attempt = 1; ; attempt++) {
      try {
        List<AccumulableInfo> metrics = new ArrayList<>();
        for (Iterator<?> entries = Scala.iterate(stage.accumulables()); entries.hasNext(); ) {
          AccumulableInfo metric = (AccumulableInfo) ((Tuple2<?, ?>) entries.next())._2();
          if ("sql".equals(Scala.orNull(metric.metadata())) && metric.value().isDefined()) {
            metrics.add(metric);
          }
        }
        return metrics;
      } catch (RuntimeException e) {
        if (attempt == COPY_TRIES) {
          throw e;
        }
      }
    }
  }
}
