// Writes gallery and lessons: node xtask/notes/pages.js ROOT FOLDER [BASE]. FOLDER is a dist; its stills.json, where it is there, says
// which picture a link has. With BASE, the address of FOLDER on its host, every entry of the gallery gets a page with a card for social media.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { entries, labels } from './gallery.js';
import { lessons } from './lessons.js';
import { linkText } from './links.js';
import { sizeOf } from './webp.js';
import { escaped, whole } from './template.js';
import { plainly } from './plainly.js';

/** @typedef {import('./gallery.js').Entry} Entry */
/** @typedef {import('./lessons.js').Lesson} Lesson */

plainly();
const [root, dist, base] = process.argv.slice(2);
const WHAT = 'Named experiments with diffusion models, flow matching and data assimilation: each is a link that runs in the page and whose numbers a test holds.';
const COURSE = 'Nine short lessons on diffusion models and data assimilation. Each stop asks a question, shows an experiment that runs in the page, and says which number it ends with.';

/** @type {Record<string, string>|null} */
const stills = existsSync(join(dist, 'stills.json')) ? JSON.parse(readFileSync(join(dist, 'stills.json'), 'utf8')) : null;

/** The picture of a link, below the root; empty where dist has no pictures. @param {string} link @param {string} named */
function still(link, named) {
  if (!stills) return '';
  const file = stills[linkText(link)];
  if (!file || !existsSync(join(dist, file))) throw new Error(`${named}: there is no still of “${link}”; run \`cargo xtask stills\``);
  return file;
}

/** A picture of a link, or its name where there is none. @param {string} link @param {string} alt @param {string} up @param {string} named */
function picture(link, alt, up, named) {
  const file = still(link, named);
  if (!file) return `<span class="nostill">${escaped(alt)}</span>`;
  const { width, height } = sizeOf(readFileSync(join(dist, file)));
  return `<img src="${up}${file}" alt="${escaped(alt)}" width="${width}" height="${height}" loading="lazy" decoding="async">`;
}

/** @param {string} path @param {string} text */
function write(path, text) {
  const folder = join(dist, path);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'index.html'), text);
}

for (const name of ['gallery', 'lessons', 'notes']) rmSync(join(dist, name), { recursive: true, force: true });
const built = await build({
  absWorkingDir: root, entryPoints: ['www/notes/notes.css', 'www/notes/search.js', 'www/notes/theme.js'], outdir: join(dist, 'notes'), entryNames: '[name]-[hash]',
  bundle: true, minify: true, format: 'iife', target: ['es2022', 'chrome111', 'firefox114', 'safari16.4'], metafile: true, logLevel: 'warning',
});
const made = (/** @type {string} */ name) => {
  const file = Object.keys(built.metafile.outputs).find((path) => path.includes(`/notes/${name}-`)) ?? '';
  return file.slice(file.lastIndexOf('notes/'));
};
const look = { styles: [made('notes')], early: made('theme') };

// ── gallery ────────────────────────────────────────────────────────────────────────────────────
const all = entries(root);
const names = labels(root);
const tags = [...new Set(all.flatMap((entry) => entry.tags))].sort();
const present = [...names].filter(([id]) => all.some((entry) => entry.lab === id));

/** @param {Entry} entry @param {string} up */
function card(entry, up) {
  const words = [names.get(entry.lab), ...entry.tags].map((tag) => `<li>${escaped(tag ?? '')}</li>`).join('');
  return `<li class="card" data-tags="${entry.lab} ${entry.tags.join(' ')}">
<a href="${up}#${escaped(entry.link)}">${picture(entry.link, '', up, entry.file)}<h2>${escaped(entry.name)}</h2></a>
<p>${escaped(entry.why)}</p>
<ul class="tags" aria-label="Tags">${words}</ul>
</li>`;
}

