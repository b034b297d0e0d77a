package io.sparkledger;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Switches an event type off after 20 failures and the whole agent after 200: a runtime that differs must not pay for each event. */
final class FailureGuard {
  private static final int TYPE_LIMIT = 20;
  private static final int AGENT_LIMIT = 200;

  private final Map<Class<?>, Integer> failures = new HashMap<>();
  private final Set<Class<?>> off = new HashSet<>();
  private int total;
  /** Asked for each event, so without the lock. */
  private volatile boolean anyOff;

  boolean isOff(Class<?> type) {
    return anyOff && isNamed(type);
  }

  private synchronized boolean isNamed(Class<?> type) {
    return total >= AGENT_LIMIT || off.contains(type);
  }

  synchronized void failed(Class<?> type, Throwable reason) {
    total++;
    int count = failures.merge(type, 1, Integer::sum);
    if (count == 1) {
      Log.warn("cannot read " + type.getSimpleName() + ": " + reason);
    }
    anyOff |= count >= TYPE_LIMIT || total >= AGENT_LIMIT;
    if (count == TYPE_LIMIT) {
      off.add(type);
      Log.warn(type.getSimpleName() + " failed " + TYPE_LIMIT + " times and is left out from now on");
    }
    if (total == AGENT_LIMIT) {
      Log.warn(AGENT_LIMIT + " events failed; no more are taken");
    }
  }
}
