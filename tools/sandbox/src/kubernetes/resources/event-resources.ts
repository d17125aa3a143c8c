import { eventErrors, strictEventErrors } from '../validation/event.ts';
import { eventDefaults } from './defaults.ts';
import type { ResourceDefinition } from './definition.ts';
import { eventsView, storedEventFields } from './events-view.ts';
import { define, named, notSupported } from './row.ts';

const eventFields = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'];

/** Events, in both versions of the API. */
export const eventResources: readonly ResourceDefinition[] = [
  define({
    group: '',
    version: 'v1',
    resource: 'events',
    kind: 'Event',
    fields: storedEventFields,
    shortNames: ['ev'],
    createsOnUpdate: true,
    selectableFields: [
      ...named,
      ...eventFields.map((field) => `involvedObject.${field}`),
      'reason',
      'reportingComponent',
      'source',
      'type',
    ],
    refuseField: notSupported,
    microTimes: ['eventTime', 'series.lastObservedTime'],
    defaults: eventDefaults,
    errors: eventErrors,
  }),
  define({
    group: 'events.k8s.io',
    version: 'v1',
    resource: 'events',
    kind: 'Event',
    fields: storedEventFields,
    shortNames: ['ev'],
    storage: 'events',
    createsOnUpdate: true,
    selectableFields: [
      ...named,
      ...eventFields.map((field) => `regarding.${field}`),
      'reason',
      'reportingController',
      'type',
    ],
    refuseField: notSupported,
    microTimes: ['eventTime', 'series.lastObservedTime'],
    defaults: eventDefaults,
    errors: eventErrors,
    createErrors: strictEventErrors,
    view: eventsView,
  }),
];
