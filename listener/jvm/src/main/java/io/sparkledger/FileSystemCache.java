package io.sparkledger;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.FileSystem;

/**
 * The file systems that this process has open, one a bucket and user. Hadoop names them nowhere: its {@code GlobalStorageStatistics} keeps
 * the statistics of the first S3A bucket alone, and the MBeans of the others answer from a copy of up to ten seconds ago. So its cache
 * is read; an instance that a program made past the cache is not in it.
 */
final class FileSystemCache {
  private final Object cache;
  private final Map<?, ?> map;

  private FileSystemCache(Object cache, Map<?, ?> map) {
    this.cache = cache;
    this.map = map;
  }

  /** Null where this Hadoop keeps it elsewhere. */
  static FileSystemCache orNull() {
    try {
      Field field = FileSystem.class.getDeclaredField("CACHE");
      field.setAccessible(true);
      Object cache = field.get(null);
      Field map = cache.getClass().getDeclaredField("map");
      map.setAccessible(true);
      return new FileSystemCache(cache, (Map<?, ?>) map.get(cache));
    } catch (ReflectiveOperationException | RuntimeException e) {
      return null;
    }
  }

  List<FileSystem> open() {
    List<FileSystem> open = new ArrayList<>();
    synchronized (cache) { // as all its own methods do
      for (Object fileSystem : map.values()) {
        open.add((FileSystem) fileSystem);
      }
    }
    return open;
  }
}
