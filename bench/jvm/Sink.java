package bench;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;

/** A collector that takes everything and counts the bytes of bodies. */
final class Sink implements AutoCloseable {
  final AtomicLong bodyBytes = new AtomicLong();
  /** The greatest count of dropped events that a sender reported. */
  final AtomicLong dropped = new AtomicLong();
  private final HttpServer server;

  Sink() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", exchange -> {
      String reported = exchange.getRequestHeaders().getFirst("X-Sparkledger-Dropped-Events");
      dropped.accumulateAndGet(Long.parseLong(reported), Math::max);
      byte[] chunk = new byte[8192];
      try (InputStream body = exchange.getRequestBody()) {
        for (int read = body.read(chunk); read >= 0; read = body.read(chunk)) {
          bodyBytes.addAndGet(read);
        }
      }
      byte[] answer = "{\"events\":0}".getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, answer.length);
      exchange.getResponseBody().write(answer);
      exchange.close();
    });
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
