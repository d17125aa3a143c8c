import { eventLine } from '../object/json.ts';
import type { Form } from '../object/json.ts';
import { withMetadata } from '../object/object.ts';
import type { KubernetesObject } from '../object/object.ts';
import { apiVersionOf } from '../resources/definition.ts';
import type { ResourceDefinition } from '../resources/definition.ts';
import { fieldsMatch, requiredField } from '../selectors/field-selector.ts';
import type { FieldTerm } from '../selectors/field-selector.ts';
import { labelsMatch } from '../selectors/label-selector.ts';
import type { Requirement } from '../selectors/label-selector.ts';
import type { ApiError } from '../status.ts';
import type { Change } from '../store/store.ts';

/** Which objects a client lists or watches, and how it wants to see them. */
export interface Selection {
  readonly definition: ResourceDefinition;
  readonly namespace: string | undefined;
  readonly labels: readonly Requirement[];
  readonly fields: readonly FieldTerm[];
  readonly form: Form;
}

/** Where the lines of a watch go. */
export interface WatchSink {
  send(line: string): void;
  end(): void;
}

/** Is the object one of those that are selected? */
export function isSelected(selection: Selection, object: KubernetesObject): boolean {
  const { definition, namespace, labels, fields } = selection;
  return (
    (namespace === undefined || object.metadata.namespace === namespace) &&
    labelsMatch(labels, object.metadata.labels) &&
    fieldsMatch(definition, fields, object)
  );
}

/** The object that left a selection: as it was, at the revision at which it left. Shared by all whom it left. */
const departed = new WeakMap<Change, KubernetesObject>();

function departure(change: Change & { readonly previous: KubernetesObject }): KubernetesObject {
  const object = departed.get(change) ?? withMetadata(change.previous, { resourceVersion: String(change.revision) });
  departed.set(change, object);
  return object;
}

/** One open watch. */
export class Watcher {
  readonly selection: Selection;
  readonly user: string;
  readonly wantsBookmarks: boolean;
  /** The only node, or the only name, whose objects it can see; the hub finds it by them. */
  readonly nodeName: string | undefined;
  readonly objectName: string | undefined;
  /** From when on it stays open and says nothing, as a connection does that died silently. */
  isMuted = false;
  readonly #sink: WatchSink;
  readonly #after: number;
  #bookmarked: number;

  constructor(options: {
    readonly selection: Selection;
    readonly user: string;
    readonly wantsBookmarks: boolean;
    readonly afterRevision: number;
    /** The revision of the store when it is opened. */
    readonly openedAt: number;
    readonly sink: WatchSink;
  }) {
    this.selection = options.selection;
    this.user = options.user;
    this.wantsBookmarks = options.wantsBookmarks;
    this.nodeName = requiredField(options.selection.fields, 'spec.nodeName');
    this.objectName = requiredField(options.selection.fields, 'metadata.name');
    this.#sink = options.sink;
    this.#after = options.afterRevision;
    this.#bookmarked = options.openedAt;
  }

  /** Says that an object is there, as a watch does that starts with what there is. */
  tellExisting(object: KubernetesObject): void {
    if (!isSelected(this.selection, object)) return;
    this.#send(eventLine(this.selection.definition, 'ADDED', object, this.selection.form));
  }

  /** Says what a change means to this watch, if anything. */
  tell(change: Change): void {
    if (change.revision <= this.#after) return;
    const { definition, form } = this.selection;
    const isNow = change.type !== 'DELETED' && isSelected(this.selection, change.object);
    const wasBefore = change.type !== 'ADDED' && isSelected(this.selection, change.previous);
    if (isNow) this.#send(eventLine(definition, wasBefore ? 'MODIFIED' : 'ADDED', change.object, form));
    else if (wasBefore) {
      const object = change.type === 'DELETED' ? change.object : departure(change);
      this.#send(eventLine(definition, 'DELETED', object, form));
    }
  }

  /** Says up to which revision everything has been told, before the watch ends, unless it knows. */
  bookmarkEnd(revision: number): void {
    if (this.wantsBookmarks && revision > this.#bookmarked) this.bookmark(revision);
  }

  /** Says up to which revision everything has been told. */
  bookmark(revision: number, annotations?: Readonly<Record<string, string>>): void {
    this.#bookmarked = revision;
    const { definition, form } = this.selection;
    const kind = form === 'metadata' ? 'PartialObjectMetadata' : definition.kind;
    const apiVersion = form === 'metadata' ? 'meta.k8s.io/v1' : apiVersionOf(definition);
    const metadata = { resourceVersion: String(revision), ...(annotations === undefined ? {} : { annotations }) };
    const parts = form === 'whole' && definition.hasStatus ? { spec: {}, status: {} } : {};
    this.#send(`${JSON.stringify({ type: 'BOOKMARK', object: { kind, apiVersion, metadata, ...parts } })}\n`);
  }

  /** Ends the watch with an ERROR event. */
  fail(error: ApiError): void {
    this.#send(`${JSON.stringify({ type: 'ERROR', object: error.status })}\n`);
    this.end();
  }

  end(): void {
    this.#sink.end();
  }

  #send(line: string): void {
    if (!this.isMuted) this.#sink.send(line);
  }
}
