package io.sparkledger;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The machine: instance type, zone, and whether it is a Spot instance, from EC2's instance metadata (IMDSv2). Asked once, off the job's
 * threads, with a short time-out, and only where the hardware says that this is EC2. The instance's id is never asked for.
 */
final class InstancePlace {
  private static final String ENDPOINT = "http://169.254.169.254";
  private static final int TIMEOUT_MS = 500;
  private static final int MAX_ATTEMPTS = 3;
  private static final int MAX_ANSWER_BYTES = 256;
  private static final Pattern ANSWER = Pattern.compile("[a-z0-9][a-z0-9.-]{0,63}");

  private final String executorId;
  private final String endpoint;
  private int attemptsLeft;

  /**
   * Decides whether to ask.
   *
   * @param endpoint where to ask, whatever the hardware; empty for EC2's address on EC2
   */
  InstancePlace(String executorId, String endpoint) {
    this(executorId, endpoint, Paths.get("/sys"));
  }

  InstancePlace(String executorId, String endpoint, Path sys) {
    this.executorId = executorId;
    this.endpoint = endpoint.isEmpty() ? ENDPOINT : endpoint;
    attemptsLeft = endpoint.isEmpty() && !isEc2(sys) ? 0 : MAX_ATTEMPTS;
  }

  boolean isAsking() {
    return attemptsLeft > 0;
  }

  /** The line, once it is known. */
  List<byte[]> measure(boolean last) {
    if (attemptsLeft == 0 || last) {
      return Collections.emptyList();
    }
    attemptsLeft--;
    try {
      String token = request("PUT", "/latest/api/token", null);
      String type = answer(token, "instance-type");
      String zone = answer(token, "placement/availability-zone");
      String lifeCycle = answer(token, "instance-life-cycle");
      attemptsLeft = 0;
      Json json = new Json(256).beginObject().field("Event", "SparkledgerExecutorPlace").field("Executor ID", executorId);
      json.field("Provider", "aws").field("Instance Type", type).field("Availability Zone", zone).field("Life Cycle", lifeCycle);
      return Collections.singletonList(json.endObject().toLine());
    } catch (IOException | RuntimeException e) {
      if (attemptsLeft == 0) {
        Log.info("the machine's type is not known: instance metadata does not answer (" + e + ")");
      }
      return Collections.emptyList();
    }
  }

  /** Nitro machines say so in the board's maker, Xen ones in the hypervisor's id. */
  private static boolean isEc2(Path sys) {
    String maker = SystemFile.firstLine(sys.resolve("class/dmi/id/sys_vendor"));
    String hypervisor = SystemFile.firstLine(sys.resolve("hypervisor/uuid")).toLowerCase(Locale.ROOT);
    String firmware = SystemFile.firstLine(sys.resolve("class/dmi/id/bios_version")).toLowerCase(Locale.ROOT);
    return maker.startsWith("Amazon EC2") || hypervisor.startsWith("ec2") || firmware.contains("amazon");
  }

  private String answer(String token, String name) throws IOException {
    String answer = request("GET", "/latest/meta-data/" + name, token);
    if (!ANSWER.matcher(answer).matches()) {
      throw new IOException("an answer that is none for " + name);
    }
    return answer;
  }

  private String request(String method, String path, String token) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) new URL(endpoint + path).openConnection(Proxy.NO_PROXY);
    connection.setConnectTimeout(TIMEOUT_MS);
    connection.setReadTimeout(TIMEOUT_MS);
    connection.setInstanceFollowRedirects(false);
    connection.setRequestMethod(method);
    if (token == null) {
      connection.setRequestProperty("X-aws-ec2-metadata-token-ttl-seconds", "60");
    } else {
      connection.setRequestProperty("X-aws-ec2-metadata-token", token);
    }
    try {
      if (connection.getResponseCode() != HttpURLConnection.HTTP_OK) {
        throw new IOException(path + " answers " + connection.getResponseCode());
      }
      try (InputStream in = connection.getInputStream()) {
        byte[] bytes = new byte[MAX_ANSWER_BYTES];
        int length = 0;
        for (int read = in.read(bytes); read > 0; read = length == bytes.length ? 0 : in.read(bytes, length, bytes.length - length)) {
          length += read;
        }
        return new String(bytes, 0, length, StandardCharsets.US_ASCII).trim();
      }
    } finally {
      connection.disconnect();
    }
  }
}
