package io.sparkledger;

import java.net.URI;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FilterFileSystem;
import org.apache.hadoop.fs.GlobalStorageStatistics;
import org.apache.hadoop.fs.StorageStatistics;
import org.apache.hadoop.fs.statistics.IOStatistics;
import org.apache.hadoop.fs.statistics.IOStatisticsSource;

/**
 * Running totals of all file systems of this process: by bucket where a file system counts itself (S3A, ABFS), by scheme otherwise. A
 * line holds what changed since the one before; the last one holds everything.
 */
final class FileSystemIo {
  private static final int MAX_PLACES = 64;
  /** Measurements for which a file system that was closed is still read: its streams may be closed later than it. */
  private static final int READ_AFTER_CLOSE = 6;

  private final String executorId;
  private final FileSystemCache cache = FileSystemCache.orNull();
  /** By identity; holds the statistics of a file system and not the file system itself. */
  private final Map<IOStatistics, Instance> instances = new IdentityHashMap<>();
  /** What instances counted that are gone. */
  private final Map<Place, Map<String, Long>> gone = new TreeMap<>();
  private final Map<Place, Map<String, Long>> sent = new TreeMap<>();

  FileSystemIo(String executorId) {
    this.executorId = executorId;
  }

  List<byte[]> measure(boolean last) {
    List<byte[]> lines = new ArrayList<>();
    totals().forEach((place, totals) -> {
      Map<String, Long> before = sent.put(place, totals);
      Map<String, Long> changed = new TreeMap<>(totals);
      if (before != null && !last) {
        changed.entrySet().removeAll(before.entrySet());
      }
      if (!changed.isEmpty()) {
        lines.add(line(place, changed));
      }
    });
    return lines;
  }

  private byte[] line(Place place, Map<String, Long> counters) {
    Json json = new Json(1024).beginObject().field("Event", "SparkledgerStorageIO").field("Executor ID", executorId);
    json.field("Timestamp", System.currentTimeMillis()).field("Scheme", place.scheme).field("Bucket", place.bucket);
    Counters.write(counters, json.name("Counters"));
    return json.endObject().toLine();
  }

  private Map<Place, Map<String, Long>> totals() {
    findInstances();
    Map<Place, Map<String, Long>> totals = new TreeMap<>();
    gone.forEach((place, counters) -> add(totals, place, counters));
    instances.forEach((statistics, instance) -> add(totals, instance.place, Counters.of(statistics)));
    addByScheme(totals);
    return totals;
  }

  private void findInstances() {
    for (Instance instance : instances.values()) {
      instance.unseen++;
    }
    for (FileSystem fileSystem : cache == null ? new ArrayList<FileSystem>() : cache.open()) {
      IOStatistics statistics = statisticsOf(fileSystem);
      if (statistics != null) {
        instances.computeIfAbsent(statistics, s -> new Instance(Place.of(fileSystem.getUri()))).unseen = 0;
      }
    }
    for (Iterator<Map.Entry<IOStatistics, Instance>> all = instances.entrySet().iterator(); all.hasNext(); ) {
      Map.Entry<IOStatistics, Instance> one = all.next();
      if (one.getValue().unseen > READ_AFTER_CLOSE) {
        add(gone, one.getValue().place, Counters.of(one.getKey()));
        all.remove();
      }
    }
  }

  private static IOStatistics statisticsOf(FileSystem fileSystem) {
    FileSystem raw = fileSystem;
    while (raw instanceof FilterFileSystem) {
      raw = ((FilterFileSystem) raw).getRawFileSystem();
    }
    return raw instanceof IOStatisticsSource ? ((IOStatisticsSource) raw).getIOStatistics() : null;
  }

  /** What Hadoop counts for a scheme as a whole; operations of a file system that counts itself are not taken from here again. */
  private void addByScheme(Map<Place, Map<String, Long>> totals) {
    for (Iterator<StorageStatistics> all = GlobalStorageStatistics.INSTANCE.iterator(); all.hasNext(); ) {
      StorageStatistics statistics = all.next();
      String scheme = statistics.getScheme() == null ? statistics.getName() : statistics.getScheme();
      boolean ofScheme = statistics.getName().equals(scheme);
      if (ofScheme || !countsItself(scheme)) {
        Map<String, Long> counters = new TreeMap<>();
        for (Iterator<StorageStatistics.LongStatistic> one = statistics.getLongStatistics(); one.hasNext(); ) {
          StorageStatistics.LongStatistic statistic = one.next();
          Counters.put(counters, statistic.getName(), statistic.getValue());
        }
        add(totals, new Place(scheme, ""), counters);
      }
    }
  }

  private boolean countsItself(String scheme) {
    return instances.values().stream().anyMatch(instance -> instance.place.scheme.equals(scheme))
        || gone.keySet().stream().anyMatch(place -> place.scheme.equals(scheme));
  }

  private static void add(Map<Place, Map<String, Long>> totals, Place place, Map<String, Long> counters) {
    if (counters.isEmpty() || totals.size() >= MAX_PLACES && !totals.containsKey(place)) {
      return;
    }
    Map<String, Long> sum = totals.computeIfAbsent(place, p -> new TreeMap<>());
    counters.forEach((name, value) -> sum.merge(name, value, Long::sum));
  }

  private static final class Instance {
    private final Place place;
    private int unseen;

    Instance(Place place) {
      this.place = place;
    }
  }

  /** Where a file system's data lies; the bucket is empty where only the scheme is known. */
  private static final class Place implements Comparable<Place> {
    private final String scheme;
    private final String bucket;

    Place(String scheme, String bucket) {
      this.scheme = scheme;
      this.bucket = bucket;
    }

    static Place of(URI uri) {
      // No user information: old configurations put keys there.
      String host = uri.getHost() == null ? uri.getAuthority() : uri.getHost();
      return new Place(uri.getScheme() == null ? "" : uri.getScheme(), host == null ? "" : host.substring(host.lastIndexOf('@') + 1));
    }

    @Override
    public int compareTo(Place other) {
      int order = scheme.compareTo(other.scheme);
      return order == 0 ? bucket.compareTo(other.bucket) : order;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Place && compareTo((Place) other) == 0;
    }

    @Override
    public int hashCode() {
      return 31 * scheme.hashCode() + bucket.hashCode();
    }
  }
}
