package io.sparkledger;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;

/** Finds what has another descriptor on another Scala line, what only newer Sparks have, and what Spark hides. */
final class Handles {
  private static final String[] SEQ_TYPES = {"scala.collection.immutable.Seq", "scala.collection.Seq"};
  private static final MethodType OBJECT_TO_OBJECT = MethodType.methodType(Object.class, Object.class);

  private Handles() {}

  /** A handle of type {@code (Object)long}; it yields 0 where this Spark has no such accessor. */
  static MethodHandle longGetter(Class<?> owner, String name) {
    MethodHandle found = find(owner, name, MethodType.methodType(long.class));
    return found == null
        ? MethodHandles.dropArguments(MethodHandles.constant(long.class, 0L), 0, Object.class)
        : found.asType(MethodType.methodType(long.class, Object.class));
  }

  /** A handle of type {@code (Object)Object} to an accessor of the given return type, or null where this Spark has none. */
  static MethodHandle getter(Class<?> owner, String name, Class<?> type) {
    MethodHandle found = find(owner, name, MethodType.methodType(type));
    return found == null ? null : found.asType(OBJECT_TO_OBJECT);
  }

  /** A handle of type {@code (Object)Object} to a private field, or null where there is none of this type or it cannot be opened. */
  static MethodHandle hidden(Class<?> owner, String name, Class<?> type) {
    try {
      Field field = owner.getDeclaredField(name);
      field.setAccessible(true);
      return field.getType() == type ? MethodHandles.lookup().unreflectGetter(field).asType(OBJECT_TO_OBJECT) : null;
    } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
      return null;
    }
  }

  /** A handle to an accessor that returns the Scala sequence of this Scala line; its arguments become those of the handle. */
  static MethodHandle sequence(Class<?> owner, String name, Class<?>... parameters) {
    for (String type : SEQ_TYPES) {
      try {
        MethodHandle found = find(owner, name, MethodType.methodType(Class.forName(type), parameters));
        if (found != null) {
          return found.asType(found.type().changeParameterType(0, Object.class).changeReturnType(Object.class));
        }
      } catch (ClassNotFoundException e) {
        // The other Scala line's type may still be there.
      }
    }
    return null;
  }

  /** Calls a handle of type {@code (Object)Object}; null where there is no handle. */
  static Object call(MethodHandle handle, Object receiver) {
    if (handle == null) {
      return null;
    }
    try {
      return (Object) handle.invokeExact(receiver);
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  /** What an accessor threw, to throw again; Scala's methods declare nothing. */
  static RuntimeException unchecked(Throwable thrown) {
    if (thrown instanceof Error) {
      throw (Error) thrown;
    }
    return thrown instanceof RuntimeException ? (RuntimeException) thrown : new IllegalStateException(thrown);
  }

  private static MethodHandle find(Class<?> owner, String name, MethodType type) {
    try {
      return MethodHandles.publicLookup().findVirtual(owner, name, type);
    } catch (NoSuchMethodException | IllegalAccessException | LinkageError e) {
      return null;
    }
  }
}
