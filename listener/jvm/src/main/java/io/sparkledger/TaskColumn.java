package io.sparkledger;

import java.util.ArrayList;
import java.util.List;

/**
 * The columns of a task-end block, numbered from 0, under the names of Spark's event log. Numbers come first, then the texts that travel
 * as dictionaries. Plain constants, since the JIT compiler does not take an enum's ordinal for one. Source: org.apache.spark.util.JsonProtocol.
 */
final class TaskColumn {
  private static final List<String> LABELS = new ArrayList<>();

  static final int STAGE_ID = next("Stage ID");
  static final int STAGE_ATTEMPT_ID = next("Stage Attempt ID");
  static final int TASK_ID = next("Task ID");
  static final int INDEX = next("Index");
  static final int ATTEMPT = next("Attempt");
  static final int PARTITION_ID = next("Partition ID");
  static final int LAUNCH_TIME = next("Launch Time");
  static final int GETTING_RESULT_TIME = next("Getting Result Time");
  static final int FINISH_TIME = next("Finish Time");
  static final int SPECULATIVE = next("Speculative");
  static final int METRICS_MISSING = next("Metrics Missing");

  static final int EXECUTOR_DESERIALIZE_TIME = next("Executor Deserialize Time");
  static final int EXECUTOR_DESERIALIZE_CPU_TIME = next("Executor Deserialize CPU Time");
  static final int EXECUTOR_RUN_TIME = next("Executor Run Time");
  static final int EXECUTOR_CPU_TIME = next("Executor CPU Time");
  static final int RESULT_SIZE = next("Result Size");
  static final int JVM_GC_TIME = next("JVM GC Time");
  static final int RESULT_SERIALIZATION_TIME = next("Result Serialization Time");
  static final int MEMORY_BYTES_SPILLED = next("Memory Bytes Spilled");
  static final int DISK_BYTES_SPILLED = next("Disk Bytes Spilled");
  static final int PEAK_EXECUTION_MEMORY = next("Peak Execution Memory");
  static final int PEAK_ON_HEAP_EXECUTION_MEMORY = next("Peak On Heap Execution Memory");
  static final int PEAK_OFF_HEAP_EXECUTION_MEMORY = next("Peak Off Heap Execution Memory");

  static final int BYTES_READ = next("Bytes Read");
  static final int RECORDS_READ = next("Records Read");
  static final int BYTES_WRITTEN = next("Bytes Written");
  static final int RECORDS_WRITTEN = next("Records Written");

  static final int REMOTE_BLOCKS_FETCHED = next("Remote Blocks Fetched");
  static final int LOCAL_BLOCKS_FETCHED = next("Local Blocks Fetched");
  static final int FETCH_WAIT_TIME = next("Fetch Wait Time");
  static final int REMOTE_BYTES_READ = next("Remote Bytes Read");
  static final int REMOTE_BYTES_READ_TO_DISK = next("Remote Bytes Read To Disk");
  static final int LOCAL_BYTES_READ = next("Local Bytes Read");
  static final int TOTAL_RECORDS_READ = next("Total Records Read");
  static final int REMOTE_REQUESTS_DURATION = next("Remote Requests Duration");
  static final int CORRUPT_MERGED_BLOCK_CHUNKS = next("Corrupt Merged Block Chunks");
  static final int MERGED_FETCH_FALLBACK_COUNT = next("Merged Fetch Fallback Count");
  static final int MERGED_REMOTE_BLOCKS_FETCHED = next("Merged Remote Blocks Fetched");
  static final int MERGED_LOCAL_BLOCKS_FETCHED = next("Merged Local Blocks Fetched");
  static final int MERGED_REMOTE_CHUNKS_FETCHED = next("Merged Remote Chunks Fetched");
  static final int MERGED_LOCAL_CHUNKS_FETCHED = next("Merged Local Chunks Fetched");
  static final int MERGED_REMOTE_BYTES_READ = next("Merged Remote Bytes Read");
  static final int MERGED_LOCAL_BYTES_READ = next("Merged Local Bytes Read");
  static final int MERGED_REMOTE_REQUESTS_DURATION = next("Merged Remote Requests Duration");
  static final int SHUFFLE_BYTES_WRITTEN = next("Shuffle Bytes Written");
  static final int SHUFFLE_WRITE_TIME = next("Shuffle Write Time");
  static final int SHUFFLE_RECORDS_WRITTEN = next("Shuffle Records Written");

  static final int TASK_TYPE = next("Task Type");
  static final int REASON = next("Reason");
  static final int ERROR = next("Error");
  static final int EXECUTOR_ID = next("Executor ID");
  static final int HOST = next("Host");
  static final int LOCALITY = next("Locality");

  static final int NUMBERS = TASK_TYPE;
  static final int COUNT = LABELS.size();

  private TaskColumn() {}

  static String label(int column) {
    return LABELS.get(column);
  }

  /** The value that a row has when nothing is stored for it. */
  static long absent(int column) {
    return column == PARTITION_ID ? -1 : 0;
  }

  private static int next(String label) {
    LABELS.add(label);
    return LABELS.size() - 1;
  }
}
