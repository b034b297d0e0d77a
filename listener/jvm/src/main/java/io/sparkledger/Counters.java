package io.sparkledger;

import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.fs.statistics.IOStatistics;
import org.apache.hadoop.fs.statistics.MeanStatistic;

/** Hadoop's statistics as names and numbers, zeros left out: its counters under their own names, and the time of what is timed. */
final class Counters {
  /** A file system has some hundred names; one that makes names up must not fill the store. */
  private static final int MAX_NAMES = 300;
  private static final int MAX_NAME_LENGTH = 80;
  private static final String MEAN = ".mean";
  /** Milliseconds that all operations of a name took together. */
  private static final String TIME = ".time_ms";

  private Counters() {}

  static Map<String, Long> of(IOStatistics statistics) {
    Map<String, Long> counters = new TreeMap<>();
    if (statistics == null) {
      return counters;
    }
    for (Map.Entry<String, Long> counter : statistics.counters().entrySet()) {
      put(counters, counter.getKey(), counter.getValue());
    }
    for (Map.Entry<String, MeanStatistic> mean : statistics.meanStatistics().entrySet()) {
      String name = mean.getKey();
      if (name.endsWith(MEAN)) {
        put(counters, name.substring(0, name.length() - MEAN.length()) + TIME, mean.getValue().getSum());
      }
    }
    return counters;
  }

  static void put(Map<String, Long> counters, String name, Long value) {
    boolean fits = name != null && name.length() <= MAX_NAME_LENGTH && (counters.size() < MAX_NAMES || counters.containsKey(name));
    if (fits && value != null && value != 0) {
      counters.put(name, value);
    }
  }

  /** By how much each counter grew. */
  static Map<String, Long> since(Map<String, Long> before, Map<String, Long> after) {
    Map<String, Long> grown = new TreeMap<>();
    after.forEach((name, value) -> put(grown, name, value - before.getOrDefault(name, 0L)));
    return grown;
  }

  static void write(Map<String, Long> counters, Json json) {
    json.beginObject();
    counters.forEach(json::field);
    json.endObject();
  }
}
