package io.sparkledger;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Memory and CPU of the control group that this process is in, version 2 or 1. Without a limit it is no container's but, say, a YARN node
 * manager's with all that runs below it. Source: Documentation/admin-guide/cgroup-v2.rst and cgroup-v1 of Linux.
 */
final class Cgroup {
  /** Version 1 writes "no limit" as the greatest number of whole pages. */
  private static final long NO_LIMIT = 1L << 60;

  private final boolean unified;
  /** Null where the kernel shows none. */
  private final Path memory;
  private final Path cpu;

  private Cgroup(boolean unified, Path memory, Path cpu) {
    this.unified = unified;
    this.memory = memory;
    this.cpu = cpu;
  }

  /**
   * Finds the group.
   *
   * @param membership {@code /proc/self/cgroup}
   * @param root where control groups are mounted
   */
  static Cgroup of(Path membership, Path root) {
    String unified = null;
    Path memory = null;
    Path cpu = null;
    for (String line : SystemFile.lines(membership)) {
      String[] parts = line.split(":", 3);
      if (parts.length < 3) {
        continue;
      }
      if (parts[1].isEmpty()) {
        unified = parts[2];
      }
      for (String controller : parts[1].split(",")) {
        memory = controller.equals("memory") ? folder(root.resolve("memory"), parts[2], "memory.usage_in_bytes") : memory;
        cpu = controller.equals("cpu") ? folder(root.resolve("cpu"), parts[2], "cpu.stat") : cpu;
      }
    }
    if (memory == null && cpu == null && unified != null) {
      return new Cgroup(true, folder(root, unified, "memory.current"), folder(root, unified, "cpu.stat"));
    }
    return new Cgroup(false, memory, cpu);
  }

  /** The group's own folder; in a container that sees only its own groups, the root is that folder. */
  private static Path folder(Path root, String path, String file) {
    Path own = root.resolve(path.replaceFirst("^/+", ""));
    if (Files.isReadable(own.resolve(file))) {
      return own;
    }
    return Files.isReadable(root.resolve(file)) ? root : null;
  }

  void write(Json json) {
    if (memory != null) {
      writeMemory(json);
    }
    if (cpu != null) {
      writeCpu(json);
    }
  }

  private void writeMemory(Json json) {
    long used = SystemFile.number(memory.resolve(unified ? "memory.current" : "memory.usage_in_bytes"));
    long limit = SystemFile.number(memory.resolve(unified ? "memory.max" : "memory.limit_in_bytes"));
    List<String> stat = SystemFile.lines(memory.resolve("memory.stat"));
    long inactive = SystemFile.number(stat, unified ? "inactive_file" : "total_inactive_file");
    SystemFile.write(json, "Cgroup Memory", used);
    SystemFile.write(json, "Cgroup Peak Memory", SystemFile.number(memory.resolve(unified ? "memory.peak" : "memory.max_usage_in_bytes")));
    SystemFile.write(json, "Cgroup Memory Limit", limit >= NO_LIMIT ? SystemFile.UNKNOWN : limit);
    SystemFile.write(json, "Cgroup Working Set", used < 0 || inactive < 0 ? SystemFile.UNKNOWN : Math.max(0, used - inactive));
    List<String> events = SystemFile.lines(memory.resolve(unified ? "memory.events" : "memory.oom_control"));
    SystemFile.write(json, "Cgroup OOM Kills", SystemFile.number(events, "oom_kill"));
  }

  /** Version 2 counts in microseconds, version 1 in nanoseconds. */
  private void writeCpu(Json json) {
    List<String> stat = SystemFile.lines(cpu.resolve("cpu.stat"));
    long throttledNs = SystemFile.number(stat, "throttled_time");
    if (unified) {
      long usage = SystemFile.number(stat, "usage_usec");
      SystemFile.write(json, "Cgroup CPU Time", usage < 0 ? usage : TimeUnit.MICROSECONDS.toNanos(usage));
      long throttled = SystemFile.number(stat, "throttled_usec");
      throttledNs = throttled < 0 ? throttled : TimeUnit.MICROSECONDS.toNanos(throttled);
    } else {
      SystemFile.write(json, "Cgroup CPU Time", SystemFile.number(cpu.resolve("cpuacct.usage")));
    }
    SystemFile.write(json, "Cgroup CPU Periods", SystemFile.number(stat, "nr_periods"));
    SystemFile.write(json, "Cgroup Throttled Periods", SystemFile.number(stat, "nr_throttled"));
    SystemFile.write(json, "Cgroup Throttled Time", throttledNs);
  }
}
