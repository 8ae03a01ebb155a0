const { src, dest, parallel } = require('gulp');

/** Icons and codex files stand beside the nodes and credentials, in the source as in dist. */
function assets() {
  return src(['nodes/**/*.{svg,png}', 'nodes/**/*.node.json', 'credentials/**/*.{svg,png}'], {
    base: '.',
    encoding: false,
  }).pipe(dest('dist'));
}

/** The workflow templates that users import. */
function templates() {
  return src('templates/*.json', { base: '.', encoding: false }).pipe(dest('dist'));
}

exports.build = parallel(assets, templates);
