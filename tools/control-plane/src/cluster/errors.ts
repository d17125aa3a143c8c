/** The control plane did not come up, or a part of it ended by itself. */
export class ControlPlaneError extends Error {
  override readonly name = 'ControlPlaneError';
}

/** A port that was free a moment ago has been taken: worth another try with other ports. */
export class PortTakenError extends ControlPlaneError {}
