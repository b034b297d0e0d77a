package io.sparkledger;

import java.util.UUID;
import org.apache.spark.SparkConf;

/** Which applications of this JVM are listened to. System properties, since the class may be loaded by two loaders. */
final class Claims {
  private static final String PREFIX = "io.sparkledger.listening.";

  /** Names the claim of a plugin, which is there before its application has a name. A configuration may outlive its context and its claim. */
  private static final String BY_PLUGIN = "spark.sparkledger.plugin.claim";

  private Claims() {}

  /** Lets the listeners of a context that is starting know that its plugin listens; returns the claim. */
  static String claim(SparkConf conf) {
    String claim = UUID.randomUUID().toString();
    System.setProperty(PREFIX + claim, "true");
    conf.set(BY_PLUGIN, claim);
    return claim;
  }

  /** Whether the plugin of the context with this configuration listens. */
  static boolean isClaimed(SparkConf conf) {
    return isClaimed(Config.text(conf, BY_PLUGIN, ""));
  }

  /** Takes an application; false where it was taken before. An unknown application can always be taken. */
  static boolean claim(String appId) {
    return appId == null || appId.isEmpty() || System.getProperties().putIfAbsent(PREFIX + appId, "true") == null;
  }

  static boolean isClaimed(String appId) {
    return System.getProperty(PREFIX + appId) != null;
  }

  static void release(String appId) {
    System.clearProperty(PREFIX + appId);
  }
}
