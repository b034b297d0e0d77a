/**
 * The part of sparkledger that enters a Spark driver.
 *
 * <p>Two threads meet here. Spark's listener-bus thread calls {@link io.sparkledger.SparkledgerListener#onEvent}: it copies what it
 * needs into {@code EventBuffer} and returns. The daemon thread {@code sparkledger-sender} takes it from there, encodes and
 * compresses, and has a third thread post, which may hang. Bus and sender share the buffer's lock, which is held for stores and pointer swaps
 * only, never for input or output.
 *
 * <p>One jar serves Spark 3.3 to 4.3 on Scala 2.12 and 2.13. Accessors that return a Scala {@code Seq} have another descriptor on each
 * Scala line, so they are reached through {@code Product.productElement} or {@code Handles}, never called.
 */
package io.sparkledger;
