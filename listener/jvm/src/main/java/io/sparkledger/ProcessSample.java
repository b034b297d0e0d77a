package io.sparkledger;

import java.nio.file.Paths;
import java.util.Collections;
import java.util.List;

/** Memory and CPU of this process and its container at one moment, as one line. What the system does not tell is left out. */
final class ProcessSample {
  private final String executorId;
  private final Procfs procfs = new Procfs(Paths.get("/proc"));
  private final Cgroup cgroup = Cgroup.of(Paths.get("/proc/self/cgroup"), Paths.get("/sys/fs/cgroup"));

  ProcessSample(String executorId) {
    this.executorId = executorId;
  }

  List<byte[]> measure(boolean last) {
    Json json = new Json(1024).beginObject().field("Event", "SparkledgerExecutorSample").field("Executor ID", executorId);
    json.field("Timestamp", System.currentTimeMillis());
    JvmUsage.write(json);
    procfs.write(json);
    cgroup.write(json);
    return Collections.singletonList(json.endObject().toLine());
  }
}
