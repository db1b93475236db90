/** The same as `core/error`. */
export * from './core/error.js';
