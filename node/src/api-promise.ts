/** The same as `core/api-promise`. */
export * from './core/api-promise.js';
