package io.sparkledger;

/** The text columns of a task-end block; few distinct values each, so they travel as dictionaries. */
enum TaskTextColumn {
  TASK_TYPE("Task Type"),
  REASON("Reason"),
  ERROR("Error"),
  EXECUTOR_ID("Executor ID"),
  HOST("Host"),
  LOCALITY("Locality");

  final String label;

  TaskTextColumn(String label) {
    this.label = label;
  }
}
