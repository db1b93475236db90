/** The same as `core/streaming`. */
export * from './core/streaming.js';
