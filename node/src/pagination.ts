/** The same as `core/pagination`. */
export * from './core/pagination.js';
