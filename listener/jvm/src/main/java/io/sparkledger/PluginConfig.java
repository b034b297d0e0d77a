package io.sparkledger;

import org.apache.spark.SparkConf;

/** The settings under {@code spark.sparkledger.plugin.}; driver and executors read the same ones. */
final class PluginConfig {
  private static final String PREFIX = "plugin.";

  /** False: the plugin is the listener with its own queue, and measures nothing. */
  final boolean enabled;
  final long intervalMs;
  final boolean storage;
  final boolean tasks;
  final boolean memory;
  final boolean place;
  /** Where instance metadata is asked for; empty for the usual address, and then on EC2 only. */
  final String placeEndpoint;

  private PluginConfig(SparkConf conf) {
    enabled = isOn(conf, "enabled");
    intervalMs = Config.millis(conf, PREFIX + "interval", 10_000, 200, 600_000);
    storage = isOn(conf, "storage");
    tasks = isOn(conf, "tasks");
    memory = isOn(conf, "memory");
    place = isOn(conf, "place");
    placeEndpoint = Config.text(conf, Config.PREFIX + PREFIX + "place.endpoint", "").trim();
  }

  static PluginConfig of(SparkConf conf) {
    return new PluginConfig(conf);
  }

  private static boolean isOn(SparkConf conf, String key) {
    return Config.isOn(conf, Config.PREFIX + PREFIX + key, true);
  }
}
