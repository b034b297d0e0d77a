package io.sparkledger;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/** A daemon thread that measures in intervals and sends what it measured; the last time on the thread that ends it. */
final class Sampler implements Runnable {
  /** Takes a {@link Message}. */
  interface Sink {
    void send(Object message) throws Exception;
  }

  /** One thing that is measured. */
  interface Part {
    /** Lines of the event stream; none where there is nothing new. {@code last}: nothing is measured after this. */
    List<byte[]> measure(boolean last) throws Exception;
  }

  private static final int MAX_FAILURES = 5;
  private static final long END_WAIT_MS = 500;

  private final String executorId;
  private final long intervalMs;
  private final Sink sink;
  private final List<Guarded> parts = new ArrayList<>();
  private final ReentrantLock measuring = new ReentrantLock();
  private volatile boolean ended;

  private Sampler(String executorId, long intervalMs, Sink sink) {
    this.executorId = executorId;
    this.intervalMs = intervalMs;
    this.sink = sink;
  }

  /**
   * What is measured by one side of the plugin.
   *
   * @param process whether that is the process and its machine, which driver and executor share in local mode
   * @param stages what tasks did by stage; null where that is not known
   */
  static Sampler of(PluginConfig config, String executorId, boolean process, StageIo stages, Sink sink) {
    Sampler sampler = new Sampler(executorId, config.intervalMs, sink);
    if (process && config.place) {
      sampler.add("the machine", () -> new InstancePlace(executorId, config.placeEndpoint)::measure);
    }
    if (process && config.memory) {
      sampler.add("memory", () -> new ProcessSample(executorId)::measure);
    }
    if (process && config.storage) {
      sampler.add("file systems", () -> new FileSystemIo(executorId)::measure);
    }
    if (stages != null) {
      sampler.add("stages", () -> last -> stages.measure(executorId, last));
    }
    return sampler;
  }

  void start() {
    if (parts.isEmpty()) {
      return;
    }
    Thread thread = new Thread(null, this, "sparkledger-sampler", 0);
    thread.setDaemon(true);
    thread.setContextClassLoader(Sampler.class.getClassLoader());
    thread.start();
  }

  @Override
  public void run() {
    try {
      while (!ended) {
        if (measuring.tryLock(END_WAIT_MS, TimeUnit.MILLISECONDS)) {
          try {
            if (!ended) {
              measure(false);
            }
          } finally {
            measuring.unlock();
          }
        }
        pause();
      }
    } catch (InterruptedException e) {
      // Nobody of ours interrupts: the process is going.
    } catch (Throwable e) {
      Log.warn("nothing more is measured in this process: " + e);
    }
  }

  /** Measures a last time, unless the thread hangs in a measurement. Called once, when the process is about to go. */
  void end() {
    ended = true;
    synchronized (this) {
      notifyAll();
    }
    try {
      if (measuring.tryLock(END_WAIT_MS, TimeUnit.MILLISECONDS)) {
        try {
          measure(true);
        } finally {
          measuring.unlock();
        }
      }
    } catch (InterruptedException e) {
      // The thread that stops the process has no time.
    }
  }

  private void add(String name, PartMaker maker) {
    try {
      parts.add(new Guarded(name, maker.make()));
    } catch (Throwable e) {
      Log.warn("cannot measure " + name + ": " + e);
    }
  }

  private interface PartMaker {
    Part make() throws Exception;
  }

  private synchronized void pause() throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(intervalMs);
    for (long left = intervalMs; !ended && left > 0; left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())) {
      wait(left);
    }
  }

  private void measure(boolean last) {
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    for (Guarded part : parts) {
      for (byte[] line : part.measure(last)) {
        if (lines.size() + line.length > Message.MAX_BYTES) {
          send(false, lines);
        }
        if (line.length <= Message.MAX_BYTES) {
          lines.write(line, 0, line.length);
        }
      }
    }
    if (last || lines.size() > 0) {
      send(last, lines);
    }
  }

  private void send(boolean last, ByteArrayOutputStream lines) {
    try {
      sink.send(Message.of(executorId, last, lines.toByteArray()));
    } catch (Throwable e) {
      // The driver is going, or this executor is: totals are running ones, so that a later message makes up for it.
    }
    lines.reset();
  }

  /** A part that is left out after it failed a few times. */
  private static final class Guarded {
    private static final List<byte[]> NOTHING = new ArrayList<>();

    private final String name;
    private final Part part;
    private int failures;

    Guarded(String name, Part part) {
      this.name = name;
      this.part = part;
    }

    List<byte[]> measure(boolean last) {
      if (failures >= MAX_FAILURES) {
        return NOTHING;
      }
      try {
        return part.measure(last);
      } catch (Throwable e) {
        failures++;
        if (failures == 1 || failures == MAX_FAILURES) {
          Log.warn("cannot measure " + name + (failures == 1 ? ": " : ", and does not try again: ") + e);
        }
        return NOTHING;
      }
    }
  }
}
