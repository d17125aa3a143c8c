/**
 * Every kind of call that the programs make, and the contract test that holds the simulator to the real server's answers for it. A scenario
 * fails when a program makes a call that is not in here.
 */
export const coveredCalls: ReadonlyMap<string, string> = new Map([
  ['get nodes', 'read.test.ts'],
  ['list nodes', 'read.test.ts'],
  ['watch nodes', 'watch.test.ts'],
  ['patch nodes', 'patch.test.ts'],
  ['get pods', 'read.test.ts'],
  ['list pods', 'read.test.ts'],
  ['watch pods', 'watch.test.ts'],
  ['delete pods', 'delete.test.ts'],
  ['create pods/eviction', 'eviction.test.ts'],
  ['create events', 'event.test.ts'],
  ['patch events', 'event.test.ts'],
]);
