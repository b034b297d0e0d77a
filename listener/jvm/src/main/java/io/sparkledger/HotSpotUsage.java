package io.sparkledger;

import com.sun.management.GarbageCollectorMXBean;
import com.sun.management.GcInfo;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.Map;

/** What only JVMs of HotSpot's family tell; apart, since its types need not be there. */
final class HotSpotUsage {
  private HotSpotUsage() {}

  static void write(Json json) {
    java.lang.management.OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
    if (system instanceof OperatingSystemMXBean) {
      json.field("Process CPU Time", Math.max(0, ((OperatingSystemMXBean) system).getProcessCpuTime()));
    }
    GcInfo latest = null;
    for (java.lang.management.GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      GcInfo info = collector instanceof GarbageCollectorMXBean ? ((GarbageCollectorMXBean) collector).getLastGcInfo() : null;
      if (info != null && (latest == null || info.getEndTime() > latest.getEndTime())) {
        latest = info;
      }
    }
    if (latest != null) {
      json.field("JVM Heap After GC", heap(latest.getMemoryUsageAfterGc()));
    }
  }

  private static long heap(Map<String, MemoryUsage> pools) {
    long used = 0;
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      MemoryUsage usage = pool.getType() == MemoryType.HEAP ? pools.get(pool.getName()) : null;
      used += usage == null ? 0 : usage.getUsed();
    }
    return used;
  }
}
