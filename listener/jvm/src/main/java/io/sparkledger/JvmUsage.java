package io.sparkledger;

import java.lang.management.BufferPoolMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;

/** What the JVM says of its memory, collections and CPU. */
final class JvmUsage {
  private JvmUsage() {}

  static void write(Json json) {
    MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
    json.field("JVM Heap Used", heap.getUsed()).field("JVM Heap Committed", heap.getCommitted());
    json.field("JVM Heap Max", Math.max(0, heap.getMax()));
    json.field("JVM Non Heap Used", ManagementFactory.getMemoryMXBean().getNonHeapMemoryUsage().getUsed());
    long direct = 0;
    for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
      direct += pool.getName().equals("direct") ? Math.max(0, pool.getMemoryUsed()) : 0;
    }
    json.field("Direct Buffers", direct);
    long collections = 0;
    long timeMs = 0;
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      collections += Math.max(0, collector.getCollectionCount());
      timeMs += Math.max(0, collector.getCollectionTime());
    }
    json.field("GC Count", collections).field("GC Time", timeMs);
    try {
      HotSpotUsage.write(json);
    } catch (LinkageError e) {
      // A JVM that is not of HotSpot's family does not tell these.
    }
  }
}
