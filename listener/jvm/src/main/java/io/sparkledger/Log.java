package io.sparkledger;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The driver's log, through slf4j where it links, else standard error. Never throws and never writes to standard output. */
final class Log {
  private interface Sink {
    void info(String message);

    void warn(String message);
  }

  private static final Sink SINK = sink();

  private Log() {}

  static void info(String message) {
    try {
      SINK.info("sparkledger: " + message);
    } catch (Throwable e) {
      // A log that cannot be written is no reason to disturb the job.
    }
  }

  static void warn(String message) {
    try {
      SINK.warn("sparkledger: " + message);
    } catch (Throwable e) {
      // As above.
    }
  }

  private static Sink sink() {
    try {
      return new Slf4jSink();
    } catch (Throwable e) {
      return new StderrSink();
    }
  }

  private static final class Slf4jSink implements Sink {
    private final Logger logger = LoggerFactory.getLogger("io.sparkledger.SparkledgerListener");

    @Override
    public void info(String message) {
      logger.info(message);
    }

    @Override
    public void warn(String message) {
      logger.warn(message);
    }
  }

  private static final class StderrSink implements Sink {
    @Override
    public void info(String message) {
      System.err.println(message);
    }

    @Override
    public void warn(String message) {
      System.err.println("WARN " + message);
    }
  }
}
