/** What the extension and the server say to each other beyond LSP: settings, state, explanations. */
export * from './protocol/settings.js';
export * from './protocol/state.js';
export * from './protocol/silence.js';
export * from './protocol/suggestions.js';
export * from './protocol/explanations.js';
export * from './protocol/learning.js';
export * from './protocol/models.js';
