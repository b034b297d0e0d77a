package io.sparkledger;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for work that may hang, such as writing to a network's disk, for a limited time; the work goes on meanwhile on a daemon thread. */
final class InTime {
  private InTime() {}

  /** What the work yields; {@code otherwise} where it fails, takes too long, or somebody interrupts the caller (the flag is cleared). */
  static <T> T call(String name, Callable<T> work, long millis, T otherwise) {
    FutureTask<T> task = new FutureTask<>(work);
    try {
      Thread thread = new Thread(null, task, "sparkledger-" + name, 0);
      thread.setDaemon(true);
      thread.setContextClassLoader(InTime.class.getClassLoader());
      thread.start();
      return task.get(millis, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      Log.warn(name + " takes longer than " + millis + " ms and is not waited for");
    } catch (ExecutionException e) {
      Log.warn(name + " failed: " + e.getCause());
    } catch (InterruptedException e) {
      // Somebody wants this thread to go on.
    } catch (OutOfMemoryError e) {
      Log.warn(name + " failed: no thread can be had");
    }
    return otherwise;
  }
}
