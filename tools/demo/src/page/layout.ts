/** Where everything in the picture stands, in units of its view box. */
export const layout = {
  width: 1200,
  /** The time axis begins and ends here. */
  left: 190,
  right: 1010,
  rowHeight: 28,
  barHeight: 18,
  headHeight: 30,
  sceneHeight: 30,
} as const;
