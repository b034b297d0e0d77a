package io.sparkledger;

import java.lang.invoke.MethodHandle;
import java.util.ArrayDeque;
import java.util.Deque;
import org.apache.spark.sql.execution.SparkPlanInfo;
import org.apache.spark.sql.execution.metric.SQLMetricInfo;
import scala.Tuple2;
import scala.collection.Iterator;

/** Writes a plan as nested objects without recursion: a deep plan must not overflow the bus thread's stack. */
final class PlanWalker {
  static final int MAX_NODES = 5_000;
  /** Readers of JSON give up on deeper nesting; a node takes two levels. */
  static final int MAX_DEPTH = 400;

  private static final MethodHandle CHILDREN = Handles.sequence(SparkPlanInfo.class, "children");
  private static final MethodHandle METRICS = Handles.sequence(SparkPlanInfo.class, "metrics");

  /** Whether what operators say of themselves (columns, filters, paths) travels, or their names and metrics alone. */
  private final boolean withText;

  PlanWalker(boolean withText) {
    this.withText = withText;
  }

  void write(SparkPlanInfo root, Json json) {
    Deque<Iterator<?>> path = new ArrayDeque<>();
    path.push(open(root, json));
    for (int nodes = 1; !path.isEmpty(); ) {
      Iterator<?> siblings = path.peek();
      if (siblings.hasNext() && nodes < MAX_NODES && path.size() < MAX_DEPTH) {
        path.push(open((SparkPlanInfo) siblings.next(), json));
        nodes++;
      } else {
        json.endArray().endObject();
        path.pop();
      }
    }
  }

  /** Writes a node up to its children, and returns those. */
  private Iterator<?> open(SparkPlanInfo node, Json json) {
    json.beginObject().field("nodeName", Text.operator(node.nodeName(), withText));
    if (withText) {
      text(node, json);
    }
    json.name("metrics").beginArray();
    for (Iterator<?> metrics = Scala.iterate(Handles.call(METRICS, node)); metrics.hasNext(); ) {
      SQLMetricInfo metric = (SQLMetricInfo) metrics.next();
      json.beginObject().field("name", metric.name()).field("accumulatorId", metric.accumulatorId());
      json.field("metricType", metric.metricType()).endObject();
    }
    json.endArray().name("children").beginArray();
    return Scala.iterate(Handles.call(CHILDREN, node));
  }

  private static void text(SparkPlanInfo node, Json json) {
    json.field("simpleString", Text.clean(node.simpleString())).name("metadata").beginObject();
    for (Iterator<?> entries = Scala.iterate(node.metadata()); entries.hasNext(); ) {
      Tuple2<?, ?> entry = (Tuple2<?, ?>) entries.next();
      json.field(String.valueOf(entry._1()), Text.clean(String.valueOf(entry._2())));
    }
    json.endObject();
  }
}
