import js from '@eslint/js';
import globals from 'globals';

/** Bans an import with its reason: imports go one way (worker → wasm, client → worker, ui → store). */
const never = (/** @type {string[]} */ group, /** @type {string} */ message) => ({
  'no-restricted-imports': ['error', { patterns: [{ group, message }] }],
});

export default [
  { ignores: ['target/', 'pkg/', 'dist/', 'dist.*/', 'node_modules/'] },
  js.configs.recommended,
  {
    rules: {
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': ['error', { ignoreReadBeforeAssign: true }],
      'no-implicit-globals': 'error',
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-new-func': 'error',
      'no-alert': 'error',
      'no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['www/**/*.js', 'score-field.js'],
    languageOptions: { globals: { ...globals.browser } },
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'name', message: 'this is window.name' },
        { name: 'event', message: 'take the event as an argument' },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'a run is a pure function of its link' },
      ],
    },
  },
  // Made from the gallery's entries, a sentence a line.
  { files: ['www/**/*.js'], ignores: ['www/labs/*/gallery.js'], rules: { 'max-len': ['error', { code: 140 }] } },
  {
    files: ['www/plots/**/*.js', 'www/ui/**/*.js'],
    rules: never(['**/worker.js', '**/client.js', '**/pkg/**'], 'plots and ui know neither worker nor wasm'),
  },
  { files: ['www/worker.js'], languageOptions: { globals: { ...globals.worker } } },
  {
    files: ['tests/e2e/**/*.js', 'xtask/**/*.js', 'eslint.config.js'],
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
  },
];
