package io.sparkledger;

import java.nio.file.Path;
import java.nio.file.Paths;

/** Prints what a file tree that stands for the kernel's says: {@code cgroup MEMBERSHIP ROOT}, {@code proc ROOT} or {@code place SYS}. */
public final class PrintMeasurements {
  private PrintMeasurements() {}

  public static void main(String[] arguments) {
    Path root = Paths.get(arguments[1]);
    Json json = new Json().beginObject();
    switch (arguments[0]) {
      case "cgroup":
        Cgroup.of(root, Paths.get(arguments[2])).write(json);
        break;
      case "proc":
        new Procfs(root).write(json);
        break;
      default:
        InstancePlace place = new InstancePlace("1", "", root);
        json.field("Asks", place.isAsking());
    }
    System.out.println(json.endObject());
  }
}
