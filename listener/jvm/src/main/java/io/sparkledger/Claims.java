package io.sparkledger;

/** Which applications of this JVM are listened to. System properties, since the class may be loaded by two loaders. */
final class Claims {
  private static final String PREFIX = "io.sparkledger.listening.";

  private Claims() {}

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
