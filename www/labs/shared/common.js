// What several labs import, or a lab and the page. Every lab imports all of it, so that dist makes two files of it and not ten: each
// file that is asked for delays the first picture.
import '../../app/answers.js';
import '../../app/session.js';
import '../../app/stage.js';
import '../../plots/errors.js';
import '../../plots/plane.js';
import '../../plots/step.js';
import '../../plots/sweep.js';
import '../../plots/time.js';
import '../../ui/choices.js';
import '../../ui/files.js';
import './errors.js';
import './step.js';
import './words.js';
