package io.sparkledger;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.LiveListenerBus;
import org.apache.spark.status.AppStatusStore;
import org.apache.spark.status.api.v1.ExecutorSummary;
import scala.Tuple2;
import scala.collection.Iterator;

/** Attaches a listener to a context that runs already, and makes up for the events that it missed. */
public final class Attach {
  private static final MethodHandle EXECUTORS = Handles.sequence(AppStatusStore.class, "executorList", boolean.class);

  /** Listeners that were attached, by application; those of `spark.extraListeners` are not among them. */
  private static final Map<String, SparkledgerListener> ATTACHED = new ConcurrentHashMap<>();
  private static final long DRAIN_MS = 5_000;

  private Attach() {}

  /**
   * Listens to a running application. A second call for the same application changes nothing; after {@link #detach} it goes on.
   *
   * @param context a context that is not stopped
   * @param settings {@code spark.sparkledger.*} keys, in place of those of the context
   * @return {@code attached}, {@code attached without …} naming what could not be made up for, or {@code attached again} or {@code already attached},
   *     followed by {@code , to ADDRESS} where events go to another collector than the settings name
   * @throws IllegalArgumentException where there is nothing to listen for, saying why
   */
  public static String attach(SparkContext context, Map<String, String> settings) throws Exception {
    if (context.isStopped()) {
      throw new IllegalArgumentException("the SparkContext is stopped");
    }
    ATTACHED.keySet().removeIf(appId -> !Claims.isClaimed(appId));
    SparkConf conf = context.getConf();
    for (Map.Entry<String, String> setting : settings.entrySet()) {
      conf.set(setting.getKey(), setting.getValue());
    }
    Agent agent;
    try {
      Config config = Config.of(conf);
      if (Claims.isClaimed(context.applicationId())) {
        return again(ATTACHED.get(context.applicationId()), config);
      }
      agent = Agent.start(config);
    } catch (Config.Unusable e) {
      throw new IllegalArgumentException(e.getMessage());
    }
    // First the listener, then the past: an event that comes twice replaces itself in the store, one that is missed is gone.
    SparkledgerListener listener = new SparkledgerListener(agent);
    context.addSparkListener(listener);
    ATTACHED.put(context.applicationId(), listener);
    StringBuilder missing = new StringBuilder();
    backfill("resource profile", missing, () -> profile(agent, context));
    backfill("environment", missing, () -> environment(agent, conf));
    backfill("executors", missing, () -> executors(agent, context.statusStore()));
    start(agent, context);
    return missing.length() == 0 ? "attached" : "attached without" + missing;
  }

  /** Goes on with the listener that is there, null where it is that of the configuration. It keeps its collector, so another one is named. */
  private static String again(SparkledgerListener known, Config wanted) {
    if (known == null) {
      return "already attached";
    }
    String place = known.endpoint().equals(wanted.endpoint.toString()) ? "" : ", to " + known.endpoint();
    return (known.resume() ? "attached again" : "already attached") + place;
  }

  /**
   * Stops listening, but for the application's end, and delivers what was heard, within {@code flush.timeout}.
   *
   * @return {@code detached}, or {@code not attached} where {@link #attach} did not attach the listener
   */
  public static String detach(SparkContext context) {
    SparkledgerListener listener = ATTACHED.get(context.applicationId());
    if (listener == null || context.isStopped()) {
      return "not attached";
    }
    drain(context.listenerBus());
    listener.pause();
    return "detached";
  }

  /** Lets Spark hand over the events of jobs that are over; its queue may lag behind them. */
  private static void drain(LiveListenerBus bus) {
    try {
      MethodType type = MethodType.methodType(void.class, long.class);
      MethodHandles.publicLookup().findVirtual(LiveListenerBus.class, "waitUntilEmpty", type).invoke(bus, DRAIN_MS);
    } catch (Throwable e) {
      Log.warn("detaching without the events that Spark still holds: " + e);
    }
  }

  private interface Part {
    void add() throws Throwable;
  }

  private static void backfill(String name, StringBuilder missing, Part part) {
    try {
      part.add();
    } catch (Throwable e) {
      missing.append(missing.length() == 0 ? " " : ", ").append(name);
      Log.warn("attached without " + name + ": " + e);
    }
  }

  private static void profile(Agent agent, SparkContext context) {
    Json json = new Json().beginObject().field("Event", "SparkListenerResourceProfileAdded");
    ExecutorEvents.resourceProfile(context.resourceProfileManager().defaultResourceProfile(), json);
    agent.add(json.endObject().toLine());
  }

  private static void environment(Agent agent, SparkConf conf) {
    Json json = new Json().beginObject().field("Event", "SparkListenerEnvironmentUpdate").name("JVM Information").beginObject();
    json.field("Java Home", System.getProperty("java.home"));
    json.field("Java Version", System.getProperty("java.version") + " (" + System.getProperty("java.vendor") + ")");
    json.field("Scala Version", scala.util.Properties$.MODULE$.versionString());
    json.endObject().name("Spark Properties").beginObject();
    for (Tuple2<String, String> property : conf.getAll()) {
      agent.application().property(property._1(), property._2(), json);
    }
    agent.add(json.endObject().endObject().toLine());
  }

  private static void executors(Agent agent, AppStatusStore store) throws Throwable {
    Iterator<?> executors = Scala.iterate((Object) EXECUTORS.invokeExact((Object) store, false));
    while (executors.hasNext()) {
      ExecutorSummary executor = (ExecutorSummary) executors.next();
      // A driver that runs no tasks is in the list too, with no cores; Spark sends no event for it.
      if (executor.totalCores() > 0) {
        Json json = new Json().beginObject().field("Event", "SparkListenerExecutorAdded");
        String host = executor.hostPort().replaceFirst(":\\d+$", "");
        ExecutorEvents.added(executor.addTime().getTime(), executor.id(), host, executor.totalCores(), executor.resourceProfileId(), json);
        agent.add(json.endObject().toLine());
      }
    }
  }

  private static void start(Agent agent, SparkContext context) {
    String attempt = Scala.orNull(context.applicationAttemptId());
    Json json = new Json().beginObject().field("Event", "SparkListenerApplicationStart");
    ApplicationEvents.start(context.appName(), context.applicationId(), context.startTime(), context.sparkUser(), attempt, json);
    byte[] line = json.endObject().toLine();
    agent.add(line);
    agent.identify(context.applicationId(), attempt, line);
  }
}
