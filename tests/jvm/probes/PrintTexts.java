package io.sparkledger;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.Paths;

/** Prints what becomes of texts, {@code operator|kill|clean TEXT}, {@code long CHARACTERS}, or of a folder for spools, {@code spool ROOT}. */
public final class PrintTexts {
  private PrintTexts() {}

  public static void main(String[] arguments) {
    Json json = new Json().beginObject();
    for (int i = 0; i + 1 < arguments.length; i += 2) {
      json.field(arguments[i + 1], answer(arguments[i], arguments[i + 1]));
    }
    System.out.println(json.endObject());
  }

  private static String answer(String kind, String given) {
    switch (kind) {
      case "operator": return Text.operator(given, false);
      case "kill": return Text.killReason(given, false);
      case "long": return Integer.toString(Text.clean(new String(new char[Integer.parseInt(given)]), Integer.MAX_VALUE).length());
      case "spool": return spool(Paths.get(given));
      default: return Text.clean(given);
    }
  }

  private static String spool(Path root) {
    try {
      return new SpoolDirectory(root, true).create("mine", "").getFileName().toString();
    } catch (IOException e) {
      return e.getClass().getSimpleName();
    }
  }
}
