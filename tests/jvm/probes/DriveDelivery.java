package io.sparkledger;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext$;
import org.apache.spark.Success$;
import org.apache.spark.scheduler.SparkListenerApplicationEnd;
import org.apache.spark.scheduler.SparkListenerEvent;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.TaskInfo;
import org.apache.spark.scheduler.TaskLocality$;
import scala.Option;

/** Drives delivery without a SparkContext: {@code FOLDER DEAD_URL FOREIGN_URL DATED_URL UNREAD_URL OTHER_URL LOCKED_URL}; prints one JSON object. */
public final class DriveDelivery {
  private static final long HELD_MS = 60_000;

  private final Path folder;
  private final String dead;
  private final Json out = new Json().beginObject();

  private DriveDelivery(String folder, String dead) {
    this.folder = Paths.get(folder);
    this.dead = dead;
  }

  public static void main(String[] arguments) throws Exception {
    DriveDelivery drive = new DriveDelivery(arguments[0], arguments[1]);
    drive.nameless();
    drive.delivers("foreign", arguments[2], "2s");
    drive.delivers("dated", arguments[3], "25s");
    drive.peerThatNeverReads(arguments[4]);
    drive.delivers("other", arguments[5], "2s");
    drive.tokenThatChanges(arguments[6]);
    drive.diskThatHangs();
    drive.roomForWhatWaitsInMemory();
    drive.orderAcrossMemory();
    drive.filesOfALongOutage();
    drive.folderThatVanished();
    drive.wakes();
    drive.endThatCannotBeRead();
    drive.lockOfTheContext();
    drive.address();
    drive.switches();
    drive.spoolFolders();
    System.out.println(drive.out.endObject());
    System.exit(0);
  }

  private SparkConf conf(String name, String url) {
    return new SparkConf(false).set("spark.sparkledger.url", url).set("spark.sparkledger.spool.dir", folder.resolve(name).toString())
        .set("spark.sparkledger.flush.timeout", "2s").set("spark.sparkledger.batch.interval", "50ms");
  }

  private void nameless() throws Exception {
    Agent agent = Agent.start(Config.nameless(conf("nameless", dead).set("spark.sparkledger.flush.timeout", "20s")));
    out.field("nameless_end_ms", millis(agent::flushBeforeExit));
  }

  private void delivers(String name, String url, String budget) throws Exception {
    Agent agent = Agent.start(Config.of(conf(name, url).set("spark.app.id", name).set("spark.sparkledger.flush.timeout", budget)));
    agent.identify(name, "", line("SparkListenerApplicationStart", 10));
    agent.add(line("A", 10));
    agent.flushBeforeExit();
  }

  /** The request is larger than what sockets hold on its way, and smaller than what goes to disk for its size alone. */
  private void peerThatNeverReads(String url) throws Exception {
    SparkConf conf = conf("unread", url).set("spark.app.id", "unread").set("spark.sparkledger.compression", "none");
    conf.set("spark.sparkledger.connect.timeout", "500ms").set("spark.sparkledger.read.timeout", "500ms");
    Agent agent = Agent.start(Config.of(conf));
    agent.add(line("A", 6 << 20)); // before there is a name, so that no smaller request goes first
    agent.identify("unread", "", line("SparkListenerApplicationStart", 10));
    Outbox outbox = (Outbox) field(field(agent, "sender"), "outbox");
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(HELD_MS);
    while (outbox.spooled().events == 0 && System.nanoTime() < deadline) {
      Thread.sleep(100);
    }
    out.field("unread_spooled", outbox.spooled().events);
  }

  private void tokenThatChanges(String url) throws Exception {
    Path file = folder.resolve("token");
    Files.write(file, "old".getBytes(StandardCharsets.UTF_8));
    HttpTransport transport = new HttpTransport(Config.nameless(conf("token", url).set("spark.sparkledger.token.file", file.toString())));
    Lines lines = new Lines();
    lines.add(line("A", 10));
    for (String token : new String[] {"old", "new", ""}) {
      Files.write(file, token.getBytes(StandardCharsets.UTF_8));
      transport.post(new Batch(lines, true), "token", "", 0);
      transport.post(new Batch(lines, true), "token", "", 0);
    }
  }

