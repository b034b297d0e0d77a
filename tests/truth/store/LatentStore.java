package io.sparkledger.truth;

import java.io.IOException;
import java.net.URI;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/**
 * A local disk that answers to another scheme and takes its time as an object store does. The path after the bucket is the
 * local one. {@code truth.latency.open}, {@code .list} and {@code .rename} are milliseconds a call.
 */
public final class LatentStore extends RawLocalFileSystem {
  private URI bucket;

  @Override
  public void initialize(URI name, Configuration conf) throws IOException {
    bucket = URI.create(name.getScheme() + "://" + name.getAuthority());
    super.initialize(name, conf);
    setWorkingDirectory(new Path(bucket.toString() + "/"));
  }

  @Override
  public URI getUri() {
    // The constructor of the super class asks for it.
    return bucket == null ? super.getUri() : bucket;
  }

  @Override
  public FSDataInputStream open(Path file, int bufferBytes) throws IOException {
    take("open");
    return super.open(file, bufferBytes);
  }

  @Override
  public FileStatus[] listStatus(Path folder) throws IOException {
    take("list");
    return super.listStatus(folder);
  }

  @Override
  public boolean rename(Path from, Path to) throws IOException {
    take("rename");
    return super.rename(from, to);
  }

  private void take(String call) throws IOException {
    try {
      Thread.sleep(getConf().getLong("truth.latency." + call, 0));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IOException(interrupted);
    }
  }
}
