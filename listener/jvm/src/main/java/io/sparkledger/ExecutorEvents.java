package io.sparkledger;

import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.resource.ExecutorResourceRequest;
import org.apache.spark.resource.ResourceProfile;
import org.apache.spark.resource.TaskResourceRequest;
import org.apache.spark.scheduler.SparkListenerExecutorAdded;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerResourceProfileAdded;
import org.apache.spark.scheduler.cluster.ExecutorInfo;

/** Executors that come and go, and what they were asked to be. */
final class ExecutorEvents {
  private ExecutorEvents() {}

  static void added(SparkListenerExecutorAdded event, Json json) {
    ExecutorInfo info = event.executorInfo();
    added(event.time(), event.executorId(), info.executorHost(), info.totalCores(), info.resourceProfileId(), json);
  }

  static void added(long timeMs, String executorId, String host, int cores, int resourceProfileId, Json json) {
    json.field("Timestamp", timeMs).field("Executor ID", executorId).name("Executor Info").beginObject();
    json.field("Host", host).field("Total Cores", cores).field("Resource Profile Id", resourceProfileId).endObject();
  }

  static void removed(SparkListenerExecutorRemoved event, Json json) {
    json.field("Timestamp", event.time()).field("Executor ID", event.executorId()).field("Removed Reason", Text.clean(event.reason()));
  }

  static void resourceProfile(SparkListenerResourceProfileAdded event, Json json) {
    resourceProfile(event.resourceProfile(), json);
  }

  static void resourceProfile(ResourceProfile profile, Json json) {
    json.field("Resource Profile Id", profile.id()).name("Executor Resource Requests").beginObject();
    for (Map.Entry<String, ExecutorResourceRequest> request : new TreeMap<>(profile.executorResourcesJMap()).entrySet()) {
      json.name(request.getKey()).beginObject().field("Resource Name", request.getKey());
      json.field("Amount", request.getValue().amount()).endObject();
    }
    json.endObject().name("Task Resource Requests").beginObject();
    for (Map.Entry<String, TaskResourceRequest> request : new TreeMap<>(profile.taskResourcesJMap()).entrySet()) {
      json.name(request.getKey()).beginObject().field("Resource Name", request.getKey());
      json.name("Amount").value(request.getValue().amount()).endObject();
    }
    json.endObject();
  }
}
