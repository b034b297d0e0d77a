package io.sparkledger;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.concurrent.TimeUnit;

/** The folder that the spools of all applications of one user share: who may read it, how full it is, and what is too old to keep. */
final class SpoolDirectory {
  /** A folder of this name is a rolling event log to Spark's history server and to {@code sparkledger import}. */
  private static final String PREFIX = "eventlog_v2_";
  private static final int MOST_NAMESAKES = 100;
  private static final long KEPT_MS = TimeUnit.DAYS.toMillis(7);

  private final Path root;
  /** Whether the place was chosen by us, in a directory that everybody may write to. */
  private final boolean shared;

  SpoolDirectory(Path root, boolean shared) {
    this.root = root;
    this.shared = shared;
  }

  /** Makes a folder for one application that nobody else can read, and removes leftovers that nobody imported for a week. */
  Path create(String appId, String attemptId) throws IOException {
    if (shared) {
      createOnce(root);
    } else if (!Files.isDirectory(root)) {
      Files.createDirectories(root, permissions(root, "rwx------"));
    }
    Path folder = createNew(PREFIX + safe(appId) + (attemptId.isEmpty() ? "" : "_" + safe(attemptId)));
    UserPrincipal owner = Files.getOwner(folder);
    if (shared && !Files.getOwner(root).equals(owner)) {
      Files.delete(folder);
      throw new IOException(root + " belongs to " + Files.getOwner(root));
    }
    removeOld(owner);
    return folder;
  }

  /** The bytes of all spools here. */
  long bytes() throws IOException {
    long bytes = 0;
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(root, PREFIX + "*")) {
      for (Path folder : folders) {
        bytes += bytesOf(folder);
      }
    }
    return bytes;
  }

  static String safe(String name) {
    return name.replaceAll("[^A-Za-z0-9._-]", "-");
  }

  /** Attributes that make a file its owner's alone from the start; none on a file system without such permissions. */
  static FileAttribute<?>[] permissions(Path path, String permissions) {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))}
        : new FileAttribute<?>[0];
  }

  private static void createOnce(Path directory) throws IOException {
    try {
      Files.createDirectory(directory, permissions(directory, "rwx------"));
    } catch (FileAlreadyExistsException e) {
      if (Files.isSymbolicLink(directory) || !Files.isDirectory(directory)) {
        throw e;
      }
    }
  }

  /** Two applications can bear one id: a local one starts anew under the id of its millisecond. */
  private Path createNew(String name) throws IOException {
    for (int number = 1; ; number++) {
      Path folder = root.resolve(number == 1 ? name : name + "." + number);
      try {
        return Files.createDirectory(folder, permissions(folder, "rwx------"));
      } catch (FileAlreadyExistsException e) {
        if (number == MOST_NAMESAKES) {
          throw e;
        }
      }
    }
  }

  private void removeOld(UserPrincipal owner) {
    long oldest = System.currentTimeMillis() - KEPT_MS;
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(root, PREFIX + "*")) {
      for (Path folder : folders) {
        removeIfOld(folder, oldest, owner);
      }
    } catch (IOException | DirectoryIteratorException e) {
      // Leftovers that cannot be listed are no reason not to spool.
    }
  }

  /** Only a folder of the same user, and no link: where others may write, one could lead to files that are to stay. */
  private static void removeIfOld(Path folder, long oldest, UserPrincipal owner) {
    try {
      if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS) || !Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).equals(owner)) {
        return;
      }
      if (Files.getLastModifiedTime(folder).toMillis() < oldest && lastWritten(folder) < oldest) {
        Log.warn("removing " + folder + ", which nobody imported for a week");
        remove(folder);
      }
    } catch (IOException | DirectoryIteratorException e) {
      // Another driver removes it at this moment: when a collector dies, all of them come here at once.
    }
  }

  /** A driver that has little to say appends to one file for days, which leaves the time of the folder as it was. */
  private static long lastWritten(Path folder) throws IOException {
    long last = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        last = Math.max(last, Files.getLastModifiedTime(file).toMillis());
      }
    }
    return last;
  }

  static void remove(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    }
    Files.deleteIfExists(folder);
  }

  private static long bytesOf(Path folder) {
    long bytes = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        bytes += Files.size(file);
      }
    } catch (IOException | DirectoryIteratorException e) {
      // It was removed meanwhile: its application delivered everything.
    }
    return bytes;
  }
}
