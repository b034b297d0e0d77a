package io.sparkledger;

/** The number columns of a task-end block, under the names of Spark's event log. Source: org.apache.spark.util.JsonProtocol. */
enum TaskColumn {
  STAGE_ID("Stage ID"),
  STAGE_ATTEMPT_ID("Stage Attempt ID"),
  TASK_ID("Task ID"),
  INDEX("Index"),
  ATTEMPT("Attempt"),
  PARTITION_ID("Partition ID", -1),
  LAUNCH_TIME("Launch Time"),
  GETTING_RESULT_TIME("Getting Result Time"),
  FINISH_TIME("Finish Time"),
  SPECULATIVE("Speculative"),
  METRICS_MISSING("Metrics Missing"),

  EXECUTOR_DESERIALIZE_TIME("Executor Deserialize Time"),
  EXECUTOR_DESERIALIZE_CPU_TIME("Executor Deserialize CPU Time"),
  EXECUTOR_RUN_TIME("Executor Run Time"),
  EXECUTOR_CPU_TIME("Executor CPU Time"),
  RESULT_SIZE("Result Size"),
  JVM_GC_TIME("JVM GC Time"),
  RESULT_SERIALIZATION_TIME("Result Serialization Time"),
  MEMORY_BYTES_SPILLED("Memory Bytes Spilled"),
  DISK_BYTES_SPILLED("Disk Bytes Spilled"),
  PEAK_EXECUTION_MEMORY("Peak Execution Memory"),
  PEAK_ON_HEAP_EXECUTION_MEMORY("Peak On Heap Execution Memory"),
  PEAK_OFF_HEAP_EXECUTION_MEMORY("Peak Off Heap Execution Memory"),

  BYTES_READ("Bytes Read"),
  RECORDS_READ("Records Read"),
  BYTES_WRITTEN("Bytes Written"),
  RECORDS_WRITTEN("Records Written"),

  REMOTE_BLOCKS_FETCHED("Remote Blocks Fetched"),
  LOCAL_BLOCKS_FETCHED("Local Blocks Fetched"),
  FETCH_WAIT_TIME("Fetch Wait Time"),
  REMOTE_BYTES_READ("Remote Bytes Read"),
  REMOTE_BYTES_READ_TO_DISK("Remote Bytes Read To Disk"),
  LOCAL_BYTES_READ("Local Bytes Read"),
  TOTAL_RECORDS_READ("Total Records Read"),
  REMOTE_REQUESTS_DURATION("Remote Requests Duration"),
  CORRUPT_MERGED_BLOCK_CHUNKS("Corrupt Merged Block Chunks"),
  MERGED_FETCH_FALLBACK_COUNT("Merged Fetch Fallback Count"),
  MERGED_REMOTE_BLOCKS_FETCHED("Merged Remote Blocks Fetched"),
  MERGED_LOCAL_BLOCKS_FETCHED("Merged Local Blocks Fetched"),
  MERGED_REMOTE_CHUNKS_FETCHED("Merged Remote Chunks Fetched"),
  MERGED_LOCAL_CHUNKS_FETCHED("Merged Local Chunks Fetched"),
  MERGED_REMOTE_BYTES_READ("Merged Remote Bytes Read"),
  MERGED_LOCAL_BYTES_READ("Merged Local Bytes Read"),
  MERGED_REMOTE_REQUESTS_DURATION("Merged Remote Requests Duration"),
  SHUFFLE_BYTES_WRITTEN("Shuffle Bytes Written"),
  SHUFFLE_WRITE_TIME("Shuffle Write Time"),
  SHUFFLE_RECORDS_WRITTEN("Shuffle Records Written");

  final String label;
  /** The value that a row has when nothing is stored for it. */
  final long absent;

  TaskColumn(String label) {
    this(label, 0);
  }

  TaskColumn(String label, long absent) {
    this.label = label;
    this.absent = absent;
  }
}
