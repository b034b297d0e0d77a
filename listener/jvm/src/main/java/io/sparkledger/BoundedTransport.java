package io.sparkledger;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Posts on a thread of its own and waits for a limited time. The JDK bounds neither looking up a name, nor writing to a peer that does not
 * read, nor a header that comes drop by drop; the sender has a disk to write to meanwhile. While one request hangs no other is begun, so
 * that threads do not pile up. Used by the sender alone.
 */
final class BoundedTransport {
  /** A request connects, shakes hands, writes and reads; each within one of the two time-outs, where nobody trickles. */
  private static final int STEPS = 4;

  private final HttpTransport transport;
  private final long limitMs;
  private final ThreadPoolExecutor thread;
  private Future<HttpTransport.Answer> latest;

  BoundedTransport(Config config) {
    transport = new HttpTransport(config);
    limitMs = STEPS * ((long) config.connectTimeoutMs + config.readTimeoutMs);
    thread = new ThreadPoolExecutor(1, 1, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>(), BoundedTransport::daemon);
    thread.allowCoreThreadTimeOut(true);
  }

  HttpTransport.Answer post(Batch batch, String appId, String attemptId, long droppedEvents) throws InterruptedException {
    if (latest != null && !latest.isDone()) {
      return retry("an earlier request still hangs");
    }
    try {
      latest = thread.submit(() -> transport.post(batch, appId, attemptId, droppedEvents));
      return latest.get(limitMs, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      // Closing an encrypted connection may itself wait for the write that hangs.
      daemon(transport::breakOff).start();
      return retry("no answer within " + limitMs + " ms");
    } catch (ExecutionException e) {
      throw Handles.unchecked(e.getCause());
    } catch (OutOfMemoryError e) {
      return retry("no thread can be had: " + e.getMessage());
    }
  }

  private static HttpTransport.Answer retry(String reason) {
    return new HttpTransport.Answer(HttpTransport.Verdict.RETRY, -1, reason);
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(null, work, "sparkledger-http", 0);
    thread.setDaemon(true);
    thread.setContextClassLoader(BoundedTransport.class.getClassLoader());
    return thread;
  }
}
