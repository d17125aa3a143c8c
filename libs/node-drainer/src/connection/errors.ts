/** No whole answer came: refused, reset, timed out, cut off, or too long. */
export class KubernetesConnectionError extends Error {
  override readonly name = 'KubernetesConnectionError';
}

/** A name that can't stand in a URL path, such as one with a slash in it or an empty one. */
export class InvalidNameError extends Error {
  override readonly name = 'InvalidNameError';
}
