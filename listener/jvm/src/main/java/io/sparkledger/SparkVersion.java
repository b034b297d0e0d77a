package io.sparkledger;

import java.io.InputStream;
import java.util.Properties;

/** The version of the Spark that runs. */
final class SparkVersion {
  private SparkVersion() {}

  static String get() {
    try {
      return org.apache.spark.package$.MODULE$.SPARK_VERSION();
    } catch (Throwable e) {
      return fromResource();
    }
  }

  /** The file that Spark's own constant is read from. */
  private static String fromResource() {
    Properties properties = new Properties();
    try (InputStream in = SparkVersion.class.getClassLoader().getResourceAsStream("spark-version-info.properties")) {
      if (in != null) {
        properties.load(in);
      }
    } catch (Exception e) {
      // Unknown, then.
    }
    return properties.getProperty("version", "");
  }
}
