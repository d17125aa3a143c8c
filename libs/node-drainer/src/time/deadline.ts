export { Deadline } from '@node-termination-handler/clock';
