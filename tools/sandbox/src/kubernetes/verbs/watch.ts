import { requiredField } from '../selectors/field-selector.ts';
import type { WatchAnswer } from '../server/answer.ts';
import { expired } from '../status.ts';
import { errorsAmong, forbiddenValue } from '../validation/metadata.ts';
import { Watcher } from '../watch/watcher.ts';
import type { WatchSink } from '../watch/watcher.ts';
import { requestedRevision, requireValidOptions, selectionOf } from './call.ts';
import type { Api, Call } from './call.ts';

/** Watches objects; see https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes. */
export function watch(api: Api, call: Call): WatchAnswer {
  const { query } = call;
  const selection = selectionOf(call, 'watch');
  const revision = requestedRevision(call);
  checkWatchOptions(query);
  const wantsBookmarks = isTrue(query.get('allowWatchBookmarks'));
  const seconds = Number(query.get('timeoutSeconds') ?? 0);
  const timeoutMs = seconds > 0 ? seconds * 1000 : api.watchTimeoutMs;

  const open = (sink: WatchSink): (() => void) => {
    const { store, clock } = api.registry;
    const initial = startOf(query, revision);
    const watcher = new Watcher({
      selection,
      user: call.user,
      wantsBookmarks,
      afterRevision: revision ?? 0,
      openedAt: store.revision,
      sink,
    });
    const changes = initial === 'changes' ? store.changesAfter(selection.definition.storage, revision ?? 0) : [];
    if (changes === undefined) {
      watcher.fail(
        expired(`too old resource version: ${revision ?? 0} (${store.floor(selection.definition.storage)})`),
      );
      return () => undefined;
    }
    if (initial === 'state') {
      const nodeName = requiredField(selection.fields, 'spec.nodeName');
      for (const object of store.list(selection.definition.storage, { namespace: selection.namespace, nodeName })) {
        watcher.tellExisting(object);
      }
      if (wantsBookmarks) {
        watcher.bookmark(store.revision, { 'k8s.io/initial-events-end': 'true' });
      }
    }
    for (const change of changes) watcher.tell(change);
    api.hub.add(watcher);
    const end = (): void => {
      watcher.bookmarkEnd(store.revision);
      watcher.end();
    };
    const timer = clock.startTimer(timeoutMs, end, { keepsProcessAlive: false });
    return () => {
      timer.stop();
      api.hub.remove(watcher);
    };
  };
  return { status: 200, open };
}

/** What a watch begins with: everything there is, the changes since a revision, or nothing. */
function startOf(query: URLSearchParams, revision: number | undefined): 'state' | 'changes' | 'nothing' {
  const sendInitialEvents = query.get('sendInitialEvents');
  if (isTrue(sendInitialEvents)) return 'state';
  if (revision !== undefined && revision > 0) return 'changes';
  return sendInitialEvents === null ? 'state' : 'nothing';
}

function isTrue(value: string | null): boolean {
  return value === 'true' || value === '1' || value === '';
}

function checkWatchOptions(query: URLSearchParams): void {
  const match = query.get('resourceVersionMatch') ?? '';
  const field = 'resourceVersionMatch';
  const isInitial = query.has('sendInitialEvents');
  const errors = errorsAmong(
    isInitial &&
      match !== 'NotOlderThan' &&
      forbiddenValue(field, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'),
    !isInitial &&
      match !== '' &&
      forbiddenValue(field, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'),
    query.has('continue') && forbiddenValue('continue', 'continue is forbidden for watch'),
  );
  requireValidOptions('ListOptions', errors);
}
