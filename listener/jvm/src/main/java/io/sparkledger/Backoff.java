package io.sparkledger;

import java.util.concurrent.ThreadLocalRandom;

/** Pauses between tries: a random share of 0.5 s that doubles up to 30 s ("full jitter"), so that a thousand drivers do not return at once. */
final class Backoff {
  private static final long FIRST_MS = 500;
  private static final long LONGEST_MS = 30_000;
  private static final long SHORTEST_MS = 100;

  private long ceilingMs = FIRST_MS;

  long nextMs() {
    long pause = ThreadLocalRandom.current().nextLong(SHORTEST_MS, ceilingMs + 1);
    ceilingMs = Math.min(LONGEST_MS, ceilingMs * 2);
    return pause;
  }

  void reset() {
    ceilingMs = FIRST_MS;
  }
}