  /** Whoever writes to a disk holds the outbox's lock; here a thread that sleeps. */
  private void diskThatHangs() throws Exception {
    Agent agent = Agent.start(Config.of(conf("hangs", dead).set("spark.app.id", "hangs")));
    agent.identify("hangs", "", line("SparkListenerApplicationStart", 10));
    whileHeld(field(field(agent, "sender"), "outbox"), () -> {
      out.field("hanging_disk_end_ms", millis(agent::flushBeforeExit));
      out.field("hanging_disk_identify_ms", millis(() -> agent.identify("hangs", "", new byte[0])));
      return null;
    });
  }

  private void roomForWhatWaitsInMemory() throws Exception {
    EventBuffer buffer = new EventBuffer(16 << 20, true);
    Outbox outbox = outbox("room", buffer);
    buffer.add(line("First", 20_000));
    outbox.take(true);
    buffer.add(line("TooMuchBesideTheFirst", 60_000));
    outbox.take(false);
    taskEnds(300, buffer);
    outbox.take(true);
    buffer.add(line("Last", 1_000));
    outbox.take(false);
    outbox.next();
    outbox.delivered();
    outbox.take(true);
    out.field("room_secured", outbox.isSecured()).field("room_spooled", outbox.spooled().events).field("room_dropped", buffer.droppedEvents());
  }

  private void orderAcrossMemory() throws Exception {
    EventBuffer buffer = new EventBuffer(16 << 20, true);
    Outbox outbox = outbox("order", buffer);
    for (String name : new String[] {"A", "B", "C"}) {
      buffer.add(line(name, 10));
      outbox.take(!name.equals("B"));
    }
    StringBuilder order = new StringBuilder();
    for (Batch batch = outbox.next(); batch != null; batch = outbox.next()) {
      order.append(new String(batch.raw(), StandardCharsets.UTF_8).replaceAll("(?s)[^ABC]", ""));
      outbox.delivered();
    }
    out.field("order", order.toString()).field("order_left", Files.list(folder.resolve("order")).count());
  }

  /** Every second time the disk takes nothing, so that what was kept in memory comes between the segments. */
  private void filesOfALongOutage() throws Exception {
    EventBuffer buffer = new EventBuffer(16 << 20, true);
    Outbox outbox = outbox("files", buffer);
    for (int round = 0; round < 7; round++) {
      buffer.add(line("A", 10));
      outbox.take(round % 2 == 0);
    }
    long segments = 0;
    long open = 0;
    for (Object entry : (Iterable<?>) field(outbox, "waiting")) {
      Object segment = field(entry, "segment");
      segments += segment == null ? 0 : 1;
      open += segment == null || field(segment, "channel") == null ? 0 : 1;
    }
    out.field("outage_segments", segments).field("outage_open_files", open);
  }

  private void folderThatVanished() throws Exception {
    EventBuffer buffer = new EventBuffer(16 << 20, true);
    Outbox outbox = outbox("vanished", buffer);
    buffer.add(line("A", 10));
    outbox.take(true);
    SpoolDirectory.remove(outbox.spooled().folder);
    taskEnds(3, buffer);
    outbox.take(true);
    out.field("vanished_again", Files.isDirectory(outbox.spooled().folder));
    List<String> sent = new ArrayList<>();
    for (Batch batch = outbox.next(); batch != null; batch = outbox.next()) {
      sent.add(Long.toString(batch.events));
      outbox.delivered();
    }
    out.field("vanished_sent", String.join(",", sent)).field("vanished_dropped", buffer.droppedEvents());
    out.field("vanished_usable", outbox.canSpool());
  }

  private void wakes() throws Exception {
    EventBuffer buffer = new EventBuffer(1 << 20, true);
    byte[] tooLarge = line("A", 2 << 20);
    buffer.add(tooLarge);
    out.field("first_wake_ms", millis(() -> buffer.awaitWork(HELD_MS)));
    buffer.add(tooLarge);
    out.field("second_wake_ms", millis(() -> buffer.awaitWork(700)));
  }

