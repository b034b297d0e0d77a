package io.sparkledger;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Resident memory of this process and of all that it started, such as Python workers. Source: proc(5). */
final class Procfs {
  private static final int KIB = 1024;
  /** A machine with more processes than this is not searched for children: that would take longer than it is worth. */
  private static final int MAX_PROCESSES = 4_096;
  // Fields after the name in `stat`, counted from its state.
  private static final int PARENT = 1;
  private static final int RESIDENT_PAGES = 21;

  private final Path proc;

  Procfs(Path proc) {
    this.proc = proc;
  }

  void write(Json json) {
    List<String> status = SystemFile.lines(proc.resolve("self/status"));
    long resident = SystemFile.number(status, "VmRSS:");
    long peak = SystemFile.number(status, "VmHWM:");
    SystemFile.write(json, "Process RSS", resident < 0 ? resident : resident * KIB);
    SystemFile.write(json, "Process Peak RSS", peak < 0 ? peak : peak * KIB);
    long self = SystemFile.number(status, "Pid:");
    long pages = residentPages(SystemFile.firstLine(proc.resolve("self/stat")));
    if (self >= 0 && resident > 0 && pages > 0) {
      writeChildren(json, self, pageBytes(resident * KIB, pages));
    }
  }

  private void writeChildren(Json json, long self, long pageBytes) {
    Map<Long, List<Long>> children = new HashMap<>();
    Map<Long, Long> resident = new HashMap<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(proc, "[0-9]*")) {
      for (Path process : processes) {
        if (resident.size() == MAX_PROCESSES) {
          return;
        }
        String[] fields = fields(SystemFile.firstLine(process.resolve("stat")));
        if (fields.length > RESIDENT_PAGES) {
          long id = SystemFile.number(process.getFileName().toString());
          if (id == self) {
            continue;
          }
          children.computeIfAbsent(SystemFile.number(fields[PARENT]), parent -> new ArrayList<>()).add(id);
          resident.put(id, SystemFile.number(fields[RESIDENT_PAGES]));
        }
      }
    } catch (IOException | RuntimeException e) {
      return;
    }
    long count = 0;
    long pages = 0;
    Deque<Long> waiting = new ArrayDeque<>();
    waiting.add(self);
    while (!waiting.isEmpty()) {
      // Each parent once: ids are reused while the files are read, so that a process may seem to descend from itself.
      List<Long> own = children.remove(waiting.poll());
      for (long child : own == null ? Collections.<Long>emptyList() : own) {
        count++;
        pages += Math.max(0, resident.get(child));
        waiting.add(child);
      }
    }
    json.field("Child Processes", count).field("Child RSS", pages * pageBytes);
  }

  /** The page size, which no file names: the power of two that is nearest to what one process has in bytes and in pages. */
  private static long pageBytes(long bytes, long pages) {
    long exponent = Math.round(Math.log((double) bytes / pages) / Math.log(2));
    return 1L << Math.max(12, Math.min(16, exponent));
  }

  private static long residentPages(String stat) {
    String[] fields = fields(stat);
    return fields.length > RESIDENT_PAGES ? SystemFile.number(fields[RESIDENT_PAGES]) : SystemFile.UNKNOWN;
  }

  /** What follows the name, which may hold blanks and brackets of its own. */
  private static String[] fields(String stat) {
    return stat.substring(stat.lastIndexOf(')') + 1).trim().split(" ");
  }
}