const chip = (/** @type {string} */ value, /** @type {string} */ label) => `<label><input type="checkbox" name="tag" value="${value}"><span>${escaped(label)}</span></label>`;
write('gallery', whole({
  title: 'Gallery', about: WHAT, up: '../', place: 'gallery', ...look, scripts: [made('search')],
  body: `<h1>Gallery</h1>
<p class="lead">${all.length} experiments with a name. A picture opens the experiment itself, with its seed and settings: change what you like.</p>
<form class="search" id="search" role="search" hidden>
<label class="text">Search <input type="search" name="text" autocomplete="off"></label>
<fieldset><legend>Lab</legend>${present.map(([id, label]) => chip(id, label)).join('')}</fieldset>
<fieldset><legend>Tag</legend>${tags.map((tag) => chip(tag, tag)).join('')}</fieldset>
<p id="found" role="status"></p>
</form>
<ul class="cards" id="cards">
${all.map((entry) => card(entry, '../')).join('\n')}
</ul>`,
}));

if (base) {
  for (const entry of all) {
    const image = still(entry.link, entry.file);
    if (!image) throw new Error('pages of entries show their stills: leave out --no-stills, or --base');
    write(`gallery/${entry.slug}`, whole({
      title: entry.name, about: entry.why, up: '../../', place: 'gallery', ...look, scripts: ['score-field.js'],
      card: { url: `${base}gallery/${entry.slug}/`, image: base + image },
      body: `<h1>${escaped(entry.name)}</h1>
<p class="lead">${escaped(entry.why)}</p>
${live(entry.link, entry.name, '../../', entry.file)}
<p><a class="more" href="../">All experiments</a></p>`,
    }));
  }
}

// ── lessons ────────────────────────────────────────────────────────────────────────────────────
/** An experiment in the text: its still, which runs when it is asked to. @param {string} link @param {string} title @param {string} up @param {string} named */
function live(link, title, up, named) {
  const file = still(link, named);
  return `<score-field link="${escaped(link)}" title="${escaped(title)}"${file ? ` still="${up}${file}"` : ''}>
<a href="${up}#${escaped(link)}">${picture(link, title, up, named)}</a>
</score-field>`;
}

const course = lessons(root);

/** @param {Lesson} lesson @param {number} place */
function page(lesson, place) {
  const near = (/** @type {number} */ at, /** @type {string} */ rel) => {
    const other = course[at];
    return other ? `<a rel="${rel}" href="../${other.name}/"><small>${rel === 'prev' ? 'Before' : 'Next'}</small> ${escaped(other.title)}</a>` : '<span></span>';
  };
  const stops = lesson.stops.map(({ id, question, before, beside, figure, after }) => `<section class="stop" id="${id}">
<h2>${escaped(question)}</h2>
<div class="before">${before}</div>
${beside ? `<aside class="beside" role="note">${beside}</aside>\n` : ''}<div class="figure">${live(figure.link, figure.title, '../../', lesson.file)}</div>
<div class="after">${after}</div>
</section>`);
  return whole({
    title: lesson.title, about: lesson.about, up: '../../', place: 'lessons', ...look, scripts: ['score-field.js'],
    body: `<p class="place"><a href="../">Lessons</a>, ${place + 1} of ${course.length}</p>
<h1>${escaped(lesson.title)}</h1>
<div class="lead">${lesson.intro}</div>
${stops.join('\n')}
<nav class="near" aria-label="Lessons">${near(place - 1, 'prev')}${near(place + 1, 'next')}</nav>`,
  });
}

for (const [i, lesson] of course.entries()) write(`lessons/${lesson.name}`, page(lesson, i));
write('lessons', whole({
  title: 'Lessons', about: COURSE, up: '../', place: 'lessons', ...look, scripts: [],
  body: `<h1>Lessons</h1>
<p class="lead">${COURSE}</p>
<ol class="course">
${course.map((lesson) => `<li><a href="${lesson.name}/">${picture(lesson.stops[0].figure.link, '', '../', lesson.file)}<h2>${escaped(lesson.title)}</h2></a><p>${escaped(lesson.about)}</p></li>`).join('\n')}
</ol>`,
}));
console.log(`      gallery: ${all.length} experiments; lessons: ${course.length}, with ${course.reduce((n, { stops }) => n + stops.length, 0)} stops`);
