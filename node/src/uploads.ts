/** The same as `core/uploads`. */
export * from './core/uploads.js';
