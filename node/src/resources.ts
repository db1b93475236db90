/** All resources. */
export * from './resources/index.js';
