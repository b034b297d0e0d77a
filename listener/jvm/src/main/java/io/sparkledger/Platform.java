package io.sparkledger;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the environment says of the run: cluster and step, workflow and task. It is in no event of Spark's, so it travels as a line of its own.
 * Names come from {@code platform.allow}; what Spark's properties say of a platform travels with those.
 */
final class Platform {
  /** A step of EMR on EC2 works in a folder of its name. */
  private static final Pattern EMR_STEP = Pattern.compile("/(s-[0-9A-Z]{10,24})(?:/|$)");

  /** What a node of EMR on EC2 says of its cluster; a driver in cluster mode has no variable for it. */
  private static final Path EMR_NODE = Paths.get("/mnt/var/lib/info/job-flow.json");
  private static final Pattern EMR_CLUSTER = Pattern.compile("\"jobFlowId\"\\s*:\\s*\"(j-[0-9A-Z]{6,24})\"");

  private Platform() {}

  /** The line, or null where the environment says nothing. */
  static byte[] line(Redactor redactor) throws IOException {
    Map<String, String> known = read(System.getenv());
    if (known.isEmpty()) {
      return null;
    }
    Json json = new Json().beginObject().field("Event", "SparkledgerPlatform").name("Properties").beginObject();
    known.forEach((key, value) -> json.field(key, Text.clean(redactor.redact(key, value))));
    return json.endObject().endObject().toLine();
  }

  private static Map<String, String> read(Map<String, String> environment) throws IOException {
    Map<String, String> known = new TreeMap<>();
    for (String name : AllowList.lines("platform.allow")) {
      String value = environment.getOrDefault(name, name.startsWith("#") ? null : System.getProperty(name));
      if (value != null && !value.isEmpty()) {
        known.put(name, value);
      }
    }
    Matcher step = EMR_STEP.matcher(System.getProperty("user.dir", ""));
    if (step.find()) {
      known.putIfAbsent("EMR_STEP_ID", step.group(1));
    }
    Matcher cluster = EMR_CLUSTER.matcher(String.join("", SystemFile.lines(EMR_NODE)));
    if (cluster.find()) {
      known.putIfAbsent("EMR_CLUSTER_ID", cluster.group(1));
    }
    String pod = environment.get("HOSTNAME");
    if (environment.containsKey("KUBERNETES_SERVICE_HOST") && pod != null) {
      known.put("KUBERNETES_POD_NAME", pod);
    }
    return known;
  }
}
