// The colours that were chosen on the page, before anything of a document is drawn.
import { keptTheme, setTheme } from '../ui/topbar.js';

setTheme(keptTheme());