  /** The end of an application fails to be read, or its type is switched off. */
  private void endThatCannotBeRead() throws Exception {
    Constructor<?> made = SparkListenerApplicationEnd.class.getConstructors()[0];
    Object[] values = made.getParameterCount() == 1 ? new Object[] {1_000L} : new Object[] {1_000L, Option.empty()};
    SparkListenerEvent end = (SparkListenerEvent) made.newInstance(values);
    for (boolean off : new boolean[] {false, true}) {
      String name = off ? "end_switched_off" : "end_unreadable";
      Agent agent = Agent.start(Config.of(conf(name, dead).set("spark.app.id", name)));
      Field encoder = Agent.class.getDeclaredField("encoder");
      encoder.setAccessible(true);
      encoder.set(agent, null);
      for (int failure = 0; off && failure < 20; failure++) {
        agent.failed(end, new LinkageError("on purpose"));
      }
      new SparkledgerListener(agent).onEvent(end);
      out.field(name, (Boolean) field(field(agent, "sender"), "ended"));
    }
  }

  private void lockOfTheContext() throws Exception {
    whileHeld(field(SparkContext$.MODULE$, "SPARK_CONTEXT_CONSTRUCTOR_LOCK"), () -> {
      BusDrops drops = new BusDrops();
      out.field("bus_drops_while_a_context_is_made", InTime.call("counting", () -> drops.count("any"), HELD_MS / 3, -1L));
      out.field("bus_drops_readable", !(Boolean) field(drops, "unreadable"));
      return null;
    });
  }

  private void address() throws Exception {
    out.field("address", Config.nameless(conf("address", "http://user:hunter2@[::1]:8428")).endpoint.toString());
    out.field("address_of_slashes", Config.nameless(conf("address", "http://collector:8428//")).endpoint.toString());
  }

  private void switches() throws Exception {
    out.name("texts_leave").beginObject();
    for (String word : new String[] {"", "on", "TRUE", "off", "false", " False ", "none"}) {
      out.field(word, Config.nameless(conf("switches", dead).set("spark.sparkledger.sql.text", word)).sqlText);
    }
    out.endObject();
  }

  private void spoolFolders() throws Exception {
    out.name("spool_folders").beginObject();
    for (String written : new String[] {"/var/spool", "file:///var/spool", "s3a://bucket/spool", "file://elsewhere/spool"}) {
      Config config = Config.nameless(conf("folders", dead).set("spark.sparkledger.spool.dir", written));
      out.field(written, config.spoolShared ? "default" : config.spoolDirectory.toString());
    }
    out.endObject();
  }

  private Outbox outbox(String name, EventBuffer buffer) throws Exception {
    Outbox outbox = new Outbox(Config.nameless(conf(name, dead).set("spark.sparkledger.spool.bytes", "64k")), buffer);
    outbox.identify(name, "", line("SparkListenerApplicationStart", 10));
    return outbox;
  }

  private static byte[] line(String event, int size) {
    return new Json().beginObject().field("Event", event).field("X", new String(new char[size]).replace('\0', 'x')).endObject().toLine();
  }

  private static void taskEnds(int count, EventBuffer buffer) {
    String host = new String(new char[60]).replace('\0', 'h');
    for (int task = 0; task < count; task++) {
      TaskInfo info = new TaskInfo(task, task, 0, task, 1_000L, "1", host + task, TaskLocality$.MODULE$.PROCESS_LOCAL(), false);
      buffer.add(new SparkListenerTaskEnd(0, 0, "ResultTask", Success$.MODULE$, info, null, null), null);
    }
  }

  private static void whileHeld(Object lock, Callable<Void> work) throws Exception {
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch done = new CountDownLatch(1);
    Thread holder = new Thread(() -> {
      synchronized (lock) {
        held.countDown();
        try {
          done.await(HELD_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
          // Lets go.
        }
      }
    });
    holder.setDaemon(true);
    holder.start();
    held.await();
    work.call();
    done.countDown();
  }

  private static Object field(Object owner, String name) throws ReflectiveOperationException {
    Field field = owner.getClass().getDeclaredField(name);
    field.setAccessible(true);
    return field.get(owner);
  }

  private interface Step {
    void run() throws InterruptedException, IOException;
  }

  private static long millis(Step step) throws Exception {
    long started = System.nanoTime();
    step.run();
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started);
  }
}
