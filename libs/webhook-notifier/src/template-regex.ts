// Loaded for templates that use regular expressions: their engine is most of what the functions cost in memory.
export { sprigFunctions } from '@node-termination-handler/go-template';
