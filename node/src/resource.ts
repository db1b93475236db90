/** The same as `core/resource`. */
export * from './core/resource.js';
