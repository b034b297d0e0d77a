package io.sparkledger;

import scala.Option;
import scala.collection.Iterable;
import scala.collection.Iterator;

/** The little of Scala's collections that links alike on 2.12 and 2.13. */
final class Scala {
  private Scala() {}

  /** Iterates over anything that Scala calls iterable; nothing for null. */
  static Iterator<?> iterate(Object iterable) {
    return iterable == null ? NOTHING.iterator() : ((Iterable<?>) iterable).iterator();
  }

  static <T> T orNull(Option<T> option) {
    return option != null && option.isDefined() ? option.get() : null;
  }

  /** The number in an {@code Option[Long]} that Java sees as {@code Option<Object>}, or a fallback. */
  static long orElse(Object option, long fallback) {
    Object value = option instanceof Option ? orNull((Option<?>) option) : null;
    return value instanceof Number ? ((Number) value).longValue() : fallback;
  }

  private static final Option<Object> NOTHING = Option.empty();
}
