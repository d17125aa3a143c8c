/** In which direction something is on its way: to the service, or back. */
export type Direction = 'there' | 'back';

/** What may be wrong between a computer and a service, in words. */
export const TROUBLES = {
  /** All of it arrives when it is over, as TCP sends it again. */
  held: 'nothing arrives until it is over',
  /** Its connections are silent from then on; what is asked later arrives when it is over. */
  lost: 'what is on its way is lost for good',
  refused: 'connections are refused and reset',
  flaky: 'some requests are reset, before or after they are done',
  /** So that one overtakes another. */
  slow: 'everything takes up to 2 s longer',
  /** What is sent on one is reset or never answered; a new one is well. */
  stale: 'connections that were kept are dead',
  /** While all else is quick: caches lag behind. */
  'late watches': 'what watches tell comes up to 5 s late',
} as const;

/** The name of a trouble. */
export type Trouble = keyof typeof TROUBLES;

/** A trouble, and in which direction it is. */
export interface LinkTrouble {
  readonly trouble: Trouble;
  readonly direction: Direction | 'both';
}
